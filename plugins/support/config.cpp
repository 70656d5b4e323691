#include "support/config.h"

#include <nlohmann/json.hpp>
#include <ostler/plugin.hpp>
#include <set>

#include "support/text.h"

namespace ostler::support {
namespace {

using nlohmann::json;
using plugin::Error;
using support::quote;

constexpr size_t kMaxConfigBytes = 1 << 20;  // a config is written by a person

struct Problem {
  std::string where;
  std::string text;
};

// RFC 6901: '~' and '/' of a key are written "~0" and "~1".
std::string pointer_to(const std::string& prefix, std::string_view key) {
  std::string pointer = prefix + "/";
  for (const char c : key) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
  return pointer;
}

std::string type_of(const json& value) {
  if (value.is_object()) return "an object";
  if (value.is_array()) return "a list";
  if (value.is_string()) return value.get_ref<const std::string&>().empty() ? "an empty string" : "a string";
  if (value.is_boolean()) return "a boolean";
  if (value.is_number_float()) return "a fraction";
  if (value.is_number()) return "a number";
  return "null";
}

}  // namespace

struct Config::State {
  json node;
  std::string prefix;                              // the pointer of `node`
  std::shared_ptr<std::vector<Problem>> problems;  // shared by all sections
  std::set<std::string, std::less<>> asked;

  const json* find(std::string_view key) {
    asked.emplace(key);
    const auto found = node.find(std::string(key));
    return found == node.end() ? nullptr : &*found;
  }

  void add(std::string_view key, const std::string& text) {
    problems->push_back({pointer_to(prefix, key), text});
  }

  void add_unknown_keys() {
    for (const auto& [key, value] : node.items()) {
      if (asked.contains(key)) continue;
      std::string known;
      for (const std::string& name : asked) known += (known.empty() ? "" : ", ") + quote(name);
      add(key, "unknown key " + quote(key) + "; the keys here are " + known);
    }
  }
};

Config::Config(std::string_view text) : state_(std::make_unique<State>()) {
  if (text.size() > kMaxConfigBytes)
    throw Error(OSTLER_INVALID_ARGUMENT, "the config has " + std::to_string(text.size()) +
                                             " bytes; at most " + std::to_string(kMaxConfigBytes) +
                                             " are read");
  try {
    state_->node = json::parse(text);
  } catch (const json::parse_error& e) {
    // The parser's own text would quote the input, and with it perhaps a password.
    throw Error(OSTLER_INVALID_ARGUMENT,
                "the config is no JSON text: error at byte " + std::to_string(e.byte));
  }
  if (!state_->node.is_object())
    throw Error(OSTLER_INVALID_ARGUMENT, "the config is " + type_of(state_->node) + ", expected an object");
  state_->problems = std::make_shared<std::vector<Problem>>();
}

Config::Config(std::unique_ptr<State> state) : state_(std::move(state)) {}
Config::Config(Config&&) noexcept = default;
Config::~Config() {
  // A section's unknown keys are found when the section goes out of scope.
  if (state_ != nullptr && !state_->prefix.empty()) state_->add_unknown_keys();
}

std::string Config::text(std::string_view key, std::optional<std::string> fallback) {
  const json* value = state_->find(key);
  if (value == nullptr) {
    if (!fallback) state_->add(key, quote(key) + " is missing; expected a string");
    return fallback.value_or("");
  }
  if (!value->is_string() || value->get_ref<const std::string&>().empty()) {
    state_->add(key, quote(key) + " is " + type_of(*value) + ", expected a non-empty string");
    return "";
  }
  if (value->get_ref<const std::string&>().find('\0') != std::string::npos) {
    state_->add(key, quote(key) + " contains a NUL character");
    return "";
  }
  return value->get<std::string>();
}

int64_t Config::whole(std::string_view key, int64_t fallback, int64_t least, int64_t most) {
  const json* value = state_->find(key);
  if (value == nullptr) return fallback;
  const std::string expected =
      ", expected a whole number from " + std::to_string(least) + " to " + std::to_string(most);
  if (!value->is_number_integer()) {
    state_->add(key, quote(key) + " is " + type_of(*value) + expected);
    return fallback;
  }
  const bool too_large = value->is_number_unsigned() && value->get<uint64_t>() > static_cast<uint64_t>(most);
  if (too_large || value->get<int64_t>() < least) {
    state_->add(key, quote(key) + " is " + value->dump() + expected);
    return fallback;
  }
  return value->get<int64_t>();
}

std::vector<std::string> Config::texts(std::string_view key, bool& is_list, bool is_optional) {
  const json* value = state_->find(key);
  is_list = value != nullptr && value->is_array();
  if (value == nullptr && is_optional) return {};
  if (value != nullptr && value->is_string()) return {value->get<std::string>()};
  std::vector<std::string> texts;
  if (is_list) {
    for (size_t i = 0; i < value->size(); ++i) {
      const json& item = (*value)[i];
      if (item.is_string()) {
        texts.push_back(item.get<std::string>());
      } else {
        state_->problems->push_back({pointer_to(state_->prefix, key) + "/" + std::to_string(i),
                                     "this is " + type_of(item) + ", expected a string"});
      }
    }
    if (!value->empty()) return texts;
  }
  const std::string found = value == nullptr    ? "missing"
                            : value->is_array() ? "an empty list"
                                                : type_of(*value);
  state_->add(key, quote(key) + " is " + found + "; expected a string or a list of strings");
  return {};
}

std::optional<Config> Config::section(std::string_view key) {
  const json* value = state_->find(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_object()) {
    state_->add(key, quote(key) + " is " + type_of(*value) + ", expected an object");
    return std::nullopt;
  }
  auto inner = std::make_unique<State>();
  inner->node = *value;
  inner->prefix = pointer_to(state_->prefix, key);
  inner->problems = state_->problems;
  return Config(std::move(inner));
}

void Config::problem(std::string_view key, const std::string& text) {
  state_->problems->push_back({state_->prefix + std::string(key), text});
}

void Config::finish() {
  state_->add_unknown_keys();
  const std::vector<Problem>& problems = *state_->problems;
  if (problems.empty()) return;
  std::string message = problems.front().text;
  for (size_t i = 1; i < problems.size(); ++i)
    message += "; also " + problems[i].where + ": " + problems[i].text;
  throw Error(OSTLER_INVALID_ARGUMENT, message, problems.front().where);
}

}  // namespace ostler::support
