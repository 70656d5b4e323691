// The codec's ground: taking fields out of an object, and complaining with a path.
#include "mesos/codec_fields.h"

#include <limits>

#include "mesos/codec.h"

namespace ostler::mesos {
namespace codec {
namespace {

constexpr int kMaxDepth = 64;
constexpr size_t kMaxShown = 60;  // of a wrong value, in an error

std::string shown(const json& value) {
  std::string text = json_text(value);
  if (text.size() > kMaxShown) text = text.substr(0, kMaxShown) + "...";
  return text;
}

// Fills holes only, at every depth.
void fill(json& object, const json& extra) {
  for (const auto& [key, value] : extra.items()) {
    auto found = object.find(key);
    if (found == object.end()) {
      object[key] = value;
    } else if (found->is_object() && value.is_object()) {
      fill(*found, value);
    }
  }
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
  const json before = *found;
  const int64_t value = integer(key, 0);
  if (value < 0) trouble_.wrong(Path{&path_, key}, "an integer that is not negative", before);
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

void add_extra(json& object, const std::string& extra) {
  if (extra.empty()) return;
  const json more = json::parse(extra, nullptr, /*allow_exceptions=*/false);
  OSTLER_CHECK(more.is_object(), "the extra fields of a Mesos message are no JSON object: %.200s",
               extra.c_str());
  fill(object, more);
}

json id_json(const std::string& id) { return json{{"value", id}}; }

json labels_json(const Labels& labels) {
  json list = json::array();
  for (const auto& [key, value] : labels) list.push_back(json{{"key", key}, {"value", value}});
  return json{{"labels", std::move(list)}};
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

Result<nlohmann::json> parse_json(std::string_view text) {
  struct TooDeep {};
  const auto limit = [](int depth, nlohmann::json::parse_event_t, nlohmann::json&) {
    if (depth > codec::kMaxDepth) throw TooDeep();
    return true;
  };
  try {
    return nlohmann::json::parse(text, limit);
  } catch (const nlohmann::json::parse_error& wrong) {
    return Error{Code::kInvalidArgument, "this is not valid JSON", "byte " + std::to_string(wrong.byte)};
  } catch (const nlohmann::json::exception&) {  // a number that no double holds
    return Error{Code::kInvalidArgument, "this JSON has a number that is out of range", {}};
  } catch (const TooDeep&) {
    return Error{Code::kInvalidArgument, "this JSON is nested deeper than 64 levels", {}};
  }
}

std::string json_text(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace ostler::mesos
