// How the codec reads one JSON object: each field is *taken out*, so that whatever
// is left in the end is what nobody understood. Private to the codec's .cpp files.
//
// The first thing that is wrong is kept in Trouble with its path; later reads still
// run, harmlessly, on default values, which spares a check after every field.
#pragma once

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

// A place in the document, spelled out only when something is wrong there.
struct Path {
  const Path* parent = nullptr;
  std::string_view key = {};  // empty: an array element
  size_t index = 0;

  std::string text() const;
};

struct Trouble {
  std::optional<Error> error;
  void wrong(const Path& path, std::string_view expected, const json& found);
  void say(const Path& path, std::string message);
};

class Fields {
 public:
  // Takes `object` over; anything but a JSON object is trouble.
  Fields(json&& object, const Path& path, Trouble& trouble);

  bool has(const char* key) const { return object_.contains(key); }
  const json* find(const char* key) const;

  // The field's value, or the fallback where it is missing.
  std::string string(const char* key, std::string_view fallback = {});
  bool flag(const char* key, bool fallback);
  double number(const char* key, double fallback);
  uint64_t natural(const char* key, uint64_t fallback);
  int64_t integer(const char* key, int64_t fallback);
  int32_t int32(const char* key, int32_t fallback);
  std::string id(const char* key);  // of {"value": "..."}

  // Reads a nested object with `read(Fields&)`, returns whether it was there. What
  // `read` leaves stays in this object; so does an object that was empty, because
  // for Mesos `labels: {}` is not the same as no labels.
  template <typename Read>
  bool object(const char* key, Read read) {
    auto found = object_.find(key);
    if (found == object_.end()) return false;
    const bool was_empty = found->is_object() && found->empty();
    const Path path{&path_, key};
    Fields nested(std::move(*found), path, trouble_);
    read(nested);
    if (was_empty || !nested.object_.empty()) {
      *found = std::move(nested.object_);
    } else {
      object_.erase(found);
    }
    return true;
  }

  // Calls `each(json&&, const Path&)` for every element.
  template <typename Each>
  void array(const char* key, Each each) {
    auto found = object_.find(key);
    if (found == object_.end()) return;
    const Path path{&path_, key};
    if (!found->is_array()) {
      trouble_.wrong(path, "an array", *found);
      return;
    }
    size_t index = 0;
    for (json& element : *found) each(std::move(element), Path{&path, {}, index++});
    object_.erase(found);
  }

  // The whole field, taken out.
  std::optional<json> take(const char* key);
  // Drops a field that says nothing new.
  void drop(const char* key) { object_.erase(key); }
  // Puts back what cannot be told by the struct.
  void put_back(const char* key, json value) { object_[key] = std::move(value); }

  // What is left, as text; empty when nothing is.
  std::string rest() const;
  bool empty() const { return object_.empty(); }

  const Path& path() const { return path_; }
  Trouble& trouble() { return trouble_; }

 private:
  json object_;
  const Path& path_;
  Trouble& trouble_;
};

// Of the field {"labels": [...]}.
void write_labels(JsonWriter& out, const Labels& labels);
Labels read_labels(Fields& fields, const char* key);
void write_resources(JsonWriter& out, std::string_view key, const std::vector<Resource>& resources);
std::vector<Resource> read_resources(Fields& fields, const char* key);

// Whether `extra`, the text of a JSON object or empty, has that member.
bool extra_has(std::string_view extra, const char* key);

// The readers that others build on; each takes its object over.
Resource read_resource(json&& value, const Path& path, Trouble& trouble);
ContainerInfo read_container(json&& value, const Path& path, Trouble& trouble);
ExecutorInfo read_executor(json&& value, const Path& path, Trouble& trouble);
TaskInfo read_task(json&& value, const Path& path, Trouble& trouble);
void read_command(Fields& fields, CommandInfo& command);

// Runs a reader on a document and returns its value or the first trouble.
template <typename T>
Result<T> read_document(json value, T (*read)(json&&, const Path&, Trouble&)) {
  Trouble trouble;
  const Path root;
  T result = read(std::move(value), root, trouble);
  if (trouble.error) return std::move(*trouble.error);
  return result;
}

template <typename T>
Result<T> read_text(std::string_view text, T (*read)(json&&, const Path&, Trouble&)) {
  Result<json> value = parse_json(text);
  if (!value) return value.error();
  return read_document(std::move(*value), read);
}

}  // namespace ostler::mesos::codec
