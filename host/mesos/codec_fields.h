// How one JSON object is read: each field is *taken out*, so that whatever is left in the
// end is what nobody understood. For the codec, and for the records that hold its messages.
//
// It stands on simdjson's document, which is read and not taken apart: a tree of nlohmann's
// for each message took more time than all the rest. The first thing that is wrong is kept
// in Trouble with its path; later reads still run, harmlessly, on default values, which
// spares a check after every field.
#pragma once

#include <simdjson.h>

#include <bitset>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "mesos/codec.h"
#include "mesos/types.h"

namespace ostler::mesos::codec {

using nlohmann::json;
using Value = simdjson::dom::element;  // lives as long as its Document

// A parsed text.
class Document {
 public:
  // Errors as those of parse_json().
  Result<void> parse(std::string_view text);
  Value root() const { return root_; }

 private:
  simdjson::dom::parser parser_;
  Value root_;
};

// A copy that stands on its own.
json to_document(const Value& value);

// The value as a string_view, bool, double, dom::array ..., where it is one.
template <typename T>
std::optional<T> as(const Value& value) {
  T out{};
  return value.get(out) == simdjson::SUCCESS ? std::optional<T>(out) : std::nullopt;
}

inline bool is_text(const std::optional<Value>& value, std::string_view text) {
  return value && as<std::string_view>(*value) == text;
}

// A place in the document, spelled out only when something is wrong there.
struct Path {
  const Path* parent = nullptr;
  std::string_view key = {};  // empty: an array element
  size_t index = 0;

  std::string text() const;
};

struct Trouble {
  std::optional<Error> error;
  // Somewhere there are members that were neither taken nor kept as the rest().
  bool has_unread = false;

  void wrong(const Path& path, std::string_view expected, const json& found);
  void wrong(const Path& path, std::string_view expected, const Value& found);
  void say(const Path& path, std::string message);
};

class Fields {
 public:
  // Anything but a JSON object is trouble.
  Fields(const Value& object, const Path& path, Trouble& trouble);
  ~Fields() { trouble_.has_unread |= !empty(); }
  Fields(const Fields&) = delete;
  Fields& operator=(const Fields&) = delete;

  // What is there and was not taken.
  std::optional<Value> find(std::string_view key) const;
  bool has(std::string_view key) const { return find(key).has_value(); }

  // The field's value, or the fallback where it is missing.
  std::string string(std::string_view key, std::string_view fallback = {});
  bool flag(std::string_view key, bool fallback);
  double number(std::string_view key, double fallback);
  uint64_t natural(std::string_view key, uint64_t fallback);
  int64_t integer(std::string_view key, int64_t fallback);
  int32_t int32(std::string_view key, int32_t fallback);
  std::string id(std::string_view key);  // of {"value": "..."}

  // Reads a nested object with `read(Fields&)`, returns whether it was there. What
  // `read` leaves stays in this object; so does an object that was empty, because
  // for Mesos `labels: {}` is not the same as no labels.
  template <typename Read>
  bool object(std::string_view key, Read read) {
    const std::optional<Value> found = take(key);
    if (!found) return false;
    const Path path{&path_, key};
    Fields nested(*found, path, trouble_);
    read(nested);
    if (nested.size_ == 0 || !nested.empty()) put_back(key, nested.take_rest());
    return true;
  }

  // Calls `each(const Value&, const Path&)` for every element.
  template <typename Each>
  void array(std::string_view key, Each each) {
    const std::optional<Value> found = take(key);
    if (!found) return;
    const Path path{&path_, key};
    const auto elements = as<simdjson::dom::array>(*found);
    if (!elements) {
      trouble_.wrong(path, "an array", *found);
      return;
    }
    size_t index = 0;
    for (const Value element : *elements) each(element, Path{&path, {}, index++});
  }

  // The whole field, taken out. Of several with one name the last counts.
  std::optional<Value> take(std::string_view key);
  // Drops a field that says nothing new.
  void drop(std::string_view key) { take(key); }
  // Puts back what cannot be told by the struct.
  void put_back(std::string_view key, json value) { left_[std::string(key)] = std::move(value); }

  // What is left, as text; empty when nothing is.
  std::string rest();
  bool empty() const { return left_.is_null() && taken_count_ == size_; }

  const Path& path() const { return path_; }
  Trouble& trouble() { return trouble_; }

 private:
  static constexpr size_t kMostTaken = 128;  // the members behind that are read, and left as well

  json take_rest();

  simdjson::dom::object object_;
  size_t size_ = 0;
  std::bitset<kMostTaken> taken_;
  size_t taken_count_ = 0;
  json left_;  // null, or what was put back
  const Path& path_;
  Trouble& trouble_;
};

// Of the field {"labels": [...]}.
void write_labels(JsonWriter& out, const Labels& labels);
Labels read_labels(Fields& fields, std::string_view key);
void write_resources(JsonWriter& out, std::string_view key, const std::vector<Resource>& resources);
std::vector<Resource> read_resources(Fields& fields, std::string_view key);

// Whether `extra`, the text of a JSON object or empty, has that member.
bool extra_has(std::string_view extra, const char* key);

// The readers that others build on.
Resource read_resource(const Value& value, const Path& path, Trouble& trouble);
ContainerInfo read_container(const Value& value, const Path& path, Trouble& trouble);
ExecutorInfo read_executor(const Value& value, const Path& path, Trouble& trouble);
TaskInfo read_task(const Value& value, const Path& path, Trouble& trouble);
void read_command(Fields& fields, CommandInfo& command);

// Runs a reader on a text and returns its value or the first trouble.
template <typename T>
Result<T> read_text(std::string_view text, T (*read)(const Value&, const Path&, Trouble&)) {
  Document document;
  if (Result<void> parsed = document.parse(text); !parsed.ok()) return parsed.error();
  Trouble trouble;
  const Path root;
  T result = read(document.root(), root, trouble);
  if (trouble.error) return std::move(*trouble.error);
  return result;
}

template <typename T>
Result<T> read_document(const json& value, T (*read)(const Value&, const Path&, Trouble&)) {
  return read_text(json_text(value), read);
}

}  // namespace ostler::mesos::codec
