#include "shell/api_setup.h"

#include <charconv>

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
    api::Handler answer = api::plugin_route(route.plugin(), [&route](const ostler_http_request_t& request,
                                                                     const ostler_http_response_t& response) {
      return route.handle(request, response);
    });
    const Result<void> added = api.add_route(
        route.method(), route.pattern(), route.plugin(),
        [&route, answer = std::move(answer)](const api::Request& request, const api::PathValues& values) {
          if (route.is_started()) return answer(request, values);
          return api::text_response(503, "the plugin '" + route.plugin() + "' is not started");
        });
    if (!added.ok()) return added;
  }
  return {};
}

Result<uint16_t> port_of(std::string_view address, const std::string& server) {
  const size_t colon = address.rfind(':');
  const std::string_view digits =
      colon == std::string_view::npos ? std::string_view() : address.substr(colon + 1);
  uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error == std::errc() && end == digits.data() + digits.size() && port != 0) return port;
  return Error{Code::kInternal,
               "plugin '" + server + "' says that it listens at '" + std::string(address.substr(0, 200)) +
                   "'; expected host:port with a port of 1 to 65535",
               {}};
}

}  // namespace ostler::shell
