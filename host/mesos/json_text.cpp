// JSON text to documents and back.
#include "mesos/codec_fields.h"

namespace ostler::mesos {

using nlohmann::json;

namespace {

constexpr int kMaxDepth = 64;

bool is_too_deep(std::string_view text) {
  int depth = 0;
  bool is_in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      is_in_string = !is_in_string;
    } else if (is_in_string) {
      if (c == '\\') ++i;
    } else if (c == '{' || c == '[') {
      if (++depth > kMaxDepth) return true;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return false;
}

// The slower parser, which says where it stopped, and reads integers of any size.
Result<json> parse_slowly(std::string_view text) {
  if (is_too_deep(text))
    return Error{Code::kInvalidArgument, "this JSON is nested deeper than 64 levels", {}};
  try {
    return json::parse(text);
  } catch (const json::parse_error& wrong) {
    return Error{Code::kInvalidArgument, "this is not valid JSON", "byte " + std::to_string(wrong.byte)};
  } catch (const json::exception&) {  // a number that no double holds
    return Error{Code::kInvalidArgument, "this JSON has a number that is out of range", {}};
  }
}

}  // namespace

json codec::to_document(const Value& value) {
  using Type = simdjson::dom::element_type;
  switch (value.type()) {
    case Type::OBJECT: {
      json object = json::object();
      for (const auto [key, member] : simdjson::dom::object(value))
        object[std::string(key)] = to_document(member);
      return object;
    }
    case Type::ARRAY: {
      json array = json::array();
      for (const Value one : simdjson::dom::array(value)) array.push_back(to_document(one));
      return array;
    }
    case Type::STRING:
      return std::string(std::string_view(value));
    case Type::INT64: {
      // As nlohmann's own parser has it: what is not negative is unsigned.
      const int64_t number(value);
      return number < 0 ? json(number) : json(static_cast<uint64_t>(number));
    }
    case Type::UINT64:
      return uint64_t(value);
    case Type::DOUBLE:
      return double(value);
    case Type::BOOL:
      return bool(value);
    case Type::NULL_VALUE:
      break;
  }
  return nullptr;
}

// nlohmann's lexer, which looks at each byte, takes ten times as long.
Result<void> codec::Document::parse(std::string_view text) {
  const auto read = [this](std::string_view what) {
    // simdjson would copy an empty text from null.
    if (what.empty() || parser_.allocate(what.size(), kMaxDepth) != simdjson::SUCCESS) return false;
    return parser_.parse(what.data(), what.size()).get(root_) == simdjson::SUCCESS;
  };
  if (read(text)) return {};
  const Result<json> slowly = parse_slowly(text);
  if (!slowly.ok()) return slowly.error();
  if (read(json_text(*slowly))) return {};
  return Error{Code::kResourceExhausted, "there is no memory for this JSON", {}};
}

Result<json> parse_json(std::string_view text) {
  codec::Document document;
  if (Result<void> parsed = document.parse(text); !parsed.ok()) return parsed.error();
  return codec::to_document(document.root());
}

std::string json_text(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace ostler::mesos
