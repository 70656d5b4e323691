// What a service that is installed cannot change.
#include <algorithm>

#include "core/rules.h"
#include "spec/placement.h"

namespace ostler::core::rules {
namespace {

using spec::PodSpec;
using spec::TaskSpec;
using spec::VolumeSpec;

// Whether the ports of its tasks are ports of the agent.
bool needs_host_ports(const PodSpec& pod) {
  return std::all_of(pod.networks.begin(), pod.networks.end(), is_bridge);
}

std::string network_names(const PodSpec& pod) {
  std::string text;
  for (const spec::Network& network : pod.networks) text += (text.empty() ? "" : ", ") + network.name;
  return text.empty() ? "host" : text;
}

std::string describe(const std::vector<VolumeSpec>& volumes) {
  std::string text;
  for (const VolumeSpec& v : volumes) {
    if (!text.empty()) text += ", ";
    text += v.path + " " + (v.type == spec::VolumeType::kMount ? "MOUNT " : "ROOT ") +
            std::to_string(v.size_mb) + " MB";
    for (const std::string& profile : v.profiles) text += " profile " + profile;
  }
  return text.empty() ? "none" : text;
}

std::vector<VolumeSpec> sorted(std::vector<VolumeSpec> volumes) {
  std::sort(volumes.begin(), volumes.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  return volumes;
}

std::vector<VolumeSpec> volumes_of(const PodSpec& pod, const TaskSpec& task) {
  const spec::ResourceSet* set = pod.resource_set(task.resource_set);
  return set == nullptr ? std::vector<VolumeSpec>() : sorted(set->volumes);
}

bool refers_to_zones(const PodSpec& pod) {
  return spec::placement_names(pod.placement, "@zone");
}

std::string placement_text(const PodSpec& pod) {
  std::string text;
  for (const auto& row : pod.placement) {
    std::string line;
    for (const std::string& word : row) line += (line.empty() ? "" : ":") + word;
    text += (text.empty() ? "" : ",") + line;
  }
  return text;
}

}  // namespace

void service_name_stays(const ConfigChange& c, Objections& out) {
  if (c.before->name == c.after.name) return;
  change(out, "ServiceName", c.before->name, c.after.name,
         "The name of a deployed service cannot change, since its state and its tasks are found by it; "
         "revert to '" +
             c.before->name + "' to proceed, or install another service");
}

void pods_do_not_shrink(const ConfigChange& c, Objections& out) {
  for (const PodSpec& before : c.before->pods) {
    const PodSpec* after = c.after.pod(before.type);
    const std::string count = std::to_string(before.count);
    if (after == nullptr) {
      if (before.allow_decommission) continue;
      change(out, pod_field(before), count, "0",
             "New config is missing PodSpec named '" + before.type + "' (expected present with >= " + count +
                 " tasks); bring it back, or first deploy it with allow-decommission");
    } else if (after->count < before.count && !after->allow_decommission) {
      const std::string now = std::to_string(after->count);
      change(out, pod_field(before), count, now,
             "New config's PodSpec named '" + before.type + "' has " + now + " tasks, expected >=" + count +
                 " tasks; set its count back to " + count + ", or give it allow-decommission");
    }
  }
}

void network_regime_stays(const ConfigChange& c, Objections& out) {
  const auto truth = [](bool is_true) { return is_true ? "true" : "false"; };
  for (const PodSpec& before : c.before->pods) {
    const PodSpec* after = c.after.pod(before.type);
    if (after == nullptr || needs_host_ports(before) == needs_host_ports(*after)) continue;
    const std::string from = network_names(before), to = network_names(*after);
    change(out, pod_field(before), from, to,
           "New config has pod " + before.type + " moving networks from " + from + " to " + to +
               ", changing its host ports requirements from " + truth(needs_host_ports(before)) + " to " +
               truth(needs_host_ports(*after)) + ", not allowed. Revert to network " + from + " to proceed");
  }
}

void pre_reservation_stays(const ConfigChange& c, Objections& out) {
  for (const PodSpec& before : c.before->pods) {
    const PodSpec* after = c.after.pod(before.type);
    if (after == nullptr || before.pre_reserved_role == after->pre_reserved_role) continue;
    change(out, "PodSpec[pre-reserved-role:" + before.pre_reserved_role + "]", before.pre_reserved_role,
           after->pre_reserved_role,
           "New config has changed the pre-reserved-role of PodSpec named '" + before.type +
               "' (expected it to stay '" + before.pre_reserved_role + "')");
  }
}

void user_stays(const ConfigChange& c, Objections& out) {
  if (c.before->user == c.after.user) return;
  change(out, "user", c.before->user, c.after.user,
         "Cannot change user of deployed service from '" + c.before->user + "' to '" + c.after.user +
             "': the data belongs to it. Revert to previous user '" + c.before->user + "' to proceed");
}

void region_stays(const ConfigChange& c, Objections& out) {
  if (c.before->region == c.after.region) return;
  change(out, "region", c.before->region, c.after.region,
         "Region for old service must remain the same across deployments. Revert to " +
             (c.before->region.empty() ? "no region" : "region '" + c.before->region + "'") + " to proceed");
}

void role_stays(const ConfigChange& c, Objections& out) {
  if (c.before->role == c.after.role) return;
  change(out, "role", c.before->role, c.after.role,
         "The role of a deployed service cannot change: what it holds is reserved for '" + c.before->role +
             "'. Revert to that role to proceed");
}

void volumes_stay(const ConfigChange& c, Objections& out) {
  for (const PodSpec& before : c.before->pods) {
    const PodSpec* after = c.after.pod(before.type);
    if (after == nullptr) continue;
    if (sorted(before.volumes) != sorted(after->volumes)) {
      change(out, "PodVolumes[podname:" + before.type + "]", describe(before.volumes),
             describe(after->volumes), "Volumes must be equal.");
    }
    for (const TaskSpec& old_task : before.tasks) {
      const TaskSpec* new_task = after->task(old_task.name);
      if (new_task == nullptr) {
        const auto lost = volumes_of(before, old_task);
        if (lost.empty() || after->allow_decommission) continue;
        change(out, "TaskVolumes[taskname:" + old_task.name + "]", describe(lost), "",
               "Removing task '" + old_task.name + "' of pod '" + before.type +
                   "' would destroy its volumes. Set allow-decommission of the pod to agree, or put the task "
                   "back "
                   "to proceed");
        continue;
      }
      const auto had = volumes_of(before, old_task), has = volumes_of(*after, *new_task);
      if (had != has) {
        change(out, "TaskVolumes[taskname:" + old_task.name + "]", describe(had), describe(has),
               "Volumes must be equal.");
      } else if (!had.empty() && old_task.resource_set != new_task->resource_set) {
        change(out, "TaskVolumes[taskname:" + old_task.name + "].resource-set", old_task.resource_set,
               new_task->resource_set,
               "The volumes of task '" + old_task.name +
                   "' are held under the name of its resource set. Name it '" + old_task.resource_set +
                   "' again to proceed");
      }
    }
  }
}

void zone_awareness_stays(const ConfigChange& c, Objections& out) {
  for (const std::string& type : c.after.zone_awareness_fixed) {
    const PodSpec* before = c.before->pod(type);
    const PodSpec* after = c.after.pod(type);
    if (before == nullptr || after == nullptr || refers_to_zones(*before) == refers_to_zones(*after))
      continue;
    change(out, type + ".PlacementRule", placement_text(*before), placement_text(*after),
           "PlacementRule cannot change from " +
               std::string(refers_to_zones(*before) ? "referring to zones to not referring to them"
                                                    : "not referring to zones to referring to them") +
               ". Revert to '" + placement_text(*before) + "' to proceed");
  }
}

}  // namespace ostler::core::rules
