// The plugin io.ostler.metrics.prometheus: text exposition 0.0.4 at /v1/metrics/prometheus.
//
// Names are the SDK's with '_' for what Prometheus does not allow, so dashboards keep
// working; types are the true ones (the SDK called its counters gauges). A timer is a
// summary in seconds. prometheus-cpp writes the text; its registry is not used, since
// the host has one.
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <map>
#include <ostler/plugin.hpp>
#include <set>

#include "no_config.h"

namespace ostler::metrics {
namespace {

bool is_word_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// [a-zA-Z_][a-zA-Z0-9_]*
std::string escape_name(std::string_view name) {
  std::string out;
  for (const char c : name) out += is_word_char(c) ? c : '_';
  if (out.empty() || (out[0] >= '0' && out[0] <= '9')) out.insert(out.begin(), '_');
  return out;
}

// The serializer leaves help as it is, and a line break would end the line.
std::string escape_help(std::string_view help) {
  std::string out;
  for (const char c : help) {
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\\') {
      out += "\\\\";
    } else {
      out += c;
    }
  }
  return out;
}

std::vector<prometheus::ClientMetric::Label> labels_of(const ostler_sample_t& sample) {
  std::vector<prometheus::ClientMetric::Label> labels;
  for (uint32_t i = 0; i < sample.labels.count; ++i) {
    const auto* label = OSTLER_AT(ostler_label_t, sample.labels, i);
    labels.push_back({escape_name(plugin::view(label->name)), std::string(plugin::view(label->value))});
  }
  return labels;
}

prometheus::ClientMetric metric_of(const ostler_sample_t& sample) {
  prometheus::ClientMetric metric;
  metric.label = labels_of(sample);
  if (sample.type == OSTLER_METRIC_COUNTER) {
    metric.counter.value = sample.value;
  } else if (sample.type == OSTLER_METRIC_GAUGE) {
    metric.gauge.value = sample.value;
  } else {
    metric.summary.sample_count = sample.timer.count;
    metric.summary.sample_sum = sample.timer.sum;
    for (uint32_t i = 0; i < sample.timer.quantiles.count; ++i) {
      const auto* q = OSTLER_AT(ostler_quantile_t, sample.timer.quantiles, i);
      metric.summary.quantile.push_back({q->quantile, q->value});
    }
  }
  return metric;
}

class Prometheus final : public plugin::Metrics {
 public:
  Prometheus(plugin::Host /*host*/, std::string_view config) { require_empty(config); }

  const char* path() const noexcept override { return "/v1/metrics/prometheus"; }

  std::pair<std::string, std::string> render(const ostler_array_t& samples,
                                             std::string_view /*accept*/) override {
    std::vector<prometheus::MetricFamily> families;
    std::map<std::string, size_t> index;
    std::set<std::string> series;  // name and labels; Prometheus refuses a page that has one twice
    for (uint32_t i = 0; i < samples.count; ++i) {
      const auto* sample = OSTLER_AT(ostler_sample_t, samples, i);
      const prometheus::MetricType type = type_of(*sample);
      if (type == prometheus::MetricType::Untyped) continue;  // of a later version
      const std::string name = escape_name(plugin::view(sample->name));
      const auto [at, is_new] = index.try_emplace(name, families.size());
      if (is_new) families.push_back({name, escape_help(plugin::view(sample->help)), type, {}});
      prometheus::MetricFamily& family = families[at->second];
      prometheus::ClientMetric metric = metric_of(*sample);
      std::string key = name;
      for (const auto& label : metric.label) key += '\n' + label.name + '=' + label.value;
      // "a.b" and "a_b" are one name here: the first one is shown.
      if (family.type == type && series.insert(key).second) family.metric.push_back(std::move(metric));
    }
    return {"text/plain; version=0.0.4; charset=utf-8", prometheus::TextSerializer().Serialize(families)};
  }

 private:
  static prometheus::MetricType type_of(const ostler_sample_t& sample) {
    switch (sample.type) {
      case OSTLER_METRIC_COUNTER:
        return prometheus::MetricType::Counter;
      case OSTLER_METRIC_GAUGE:
        return prometheus::MetricType::Gauge;
      case OSTLER_METRIC_TIMER:
        return prometheus::MetricType::Summary;
      default:
        return prometheus::MetricType::Untyped;
    }
  }
};

}  // namespace
}  // namespace ostler::metrics

OSTLER_LIBRARY(ostler::plugin::describe<ostler::metrics::Prometheus>(
    "io.ostler.metrics.prometheus", OSTLER_METRICS_1, "0.1.0", "Ostler",
    "serves metrics for Prometheus at /v1/metrics/prometheus", ostler::metrics::kNoConfigSchema))
