#include "api/host_api.h"

namespace ostler::api {
namespace {

std::string_view view(ostler_str_t text) {
  return text.data == nullptr ? std::string_view() : std::string_view(text.data, text.size);
}

std::string_view header(const ostler_array_t& headers, std::string_view name) {
  for (uint32_t i = 0; i < headers.count; ++i) {
    const auto* one = OSTLER_AT(ostler_http_header_t, headers, i);
    if (view(one->name) == name) return view(one->value);
  }
  return {};
}

// Collects what a plugin answers into a Response.
ostler_http_response_t collect_into(Response& response) {
  ostler_http_response_t table{};
  table.struct_size = sizeof table;
  table.ctx = &response;
  table.head = [](void* ctx, uint32_t status, const ostler_array_t* headers) {
    auto* out = static_cast<Response*>(ctx);
    out->status = status;
    for (uint32_t i = 0; headers != nullptr && i < headers->count; ++i) {
      const auto* one = OSTLER_AT(ostler_http_header_t, *headers, i);
      out->headers.emplace_back(view(one->name), view(one->value));
    }
  };
  table.body = [](void* ctx, const void* data, size_t size) {
    static_cast<Response*>(ctx)->body.append(static_cast<const char*>(data), size);
  };
  return table;
}

void handle(void* ctx, const ostler_http_request_t* call, const ostler_http_response_t* reply) {
  Request request;
  request.method = view(call->method);
  request.path = view(call->path);
  request.query = view(call->query);
  request.accept = header(call->headers, "accept");
  if (call->body.data != nullptr)
    request.body = {reinterpret_cast<const char*>(call->body.data), call->body.size};

  request.call = call;

  const Response response = static_cast<Api*>(ctx)->handle(request);

  std::vector<ostler_http_header_t> headers;
  for (const auto& [name, value] : response.headers) {
    headers.push_back({{name.data(), name.size()}, {value.data(), value.size()}});
  }
  const ostler_array_t array = {headers.data(), static_cast<uint32_t>(headers.size()),
                                sizeof(ostler_http_header_t)};
  reply->head(reply->ctx, response.status, &array);
  if (!response.body.empty()) reply->body(reply->ctx, response.body.data(), response.body.size());
}

}  // namespace

Handler plugin_route(std::string plugin, PluginAnswer answer) {
  return [plugin = std::move(plugin), answer = std::move(answer)](const Request& request, const PathValues&) {
    Response response;
    response.status = 500;  // until the plugin says otherwise
    const ostler_http_response_t table = collect_into(response);
    const Result<void> answered = answer(*request.call, table);
    if (answered.ok()) return response;
    return text_response(500, "the plugin '" + plugin + "' cannot answer: " + answered.error().text());
  };
}

HostApi::HostApi(Api& api) {
  table_.struct_size = sizeof table_;
  table_.ctx = &api;
  table_.handle = &handle;
}

}  // namespace ostler::api
