#include "mesos/json_writer.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/result.h"
#include "mesos/codec.h"

namespace ostler::mesos {
namespace {

using nlohmann::json;

// Bytes that stand for themselves, and need no look at their neighbours.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain{};
  for (unsigned c = 0x20; c < 0x80; ++c) plain[c] = c != '"' && c != '\\';
  return plain;
}();

template <typename Number>
void append_number(std::string& out, Number number) {
  char digits[32];  // the shortest form of a double has at most 24
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(digits, end);
}

void append_escaped(std::string& out, char c) {
  static constexpr char kHex[] = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\r':
      out += "\\r";
      return;
    default:
      out += "\\u00";
      out += kHex[static_cast<unsigned char>(c) >> 4];
      out += kHex[static_cast<unsigned char>(c) & 15];
  }
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

void JsonWriter::comma() {
  if (needs_comma_) out_ += ',';
  needs_comma_ = true;
}

void JsonWriter::value(std::string_view text) {
  comma();
  const auto is_plain = [](char c) { return kPlain[static_cast<unsigned char>(c)]; };
  if (!std::all_of(text.begin(), text.end(), is_plain)) return quote(text);
  out_ += '"';
  out_ += text;
  out_ += '"';
}

void JsonWriter::quote(std::string_view text) {
  if (!simdjson::validate_utf8(text.data(), text.size())) {
    out_ += json_text(json(text));
    return;
  }
  out_ += '"';
  size_t plain = 0;  // where what needs no escape began
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (kPlain[byte] || byte >= 0x80) continue;
    out_.append(text, plain, i - plain);
    append_escaped(out_, text[i]);
    plain = i + 1;
  }
  out_.append(text, plain);
  out_ += '"';
}

void JsonWriter::value(bool flag) {
  comma();
  out_ += flag ? "true" : "false";
}
void JsonWriter::value(double number) {
  comma();
  if (std::isfinite(number)) {
    append_number(out_, number);
  } else {
    out_ += "null";
  }
}
void JsonWriter::integer(int64_t number) {
  comma();
  append_number(out_, number);
}
void JsonWriter::natural(uint64_t number) {
  comma();
  append_number(out_, number);
}

void JsonWriter::key(std::string_view name) {
  value(name);
  out_ += ':';
  needs_comma_ = false;
}

size_t JsonWriter::open(char bracket) {
  comma();
  out_ += bracket;
  needs_comma_ = false;
  return out_.size() - 1;
}

void JsonWriter::close(char bracket) {
  out_ += bracket;
  needs_comma_ = true;
}

void JsonWriter::add_extra(size_t begin, std::string_view extra) {
  const json more = json::parse(extra, nullptr, /*allow_exceptions=*/false);
  OSTLER_CHECK(more.is_object(), "the extra fields of a Mesos message are no JSON object: %.200s",
               std::string(extra).c_str());
  if (more.empty()) return;
  // What looks like a key of both may be one further inside; then too the documents decide.
  const std::string_view written = std::string_view(out_).substr(begin);
  const auto is_written = [&](const auto& member) {
    return written.find(json_text(json(member.key())) + ':') != std::string_view::npos;
  };
  const auto members = more.items();
  std::string merged;
  if (std::any_of(members.begin(), members.end(), is_written)) {
    json object = json::parse(written);
    fill(object, more);
    merged = json_text(object);
  } else {
    const bool was_empty = written.size() == 2;
    merged = std::string(written.substr(0, written.size() - 1)) + (was_empty ? "" : ",") +
             json_text(more).substr(1);
  }
  out_.resize(begin);
  out_ += merged;
}

}  // namespace ostler::mesos
