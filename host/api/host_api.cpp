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

void handle(void* ctx, const ostler_http_request_t* call, const ostler_http_response_t* reply) {
  Request request;
  request.method = view(call->method);
  request.path = view(call->path);
  request.query = view(call->query);
  request.accept = header(call->headers, "accept");
  if (call->body.data != nullptr)
    request.body = {reinterpret_cast<const char*>(call->body.data), call->body.size};

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

HostApi::HostApi(Api& api) {
  table_.struct_size = sizeof table_;
  table_.ctx = &api;
  table_.handle = &handle;
}

}  // namespace ostler::api
