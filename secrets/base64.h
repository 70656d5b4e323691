// Strict base64 (RFC 4648 section 4) for secrets: decodes into the caller's memory,
// makes no copy, and says where the text is wrong without saying what is there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ostler {

struct Base64Result {
  size_t size = 0;                // of what was decoded
  const char* problem = nullptr;  // static text, or null when all was well
  size_t position = 0;            // of the problem, in bytes from the start of the text
};

// At least as many bytes as decode_base64() writes for a text of this size.
constexpr size_t base64_room(size_t text_size) { return text_size / 4 * 3 + 3; }

// Decodes `text` to `out`, which has base64_room(text.size()) bytes. White space is
// allowed before and after (files end with a line break), nowhere inside; padding is
// required, and its unused bits must be zero, so that a value has one encoding.
Base64Result decode_base64(std::string_view text, uint8_t* out) noexcept;

}  // namespace ostler
