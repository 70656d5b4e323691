// The plugin io.ostler.metrics.dropwizard: the JSON that the SDK's scheduler served at
// /v1/metrics, field by field, so that what reads it goes on working.
//
// Durations are seconds and rates calls a second. A gauge that reads as a claim
// ("is_suppressed") is a boolean there, so it is here.
#include <nlohmann/json.hpp>
#include <ostler/plugin.hpp>

#include "no_config.h"

namespace ostler::metrics {
namespace {

using Json = nlohmann::ordered_json;

// The version of the format, which readers may look at.
constexpr const char* kFormatVersion = "3.1.3";

// A whole number is written without ".0", as counters are.
Json number(double value) {
  const auto whole = static_cast<int64_t>(value);
  if (value > -9e15 && value < 9e15 && static_cast<double>(whole) == value) return whole;
  return value;  // NaN and infinity become null: JSON has neither
}

// Labels become part of the name, which has no other place for them here.
std::string name_of(const ostler_sample_t& sample) {
  std::string name(plugin::view(sample.name));
  for (uint32_t i = 0; i < sample.labels.count; ++i) {
    const auto* label = OSTLER_AT(ostler_label_t, sample.labels, i);
    name.append(1, '.').append(plugin::view(label->value));
  }
  return name;
}

bool is_claim(std::string_view name) {
  const size_t dot = name.rfind('.');
  return name.substr(dot == std::string_view::npos ? 0 : dot + 1).starts_with("is_");
}

double quantile(const ostler_timer_t& timer, double wanted) {
  for (uint32_t i = 0; i < timer.quantiles.count; ++i) {
    const auto* one = OSTLER_AT(ostler_quantile_t, timer.quantiles, i);
    if (one->quantile == wanted) return one->value;
  }
  return 0;
}

Json timer_json(const ostler_timer_t& timer) {
  return {{"count", timer.count},         {"max", timer.max},
          {"mean", timer.mean},           {"min", timer.min},
          {"p50", quantile(timer, 0.5)},  {"p75", quantile(timer, 0.75)},
          {"p95", quantile(timer, 0.95)}, {"p98", quantile(timer, 0.98)},
          {"p99", quantile(timer, 0.99)}, {"p999", quantile(timer, 0.999)},
          {"stddev", timer.stddev},       {"m15_rate", timer.rate_15m},
          {"m1_rate", timer.rate_1m},     {"m5_rate", timer.rate_5m},
          {"mean_rate", timer.rate_mean}, {"duration_units", "seconds"},
          {"rate_units", "calls/second"}};
}

class Dropwizard final : public plugin::Metrics {
 public:
  Dropwizard(plugin::Host /*host*/, std::string_view config) { require_empty(config); }

  const char* path() const noexcept override { return "/v1/metrics"; }

  std::pair<std::string, std::string> render(const ostler_array_t& samples,
                                             std::string_view /*accept*/) override {
    Json gauges = Json::object(), counters = Json::object(), timers = Json::object();
    for (uint32_t i = 0; i < samples.count; ++i) {
      const auto* sample = OSTLER_AT(ostler_sample_t, samples, i);
      const std::string name = name_of(*sample);
      if (sample->type == OSTLER_METRIC_GAUGE) {
        gauges[name]["value"] = is_claim(name) ? Json(sample->value != 0) : number(sample->value);
      } else if (sample->type == OSTLER_METRIC_COUNTER) {
        counters[name]["count"] = number(sample->value);
      } else if (sample->type == OSTLER_METRIC_TIMER) {
        timers[name] = timer_json(sample->timer);
      }  // a type of a later version is not shown
    }
    const Json body = {{"version", kFormatVersion},       {"gauges", std::move(gauges)},
                       {"counters", std::move(counters)}, {"histograms", Json::object()},
                       {"meters", Json::object()},        {"timers", std::move(timers)}};
    return {"application/json", body.dump(2, ' ', false, Json::error_handler_t::replace)};
  }
};

}  // namespace
}  // namespace ostler::metrics

OSTLER_LIBRARY(ostler::plugin::describe<ostler::metrics::Dropwizard>(
    "io.ostler.metrics.dropwizard", OSTLER_METRICS_1, "0.1.0", "Ostler",
    "serves metrics as Dropwizard JSON at /v1/metrics", ostler::metrics::kNoConfigSchema))
