#include <algorithm>

#include "api/json.h"
#include "api/resources.h"

namespace ostler::api {

Response list_endpoints(const Snapshot& snapshot) {
  std::vector<std::string> names;
  for (const core::EndpointView& endpoint : snapshot.endpoints) names.push_back(endpoint.name);
  std::sort(names.begin(), names.end());
  return json_response(names);
}

Response show_endpoint(const Snapshot& snapshot, std::string_view name) {
  for (const core::EndpointView& endpoint : snapshot.endpoints) {
    if (endpoint.name != name) continue;
    Json body = {{"dns", endpoint.dns}, {"address", endpoint.address}};
    if (!endpoint.vip.empty()) body["vip"] = endpoint.vip;
    return json_response(body);
  }
  return text_response(404, "");
}

}  // namespace ostler::api
