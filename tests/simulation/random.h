// Every choice of a simulation comes out of one seed.
//
// splitmix64: eight bytes of state, the same numbers on every machine, and quick to
// start, since a run lasts a millisecond.
#pragma once

#include <cstdint>

#include "base/uuid.h"

namespace ostler::simulation {

class Random {
 public:
  // Two streams of one seed are independent of each other: a choice more in one does
  // not change the other's. So are those of two seeds: a state that grew with the seed would
  // give its neighbours the same numbers, one step later.
  explicit Random(uint64_t seed, uint64_t stream = 0) : state_(mixed(mixed(seed) + stream)) {}

  uint64_t next() { return mixed(state_ += 0x9E3779B97F4A7C15); }
  // 0 .. limit - 1.
  uint64_t below(uint64_t limit) { return limit == 0 ? 0 : next() % limit; }
  int64_t between(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(below(static_cast<uint64_t>(high - low + 1)));
  }
  // True in `percent` of 100 cases.
  bool chance(uint64_t percent) { return below(100) < percent; }

 private:
  static uint64_t mixed(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  }

  uint64_t state_;
};

// Identifiers out of the same seed.
class Ids final : public IdSource {
 public:
  explicit Ids(uint64_t seed, uint64_t stream) : random_(seed, stream) {}
  uint64_t next_u64() override { return random_.next(); }

 private:
  Random random_;
};

}  // namespace ostler::simulation
