#include "base/timer.h"

#include <algorithm>
#include <cmath>

namespace ostler {
namespace {

constexpr std::chrono::seconds kTick{5};
constexpr std::array<double, 3> kMinutes{1, 5, 15};
constexpr std::array<double, 6> kQuantiles{0.5, 0.75, 0.95, 0.98, 0.99, 0.999};

// Linear interpolation between the neighbours at rank q * (n + 1).
double quantile(const std::vector<double>& sorted, double q) {
  const double rank = q * static_cast<double>(sorted.size() + 1);
  if (rank < 1) return sorted.front();
  if (rank >= static_cast<double>(sorted.size())) return sorted.back();
  const auto below = static_cast<size_t>(rank);
  return sorted[below - 1] + (rank - static_cast<double>(below)) * (sorted[below] - sorted[below - 1]);
}

}  // namespace

void Timer::add(double seconds, TimePoint now) {
  tick(now);
  if (recent_.size() < capacity_) {
    recent_.push_back(seconds);
  } else {
    recent_[oldest_] = seconds;
    oldest_ = (oldest_ + 1) % capacity_;
  }
  ++count_;
  ++since_tick_;
  sum_ += seconds;
}

void Timer::tick(TimePoint now) {
  const auto ticks = (now - last_tick_) / kTick;
  if (ticks <= 0) return;
  last_tick_ += kTick * ticks;
  const double tick_s = std::chrono::duration<double>(kTick).count();
  const double rate = static_cast<double>(since_tick_) / tick_s;
  since_tick_ = 0;
  for (size_t i = 0; i < rates_.size(); ++i) {
    const double decay = std::exp(-tick_s / 60 / kMinutes[i]);
    // The first tick sets the rate; the ones after it pull; those without events only decay.
    rates_[i] = has_rates_ ? rate + (rates_[i] - rate) * decay : rate;
    rates_[i] *= std::pow(decay, static_cast<double>(ticks - 1));
  }
  has_rates_ = true;
}

ostler_timer_t Timer::read(TimePoint now, std::vector<ostler_quantile_t>& quantiles) {
  tick(now);
  ostler_timer_t view{};
  view.count = count_;
  view.sum = sum_;
  view.rate_1m = rates_[0];
  view.rate_5m = rates_[1];
  view.rate_15m = rates_[2];
  const double age_s = std::chrono::duration<double>(now - born_).count();
  view.rate_mean = age_s > 0 ? static_cast<double>(count_) / age_s : 0;

  std::vector<double> sorted = recent_;
  std::sort(sorted.begin(), sorted.end());
  if (!sorted.empty()) {
    const auto n = static_cast<double>(sorted.size());
    double total = 0;
    for (const double s : sorted) total += s;
    view.mean = total / n;
    double squares = 0;
    for (const double s : sorted) squares += (s - view.mean) * (s - view.mean);
    view.stddev = sorted.size() > 1 ? std::sqrt(squares / (n - 1)) : 0;
    view.min = sorted.front();
    view.max = sorted.back();
  }
  quantiles.clear();
  for (const double q : kQuantiles) quantiles.push_back({q, sorted.empty() ? 0 : quantile(sorted, q)});
  view.quantiles = {quantiles.data(), static_cast<uint32_t>(quantiles.size()), sizeof(ostler_quantile_t)};
  return view;
}

}  // namespace ostler
