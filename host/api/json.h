// How the API writes JSON: keys in the order given, two spaces, bad UTF-8 replaced.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "api/http.h"

namespace ostler::api {

using Json = nlohmann::ordered_json;

inline std::string to_text(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

inline Response json_response(const Json& json, uint32_t status = 200) {
  return json_text_response(status, to_text(json));
}

// JSON text that others made, brought into our form; null when it is no JSON.
inline Json parse_or_null(const std::string& text) {
  Json json = Json::parse(text, nullptr, false);
  return json.is_discarded() ? Json() : json;
}

}  // namespace ostler::api
