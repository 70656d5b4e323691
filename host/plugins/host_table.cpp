#include "plugins/host_table.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/log.h"
#include "plugins/breadcrumb.h"
#include "plugins/problem.h"
#include "plugins/sinks.h"

namespace ostler::plugins {
namespace {

HostTable& self(void* ctx) { return *static_cast<HostTable*>(ctx); }

void answer(const ostler_http_response_t* response, uint32_t status, std::string_view text) {
  const ostler_http_header_t headers[] = {{str("content-type"), str("text/plain")}};
  const ostler_array_t list = {headers, 1, sizeof headers[0]};
  response->head(response->ctx, status, &list);
  response->body(response->ctx, text.data(), text.size());
}

// A message cut at a character's border, so that a log stays UTF-8.
std::string_view cut(std::string_view text, size_t limit) {
  if (text.size() <= limit) return text;
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0) == 0x80) --limit;
  return text.substr(0, limit);
}

}  // namespace

HostTable& HostTable::make(std::string plugin, std::shared_ptr<SharedHooks> hooks) {
  static std::mutex mutex;
  static auto& all = *new std::vector<std::unique_ptr<HostTable>>;
  std::unique_ptr<HostTable> table(new HostTable(std::move(plugin), std::move(hooks)));
  const std::lock_guard lock(mutex);
  all.push_back(std::move(table));
  return *all.back();
}

HostTable::HostTable(std::string plugin, std::shared_ptr<SharedHooks> hooks)
    : plugin_(std::move(plugin)), hooks_(std::move(hooks)) {
  table_.struct_size = sizeof table_;
  table_.abi_major = OSTLER_ABI_MAJOR;
  table_.abi_minor = OSTLER_ABI_MINOR;
  table_.ctx = this;
  table_.log = [](void* ctx, int32_t severity, ostler_str_t text) { self(ctx).log(severity, view(text)); };
  table_.post = [](void* ctx, void (*task)(void*), void* arg) { return self(ctx).post(task, arg); };
  table_.service = [](void* ctx, const char* id) { return self(ctx).service(id); };
  table_.fatal = [](void* ctx, const ostler_error_t* error) { self(ctx).fatal(error); };

  metrics_service_.struct_size = sizeof metrics_service_;
  metrics_service_.ctx = this;
  metrics_service_.define = [](void* ctx, int32_t type, ostler_str_t name, ostler_str_t help) {
    return self(ctx).define_metric(type, view(name), view(help));
  };
  metrics_service_.add = [](void* ctx, uint32_t metric, double amount) {
    self(ctx).add_metric(metric, amount, OSTLER_METRIC_COUNTER);
  };
  metrics_service_.set = [](void* ctx, uint32_t metric, double value) {
    self(ctx).add_metric(metric, value, OSTLER_METRIC_GAUGE);
  };

  api_service_.struct_size = sizeof api_service_;
  api_service_.ctx = this;
  api_service_.handle = [](void* ctx, const ostler_http_request_t* request,
                           const ostler_http_response_t* response) { self(ctx).handle(request, response); };

  secrets_service_.struct_size = sizeof secrets_service_;
  secrets_service_.ctx = this;
  secrets_service_.resolve = [](void* ctx, ostler_str_t reference, uint32_t timeout_ms,
                                const ostler_sink_t* value, ostler_error_t* error) {
    return self(ctx).resolve(reference, timeout_ms, value, error);
  };
}

void HostTable::close() {
  is_closed_ = true;
  uint64_t dropped = 0;
  {
    const std::lock_guard lock(log_mutex_);
    std::swap(dropped, log_dropped_);
  }
  if (dropped > 0)
    log::warning("dropped " + std::to_string(dropped) + " log records of a plugin that logs too fast",
                 {{"plugin", plugin_}});
}

void HostTable::breach(int number, const std::string& text) const {
  log::error("plugin '" + plugin_ + "' broke the contract: " + text + " [OST-" + std::to_string(number) + "]",
             {{"plugin", plugin_}});
  if (MetricsRegistry* metrics = hooks_->get()->metrics) {
    metrics->counter("plugin." + plugin_ + ".misbehaviour", "How often the plugin broke the contract").add();
  }
}

std::shared_ptr<const HostHooks> HostTable::hooks_for(const char* function) {
  if (!is_closed_) return hooks_->get();
  if (!late_call_told_.exchange(true))
    breach(kOstLateCall, std::string("it called the host's ") + function + " after it was stopped (R9)");
  return nullptr;
}

void HostTable::log(int32_t severity, std::string_view text) {
  const auto level =
      static_cast<log::Level>(std::clamp<int32_t>(severity, OSTLER_LOG_DEBUG, OSTLER_LOG_ERROR));
  if (!log::enabled(level)) return;
  uint64_t dropped = 0;
  {
    const std::lock_guard lock(log_mutex_);
    const auto now = std::chrono::steady_clock::now();
    if (log_refilled_ != std::chrono::steady_clock::time_point{}) {
      const double seconds = std::chrono::duration<double>(now - log_refilled_).count();
      log_tokens_ = std::min(kLogBurst, log_tokens_ + seconds * kLogPerSecond);
    }
    log_refilled_ = now;
    if (log_tokens_ < 1) {
      ++log_dropped_;
      return;
    }
    log_tokens_ -= 1;
    std::swap(dropped, log_dropped_);
  }
  if (dropped > 0)
    log::warning("dropped " + std::to_string(dropped) + " log records of a plugin that logs too fast",
                 {{"plugin", plugin_}});
  log::write(level, cut(text, kLogMaxBytes), {{"plugin", plugin_}});
}

