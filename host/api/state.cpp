#include "api/json.h"
#include "api/resources.h"

namespace ostler::api {

Response framework_id(const Snapshot& snapshot) {
  if (snapshot.framework_id.empty())
    return text_response(404, "The framework has no id yet: it never registered with Mesos");
  return json_response(Json::array({snapshot.framework_id}));
}

Response list_properties(const Snapshot& snapshot) {
  Json keys = Json::array();
  for (const auto& [key, value] : snapshot.properties) keys.push_back(key);
  return json_response(keys);
}

Response show_property(const Snapshot& snapshot, std::string_view key) {
  const auto it = snapshot.properties.find(std::string(key));
  // The stored text as it is, which is JSON for most keys.
  return it == snapshot.properties.end() ? not_found("Property", key) : json_text_response(200, it->second);
}

}  // namespace ostler::api
