// The slow side of the reader: finding tokens, numbers, and whatever is rare.
#include "mesos/json_reader.h"

#include <simdjson.h>

#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>

#include "mesos/milli.h"

namespace ostler::mesos {
namespace {

// Takes all of `token` as a number; `out` is untouched otherwise.
template <typename Number>
bool parse_all(std::string_view token, Number& out) {
  // from_chars also takes "inf", which JSON does not.
  const size_t first = token.starts_with('-') ? 1 : 0;
  if (token.size() <= first || token[first] < '0' || token[first] > '9') return false;
  Number read{};
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), read);
  if (error != std::errc() || end != token.data() + token.size()) return false;
  out = read;
  return true;
}

// The common "4", "0.1", "1024.0" and so on: exact, and several times faster.
bool parse_milli(std::string_view token, int64_t& out) {
  if (token.size() > 12) return false;
  int64_t value = 0;
  int decimals = -1;
  for (const char c : token) {
    if (c >= '0' && c <= '9') {
      value = value * 10 + (c - '0');
      if (decimals >= 0) ++decimals;
    } else if (c == '.' && decimals < 0 && &c != token.data()) {
      decimals = 0;
    } else {
      return false;
    }
  }
  if (decimals == 0 || decimals > 3) return false;
  for (int i = decimals < 0 ? 0 : decimals; i < 3; ++i) value *= 10;
  out = value;
  return true;
}

// Behind the first comma from `at` on.
size_t end_of_part(const std::string& text, size_t at) {
  const size_t comma = text.find(',', at);
  return comma == std::string::npos ? text.size() : comma + 1;
}

}  // namespace

struct JsonTokens::Impl {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> finder;
};

JsonTokens::JsonTokens() : impl_(std::make_unique<Impl>()) {}
JsonTokens::~JsonTokens() = default;

std::string JsonTokens::find(const std::string& text, size_t begin, size_t part) {
  if (text.size() >= std::numeric_limits<uint32_t>::max()) return "this text is longer than 4 GiB";
  end_ = text.size();
  if (part < text.size() - begin) end_ = end_of_part(text, begin + part);
  for (size_t ahead = 64;; ahead *= 2) {
    const size_t size = end_ - begin;
    if (impl_->finder == nullptr || impl_->finder->capacity() < size) {
      impl_->finder.reset();
      const auto code = simdjson::get_active_implementation()->create_dom_parser_implementation(
          std::max<size_t>(size, 4096), /*max_depth=*/1, impl_->finder);
      if (code != simdjson::SUCCESS) return simdjson::error_message(code);
    }
    const auto code = impl_->finder->stage1(reinterpret_cast<const uint8_t*>(text.data() + begin), size,
                                            simdjson::stage1_mode::regular);
    if (code == simdjson::UNCLOSED_STRING && end_ < text.size()) {
      end_ = end_of_part(text, end_ + ahead);  // that comma was in a string, and the next may be
      continue;
    }
    if (code != simdjson::SUCCESS) return simdjson::error_message(code);
    impl_->finder->structural_indexes[count()] = static_cast<uint32_t>(text.size() - begin);
    return {};
  }
}

void JsonTokens::release() { impl_->finder.reset(); }
const uint32_t* JsonTokens::positions() const { return impl_->finder->structural_indexes.get(); }
size_t JsonTokens::count() const { return impl_->finder->n_structural_indexes; }

bool JsonReader::read_on() {
  const auto at = static_cast<size_t>(position() - text_.c_str());
  if (std::string wrong = tokens_.find(text_, at, kPart); !wrong.empty()) return fail(wrong);
  begin(at);
  return true;
}

bool JsonReader::number(double& out) {
  if (!parse_all(token_text(), out)) return mistyped("a number");
  return step();
}

bool JsonReader::natural(uint64_t& out) {
  // Ports, by the dozen in each offer.
  const std::string_view token = token_text();
  uint64_t value = 0;
  size_t i = 0;
  for (; i < token.size() && i < 18 && token[i] >= '0' && token[i] <= '9'; ++i) {
    value = value * 10 + static_cast<uint64_t>(token[i] - '0');
  }
  if (i == token.size() && i > 0) {
    out = value;
    return step();
  }
  if (peek() == '-' || !parse_all(token, out)) return mistyped("an integer that is not negative");
  return step();
}

bool JsonReader::int32(int32_t& out) {
  if (!parse_all(token_text(), out)) return mistyped("a 32-bit integer");
  return step();
}

bool JsonReader::flag(bool& out) {
  const std::string_view token = token_text();
  if (token != "true" && token != "false") return mistyped("true or false");
  out = token == "true";
  return step();
}

bool JsonReader::milli(int64_t& out, double& beyond) {
  const std::string_view token = token_text();
  if (parse_milli(token, out)) return step();
  double value = 0;
  if (!parse_all(token, value)) return mistyped("a number");
  if (is_scalar(value)) {
    out = to_milli(value);
  } else {
    beyond = value;
  }
  return step();
}

bool JsonReader::skip() {
  size_t depth = 0;
  do {
    switch (peek()) {
      case '{':
      case '[':
        ++depth;
        break;
      case '}':
      case ']':
        if (depth == 0) return fail("expected a value");
        --depth;
        break;
      case ',':
      case ':':
        if (depth == 0) return fail("expected a value");
        break;
      case '\0':
        return fail("the text ends too early");
      default:
        break;
    }
    ++token_;
  } while (depth > 0);
  return true;
}

bool JsonReader::mistyped(std::string_view expected) {
  message = "expected ";
  message += expected;
  message += ", found ";
  message += is_at_end() ? std::string_view("the end") : token_text().substr(0, 60);
  return false;
}

bool JsonReader::unescape(std::string_view quoted, std::string& out) {
  const auto value = nlohmann::json::parse(quoted, nullptr, /*allow_exceptions=*/false);
  if (!value.is_string()) return false;
  out = value.get<std::string>();
  return true;
}

}  // namespace ostler::mesos
