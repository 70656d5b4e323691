// What plugins add to the API before it starts, and where their server says it listens.
#pragma once

#include <cstdint>
#include <string_view>

#include "api/api.h"
#include "base/result.h"
#include "plugins/registry.h"

namespace ostler::shell {

// The addresses of the metrics exporters. They have to live longer than `api`'s threads.
Result<void> add_exporters(api::Api& api, const std::vector<plugins::MetricsExporter>& exporters);

// The routes that plugins of any kind have (ostler/routes.h). As above.
Result<void> add_plugin_routes(api::Api& api, const std::vector<plugins::PluginRoute>& routes);

// The port of "host:port", as the plugin `server` said it. Fails when there is none of
// 1 to 65535.
Result<uint16_t> port_of(std::string_view address, const std::string& server);

}  // namespace ostler::shell
