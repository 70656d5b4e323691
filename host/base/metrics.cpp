// The registry: one map from name to metric, sorted, that only grows.
//
// The map's lock guards looking up and adding. Counters and gauges are then used
// through references without it; a timer has a lock of its own.
#include "base/metrics.h"

#include <map>
#include <mutex>
#include <shared_mutex>
#include <type_traits>
#include <variant>

#include "base/log.h"
#include "base/timer.h"

namespace ostler {
namespace {

struct LockedTimer {
  LockedTimer(size_t capacity, Timer::TimePoint now) : timer(capacity, now) {}
  std::mutex mutex;
  Timer timer;
};

// Nodes of std::map never move, so the metric can live inside.
struct Metric {
  std::string help;
  std::variant<std::monostate, Counter, Gauge, LockedTimer> value;
  std::atomic<bool> is_misuse_told{false};

  int32_t type() const { return static_cast<int32_t>(value.index()); }
};

static_assert(OSTLER_METRIC_COUNTER == 1 && OSTLER_METRIC_GAUGE == 2 && OSTLER_METRIC_TIMER == 3,
              "the variant's index is the metric's type");

}  // namespace

struct MetricsRegistry::Impl {
  Clock clock;
  mutable std::shared_mutex mutex;
  std::map<std::string, Metric, std::less<>> metrics;

  // The metric `name`, made from `args` when it is new.
  template <typename T, typename... Args>
  T& find_or_make(std::string_view name, std::string_view help, Args&&... args) {
    {
      const std::shared_lock lock(mutex);
      if (const auto it = metrics.find(name); it != metrics.end()) return typed<T>(name, it->second);
    }
    const std::unique_lock lock(mutex);
    const auto [it, is_new] = metrics.try_emplace(std::string(name));
    if (is_new) {
      it->second.help = help;
      it->second.value.template emplace<T>(std::forward<Args>(args)...);
    }
    return typed<T>(name, it->second);
  }

  template <typename T>
  T& typed(std::string_view name, Metric& metric) {
    if (T* value = std::get_if<T>(&metric.value)) return *value;
    if (!metric.is_misuse_told.exchange(true)) {
      log::error("the metric '" + std::string(name) + "' is used as two types; only the first is shown");
    }
    if constexpr (std::is_same_v<T, Counter>) return stray_counter;
    if constexpr (std::is_same_v<T, Gauge>) return stray_gauge;
    if constexpr (std::is_same_v<T, LockedTimer>) return stray_timer;
  }

  // What those get who ask for a name as another type than it has.
  Counter stray_counter;
  Gauge stray_gauge;
  LockedTimer stray_timer{1, {}};
};

MetricsRegistry::MetricsRegistry(Clock clock) : impl_(std::make_unique<Impl>()) {
  impl_->clock = std::move(clock);
}
MetricsRegistry::~MetricsRegistry() = default;

Counter& MetricsRegistry::counter(std::string_view name, std::string_view help) {
  return impl_->find_or_make<Counter>(name, help);
}

Gauge& MetricsRegistry::gauge(std::string_view name, std::string_view help) {
  return impl_->find_or_make<Gauge>(name, help);
}

void MetricsRegistry::observe(std::string_view timer, std::chrono::nanoseconds duration) {
  const Timer::TimePoint now = impl_->clock();
  LockedTimer& locked = impl_->find_or_make<LockedTimer>(timer, {}, kReservoir, now);
  const std::lock_guard lock(locked.mutex);
  locked.timer.add(std::chrono::duration<double>(duration).count(), now);
}

void MetricsRegistry::visit(const std::function<void(const std::vector<ostler_sample_t>&)>& use) const {
  const Timer::TimePoint now = impl_->clock();
  std::vector<ostler_sample_t> samples;
  std::vector<std::unique_ptr<std::vector<ostler_quantile_t>>> quantiles;
  {
    const std::shared_lock lock(impl_->mutex);
    samples.reserve(impl_->metrics.size());
    for (auto& [name, metric] : impl_->metrics) {
      ostler_sample_t sample{};
      sample.type = metric.type();
      sample.name = {name.data(), name.size()};
      sample.help = {metric.help.data(), metric.help.size()};
      if (const auto* counter = std::get_if<Counter>(&metric.value)) sample.value = counter->value();
      if (const auto* gauge = std::get_if<Gauge>(&metric.value)) sample.value = gauge->value();
      if (auto* locked = std::get_if<LockedTimer>(&metric.value)) {
        const std::lock_guard timer_lock(locked->mutex);
        sample.timer = locked->timer.read(
            now, *quantiles.emplace_back(std::make_unique<std::vector<ostler_quantile_t>>()));
      }
      samples.push_back(sample);
    }
  }
  use(samples);  // names outlive the lock: metrics are never removed
}

}  // namespace ostler
