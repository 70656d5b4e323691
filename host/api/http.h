// A request and its reply, as the API's resources see them.
#pragma once

#include <ostler/http.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ostler::api {

struct Request {
  std::string_view method;
  std::string_view path;    // percent-decoded
  std::string_view query;   // raw, without '?'
  std::string_view accept;  // the Accept header
  std::string_view body;
  const ostler_http_request_t* call = nullptr;  // as the server gave it, for plugins' routes

  // The value of query parameter `name`, decoded; "" for one without '='. The first of
  // several counts. Nothing when it is absent or not decodable.
  std::optional<std::string> parameter(std::string_view name) const;
};

// HEAD is answered like GET; the server leaves the body out, and so it does for
// 204, 205 and 304.
struct Response {
  uint32_t status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

// A text/plain reply, for errors and for raw values.
Response text_response(uint32_t status, std::string body);
// An application/json reply with text that is JSON already.
Response json_text_response(uint32_t status, std::string body);
// "Plan x not found", 404. `name` is cut and cleaned of control characters.
Response not_found(std::string_view thing, std::string_view name);

}  // namespace ostler::api
