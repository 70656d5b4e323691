#include "base64.h"

namespace ostler {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

// The six bits that `c` stands for, or -1. The comparisons have no table to index by
// the secret.
int bits_of(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  if (c == '/') return 63;
  return -1;
}

const char* problem_with(char c) {
  if (c == '=') return "padding before the end";
  if (c == '-' || c == '_') return "a character of the URL-safe alphabet, expected the standard one";
  if (kSpace.find(c) != std::string_view::npos)
    return "white space inside the text, expected one line (base64 -w0)";
  return "a character that is not base64";
}

}  // namespace

Base64Result decode_base64(std::string_view text, uint8_t* out) noexcept {
  Base64Result result;
  const size_t start = text.find_first_not_of(kSpace);
  if (start == std::string_view::npos) return result;  // nothing, which is base64 of nothing
  const size_t end = text.find_last_not_of(kSpace) + 1;

  size_t digits_end = end;
  while (digits_end > start && end - digits_end < 2 && text[digits_end - 1] == '=') --digits_end;
  uint32_t bits = 0;
  int held = 0;  // bits of `bits` not yet written
  for (size_t i = start; i < digits_end; ++i) {
    const int digit = bits_of(text[i]);
    if (digit < 0) return {0, problem_with(text[i]), i};
    bits = bits << 6 | static_cast<uint32_t>(digit);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out[result.size++] = static_cast<uint8_t>(bits >> held);
    bits &= (1u << held) - 1;
  }
  const size_t digits = digits_end - start;
  const size_t padding = end - digits_end;
  if (digits % 4 == 1) return {0, "the text ends within a byte", digits_end};
  if (padding != (4 - digits % 4) % 4)
    return {0, padding == 0 ? "the padding ('=') is missing" : "the padding ('=') has the wrong length",
            digits_end};
  if (bits != 0) return {0, "the last character has bits that no byte takes", digits_end - 1};
  return result;
}

}  // namespace ostler
