#include "core/config_update.h"

#include <map>

#include "base/result.h"

namespace ostler::core {
namespace {

std::shared_ptr<const LaunchRecord> relabelled(const LaunchRecord& launch, const std::string& config_id) {
  auto copy = std::make_shared<LaunchRecord>(launch);
  copy->config_id = config_id;
  copy->task.change([&](mesos::TaskInfo& task) {
    for (auto& [key, value] : task.labels) {
      if (key == "target_configuration") value = config_id;
    }
  });
  return copy;
}

const spec::ServiceSpec* config(const StoredState& stored, const std::string& id) {
  const auto found = stored.configs.find(id);
  return found == stored.configs.end() ? nullptr : found->second.get();
}

// In the form that validators have, so that plan and health show them alike.
std::vector<Objection> objections_of(const std::vector<spec::Problem>& problems) {
  std::vector<Objection> out;
  for (const spec::Problem& problem : problems) {
    const std::string field = problem.key.empty() ? problem.file : problem.key;
    out.push_back({"ServiceFileMustBeReadable", field, false, {}, problem.found, problem.text()});
  }
  return out;
}

// Which tasks made from other configurations need no restart for the target.
class Keeper {
 public:
  Keeper(const StoredState& stored, const spec::ServiceSpec& target) : stored_(stored), target_(target) {}

  // What is known already of how the target differs from that configuration.
  void knows(const std::string& config_id, const std::vector<spec::Difference>& differences) {
    differences_.emplace(config_id, differences);
  }

  bool keeps(const LaunchRecord& launch) {
    const spec::ServiceSpec* made_from = config(stored_, launch.config_id);
    if (made_from == nullptr) return false;
    const spec::PodSpec* pod = target_.pod(launch.pod_type);
    if (pod == nullptr || pod->task(launch.task_spec) == nullptr) return false;
    const spec::PodSpec* old_pod = made_from->pod(launch.pod_type);
    if (old_pod == nullptr || old_pod->task(launch.task_spec) == nullptr) return false;
    const auto known = differences_.find(launch.config_id);
    const std::vector<spec::Difference>& all =
        known != differences_.end()
            ? known->second
            : differences_.emplace(launch.config_id, spec::differences(*made_from, target_)).first->second;
    return restart_reasons(all, launch.pod_type, launch.task_spec).empty();
  }

 private:
  const StoredState& stored_;
  const spec::ServiceSpec& target_;
  std::map<std::string, std::vector<spec::Difference>> differences_;  // by configuration
};

}  // namespace

std::vector<std::string> ConfigUpdate::errors() const {
  std::vector<std::string> texts;
  for (const Objection& one : objections) texts.push_back(one.text());
  return texts;
}

std::vector<Change> drop_unused_configs(StoredState& stored, const std::set<std::string>& used) {
  std::vector<Change> changes;
  for (auto one = stored.configs.begin(); one != stored.configs.end();) {
    if (used.contains(one->first)) {
      ++one;
    } else {
      changes.push_back(change::DeleteConfig{one->first});
      one = stored.configs.erase(one);
    }
  }
  return changes;
}

ConfigUpdate update_config(StoredState& stored, ConfigCandidate candidate, const Settings& settings,
                           IdSource& ids) {
  ConfigUpdate out;
  const std::string old_id = stored.target_config;
  const spec::ServiceSpec* old = old_id.empty() ? nullptr : config(stored, old_id);
  if (candidate.spec == nullptr) {
    out.objections = objections_of(candidate.problems);
    OSTLER_CHECK(!out.objections.empty(), "a file without a configuration has problems");
  } else {
    if (old != nullptr) out.differences = spec::differences(*old, *candidate.spec);
    out.objections =
        objections({old, *candidate.spec, settings.max_config_bytes, &candidate.placement_refusals});
  }
  if (!out.objections.empty() || (old != nullptr && out.differences.empty())) {
    out.target = old ? stored.target_config : std::string();
    out.spec = old ? stored.configs.at(stored.target_config) : nullptr;
    if (!out.spec) return out;
  } else {
    out.changed = true;
    out.target = ids.uuid();
    out.spec = candidate.spec;
    stored.configs[out.target] = candidate.spec;
    stored.target_config = out.target;
    out.groups.push_back({change::PutConfig{out.target, candidate.spec}, change::PutTarget{out.target}});
  }

  Keeper keeper(stored, *out.spec);
  if (out.changed && old != nullptr) keeper.knows(old_id, out.differences);
  std::set<std::string> used{out.target};
  for (auto& [name, task] : stored.tasks) {
    if (!task.launch || task.launch->config_id == out.target) continue;
    if (keeper.keeps(*task.launch)) {
      task.launch = relabelled(*task.launch, out.target);
      out.groups.push_back({change::PutLaunch{name, task.launch}});
    } else {
      used.insert(task.launch->config_id);
    }
  }
  if (auto dropped = drop_unused_configs(stored, used); !dropped.empty())
    out.groups.push_back(std::move(dropped));
  return out;
}

}  // namespace ostler::core
