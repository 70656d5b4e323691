#include "plugins/http_plugin.h"

#include "base/log.h"
#include "plugins/sinks.h"

namespace ostler::plugins {
namespace {

constexpr std::chrono::seconds kHttpCallLimit{30};
constexpr uint32_t kMaxRoutes = 1000;

}  // namespace

Result<std::string> HttpServer::address() const {
  TextSink text(1024);
  const Result<void> done = instance_.call("address", kHttpCallLimit, [&](ostler_error_t* error) {
    return instance_.table<ostler_http_t>().address(instance_.self(), text.get(), error);
  });
  if (!done.ok()) return done.error();
  return text.take();
}

std::vector<PluginRoute> PluginRoute::of(Instance& instance) {
  std::vector<PluginRoute> out;
  const auto* table = static_cast<const ostler_routes_t*>(instance.query(OSTLER_ROUTES_1));
  if (table == nullptr || !OSTLER_HAS(table, ostler_routes_t, handle) || table->list == nullptr ||
      table->handle == nullptr)
    return out;
  ostler_array_t list{};
  const Result<void> done = instance.call("list", kHttpCallLimit, [&](ostler_error_t*) {
    table->list(instance.self(), &list);
    return OSTLER_OK;
  });
  if (!done.ok()) log::error(done.error().message);
  for (uint32_t i = 0; i < list.count && i < kMaxRoutes; ++i) {
    const auto* route = OSTLER_AT(ostler_route_t, list, i);
    if (route->method == nullptr || route->pattern == nullptr) continue;
    PluginRoute added;
    added.instance_ = &instance;
    added.table_ = table;
    added.index_ = i;
    added.method_ = route->method;
    added.pattern_ = route->pattern;
    added.summary_ = route->summary != nullptr ? route->summary : "";
    out.push_back(std::move(added));
  }
  return out;
}

Result<void> PluginRoute::handle(const ostler_http_request_t& request,
                                 const ostler_http_response_t& response) const {
  return instance_->call("handle", kHttpCallLimit, [&](ostler_error_t*) {
    table_->handle(instance_->self(), index_, &request, &response);
    return OSTLER_OK;
  });
}

}  // namespace ostler::plugins
