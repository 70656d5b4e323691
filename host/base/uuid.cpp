#include "base/uuid.h"

#include <cctype>

namespace ostler {

std::string IdSource::uuid() {
  static const char kHex[] = "0123456789abcdef";
  uint64_t high = next_u64();
  uint64_t low = next_u64();
  high = (high & ~0xF000ULL) | 0x4000ULL;                       // version 4 (RFC 9562)
  low = (low & 0x3FFFFFFFFFFFFFFFULL) | 0x8000000000000000ULL;  // variant 10
  char text[36];
  char* at = text;
  for (const uint64_t word : {high, low}) {
    for (int shift = 60; shift >= 0; shift -= 4) {
      if (at == text + 8 || at == text + 13 || at == text + 18 || at == text + 23) *at++ = '-';
      *at++ = kHex[(word >> shift) & 0xF];
    }
  }
  return {text, sizeof text};
}

uint64_t RandomIds::next_u64() { return (static_cast<uint64_t>(device_()) << 32) | device_(); }

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !std::isxdigit(static_cast<unsigned char>(text[i]))) return false;
  }
  return true;
}

}  // namespace ostler
