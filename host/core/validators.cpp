#include "core/validators.h"

#include <algorithm>

namespace ostler::core {
namespace {

using spec::PodSpec;
using spec::ServiceSpec;
using spec::TaskSpec;
using spec::VolumeSpec;

std::string changed(const std::string& field, const std::string& from, const std::string& to,
                    const std::string& message) {
  return "Field: '" + field + "'; Transition: '" + from + "' => '" + to + "'; Message: '" + message +
         "'; Fatal: false";
}

std::string invalid(const std::string& field, const std::string& value, const std::string& message) {
  return "Field: '" + field + "'; Value: '" + value + "'; Message: '" + message + "'; Fatal: false";
}

void pods_cannot_shrink(const ServiceSpec& old_spec, const ServiceSpec& new_spec,
                        std::vector<std::string>& out) {
  for (const PodSpec& old_pod : old_spec.pods) {
    const std::string field = "PodSpec[name:" + old_pod.type + "]";
    const PodSpec* new_pod = new_spec.pod(old_pod.type);
    const std::string count = std::to_string(old_pod.count);
    if (new_pod == nullptr) {
      if (old_pod.allow_decommission) continue;
      out.push_back(changed(field, count, "0",
                            "New config is missing PodSpec named '" + old_pod.type +
                                "' (expected present with >= " + count + " tasks)"));
    } else if (new_pod->count < old_pod.count && !new_pod->allow_decommission) {
      const std::string now = std::to_string(new_pod->count);
      out.push_back(changed(field, count, now,
                            "New config's PodSpec named '" + old_pod.type + "' has " + now +
                                " tasks, expected >=" + count + " tasks"));
    }
  }
}

void user_cannot_change(const ServiceSpec& old_spec, const ServiceSpec& new_spec,
                        std::vector<std::string>& out) {
  if (old_spec.user == new_spec.user) return;
  out.push_back(changed("user", old_spec.user, new_spec.user,
                        "The user of a deployed service cannot change, since it owns the data; revert to '" +
                            old_spec.user + "' to proceed"));
}

void region_cannot_change(const ServiceSpec& old_spec, const ServiceSpec& new_spec,
                          std::vector<std::string>& out) {
  if (old_spec.region == new_spec.region) return;
  out.push_back(changed("region", old_spec.region, new_spec.region,
                        "The region of a deployed service must stay the same"));
}

std::string describe(std::vector<VolumeSpec> volumes) {
  std::string text;
  for (const VolumeSpec& v : volumes) {
    if (!text.empty()) text += ", ";
    text += v.path + " " + (v.type == spec::VolumeType::kMount ? "MOUNT " : "ROOT ") +
            std::to_string(v.size_mb) + " MB";
  }
  return text;
}

std::vector<VolumeSpec> volumes_of(const PodSpec& pod, const TaskSpec& task) {
  std::vector<VolumeSpec> volumes;
  if (const spec::ResourceSet* set = pod.resource_set(task.resource_set)) volumes = set->volumes;
  std::sort(volumes.begin(), volumes.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  return volumes;
}

void volumes_cannot_change(const ServiceSpec& old_spec, const ServiceSpec& new_spec,
                           std::vector<std::string>& out) {
  for (const PodSpec& old_pod : old_spec.pods) {
    const PodSpec* new_pod = new_spec.pod(old_pod.type);
    if (new_pod == nullptr) continue;
    if (old_pod.volumes != new_pod->volumes) {
      out.push_back(changed("PodVolumes[podname:" + old_pod.type + "]", describe(old_pod.volumes),
                            describe(new_pod->volumes), "Volumes must be equal."));
    }
    for (const TaskSpec& old_task : old_pod.tasks) {
      const TaskSpec* new_task = new_pod->task(old_task.name);
      if (new_task == nullptr) continue;
      const auto before = volumes_of(old_pod, old_task), after = volumes_of(*new_pod, *new_task);
      if (before == after) continue;
      out.push_back(changed("TaskVolumes[taskname:" + old_task.name + "]", describe(before), describe(after),
                            "Volumes must be equal."));
    }
  }
}

void placement_must_be_valid(const ServiceSpec& new_spec, std::vector<std::string>& out) {
  for (const PodSpec& pod : new_spec.pods) {
    if (pod.placement_error.empty()) continue;
    out.push_back(invalid("PlacementRule", pod.placement_error,
                          "The PlacementRule for PodSpec '" + pod.type + "' had invalid constraints"));
  }
}

}  // namespace

std::vector<std::string> validate(const ServiceSpec* old_spec, const ServiceSpec& new_spec) {
  std::vector<std::string> out;
  placement_must_be_valid(new_spec, out);
  if (old_spec == nullptr) return out;
  pods_cannot_shrink(*old_spec, new_spec, out);
  user_cannot_change(*old_spec, new_spec, out);
  region_cannot_change(*old_spec, new_spec, out);
  volumes_cannot_change(*old_spec, new_spec, out);
  return out;
}

}  // namespace ostler::core
