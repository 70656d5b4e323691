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

}  // namespace ostler::api
