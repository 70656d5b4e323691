#include "core/config_update.h"

#include <set>

#include "core/validators.h"

namespace ostler::core {
namespace {

std::shared_ptr<const LaunchRecord> relabelled(const LaunchRecord& launch, const std::string& config_id) {
  auto copy = std::make_shared<LaunchRecord>(launch);
  copy->config_id = config_id;
  for (auto& [key, value] : copy->task.labels) {
    if (key == "target_configuration") value = config_id;
  }
  return copy;
}

const spec::ServiceSpec* config(const StoredState& stored, const std::string& id) {
  const auto found = stored.configs.find(id);
  return found == stored.configs.end() ? nullptr : found->second.get();
}

}  // namespace

bool pod_matches(const spec::ServiceSpec& old_service, const spec::PodSpec& old_pod,
                 const spec::ServiceSpec& new_service, const spec::PodSpec& new_pod) {
  if (old_service.user != new_service.user) return false;
  const auto normal = [](spec::PodSpec pod) {
    pod.count = 0;
    pod.placement.clear();
    pod.placement_error.clear();
    pod.allow_decommission = false;
    return pod;
  };
  return normal(old_pod) == normal(new_pod);
}

ConfigUpdate update_config(StoredState& stored, std::shared_ptr<const spec::ServiceSpec> candidate,
                           IdSource& ids) {
  ConfigUpdate out;
  const spec::ServiceSpec* old =
      stored.target_config.empty() ? nullptr : config(stored, stored.target_config);
  out.errors = validate(old, *candidate);
  if (!out.errors.empty()) {
    out.target = old ? stored.target_config : std::string();
    out.spec = old ? stored.configs.at(stored.target_config) : nullptr;
    return out;
  }
  if (old != nullptr && *old == *candidate) {
    out.target = stored.target_config;
    out.spec = stored.configs.at(stored.target_config);
  } else {
    out.changed = true;
    out.target = ids.uuid();
    out.spec = candidate;
    stored.configs[out.target] = candidate;
    stored.target_config = out.target;
    out.changes.push_back(change::PutConfig{out.target, candidate});
    out.changes.push_back(change::PutTarget{out.target});
  }

  std::set<std::string> used{out.target};
  for (auto& [name, task] : stored.tasks) {
    if (!task.launch || task.launch->config_id == out.target) continue;
    const spec::ServiceSpec* made_from = config(stored, task.launch->config_id);
    const spec::PodSpec* old_pod = made_from ? made_from->pod(task.launch->pod_type) : nullptr;
    const spec::PodSpec* new_pod = out.spec->pod(task.launch->pod_type);
    if (old_pod && new_pod && pod_matches(*made_from, *old_pod, *out.spec, *new_pod)) {
      task.launch = relabelled(*task.launch, out.target);
      out.changes.push_back(change::PutLaunch{name, task.launch});
    } else {
      used.insert(task.launch->config_id);
    }
  }
  for (auto one = stored.configs.begin(); one != stored.configs.end();) {
    if (used.contains(one->first)) {
      ++one;
    } else {
      out.changes.push_back(change::DeleteConfig{one->first});
      one = stored.configs.erase(one);
    }
  }
  return out;
}

}  // namespace ostler::core
