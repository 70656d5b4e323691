#include "shell/api_setup.h"

#include "api/host_api.h"

namespace ostler::shell {

Result<void> add_exporters(api::Api& api, const std::vector<plugins::MetricsExporter>& exporters) {
  for (const plugins::MetricsExporter& exporter : exporters) {
    if (exporter.path().empty()) continue;
    const Result<void> added =
        api.add_exporter(exporter.path(), exporter.name(),
                         [&exporter](const std::vector<ostler_sample_t>& samples,
                                     std::string_view accept) -> Result<api::Rendered> {
                           auto rendered = exporter.render(samples, accept);
                           if (!rendered.ok()) return rendered.error();
                           return api::Rendered{std::move(rendered->content_type), std::move(rendered->body)};
                         });
    if (!added.ok()) return added;
  }
  return {};
}

Result<void> add_plugin_routes(api::Api& api, const std::vector<plugins::PluginRoute>& routes) {
  for (const plugins::PluginRoute& route : routes) {
    const Result<void> added =
        api.add_route(route.method(), route.pattern(), route.plugin(),
                      api::plugin_route(route.plugin(), [&route](const ostler_http_request_t& request,
                                                                 const ostler_http_response_t& response) {
                        return route.handle(request, response);
                      }));
    if (!added.ok()) return added;
  }
  return {};
}

}  // namespace ostler::shell
