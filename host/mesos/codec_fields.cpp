// The codec's ground: taking fields out of an object, and complaining with a path.
#include "mesos/codec_fields.h"

#include <limits>

#include "mesos/codec.h"

namespace ostler::mesos {
namespace codec {
namespace {

constexpr size_t kMaxShown = 60;  // of a wrong value, in an error

std::string shown(const json& value) {
  std::string text = json_text(value);
  if (text.size() > kMaxShown) text = text.substr(0, kMaxShown) + "...";
  return text;
}

}  // namespace

std::string Path::text() const {
  if (parent == nullptr) return std::string(key);
  std::string before = parent->text();
  if (key.empty()) return before + "[" + std::to_string(index) + "]";
  if (!before.empty()) before += '.';
  before += key;
  return before;
}

void Trouble::say(const Path& path, std::string message) {
  if (!error) error = Error{Code::kInvalidArgument, std::move(message), path.text()};
}

void Trouble::wrong(const Path& path, std::string_view expected, const json& found) {
  if (error) return;
  say(path, "expected " + std::string(expected) + ", found " + shown(found));
}

void Trouble::wrong(const Path& path, std::string_view expected, const Value& found) {
  if (!error) wrong(path, expected, to_document(found));
}

Fields::Fields(const Value& value, const Path& path, Trouble& trouble) : path_(path), trouble_(trouble) {
  if (value.get(object_) != simdjson::SUCCESS) {
    trouble_.wrong(path_, "an object", value);
    return;
  }
  // Counted: simdjson's own size() ends at 0xFFFFFF.
  for (auto member = object_.begin(); member != object_.end(); ++member) ++size_;
}

std::optional<Value> Fields::find(std::string_view key) const {
  std::optional<Value> found;
  size_t index = 0;
  if (size_ == 0) return found;
  for (auto member = object_.begin(); member != object_.end(); ++member, ++index) {
    if (member.key_equals(key) && (index >= kMostTaken || !taken_[index])) found = member.value();
  }
  return found;
}

std::optional<Value> Fields::take(std::string_view key) {
  std::optional<Value> found;
  size_t index = 0;
  if (size_ == 0) return found;
  for (auto member = object_.begin(); member != object_.end(); ++member, ++index) {
    if (!member.key_equals(key) || (index < kMostTaken && taken_[index])) continue;
    found = member.value();
    if (index >= kMostTaken) continue;
    taken_.set(index);
    ++taken_count_;
  }
  return found;
}

json Fields::take_rest() {
  json rest = left_.is_null() ? json::object() : std::move(left_);
  left_ = nullptr;
  size_t index = 0;
  for (auto member = object_.begin(); size_ > 0 && member != object_.end(); ++member, ++index) {
    if (index < kMostTaken && taken_[index]) continue;
    rest.emplace(std::string(member.key()), to_document(member.value()));
  }
  size_ = taken_count_;  // all of it is spoken for
  return rest;
}

std::string Fields::rest() { return empty() ? std::string() : json_text(take_rest()); }

std::string Fields::string(std::string_view key, std::string_view fallback) {
  const std::optional<Value> found = take(key);
  if (!found) return std::string(fallback);
  if (const auto text = as<std::string_view>(*found)) return std::string(*text);
  trouble_.wrong(Path{&path_, key}, "a string", *found);
  return {};
}

bool Fields::flag(std::string_view key, bool fallback) {
  const std::optional<Value> found = take(key);
  if (!found) return fallback;
  if (const auto value = as<bool>(*found)) return *value;
  trouble_.wrong(Path{&path_, key}, "true or false", *found);
  return fallback;
}

double Fields::number(std::string_view key, double fallback) {
  const std::optional<Value> found = take(key);
  if (!found) return fallback;
  if (const auto value = as<double>(*found)) return *value;
  trouble_.wrong(Path{&path_, key}, "a number", *found);
  return fallback;
}

int64_t Fields::integer(std::string_view key, int64_t fallback) {
  const std::optional<Value> found = take(key);
  if (!found) return fallback;
  if (const auto value = as<int64_t>(*found)) return *value;
  if (found->is_double()) {
    const double value = as<double>(*found).value_or(0);
    if (std::trunc(value) == value && std::fabs(value) < 9.0e15) return static_cast<int64_t>(value);
  }
  trouble_.wrong(Path{&path_, key}, found->is_uint64() ? "a 64-bit integer" : "an integer", *found);
  return fallback;
}

uint64_t Fields::natural(std::string_view key, uint64_t fallback) {
  const std::optional<Value> found = find(key);
  if (!found) return fallback;
  if (const auto value = as<uint64_t>(*found)) {
    drop(key);
    return *value;
  }
  const int64_t value = integer(key, 0);
  if (value < 0) trouble_.wrong(Path{&path_, key}, "an integer that is not negative", json(value));
  return value < 0 ? fallback : static_cast<uint64_t>(value);
}

int32_t Fields::int32(std::string_view key, int32_t fallback) {
  const int64_t value = integer(key, fallback);
  if (value < std::numeric_limits<int32_t>::min() || value > std::numeric_limits<int32_t>::max()) {
    trouble_.wrong(Path{&path_, key}, "a 32-bit integer", json(value));
    return fallback;
  }
  return static_cast<int32_t>(value);
}

std::string Fields::id(std::string_view key) {
  std::string value;
  object(key, [&](Fields& id) { value = id.string("value"); });
  return value;
}

bool extra_has(std::string_view extra, const char* key) {
  if (extra.find('"' + std::string(key) + '"') == std::string_view::npos) return false;
  const json object = json::parse(extra, nullptr, /*allow_exceptions=*/false);
  return object.is_object() && object.contains(key);
}

void write_labels(JsonWriter& out, const Labels& labels) {
  out.object("labels", [&] {
    out.array("labels", labels, [&](const auto& label) {
      out.object([&] {
        out.field("key", label.first);
        out.field("value", label.second);
      });
    });
  });
}

Labels read_labels(Fields& fields, std::string_view key) {
  Labels labels;
  fields.object(key, [&](Fields& outer) {
    outer.array("labels", [&](const Value& element, const Path& path) {
      Fields label(element, path, outer.trouble());
      std::string name = label.string("key");
      labels.emplace_back(std::move(name), label.string("value"));
    });
  });
  return labels;
}

}  // namespace codec

nlohmann::json to_json(const Resource& resource) { return nlohmann::json::parse(to_text(resource)); }
nlohmann::json to_json(const CommandInfo& command) { return nlohmann::json::parse(to_text(command)); }
nlohmann::json to_json(const ContainerInfo& container) { return nlohmann::json::parse(to_text(container)); }
nlohmann::json to_json(const ExecutorInfo& executor) { return nlohmann::json::parse(to_text(executor)); }
nlohmann::json to_json(const TaskInfo& task) { return nlohmann::json::parse(to_text(task)); }
nlohmann::json to_json(const TaskStatus& status) { return nlohmann::json::parse(to_text(status)); }
nlohmann::json to_json(const OperationStatus& status) { return nlohmann::json::parse(to_text(status)); }
nlohmann::json to_json(const Operation& operation) { return nlohmann::json::parse(to_text(operation)); }
nlohmann::json to_json(const FrameworkInfo& framework) { return nlohmann::json::parse(to_text(framework)); }

}  // namespace ostler::mesos
