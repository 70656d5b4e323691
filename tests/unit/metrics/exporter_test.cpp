// Both exporters through the C ABI: literal bodies, odd names, configuration.
#include <gtest/gtest.h>
#include <ostler/metrics.h>

#include <chrono>

#include "base/metrics.h"
#include "support/plugin_host.h"

namespace ostler {
namespace {

using test::PluginHost;

class ExporterTest : public ::testing::Test {
 protected:
  struct Page {
    std::string type;
    std::string body;
  };

  static Page render(PluginHost& plugin, const ostler_array_t& samples) {
    Page page;
    const ostler_sink_t type = test::sink_to(page.type);
    const ostler_sink_t body = test::sink_to(page.body);
    ostler_error_t error{};
    error.struct_size = sizeof error;
    const auto* table = plugin.query<ostler_metrics_t>(OSTLER_METRICS_1);
    EXPECT_EQ(table->render(plugin.self(), &samples, ostler_str_of("*/*"), &type, &body, &error), OSTLER_OK)
        << error.message;
    return page;
  }

  // Renders what a registry holds.
  static Page render(PluginHost& plugin, const MetricsRegistry& registry) {
    Page page;
    registry.visit([&](const std::vector<ostler_sample_t>& samples) {
      page = render(plugin, {samples.data(), static_cast<uint32_t>(samples.size()), sizeof(ostler_sample_t)});
    });
    return page;
  }

  void fill(MetricsRegistry& registry) {
    registry.counter("offers.received", "Offers that Mesos sent.").add(12);
    registry.counter("declines.short").add(2.5);
    registry.gauge("is_suppressed").set(1);
    registry.gauge("plan_status.deploy").set(-1);
    registry.observe("offers.process", std::chrono::milliseconds(500));
    now_ += std::chrono::seconds(5);
  }

  std::chrono::steady_clock::time_point now_{std::chrono::hours(1)};
  MetricsRegistry registry_{[this] { return now_; }};
};

TEST_F(ExporterTest, DropwizardShowsTheSdksJson) {
  PluginHost plugin("metrics-dropwizard", "{}");
  ASSERT_EQ(plugin.error(), "");
  ASSERT_TRUE(plugin.start());
  EXPECT_STREQ(plugin.query<ostler_metrics_t>(OSTLER_METRICS_1)->path(plugin.self()), "/v1/metrics");
  fill(registry_);
  const Page page = render(plugin, registry_);
  EXPECT_EQ(page.type, "application/json");
  EXPECT_EQ(page.body, R"({
  "version": "3.1.3",
  "gauges": {
    "is_suppressed": {
      "value": true
    },
    "plan_status.deploy": {
      "value": -1
    }
  },
  "counters": {
    "declines.short": {
      "count": 2.5
    },
    "offers.received": {
      "count": 12
    }
  },
  "histograms": {},
  "meters": {},
  "timers": {
    "offers.process": {
      "count": 1,
      "max": 0.5,
      "mean": 0.5,
      "min": 0.5,
      "p50": 0.5,
      "p75": 0.5,
      "p95": 0.5,
      "p98": 0.5,
      "p99": 0.5,
      "p999": 0.5,
      "stddev": 0.0,
      "m15_rate": 0.2,
      "m1_rate": 0.2,
      "m5_rate": 0.2,
      "mean_rate": 0.2,
      "duration_units": "seconds",
      "rate_units": "calls/second"
    }
  }
})");
}

TEST_F(ExporterTest, PrometheusShowsTrueTypesAndTheSdksNames) {
  PluginHost plugin("metrics-prometheus", "{}");
  ASSERT_EQ(plugin.error(), "");
  ASSERT_TRUE(plugin.start());
  EXPECT_STREQ(plugin.query<ostler_metrics_t>(OSTLER_METRICS_1)->path(plugin.self()),
               "/v1/metrics/prometheus");
  fill(registry_);
  const Page page = render(plugin, registry_);
  EXPECT_EQ(page.type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(page.body, R"(# TYPE declines_short counter
declines_short 2.5
# TYPE is_suppressed gauge
is_suppressed 1
# TYPE offers_process summary
offers_process_count 1
offers_process_sum 0.5
offers_process{quantile="0.5"} 0.5
offers_process{quantile="0.75"} 0.5
offers_process{quantile="0.95"} 0.5
offers_process{quantile="0.98"} 0.5
offers_process{quantile="0.99"} 0.5
offers_process{quantile="0.999"} 0.5
# HELP offers_received Offers that Mesos sent.
# TYPE offers_received counter
offers_received 12
# TYPE plan_status_deploy gauge
plan_status_deploy -1
)");
}

TEST_F(ExporterTest, PrometheusKeepsOddNamesAndTextsFromBreakingThePage) {
  PluginHost plugin("metrics-prometheus", "{}");
  ASSERT_TRUE(plugin.start());
  registry_.counter("2nd-plan.a b", "first\nsecond \\ third").add();
  registry_.counter("same.name").add(1);
  registry_.counter("same_name").add(2);
  registry_.gauge("same-name").set(3);
  EXPECT_EQ(render(plugin, registry_).body, R"(# HELP _2nd_plan_a_b first\nsecond \\ third
# TYPE _2nd_plan_a_b counter
_2nd_plan_a_b 1
# TYPE same_name gauge
same_name 3
)");
}

// An array of samples as a later host would send them: longer, with labels, a new type.
TEST_F(ExporterTest, BothReadSamplesByStrideAndLabelsAndSkipUnknownTypes) {
  struct LongerSample {
    ostler_sample_t sample;
    uint64_t of_a_later_minor = ~0ULL;
  };
  const ostler_label_t label = {ostler_str_of("plug-in"), ostler_str_of("va\"ult")};
  LongerSample samples[2] = {};
  for (LongerSample& one : samples) {
    one.sample.name = ostler_str_of("calls");
    one.sample.labels = {&label, 1, sizeof label};
    one.sample.value = 4;
  }
  samples[0].sample.type = OSTLER_METRIC_COUNTER;
  samples[1].sample.type = 99;
  const ostler_array_t array = {samples, 2, sizeof(LongerSample)};

  PluginHost prometheus("metrics-prometheus", "{}");
  ASSERT_TRUE(prometheus.start());
  EXPECT_EQ(render(prometheus, array).body, "# TYPE calls counter\ncalls{plug_in=\"va\\\"ult\"} 4\n");

  PluginHost dropwizard("metrics-dropwizard", "{}");
  ASSERT_TRUE(dropwizard.start());
  EXPECT_NE(render(dropwizard, array).body.find("\"calls.va\\\"ult\": {\n      \"count\": 4\n"),
            std::string::npos);
}

TEST_F(ExporterTest, BothRefuseAnyConfiguration) {
  for (const char* library : {"metrics-prometheus", "metrics-dropwizard"}) {
    EXPECT_EQ(PluginHost(library, R"({"prefix": 1, "path": 2})").error(),
              "/path: unknown configuration key 'path', 'prefix'; this exporter has none");
    EXPECT_EQ(PluginHost(library, "[]").error(), ": the configuration is not a JSON object");
  }
}

}  // namespace
}  // namespace ostler
