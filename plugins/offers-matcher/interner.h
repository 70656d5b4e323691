// Numbers for texts: equal texts get equal numbers, from 1 on. Reused from round to
// round without giving memory back, so a steady state allocates nothing.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace ostler::matcher {

class Interner {
 public:
  // Forgets all texts, in constant time.
  void clear() {
    base_ += static_cast<uint32_t>(texts_.size() - 1);
    texts_.resize(1);
    if (base_ < UINT32_MAX / 2) return;
    slots_.assign(slots_.size(), {});  // or old slots could look new one day
    base_ = 0;
  }

  // The text must live until clear().
  uint32_t number(std::string_view text) { return number(Hashed{text, hash_of(text)}); }

  // Takes the number of text_of(i) for each i below `count`. Texts are asked for some ahead,
  // which gives the memory time to come: among fifty thousand neither a text nor its slot
  // is in a cache.
  template <typename TextOf, typename Take>
  void number_all(uint32_t count, TextOf text_of, Take take) {
    constexpr uint32_t kAhead = 16;
    Hashed ahead[kAhead];
    for (uint32_t i = 0; i < count + kAhead; ++i) {
      if (i >= kAhead) take(i - kAhead, number(ahead[i % kAhead]));
      if (i + kAhead < count) __builtin_prefetch(text_of(i + kAhead).data());
      if (i >= count) continue;
      const std::string_view text = text_of(i);
      ahead[i % kAhead] = {text, hash_of(text)};
      if (!slots_.empty()) __builtin_prefetch(&slots_[ahead[i % kAhead].hash & (slots_.size() - 1)], 1);
    }
  }

  // The number of `text`, or 0.
  uint32_t find(std::string_view text) const {
    if (slots_.empty()) return 0;
    const uint64_t hash = hash_of(text);
    for (size_t at = hash & (slots_.size() - 1);; at = (at + 1) & (slots_.size() - 1)) {
      const Slot& slot = slots_[at];
      if (slot.number <= base_) return 0;
      if (slot.hash == static_cast<uint32_t>(hash) && texts_[slot.number - base_] == text)
        return slot.number - base_;
    }
  }

  // Numbers run from 1 to size() - 1.
  size_t size() const { return texts_.size(); }
  std::string_view text(uint32_t number) const { return texts_[number]; }

 private:
  struct Hashed {
    std::string_view text;
    uint64_t hash = 0;
  };

  // Small, so that more of them fit a cache. A number up to `base_` is of an earlier round.
  struct Slot {
    uint32_t hash = 0;
    uint32_t number = 0;  // base_ and the text's
  };

  uint32_t number(const Hashed& prepared) {
    const auto& [text, hash] = prepared;
    if (texts_.size() * 2 >= slots_.size()) grow();
    for (size_t at = hash & (slots_.size() - 1);; at = (at + 1) & (slots_.size() - 1)) {
      Slot& slot = slots_[at];
      if (slot.number <= base_) {
        slot = {static_cast<uint32_t>(hash), base_ + static_cast<uint32_t>(texts_.size())};
        texts_.push_back(text);
        return slot.number - base_;
      }
      if (slot.hash == static_cast<uint32_t>(hash) && texts_[slot.number - base_] == text)
        return slot.number - base_;
    }
  }

  // Eight bytes at a time, each mixed in by a multiplication.
  static uint64_t hash_of(std::string_view text) {
    constexpr uint64_t kPrime = 0x9E3779B97F4A7C15u;
    uint64_t hash = text.size() * kPrime;
    const char* at = text.data();
    size_t left = text.size();
    for (; left >= 8; at += 8, left -= 8) {
      uint64_t word;
      std::memcpy(&word, at, 8);
      hash = (hash ^ word) * kPrime;
      hash ^= hash >> 32;
    }
    uint64_t word = 0;
    if (left > 0) std::memcpy(&word, at, left);
    hash = (hash ^ word) * kPrime;
    return hash ^ hash >> 29;
  }

  void grow() {
    const size_t size = slots_.empty() ? 64 : slots_.size() * 2;
    slots_.assign(size, {});
    for (uint32_t number = 1; number < texts_.size(); ++number) {
      const uint64_t hash = hash_of(texts_[number]);
      size_t at = hash & (size - 1);
      while (slots_[at].number > base_) at = (at + 1) & (size - 1);
      slots_[at] = {static_cast<uint32_t>(hash), base_ + number};
    }
  }

  std::vector<Slot> slots_;
  std::vector<std::string_view> texts_ = std::vector<std::string_view>(1);
  uint32_t base_ = 0;
};

}  // namespace ostler::matcher
