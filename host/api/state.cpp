#include <algorithm>

#include "api/json.h"
#include "api/resources.h"

namespace ostler::api {

Response framework_id(const Snapshot& snapshot) {
  if (snapshot.framework_id.empty())
    return text_response(404, "The framework has no id yet: it never registered with Mesos");
  return json_response(Json::array({snapshot.framework_id}));
}

Response list_zones(const Snapshot& snapshot) {
  Json zones = Json::object();
  for (const core::PodInstanceView& pod : snapshot.pods) {
    for (const core::TaskView& task : pod.tasks) {
      if (!task.zone.empty()) zones[task.name] = task.zone;
    }
  }
  return json_response(zones);
}

Response zone_of_task(const Snapshot& snapshot, std::string_view name) {
  for (const core::PodInstanceView& pod : snapshot.pods) {
    for (const core::TaskView& task : pod.tasks) {
      if (task.name == name && !task.zone.empty()) return text_response(200, task.zone);
    }
  }
  return not_found("Zone of task", name);
}

Response zone_of_address(const Snapshot& snapshot, std::string_view pod_type, std::string_view address) {
  for (const core::PodInstanceView& pod : snapshot.pods) {
    if (pod.type != pod_type) continue;
    for (const core::TaskView& task : pod.tasks) {
      if (task.last_status == nullptr || task.zone.empty()) continue;
      const std::vector<std::string>& all = task.last_status->ip_addresses;
      if (std::find(all.begin(), all.end(), address) != all.end()) return text_response(200, task.zone);
    }
  }
  return not_found("Zone of address", address);
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
