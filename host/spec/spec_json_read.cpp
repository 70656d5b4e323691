// JSON to a ServiceSpec. Types are checked before every conversion, because the
// library converts numbers silently.
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "spec/plan_builder.h"
#include "spec/spec_archive.h"
#include "spec/spec_json.h"

namespace ostler::spec {
namespace {

using Json = nlohmann::ordered_json;

// A configuration nests about ten levels.
constexpr int kMaxDepth = 64;

// Thrown inside this file only, and caught in from_json().
struct Bad {
  std::string where;
  std::string message;
};

class Read {
 public:
  Read(const Json& from, std::string path) : from_(from), path_(std::move(path)) {
    if (!from_.is_object()) fail(path_, from_, "an object");
  }

  template <class T>
  void operator()(const char* key, T& value) {
    const auto found = from_.find(key);
    if (found != from_.end()) read(*found, path_.empty() ? key : path_ + "." + key, value);
  }
  template <class T>
  void always(const char* key, T& value) {
    (*this)(key, value);
  }
  void thousandths(const char* key, int64_t& milli) {
    double number = 0;
    (*this)(key, number);
    if (!(number >= 0 && number <= 1e9)) throw Bad{path_ + "." + key, "found a number out of range"};
    milli = std::llround(number * 1000);
  }

 private:
  [[noreturn]] static void fail(const std::string& path, const Json& json, const char* expected) {
    throw Bad{path, "found " + std::string(json.type_name()) + ", expected " + expected};
  }

  static void read(const Json& json, const std::string& path, std::string& value) {
    if (!json.is_string()) fail(path, json, "a text");
    value = json.get<std::string>();
  }
  static void read(const Json& json, const std::string& path, bool& value) {
    if (!json.is_boolean()) fail(path, json, "true or false");
    value = json.get<bool>();
  }
  static void read(const Json& json, const std::string& path, double& value) {
    if (json.is_string() && json.get_ref<const std::string&>() == "unlimited") {
      value = std::numeric_limits<double>::infinity();
      return;
    }
    if (!json.is_number()) fail(path, json, "a number");
    value = json.get<double>();
  }
  template <class T>
  requires std::is_integral_v<T>
  static void read(const Json& json, const std::string& path, T& value) {
    if (!json.is_number_integer()) fail(path, json, "a whole number");
    const bool is_huge = json.is_number_unsigned() && json.get<uint64_t>() > INT64_MAX;
    const int64_t number = is_huge ? INT64_MAX : json.get<int64_t>();
    if (is_huge || !std::in_range<T>(number)) {
      throw Bad{path, "found " + json.dump() + ", expected " + std::to_string(std::numeric_limits<T>::min()) +
                          " to " + std::to_string(std::numeric_limits<T>::max())};
    }
    value = static_cast<T>(number);
  }
  static void read(const Json& json, const std::string& path, VolumeType& value) {
    std::string name;
    read(json, path, name);
    if (name != "ROOT" && name != "MOUNT") throw Bad{path, "found '" + name + "', expected ROOT or MOUNT"};
    value = name == "ROOT" ? VolumeType::kRoot : VolumeType::kMount;
  }
  static void read(const Json& json, const std::string& path, Goal& value) {
    std::string name;
    read(json, path, name);
    if (name == "RUNNING") {
      value = Goal::kRunning;
    } else if (name == "FINISH") {
      value = Goal::kFinish;
    } else if (name == "ONCE" || name == "FINISHED") {  // the SDK's older name
      value = Goal::kOnce;
    } else {
      throw Bad{path, "found '" + name + "', expected RUNNING, FINISH or ONCE"};
    }
  }
  static void read(const Json& json, const std::string& path, Fixed& value) {
    std::string name;
    read(json, path, name);
    for (const Fixed candidate : {Fixed::kNo, Fixed::kAlways, Fixed::kOnceSet}) {
      if (fixed_name(candidate) != name) continue;
      value = candidate;
      return;
    }
    throw Bad{path, "found '" + name + "', expected no, always or once-set"};
  }
  static void read(const Json& json, const std::string& path, Strategy& value) {
    std::string name;
    read(json, path, name);
    for (auto candidate = static_cast<uint8_t>(Strategy::kSerial);
         candidate <= static_cast<uint8_t>(Strategy::kRandom); ++candidate) {
      if (strategy_name(static_cast<Strategy>(candidate)) != name) continue;
      value = static_cast<Strategy>(candidate);
      return;
    }
    throw Bad{path, "found '" + name + "', expected the name of a strategy"};
  }
  static void read(const Json& json, const std::string& path, std::pair<std::string, std::string>& label) {
    Read inner(json, path);
    inner("key", label.first);
    inner("value", label.second);
  }
  template <class T>
  static void read(const Json& json, const std::string& path, std::optional<T>& value) {
    read(json, path, value.emplace());
  }
  template <class T>
  static void read(const Json& json, const std::string& path, std::vector<T>& list) {
    if (!json.is_array()) fail(path, json, "a list");
    list.clear();
    for (const Json& item : json) {
      const std::string at = path + "[" + std::to_string(list.size()) + "]";
      read(item, at, list.emplace_back());
    }
  }
  template <class T>
  static void read(const Json& json, const std::string& path, std::map<std::string, T>& map) {
    if (!json.is_object()) fail(path, json, "an object");
    for (const auto& [key, item] : json.items()) read(item, path + "." + key, map[key]);
  }
  template <class T>
  requires requires(Read& archive, T& part) { fields(archive, part); }
  static void read(const Json& json, const std::string& path, T& part) {
    Read inner(json, path);
    fields(inner, part);
  }

  const Json& from_;
  std::string path_;
};

bool is_shallow(const Json& json, int depth) {
  if (depth > kMaxDepth) return false;
  if (!json.is_structured()) return true;
  for (const Json& item : json) {
    if (!is_shallow(item, depth + 1)) return false;
  }
  return true;
}

}  // namespace

Result<ServiceSpec> from_json(std::string_view text) {
  const auto failure = [](std::string message, std::string where) {
    return Error{Code::kDataLoss, "a stored configuration cannot be read: " + std::move(message),
                 std::move(where)};
  };
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return failure("found text that is not JSON, expected an object", {});
  if (!is_shallow(json, 0)) return failure("found values nested too deeply", {});
  ServiceSpec spec;
  try {
    Read read(json, {});
    fields(read, spec);
  } catch (const Bad& bad) {
    return failure(bad.message, bad.where);
  }
  if (auto done = complete_steps(spec); !done) return failure(done.error().message, done.error().where);
  return spec;
}

}  // namespace ostler::spec
