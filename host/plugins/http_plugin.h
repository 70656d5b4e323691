// The HTTP plugin, and routes that plugins of any kind add.
#pragma once

#include <ostler/http.h>
#include <ostler/routes.h>

#include <string>
#include <vector>

#include "plugins/instance.h"

namespace ostler::plugins {

// [any-thread]
class HttpServer {
 public:
  explicit HttpServer(Instance& instance) : instance_(instance) {}

  const std::string& name() const { return instance_.name(); }
  // "host:port" as bound.
  Result<std::string> address() const;

 private:
  Instance& instance_;
};

// One route of a plugin (ostler/routes.h). [any-thread]
class PluginRoute {
 public:
  // The routes of `instance`; none when it has no "ostler.routes/1".
  static std::vector<PluginRoute> of(Instance& instance);

  const std::string& plugin() const { return instance_->name(); }
  const std::string& method() const { return method_; }
  const std::string& pattern() const { return pattern_; }
  const std::string& summary() const { return summary_; }
  // Before that it may not be asked.
  bool is_started() const { return instance_->state() == Instance::State::kStarted; }

  // Answers before it returns; an error when the plugin broke down over it.
  Result<void> handle(const ostler_http_request_t& request, const ostler_http_response_t& response) const;

 private:
  PluginRoute() = default;
  Instance* instance_ = nullptr;
  const ostler_routes_t* table_ = nullptr;
  uint32_t index_ = 0;
  std::string method_, pattern_, summary_;
};

}  // namespace ostler::plugins
