// Well-formed UTF-8 as of the Unicode standard, table 3-7: no overlong forms,
// no surrogates, nothing above U+10FFFF.
#include "spec/utf8.h"

namespace ostler::spec {

std::optional<size_t> find_bad_text(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto continues = [&](size_t i, unsigned char low = 0x80, unsigned char high = 0xBF) {
    return i < text.size() && byte(i) >= low && byte(i) <= high;
  };
  for (size_t i = 0; i < text.size();) {
    const unsigned char first = byte(i);
    size_t length = 0;
    if (first < 0x80) {
      if ((first < 0x20 && first != '\t' && first != '\n' && first != '\r') || first == 0x7F) return i;
      length = 1;
    } else if (first >= 0xC2 && first <= 0xDF) {
      length = continues(i + 1) ? 2 : 0;
    } else if (first >= 0xE0 && first <= 0xEF) {
      const unsigned char low = first == 0xE0 ? 0xA0 : 0x80;
      const unsigned char high = first == 0xED ? 0x9F : 0xBF;
      length = continues(i + 1, low, high) && continues(i + 2) ? 3 : 0;
    } else if (first >= 0xF0 && first <= 0xF4) {
      const unsigned char low = first == 0xF0 ? 0x90 : 0x80;
      const unsigned char high = first == 0xF4 ? 0x8F : 0xBF;
      length = continues(i + 1, low, high) && continues(i + 2) && continues(i + 3) ? 4 : 0;
    }
    if (length == 0) return i;
    i += length;
  }
  return std::nullopt;
}

}  // namespace ostler::spec
