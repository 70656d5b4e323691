// What one plugin sees of the host: its ostler_host_t and the services behind it.
//
// Each instance has a table of its own, so the host always knows who is speaking.
// A table is never freed: a misbehaving plugin's late call finds one that says no,
// instead of memory that belongs to somebody else by then. [any-thread]
#pragma once

#include <ostler/http.h>
#include <ostler/metrics.h>
#include <ostler/plugin.h>
#include <ostler/secrets.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/metrics.h"
#include "base/result.h"

namespace ostler::plugins {

// What the host's owner provides. All functions may be called from any thread.
struct HostHooks {
  // Runs the task on the core thread; false when the host is stopping.
  std::function<bool(std::function<void()> task)> post;
  // A plugin can no longer work: stop in order and exit with that code.
  std::function<void(const std::string& plugin, const Error& error, int exit_code)> fatal;
  // Answers an HTTP request before it returns. Unset: 503.
  std::function<void(const ostler_http_request_t&, const ostler_http_response_t&)> api;
  // Writes a secret; set by the registry when a secrets plugin is loaded.
  std::function<Result<void>(std::string_view reference, std::chrono::milliseconds timeout,
                             const ostler_sink_t& value)>
      secret;
  // May be null.
  MetricsRegistry* metrics = nullptr;
};

// Hooks that can be exchanged while plugins hold tables.
class SharedHooks {
 public:
  std::shared_ptr<const HostHooks> get() const {
    const std::lock_guard lock(mutex_);
    return hooks_;
  }
  void set(HostHooks hooks) {
    auto next = std::make_shared<const HostHooks>(std::move(hooks));
    const std::lock_guard lock(mutex_);
    hooks_ = std::move(next);
  }
  // Changes some of them.
  void edit(const std::function<void(HostHooks&)>& change) {
    HostHooks next = *get();
    change(next);
    set(std::move(next));
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const HostHooks> hooks_ = std::make_shared<const HostHooks>();
};

class HostTable {
 public:
  static HostTable& make(std::string plugin, std::shared_ptr<SharedHooks> hooks);

  const ostler_host_t* table() const { return &table_; }

  // From now on only log() works; everything else is a late call (OST-118).
  void close();

  // Logs a breach of the contract by this plugin and counts it.
  void breach(int number, const std::string& text) const;

 private:
  // So many records at once, and so many a second after that.
  static constexpr double kLogBurst = 200;
  static constexpr double kLogPerSecond = 50;
  static constexpr size_t kLogMaxBytes = 8 * 1024;
  static constexpr size_t kMaxMetrics = 1000;

  struct Metric {
    int32_t type;
    Counter* counter;
    Gauge* gauge;
  };

  HostTable(std::string plugin, std::shared_ptr<SharedHooks> hooks);

  void log(int32_t severity, std::string_view text);
  ostler_status_t post(void (*task)(void*), void* arg);
  const void* service(const char* id);
  void fatal(const ostler_error_t* error);
  uint32_t define_metric(int32_t type, std::string_view name, std::string_view help);
  void add_metric(uint32_t number, double value, int32_t type);
  void handle(const ostler_http_request_t* request, const ostler_http_response_t* response);
  ostler_status_t resolve(ostler_str_t reference, uint32_t timeout_ms, const ostler_sink_t* value,
                          ostler_error_t* error);

  // Null once closed; then the call by `function` is told, once.
  std::shared_ptr<const HostHooks> hooks_for(const char* function);

  const std::string plugin_;
  ostler_host_t table_{};
  ostler_host_metrics_t metrics_service_{};
  ostler_host_api_t api_service_{};
  ostler_host_secrets_t secrets_service_{};

  std::shared_ptr<SharedHooks> hooks_;
  std::atomic<bool> is_closed_{false};
  std::atomic<bool> late_call_told_{false};

  std::mutex log_mutex_;
  double log_tokens_ = kLogBurst;
  std::chrono::steady_clock::time_point log_refilled_{};
  uint64_t log_dropped_ = 0;

  std::mutex metrics_mutex_;
  std::vector<Metric> metrics_;
};

}  // namespace ostler::plugins
