// The registry of metrics: names, types, distributions and rates.
#include "base/metrics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <thread>

namespace ostler {
namespace {

using namespace std::chrono_literals;

// A clock that moves when told to.
struct FakeClock {
  std::chrono::steady_clock::time_point now{1h};
  MetricsRegistry::Clock clock() {
    return [this] { return now; };
  }
};

// What visit() shows of one metric, copied.
struct Seen {
  int32_t type;
  std::string help;
  double value;
  ostler_timer_t timer;
  std::map<double, double> quantiles;
};

std::map<std::string, Seen> read(const MetricsRegistry& registry) {
  std::map<std::string, Seen> all;
  registry.visit([&](const std::vector<ostler_sample_t>& samples) {
    for (const ostler_sample_t& s : samples) {
      Seen seen{s.type, std::string(s.help.data, s.help.size), s.value, s.timer, {}};
      for (uint32_t i = 0; i < s.timer.quantiles.count; ++i) {
        const auto* q = OSTLER_AT(ostler_quantile_t, s.timer.quantiles, i);
        seen.quantiles[q->quantile] = q->value;
      }
      all.emplace(std::string(s.name.data, s.name.size), seen);
    }
  });
  return all;
}

TEST(Metrics, KeepsOneMetricANameAndTheFirstHelp) {
  MetricsRegistry registry;
  Counter& received = registry.counter("offers.received", "Offers that Mesos sent.");
  received.add();
  registry.counter("offers.received", "another text").add(2);
  registry.gauge("is_suppressed").set(1);
  EXPECT_EQ(&received, &registry.counter("offers.received"));

  const auto seen = read(registry);
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen.at("offers.received").value, 3);
  EXPECT_EQ(seen.at("offers.received").type, OSTLER_METRIC_COUNTER);
  EXPECT_EQ(seen.at("offers.received").help, "Offers that Mesos sent.");
  EXPECT_EQ(seen.at("is_suppressed").value, 1);
  EXPECT_EQ(seen.at("is_suppressed").type, OSTLER_METRIC_GAUGE);
}

TEST(Metrics, VisitsInTheOrderOfNames) {
  MetricsRegistry registry;
  for (const char* name : {"suppresses", "declines.long", "revives"}) registry.counter(name);
  std::vector<std::string> names;
  registry.visit([&](const std::vector<ostler_sample_t>& samples) {
    for (const ostler_sample_t& s : samples) names.emplace_back(s.name.data, s.name.size);
  });
  EXPECT_EQ(names, (std::vector<std::string>{"declines.long", "revives", "suppresses"}));
}

TEST(Metrics, ShowsOnlyTheFirstTypeOfAName) {
  MetricsRegistry registry;
  registry.counter("revives").add(1);
  registry.gauge("revives").set(7);
  registry.observe("revives", 1s);
  registry.gauge("other").set(2);
  registry.counter("other").add(9);
  const auto seen = read(registry);
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen.at("revives").type, OSTLER_METRIC_COUNTER);
  EXPECT_EQ(seen.at("revives").value, 1);
  EXPECT_EQ(seen.at("other").type, OSTLER_METRIC_GAUGE);
  EXPECT_EQ(seen.at("other").value, 2);
}

TEST(Metrics, ShowsTheDistributionOfATimer) {
  FakeClock time;
  MetricsRegistry registry(time.clock());
  for (int ms = 1; ms <= 1000; ++ms) registry.observe("offers.process", std::chrono::milliseconds(ms));
  time.now += 10s;

  const Seen timer = read(registry).at("offers.process");
  EXPECT_EQ(timer.type, OSTLER_METRIC_TIMER);
  EXPECT_EQ(timer.timer.count, 1000u);
  EXPECT_NEAR(timer.timer.sum, 500.5, 1e-9);
  EXPECT_NEAR(timer.timer.min, 0.001, 1e-9);
  EXPECT_NEAR(timer.timer.max, 1.0, 1e-9);
  EXPECT_NEAR(timer.timer.mean, 0.5005, 1e-9);
  EXPECT_NEAR(timer.timer.stddev, 0.288819, 1e-6);
  EXPECT_NEAR(timer.quantiles.at(0.5), 0.5005, 1e-6);
  EXPECT_NEAR(timer.quantiles.at(0.75), 0.75075, 1e-6);
  EXPECT_NEAR(timer.quantiles.at(0.95), 0.95095, 1e-6);
  EXPECT_NEAR(timer.quantiles.at(0.98), 0.98098, 1e-6);
  EXPECT_NEAR(timer.quantiles.at(0.99), 0.99099, 1e-6);
  EXPECT_NEAR(timer.quantiles.at(0.999), 0.999999, 1e-6);
  EXPECT_NEAR(timer.timer.rate_mean, 100, 1e-9);
}

TEST(Metrics, ForgetsOldDurationsButNotTheirCount) {
  MetricsRegistry registry;
  for (size_t i = 0; i < MetricsRegistry::kReservoir; ++i) registry.observe("t", 10s);
  for (size_t i = 0; i < MetricsRegistry::kReservoir; ++i) registry.observe("t", 1s);
  const Seen timer = read(registry).at("t");
  EXPECT_EQ(timer.timer.count, 2 * MetricsRegistry::kReservoir);
  EXPECT_NEAR(timer.timer.max, 1, 1e-9);
  EXPECT_NEAR(timer.timer.sum, 11.0 * MetricsRegistry::kReservoir, 1e-6);
}

TEST(Metrics, RatesRiseAtOnceAndDecayWithTheirWindow) {
  FakeClock time;
  MetricsRegistry registry(time.clock());
  for (int i = 0; i < 50; ++i) registry.observe("t", 1ms);
  time.now += 5s;  // the first tick: 50 in 5 s
  Seen timer = read(registry).at("t");
  EXPECT_NEAR(timer.timer.rate_1m, 10, 1e-9);
  EXPECT_NEAR(timer.timer.rate_15m, 10, 1e-9);

  time.now += 60s;  // a window of one minute later: 10 / e
  timer = read(registry).at("t");
  EXPECT_NEAR(timer.timer.rate_1m, 10 * std::exp(-1.0), 1e-9);
  EXPECT_NEAR(timer.timer.rate_5m, 10 * std::exp(-0.2), 1e-9);
  EXPECT_NEAR(timer.timer.rate_15m, 10 * std::exp(-1.0 / 15), 1e-9);
}

TEST(Metrics, CountsFromManyThreads) {
  MetricsRegistry registry;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) {
        registry.counter("c").add();
        registry.observe("t", 1ms);
        if (i % 100 == 0) read(registry);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const auto seen = read(registry);
  EXPECT_EQ(seen.at("c").value, 4000);
  EXPECT_EQ(seen.at("t").timer.count, 4000u);
}

}  // namespace
}  // namespace ostler
