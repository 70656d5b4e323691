#include <algorithm>

#include "api/json.h"
#include "api/resources.h"
#include "mesos/codec.h"

namespace ostler::api {
namespace {

using core::PodInstanceView;

// By type, then index.
std::vector<const PodInstanceView*> sorted_pods(const Snapshot& snapshot) {
  std::vector<const PodInstanceView*> pods;
  for (const PodInstanceView& pod : snapshot.pods) pods.push_back(&pod);
  std::stable_sort(pods.begin(), pods.end(), [](const PodInstanceView* a, const PodInstanceView* b) {
    return a->type != b->type ? a->type < b->type : a->index < b->index;
  });
  return pods;
}

const PodInstanceView* find_pod(const Snapshot& snapshot, std::string_view name) {
  for (const PodInstanceView& pod : snapshot.pods) {
    if (pod.name == name) return &pod;
  }
  return nullptr;
}

Json instance_json(const PodInstanceView& pod) {
  Json tasks = Json::array();
  for (const core::TaskView& task : pod.tasks) {
    Json json = {{"id", task.task_id}, {"name", task.name}};
    if (!task.status.empty()) json["status"] = task.status;  // absent: it never had one
    tasks.push_back(std::move(json));
  }
  return {{"name", pod.name}, {"tasks", std::move(tasks)}};
}

}  // namespace

Response list_pods(const Snapshot& snapshot) {
  Json names = Json::array();
  for (const PodInstanceView* pod : sorted_pods(snapshot)) names.push_back(pod->name);
  return json_response(names);
}

Response pods_status(const Snapshot& snapshot) {
  Json types = Json::array();
  for (const PodInstanceView* pod : sorted_pods(snapshot)) {
    if (types.empty() || types.back()["name"] != pod->type) {
      types.push_back({{"name", pod->type}, {"instances", Json::array()}});
    }
    types.back()["instances"].push_back(instance_json(*pod));
  }
  Json body = {{"service", snapshot.service_name}};
  if (!types.empty()) body["pods"] = std::move(types);
  return json_response(body);
}

Response pod_status(const Snapshot& snapshot, std::string_view instance) {
  const PodInstanceView* pod = find_pod(snapshot, instance);
  return pod == nullptr ? not_found("Pod", instance) : json_response(instance_json(*pod));
}

Response pod_info(const Snapshot& snapshot, std::string_view instance) {
  const PodInstanceView* pod = find_pod(snapshot, instance);
  if (pod == nullptr) return not_found("Pod", instance);
  Json body = Json::array();
  for (const core::TaskView& task : pod->tasks) {
    if (task.task_id.empty() || task.launch == nullptr) continue;  // never launched: there is nothing to show
    Json json = {{"info", mesos::to_json(task.launch->task)}};
    if (task.last_status != nullptr) json["status"] = mesos::to_json(*task.last_status);
    body.push_back(std::move(json));
  }
  return json_response(body);
}

}  // namespace ostler::api
