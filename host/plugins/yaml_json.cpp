#include "plugins/yaml_json.h"

#include <yaml-cpp/yaml.h>

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

namespace ostler::plugins {
namespace {

using nlohmann::json;

// A configuration is small. Aliases share nodes, so a short text can stand for
// billions of values, or for a value that holds itself: both end here.
constexpr int kMaxDepth = 64;
constexpr int kMaxNodes = 100'000;

constexpr std::string_view kTagPrefix = "tag:yaml.org,2002:";

bool all_of(std::string_view text, bool (*is)(char)) {
  for (const char c : text) {
    if (!is(c)) return false;
  }
  return !text.empty();
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_octal(char c) { return c >= '0' && c <= '7'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  for (const std::string_view word : words) {
    if (text == word) return true;
  }
  return false;
}

// [-+]? ( "." digits | digits ( "." digits? )? ) ( [eE] [-+]? digits )?
bool is_float(std::string_view text) {
  size_t i = 0;
  const auto digits = [&] {
    const size_t from = i;
    while (i < text.size() && is_digit(text[i])) ++i;
    return i - from;
  };
  const auto sign = [&] { i += i < text.size() && (text[i] == '-' || text[i] == '+'); };
  sign();
  const size_t whole = digits();
  if (i < text.size() && text[i] == '.') {
    ++i;
    if (digits() == 0 && whole == 0) return false;
  } else if (whole == 0) {
    return false;
  }
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    sign();
    if (digits() == 0) return false;
  }
  return i == text.size();
}

// An integer, or nothing when 64 bits do not hold it.
std::optional<json> integer(std::string_view digits, bool negative, int base) {
  uint64_t value = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (failure != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  if (!negative) return value <= INT64_MAX ? json(static_cast<int64_t>(value)) : json(value);
  if (value > uint64_t{1} << 63) return std::nullopt;
  return json(static_cast<int64_t>(~value + 1));
}

std::string pointer_token(std::string_view key) {
  std::string out;
  for (const char c : key) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

class Converter {
 public:
  Converter(Positions& positions, std::vector<YamlProblem>& problems)
      : positions_(positions), problems_(problems) {}

  json convert(const YAML::Node& node, const std::string& pointer, int depth) {
    if (stopped_) return nullptr;
    if (depth > kMaxDepth || ++nodes_ > kMaxNodes) {
      stopped_ = true;
      complain(node, depth > kMaxDepth
                         ? "the value is nested more than 64 levels deep (an alias inside itself does that)"
                         : "the value has more than 100000 values (aliases count each time they are used)");
      return nullptr;
    }
    positions_[pointer] = position_of(node);
    switch (node.Type()) {
      case YAML::NodeType::Scalar:
        return scalar(node);
      case YAML::NodeType::Sequence:
        return sequence(node, pointer, depth);
      case YAML::NodeType::Map:
        return mapping(node, pointer, depth);
      default:
        return nullptr;
    }
  }

 private:
  void complain(const YAML::Node& node, std::string message) {
    problems_.push_back({position_of(node), std::move(message)});
  }

  json sequence(const YAML::Node& node, const std::string& pointer, int depth) {
    json out = json::array();
    for (const YAML::Node& item : node) {
      out.push_back(convert(item, pointer + "/" + std::to_string(out.size()), depth + 1));
    }
    return out;
  }

  json mapping(const YAML::Node& node, const std::string& pointer, int depth) {
    json out = json::object();
    for (const auto& item : node) {
      if (!item.first.IsScalar()) {
        complain(item.first, "the map has a key that is no text; JSON has text keys only");
        continue;
      }
      const std::string& key = item.first.Scalar();
      if (key == "<<" && item.first.Tag() == "?") {
        complain(item.first, "the map uses a merge key ('<<'), which YAML 1.2 does not have; write the keys out");
        continue;
      }
      if (out.contains(key)) {
        const Position first = positions_[pointer + "/" + pointer_token(key)];
        complain(item.first, "the map has the key '" + key + "' twice; it stands at line " +
                                 std::to_string(first.line) + " already");
        continue;
      }
      out[key] = convert(item.second, pointer + "/" + pointer_token(key), depth + 1);
    }
    return out;
  }

  json scalar(const YAML::Node& node) {
    const std::string& text = node.Scalar();
    const std::string& tag = node.Tag();
    if (tag == "!" || tag == std::string(kTagPrefix) + "str") return text;
    if (tag != "?" && !tag.empty()) {
      complain(node, "the value has the tag '" + tag + "'; only plain and quoted values are read");
      return nullptr;
    }
    if (is_one_of(text, {"", "~", "null", "Null", "NULL"})) return nullptr;
    if (is_one_of(text, {"true", "True", "TRUE"})) return true;
    if (is_one_of(text, {"false", "False", "FALSE"})) return false;

    const bool is_signed = text[0] == '-' || text[0] == '+';
    const std::string_view digits = std::string_view(text).substr(is_signed ? 1 : 0);
    int base = 0;
    std::string_view body = digits;
    if (all_of(digits, is_digit)) {
      base = 10;
    } else if (!is_signed && text.size() > 2 && text.compare(0, 2, "0o") == 0 &&
               all_of(digits.substr(2), is_octal)) {
      base = 8, body.remove_prefix(2);
    } else if (!is_signed && text.size() > 2 && text.compare(0, 2, "0x") == 0 &&
               all_of(digits.substr(2), is_hex)) {
      base = 16, body.remove_prefix(2);
    }
    if (base != 0) {
      if (auto value = integer(body, text[0] == '-', base)) return *value;
      complain(node, "the value is an integer of more than 64 bits; quote it if it is text");
      return nullptr;
    }
    if (is_one_of(digits, {".inf", ".Inf", ".INF"}) || is_one_of(text, {".nan", ".NaN", ".NAN"})) {
      complain(node, "the value is '" + text + "', which JSON cannot hold");
      return nullptr;
    }
    if (is_float(text)) {
      const std::string_view unsigned_part = text[0] == '+' ? digits : std::string_view(text);
      double value = 0;
      const auto [end, failure] =
          std::from_chars(unsigned_part.data(), unsigned_part.data() + unsigned_part.size(), value);
      if (failure == std::errc() && std::isfinite(value)) return value;
      complain(node, "the value is a number out of range; quote it if it is text");
      return nullptr;
    }
    return text;
  }

  Positions& positions_;
  std::vector<YamlProblem>& problems_;
  int nodes_ = 0;
  bool stopped_ = false;
};

}  // namespace

Position position_of(const YAML::Node& node) {
  const YAML::Mark mark = node.Mark();
  if (mark.is_null()) return {};
  return {mark.line + 1, mark.column + 1};
}

Position find_position(const Positions& positions, std::string_view pointer) {
  if (!pointer.empty() && pointer.front() != '/') pointer = {};
  for (;;) {
    const auto found = positions.find(pointer);
    if (found != positions.end() && found->second.line > 0) return found->second;
    const size_t slash = pointer.rfind('/');
    if (slash == std::string_view::npos) return {};
    pointer = pointer.substr(0, slash);
  }
}

json yaml_to_json(const YAML::Node& node, Positions& positions, std::vector<YamlProblem>& problems) {
  return Converter(positions, problems).convert(node, "", 0);
}

}  // namespace ostler::plugins
