// A ServiceSpec to JSON.
#include <cmath>
#include <nlohmann/json.hpp>

#include "spec/spec_archive.h"
#include "spec/spec_json.h"
#include "spec/spec_tree.h"

namespace ostler::spec {
namespace {

using Json = nlohmann::ordered_json;

Json as_json(const std::string& value) { return value; }
Json as_json(Fixed value) { return std::string(fixed_name(value)); }
Json as_json(bool value) { return value; }
Json as_json(int32_t value) { return value; }
Json as_json(int64_t value) { return value; }
Json as_json(uint16_t value) { return value; }
Json as_json(uint32_t value) { return value; }
Json as_json(VolumeType value) { return value == VolumeType::kRoot ? "ROOT" : "MOUNT"; }
Json as_json(Strategy value) { return std::string(strategy_name(value)); }
Json as_json(Goal value) {
  return value == Goal::kRunning ? "RUNNING" : value == Goal::kFinish ? "FINISH" : "ONCE";
}
// JSON has no infinity.
Json as_json(double value) { return std::isinf(value) ? Json("unlimited") : Json(value); }
// Labels keep their order, which an object's keys need not.
Json as_json(const std::pair<std::string, std::string>& label) {
  return Json{{"key", label.first}, {"value", label.second}};
}

template <bool kAll>
class Write;

// A part as JSON. With kAll nothing is left out: what has no value is null.
template <bool kAll, class T>
Json tree(const T& part) {
  if constexpr (requires { as_json(part); }) {
    return as_json(part);
  } else {
    Json object = Json::object();
    Write<kAll> write(object);
    // fields() is shared with reading; writing changes nothing.
    fields(write, const_cast<T&>(part));
    return object;
  }
}
template <bool kAll, class T>
Json tree(const std::map<std::string, T>& map) {
  Json object = Json::object();
  for (const auto& [key, value] : map) object[key] = tree<kAll>(value);
  return object;
}
template <bool kAll, class T>
Json tree(const std::vector<T>& list) {
  Json array = Json::array();
  for (const T& item : list) array.push_back(tree<kAll>(item));
  return array;
}

template <bool kAll>
class Write {
 public:
  explicit Write(Json& into) : into_(into) {}

  template <class T>
  void always(const char* key, const T& value) {
    into_[key] = tree<kAll>(value);
  }
  template <class T>
  void operator()(const char* key, const T& value) {
    // The strategy and the type say what something is, so they are always there.
    if constexpr (kAll || std::is_enum_v<T>) {
      always(key, value);
    } else if (value != T()) {
      always(key, value);
    }
  }
  template <class T>
  void operator()(const char* key, const std::optional<T>& value) {
    if (value) {
      always(key, *value);
    } else if (kAll) {
      into_[key] = nullptr;
    }
  }
  void thousandths(const char* key, int64_t milli) {
    if (kAll || milli != 0) into_[key] = static_cast<double>(milli) / 1000;
  }

 private:
  Json& into_;
};

template <class T>
std::string dump(const T& part, int indent) {
  return tree<false>(part).dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string to_json(const ServiceSpec& spec, int indent) { return dump(spec, indent); }
std::string to_json(const PodSpec& pod, int indent) { return dump(pod, indent); }
nlohmann::ordered_json complete_tree(const ServiceSpec& spec) { return tree<true>(spec); }

}  // namespace ostler::spec
