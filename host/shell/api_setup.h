// What plugins add to the API before it starts.
#pragma once

#include "api/api.h"
#include "base/result.h"
#include "plugins/registry.h"

namespace ostler::shell {

// The addresses of the metrics exporters. They have to live longer than `api`'s threads.
Result<void> add_exporters(api::Api& api, const std::vector<plugins::MetricsExporter>& exporters);

// The routes that plugins of any kind have (ostler/routes.h). As above.
Result<void> add_plugin_routes(api::Api& api, const std::vector<plugins::PluginRoute>& routes);

}  // namespace ostler::shell
