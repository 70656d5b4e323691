#include "plugins/metrics_plugin.h"

#include "base/log.h"
#include "plugins/sinks.h"

namespace ostler::plugins {
namespace {

constexpr std::chrono::seconds kMetricsCallLimit{10};
constexpr size_t kMaxBody = 64u << 20;

ostler_array_t array_of(const std::vector<ostler_sample_t>& samples) {
  return {samples.data(), static_cast<uint32_t>(samples.size()), sizeof(ostler_sample_t)};
}

}  // namespace

MetricsExporter::MetricsExporter(Instance& instance) : instance_(instance) {
  const auto& table = instance.table<ostler_metrics_t>();
  const Result<void> done = instance.call("path", kMetricsCallLimit, [&](ostler_error_t*) {
    if (table.render != nullptr) {
      const char* path = table.path(instance.self());
      if (path != nullptr) path_ = path;
    }
    if (table.push != nullptr)
      push_interval_ = std::chrono::milliseconds(table.push_interval_ms(instance.self()));
    return OSTLER_OK;
  });
  if (!done.ok()) log::error(done.error().message);
}

Result<MetricsExporter::Rendered> MetricsExporter::render(const std::vector<ostler_sample_t>& samples,
                                                          std::string_view accept) const {
  const auto& table = instance_.table<ostler_metrics_t>();
  if (table.render == nullptr) return Error{Code::kUnimplemented, "plugin '" + name() + "' only pushes", {}};
  const ostler_array_t array = array_of(samples);
  TextSink type(1024);
  TextSink body(kMaxBody);
  const Result<void> done = instance_.call("render", kMetricsCallLimit, [&](ostler_error_t* error) {
    return table.render(instance_.self(), &array, str(accept), type.get(), body.get(), error);
  });
  if (!done.ok()) return done.error();
  if (type.is_over() || body.is_over()) {
    return Error{Code::kResourceExhausted, "plugin '" + name() + "' rendered more than 64 MiB", {}};
  }
  return Rendered{type.take(), body.take()};
}

Result<void> MetricsExporter::push(const std::vector<ostler_sample_t>& samples,
                                   std::chrono::milliseconds timeout) const {
  const auto& table = instance_.table<ostler_metrics_t>();
  if (table.push == nullptr) return Error{Code::kUnimplemented, "plugin '" + name() + "' only renders", {}};
  const ostler_array_t array = array_of(samples);
  return instance_.call("push", timeout, [&](ostler_error_t* error) {
    return table.push(instance_.self(), &array, static_cast<uint32_t>(timeout.count()), error);
  });
}

}  // namespace ostler::plugins
