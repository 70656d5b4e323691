// The Api as the host service "ostler.host.api/1", for the plugin that serves it.
#pragma once

#include <ostler/http.h>

#include "api/api.h"

namespace ostler::api {

// Lives as long as the plugin that has the table; `api` longer. [any-thread]
class HostApi {
 public:
  explicit HostApi(Api& api);
  HostApi(const HostApi&) = delete;
  HostApi& operator=(const HostApi&) = delete;

  const ostler_host_api_t* table() const { return &table_; }

 private:
  ostler_host_api_t table_{};
};

// A plugin's route (ostler/routes.h) as a Handler for Api::add_route(): `answer` gets the
// request as it came, and an error of its becomes a 500 that names `plugin`.
using PluginAnswer = std::function<Result<void>(const ostler_http_request_t&, const ostler_http_response_t&)>;
Handler plugin_route(std::string plugin, PluginAnswer answer);

}  // namespace ostler::api
