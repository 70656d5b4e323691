// Finds an agent's number by its id.
//
// One flat table of hashes and numbers beside the list that holds the ids: with fifty
// thousand agents a look costs one cache line of it, where a std::unordered_map costs a
// node and a second copy of each id. Agents are only ever added.
#pragma once

#include <bit>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

namespace ostler::core {

class AgentIndex {
 public:
  void clear() {
    slots_.clear();
    size_ = 0;
  }

  // `id_of(number)` tells the id of a number that was added.
  template <typename IdOf>
  std::optional<uint32_t> find(std::string_view id, IdOf id_of) const {
    if (slots_.empty()) return std::nullopt;
    const uint32_t hash = hash_of(id);
    for (size_t at = hash & mask();; at = (at + 1) & mask()) {
      const Slot& slot = slots_[at];
      if (slot.number == kNone) return std::nullopt;
      if (slot.hash == hash && id_of(slot.number) == id) return slot.number;
    }
  }

  // Requires that find() does not know `id`.
  void add(std::string_view id, uint32_t number) {
    if (++size_ * 2 > slots_.size()) grow();
    put({hash_of(id), number});
  }

 private:
  static constexpr uint32_t kNone = UINT32_MAX;
  struct Slot {
    uint32_t hash = 0;
    uint32_t number = kNone;
  };

  static uint32_t hash_of(std::string_view id) {
    const uint64_t hash = std::hash<std::string_view>()(id);
    return static_cast<uint32_t>(hash ^ hash >> 32);
  }
  size_t mask() const { return slots_.size() - 1; }
  void put(Slot slot) {
    size_t at = slot.hash & mask();
    while (slots_[at].number != kNone) at = (at + 1) & mask();
    slots_[at] = slot;
  }
  void grow() {
    std::vector<Slot> before(std::bit_ceil(size_ * 4));
    before.swap(slots_);
    for (const Slot& slot : before) {
      if (slot.number != kNone) put(slot);
    }
  }

  std::vector<Slot> slots_;  // a power of two, at most half full
  size_t size_ = 0;
};

}  // namespace ostler::core
