// Writes JSON text straight away, without a document in between.
//
// What is written most, the records of launches and the calls that carry them, took nine
// tenths of its time in allocations of nlohmann's tree. The text is as short as it can
// be, members stand in the order of the calls, and bytes that are not UTF-8 become
// U+FFFD. Nothing checks that keys differ or that what was opened is closed.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace ostler::mesos {

class JsonWriter {
 public:
  JsonWriter() { out_.reserve(kUsual); }
  JsonWriter(const JsonWriter&) = delete;
  JsonWriter& operator=(const JsonWriter&) = delete;

  // Values: elements of the open array, or what the last key() names.
  void value(std::string_view text);
  void value(const char* text) { value(std::string_view(text)); }
  void value(const std::string& text) { value(std::string_view(text)); }
  void value(bool flag);
  void value(double number);  // null where it is none that JSON has
  template <std::signed_integral Number>
  void value(Number number) {
    integer(number);
  }
  template <std::unsigned_integral Number>
  void value(Number number) {
    natural(number);
  }

  // The next value's name in the open object.
  void key(std::string_view name);

  template <typename Value>
  void field(std::string_view name, const Value& content) {
    key(name);
    value(content);
  }
  // {"value": id}, as Mesos wraps every id.
  void id_field(std::string_view name, std::string_view id) {
    object(name, [&] { field("value", id); });
  }

  // An object whose members `write()` writes. `extra`, the text of a JSON object or empty,
  // gives the members that it has and `write()` did not, at every depth of objects.
  template <typename Write>
  void object(Write write, std::string_view extra = {}) {
    const size_t begin = open('{');
    write();
    close('}');
    if (!extra.empty()) add_extra(begin, extra);
  }
  template <typename Write>
  void object(std::string_view name, Write write) {
    key(name);
    object(write);
  }

  // An array with what `each(item)` writes for each item.
  template <typename Items, typename Each>
  void array(std::string_view name, const Items& items, Each each) {
    key(name);
    open('[');
    for (const auto& item : items) each(item);
    close(']');
  }

  // The text so far; the writer is empty then.
  std::string take() { return std::exchange(out_, {}); }

 private:
  static constexpr size_t kUsual = 512;  // bytes: most messages are shorter

  void integer(int64_t number);
  void natural(uint64_t number);
  void comma();
  void quote(std::string_view text);  // whatever bytes it has
  size_t open(char bracket);          // returns where it stands
  void close(char bracket);
  void add_extra(size_t begin, std::string_view extra);

  std::string out_;
  bool needs_comma_ = false;  // before the next key or element
};

}  // namespace ostler::mesos
