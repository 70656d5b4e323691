// One timer of the registry: how often something happened, and how long it took.
//
// The distribution is that of the last `capacity` durations in a ring, so it follows
// the present and needs no randomness; count and sum are of all time. The rates are
// exponentially weighted over 1, 5 and 15 minutes and advance in ticks of 5 s, as
// load averages do. One owner at a time; the registry locks.
#pragma once

#include <ostler/metrics.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <vector>

namespace ostler {

class Timer {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  Timer(size_t capacity, TimePoint now) : capacity_(capacity), born_(now), last_tick_(now) {}

  void add(double seconds, TimePoint now);

  // Fills `quantiles` and a view of everything, which points into `quantiles`.
  ostler_timer_t read(TimePoint now, std::vector<ostler_quantile_t>& quantiles);

 private:
  void tick(TimePoint now);

  size_t capacity_;
  TimePoint born_;
  TimePoint last_tick_;
  std::vector<double> recent_;  // a ring once it is full
  size_t oldest_ = 0;
  uint64_t count_ = 0;
  double sum_ = 0;
  uint64_t since_tick_ = 0;
  bool has_rates_ = false;         // false until the first tick
  std::array<double, 3> rates_{};  // per second, over 1, 5 and 15 minutes
};

}  // namespace ostler
