// The process's metrics: a registry that any thread may add to.
//
// Counters and gauges are one atomic each; timers keep a bounded reservoir of
// recent samples under a small lock and are not for hot paths. Metrics live as long
// as the registry and are never removed, so references stay valid.
#pragma once

#include <ostler/metrics.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ostler {

class Counter {
 public:
  void add(double amount = 1) { value_.fetch_add(amount, std::memory_order_relaxed); }
  double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_{0};
};

class Gauge {
 public:
  void set(double value) { value_.store(value, std::memory_order_relaxed); }
  double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_{0};
};

// [any-thread] throughout.
class MetricsRegistry {
 public:
  using Clock = std::function<std::chrono::steady_clock::time_point()>;

  // Rates are measured with `clock`, which any thread may call.
  explicit MetricsRegistry(Clock clock = &std::chrono::steady_clock::now);
  ~MetricsRegistry();
  MetricsRegistry(const MetricsRegistry&) = delete;
  MetricsRegistry& operator=(const MetricsRegistry&) = delete;

  // The metric of that name (the SDK's dotted names: "offers.received"), made at the
  // first call. The first help text wins. One name has one type: who asks for another
  // (a plugin may choose its names) gets a metric that is not shown, and the log says so.
  Counter& counter(std::string_view name, std::string_view help = {});
  Gauge& gauge(std::string_view name, std::string_view help = {});

  // Adds one duration to a timer. Quantiles, min, max, mean and standard deviation
  // are of its last kReservoir durations.
  void observe(std::string_view timer, std::chrono::nanoseconds duration);
  static constexpr size_t kReservoir = 1028;

  // Calls `use` with one sample a metric, sorted by name; everything the samples
  // point at is valid during the call only.
  void visit(const std::function<void(const std::vector<ostler_sample_t>& samples)>& use) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ostler
