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

Fields::Fields(json&& object, const Path& path, Trouble& trouble)
    : object_(std::move(object)), path_(path), trouble_(trouble) {
  if (!object_.is_object()) {
    trouble_.wrong(path_, "an object", object_);
    object_ = json::object();
  }
}

const json* Fields::find(const char* key) const {
  const auto found = object_.find(key);
  return found == object_.end() ? nullptr : &*found;
}

std::optional<json> Fields::take(const char* key) {
  const auto found = object_.find(key);
  if (found == object_.end()) return std::nullopt;
  std::optional<json> value(std::move(*found));
  object_.erase(found);
  return value;
}

std::string Fields::string(const char* key, std::string_view fallback) {
  const auto found = object_.find(key);
  if (found == object_.end()) return std::string(fallback);
  if (!found->is_string()) {
    trouble_.wrong(Path{&path_, key}, "a string", *found);
    return {};
  }
  std::string value = std::move(found->get_ref<std::string&>());
  object_.erase(found);
  return value;
}

bool Fields::flag(const char* key, bool fallback) {
  const auto found = object_.find(key);
  if (found == object_.end()) return fallback;
  if (!found->is_boolean()) {
    trouble_.wrong(Path{&path_, key}, "true or false", *found);
    return fallback;
  }
  const bool value = found->get<bool>();
  object_.erase(found);
  return value;
}

double Fields::number(const char* key, double fallback) {
  const auto found = object_.find(key);
  if (found == object_.end()) return fallback;
  if (!found->is_number()) {
    trouble_.wrong(Path{&path_, key}, "a number", *found);
    return fallback;
  }
  const double value = found->get<double>();
  object_.erase(found);
  return value;
}

// nlohmann converts any number to any type without a word, so look at what it is.
int64_t Fields::integer(const char* key, int64_t fallback) {
  const auto found = object_.find(key);
  if (found == object_.end()) return fallback;
  int64_t value = fallback;
  if (found->is_number_unsigned()) {
    const auto wide = found->get<uint64_t>();
    if (wide > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
      trouble_.wrong(Path{&path_, key}, "a 64-bit integer", *found);
      return fallback;
    }
    value = static_cast<int64_t>(wide);
  } else if (found->is_number_integer()) {
    value = found->get<int64_t>();
  } else if (found->is_number_float() && std::trunc(found->get<double>()) == found->get<double>() &&
             std::fabs(found->get<double>()) < 9.0e15) {
    value = static_cast<int64_t>(found->get<double>());
  } else {
    trouble_.wrong(Path{&path_, key}, "an integer", *found);
    return fallback;
  }
  object_.erase(found);
  return value;
}

uint64_t Fields::natural(const char* key, uint64_t fallback) {
  const auto found = object_.find(key);
  if (found != object_.end() && found->is_number_unsigned()) {
    const auto value = found->get<uint64_t>();
    object_.erase(found);
    return value;
  }
  if (found == object_.end()) return fallback;
  const int64_t value = integer(key, 0);
  if (value < 0) trouble_.wrong(Path{&path_, key}, "an integer that is not negative", json(value));
  return value < 0 ? fallback : static_cast<uint64_t>(value);
}

int32_t Fields::int32(const char* key, int32_t fallback) {
  const int64_t value = integer(key, fallback);
  if (value < std::numeric_limits<int32_t>::min() || value > std::numeric_limits<int32_t>::max()) {
    trouble_.wrong(Path{&path_, key}, "a 32-bit integer", json(value));
    return fallback;
  }
  return static_cast<int32_t>(value);
}

std::string Fields::id(const char* key) {
  std::string value;
  object(key, [&](Fields& id) { value = id.string("value"); });
  return value;
}

std::string Fields::rest() const { return object_.empty() ? std::string() : json_text(object_); }

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

Labels read_labels(Fields& fields, const char* key) {
  Labels labels;
  fields.object(key, [&](Fields& outer) {
    outer.array("labels", [&](json&& element, const Path& path) {
      Fields label(std::move(element), path, outer.trouble());
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