ostler_status_t HostTable::post(void (*task)(void*), void* arg) {
  const auto hooks = hooks_for("post");
  if (task == nullptr) return OSTLER_INVALID_ARGUMENT;
  if (!hooks || !hooks->post) return OSTLER_FAILED_PRECONDITION;
  const bool taken = hooks->post([this, task, arg] {
    if (is_closed_) return;
    const Breadcrumb inside(plugin_.c_str(), "a posted task");
    try {
      task(arg);
    } catch (...) {
      breach(kOstException, "an exception left a task that it posted (R6)");
    }
  });
  return taken ? OSTLER_OK : OSTLER_FAILED_PRECONDITION;
}

const void* HostTable::service(const char* id) {
  if (!hooks_for("service") || id == nullptr) return nullptr;
  if (std::strcmp(id, OSTLER_HOST_METRICS_1) == 0) return &metrics_service_;
  if (std::strcmp(id, OSTLER_HOST_API_1) == 0) return &api_service_;
  if (std::strcmp(id, OSTLER_HOST_SECRETS_1) == 0) return &secrets_service_;
  return nullptr;
}

void HostTable::fatal(const ostler_error_t* error) {
  const auto hooks = hooks_for("fatal");
  if (!hooks) return;
  Error why{Code::kUnknown, "it left no message", {}};
  if (error != nullptr) {
    if (error->code >= OSTLER_OK && error->code <= OSTLER_UNAUTHENTICATED)
      why.code = static_cast<Code>(error->code);
    const std::string_view message(error->message, ::strnlen(error->message, sizeof error->message));
    if (!message.empty()) why.message = message;
  }
  log::error("plugin '" + plugin_ + "' gives up: " + why.message, {{"plugin", plugin_}});
  if (hooks->fatal) hooks->fatal(plugin_, why, kExitUnavailable);
}

uint32_t HostTable::define_metric(int32_t type, std::string_view name, std::string_view help) {
  const auto hooks = hooks_for("define (ostler.host.metrics/1)");
  if (!hooks || hooks->metrics == nullptr || name.empty() || name.size() > 128) return 0;
  const std::string full = "plugin." + plugin_ + "." + std::string(name);
  const std::lock_guard lock(metrics_mutex_);
  if (metrics_.size() >= kMaxMetrics) return 0;
  if (type == OSTLER_METRIC_COUNTER) {
    metrics_.push_back({type, &hooks->metrics->counter(full, help), nullptr});
  } else if (type == OSTLER_METRIC_GAUGE) {
    metrics_.push_back({type, nullptr, &hooks->metrics->gauge(full, help)});
  } else {
    return 0;
  }
  return static_cast<uint32_t>(metrics_.size());
}

void HostTable::add_metric(uint32_t number, double value, int32_t type) {
  if (number == 0 || !std::isfinite(value) || !hooks_for("add or set (ostler.host.metrics/1)")) return;
  Metric metric{};
  {
    const std::lock_guard lock(metrics_mutex_);
    if (number > metrics_.size()) return;
    metric = metrics_[number - 1];
  }
  if (metric.type != type) return;
  if (type == OSTLER_METRIC_COUNTER && value >= 0) metric.counter->add(value);
  if (type == OSTLER_METRIC_GAUGE) metric.gauge->set(value);
}

void HostTable::handle(const ostler_http_request_t* request, const ostler_http_response_t* response) {
  const auto hooks = hooks_for("handle (ostler.host.api/1)");
  if (!hooks || !hooks->api) {
    answer(response, 503, hooks ? "starting\n" : "stopping\n");
    return;
  }
  // Nothing of ours may run through the plugin's thread. A response that was begun
  // stays as it is; one that was not is answered with 500 by the plugin.
  try {
    hooks->api(*request, *response);
  } catch (const std::exception& e) {
    log::error(std::string("answering an HTTP request failed: ") + e.what());
  } catch (...) {
    log::error("answering an HTTP request failed");
  }
}

ostler_status_t HostTable::resolve(ostler_str_t reference, uint32_t timeout_ms, const ostler_sink_t* value,
                                   ostler_error_t* error) {
  const auto hooks = hooks_for("resolve (ostler.host.secrets/1)");
  if (!hooks) return ostler_fail(error, OSTLER_FAILED_PRECONDITION, "", "the host is stopping");
  if (!hooks->secret) {
    return ostler_fail(error, OSTLER_FAILED_PRECONDITION, "",
                       "no secrets plugin is running; the manifest needs one of kind 'secrets'");
  }
  const Result<void> done = hooks->secret(view(reference), std::chrono::milliseconds(timeout_ms), *value);
  if (done.ok()) return OSTLER_OK;
  return ostler_fail(error, static_cast<ostler_status_t>(done.error().code), "", "%s",
                     done.error().message.c_str());
}

}  // namespace ostler::plugins
