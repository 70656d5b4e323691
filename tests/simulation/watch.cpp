#include "simulation/watch.h"

#include <algorithm>
#include <limits>

#include "core/claim.h"
#include "core/names.h"
#include "simulation/service.h"

namespace ostler::simulation {
namespace {

std::string_view framework_of(const mesos::Resource& resource) {
  if (resource.reservations.empty() || !resource.reservations.back().is_dynamic) return {};
  for (const auto& [key, value] : resource.reservations.back().labels) {
    if (key == "framework_id") return value;
  }
  return {};
}

// "zookeeper-0" of "zookeeper-0-server".
std::string_view pod_of(std::string_view task) { return task.substr(0, task.rfind('-')); }

}  // namespace

void Watch::report(int rule, std::string text) {
  if (!violation_) violation_ = Violation{rule, std::move(text)};
}

bool Watch::is_stored(std::string_view resource_id, std::string_view persistence_id) const {
  for (const auto& [name, task] : store_.kept.tasks_naming(resource_id)) {
    if (!task.launch) continue;
    for (const core::Holding& holding : task.launch->holdings) {
      if (core::resource_id_of(holding.resource) != resource_id) continue;
      if (persistence_id.empty() ||
          (holding.resource.disk && holding.resource.disk->persistence_id == persistence_id))
        return true;
    }
  }
  return false;
}

void Watch::call(const mesos::Call& call, bool is_owner, const std::string& framework_id) {
  if (!is_owner) report(5, "a process that does not own the state made a call");
  if (const auto* one = std::get_if<mesos::call::Accept>(&call)) accept(*one, framework_id);
  if (const auto* one = std::get_if<mesos::call::Kill>(&call)) kill(*one);
}

void Watch::accept(const mesos::call::Accept& accept, const std::string& framework_id) {
  using Type = mesos::Operation::Type;
  for (const mesos::Operation& operation : accept.operations) {
    const bool takes = operation.type == Type::kReserve || operation.type == Type::kCreate;
    for (const mesos::Resource& resource : operation.resources) {
      const std::string id(core::resource_id_of(resource));
      if (framework_of(resource) != framework_id || id.empty()) {
        report(3, std::string(mesos::to_string(operation.type)) +
                      " of what is not this framework's: " + cluster::to_text(resource));
      }
      if (!takes) continue;
      if (!is_stored(id, {})) report(1, "resource id " + id + " was sent before it was stored");
      if (operation.type == Type::kCreate && !is_stored(id, resource.disk->persistence_id))
        report(1, "volume id " + resource.disk->persistence_id + " was sent before it was stored");
    }
    for (const mesos::TaskInfo& task : operation.tasks) {
      const auto& tasks = store_.kept.tasks_naming(task.task_id);
      const auto record = tasks.find(task.name);
      if (record == tasks.end() || !record->second.launch ||
          record->second.launch->task->task_id != task.task_id)
        report(1, "task id " + task.task_id + " was sent before it was stored");
      if (!is_of_own_plan(task.name)) continue;
      std::string run = "0";
      for (const mesos::EnvironmentVariable& variable : task.command.environment) {
        if (variable.name == kRunVariable) run = variable.value;
      }
      if (run < std::to_string(plan_run_))
        report(1, "task " + task.task_id + " is launched for run " + run +
                      " of its plan, after an operator was told of run " + std::to_string(plan_run_));
    }
  }
}

void Watch::allow_kills_of_own_plan() {
  for (const auto& [name, task] : store_.kept.tasks()) {
    if (task.launch && is_of_own_plan(name)) may_be_killed_.insert(task.launch->task->task_id);
  }
}

void Watch::allow_kills_of_all() {
  for (const auto& [name, task] : store_.kept.tasks()) {
    if (task.launch) may_be_killed_.insert(task.launch->task->task_id);
  }
}

void Watch::allow_kills_of(const std::string& pod) {
  for (const auto& [name, task] : store_.kept.tasks()) {
    if (task.launch && pod_of(name) == pod) may_be_killed_.insert(task.launch->task->task_id);
  }
}

void Watch::allow_replacement_of(const std::string& pod) {
  allow_kills_of(pod);
  for (const auto& [name, task] : store_.kept.tasks()) {
    if (!task.launch || pod_of(name) != pod) continue;
    replaced_.emplace(name, task.launch->task->task_id);
    for (const core::Holding& holding : task.launch->holdings) {
      if (holding.resource.disk) may_be_destroyed_.insert(holding.resource.disk->persistence_id);
    }
  }
}

void Watch::allow_departure_of(const std::string& pod) {
  allow_replacement_of(pod);
  for (const auto& [name, task] : store_.kept.tasks()) {
    if (task.launch && pod_of(name) == pod) departing_.insert(task.launch->task->task_id);
  }
}

// A task of the target configuration may only be killed when one of its pod died, or an
// operator asked for it.
void Watch::kill(const mesos::call::Kill& kill) {
  const std::string name(core::task_name_of_id(kill.task_id));
  if (removal_allowed_) return;
  const auto& tasks = store_.kept.tasks();
  const auto known = tasks.find(name);
  if (known == tasks.end() || !known->second.launch) return;
  const core::LaunchRecord& launch = *known->second.launch;
  // One that is not known to be ready is out already, and may be restarted once more.
  const auto& status = known->second.status;
  const bool serves = status && status->state == mesos::TaskState::kRunning && status->check_exit_code == 0;
  if (granted_ && launch.task->task_id == kill.task_id && name.ends_with("-server") && serves &&
      !granted_->contains(std::string(pod_of(name))) && !departing_.contains(kill.task_id) &&
      !dying_.contains(kill.task_id))
    report(0, "task " + kill.task_id + " is killed without the advisor's leave");
  dying_.insert(kill.task_id);  // it may be told again
  if (may_be_killed_.contains(kill.task_id)) return;
  const std::string& target = store_.kept.target_config;
  if (launch.task->task_id != kill.task_id || launch.config_id != target) return;  // an earlier one
  for (const auto& [other, mate] : tasks) {
    if (!mate.launch || mate.launch->pod_type != launch.pod_type ||
        mate.launch->pod_index != launch.pod_index)
      continue;
    // Still the old configuration: the whole pod is rolled.
    if (mate.launch->config_id != target || mate.launch->task->task_id.empty() ||
        mate.launch->permanently_failed || may_be_killed_.contains(mate.launch->task->task_id))
      return;
    if (mate.status && mesos::is_terminal(mate.status->state)) return;
  }
  report(4, "task " + kill.task_id +
                " runs on the target configuration, and no task of its pod died, but it is killed");
}

void Watch::started(const cluster::output::StartTask& task) {
  // The service's placement rule is a host of its own for each node.
  const cluster::Agent* agent = master_.agent(task.agent_id);
  for (const auto& [key, other] : agent->tasks) {
    if (key.first != task.framework_id || !other.live() ||
        pod_of(other.info->name) == pod_of(task.task->name))
      continue;
    report(0, "placement: " + other.info->name + " and " + task.task->name + " both run on " +
                  agent->spec->address);
  }
  for (const mesos::Resource& resource : task.task->resources) {
    if (resource.disk && !resource.disk->persistence_id.empty())
      used_volumes_[resource.disk->persistence_id] = task.agent_id;
  }
}

void Watch::destroyed(const cluster::output::RemoveVolume& volume) {
  const auto used = used_volumes_.find(volume.persistence_id);
  if (removal_allowed_ || may_be_destroyed_.contains(volume.persistence_id) || used == used_volumes_.end() ||
      given_up_.contains(used->second))
    return;
  report(3, "volume " + volume.persistence_id + ", on which a task ran, was destroyed on agent " +
                volume.agent_id);
}

void Watch::answered(const core::Command& command) {
  const auto* pause = std::get_if<core::command::PodPause>(&command);
  if (pause == nullptr || !pause->tasks.empty()) return;
  for (const auto& [name, task] : store_.kept.tasks()) {
    if (task.launch && pod_of(name) == pause->pod && task.goal != core::GoalOverride::kPaused)
      report(1, "an operator was told that " + pause->pod + " is paused, which is not stored");
  }
}

void Watch::look() {
  const uint64_t count = master_.audit().violation_count();
  if (count == seen_violations_) return;
  const std::vector<std::string>& all = master_.audit().violations();
  for (size_t i = seen_violations_; i < all.size(); ++i) {
    if (!is_replaced_unseen(all[i])) report(2, all[i]);
  }
  seen_violations_ = count;
}

void Watch::heard(const mesos::TaskStatus& status, int64_t now_ms) {
  give_ups_.heard(status, now_ms);
  if (status.state == mesos::TaskState::kUnreachable || status.state == mesos::TaskState::kUnknown) {
    away_until_[status.task_id] = std::numeric_limits<int64_t>::max();
  } else if (const auto away = away_until_.find(status.task_id); away != away_until_.end()) {
    away->second = std::min(away->second, now_ms);
  }
}

// What was replaced and cannot be reached, or is back and no process knows: it may be seen beside
// the new one, which is launched now.
void Watch::note_unseen(const std::string& name, int64_t now_ms) {
  for (const auto& agent : master_.agents()) {
    const bool is_there = agent->standing == cluster::Standing::kRegistered && agent->is_linked;
    for (const auto& [key, task] : agent->tasks) {
      const std::string& id = task.info->task_id;
      if (!task.live() || task.info->name != name || !replaced_.contains({name, id})) continue;
      const auto away = away_until_.find(id);
      if (!is_there || (away != away_until_.end() && away->second >= now_ms)) unseen_.insert(id);
    }
  }
}

// The old one lives on an agent that was given up, or was given up itself while its agent is away.
bool Watch::is_replaced_unseen(const std::string& audit_text) const {
  if (!audit_text.starts_with("two live tasks")) return false;
  for (const auto& agent : master_.agents()) {
    const bool is_given_up = given_up_.contains(agent->id);
    const bool is_there = agent->standing == cluster::Standing::kRegistered && agent->is_linked;
    for (const auto& [key, task] : agent->tasks) {
      if (!is_given_up && is_there && !unseen_.contains(task.info->task_id)) continue;
      if (!task.live() || audit_text.find("'" + task.info->name + "'") == std::string::npos) continue;
      if (is_given_up || replaced_.contains({task.info->name, task.info->task_id})) return true;
    }
  }
  return false;
}

void Watch::decides(const std::vector<core::Change>& changes, int64_t now_ms) {
  if (removal_allowed_) return;
  const GiveUps::Decision decision =
      give_ups_.decides(changes, now_ms, [&](const core::LaunchRecord& launch) {
        const std::string name = core::task_name(launch.pod_type, launch.pod_index, launch.task_spec);
        return replaced_.contains({name, launch.task->task_id}) || given_up_.contains(launch.task->agent_id);
      });
  if (!decision.violation.empty()) report(3, decision.violation);
  for (const std::string& pod : decision.by_policy) allow_replacement_of(pod);
  if (replaced_.empty()) return;
  for (const core::Change& change : changes) {
    if (const auto* put = std::get_if<core::change::PutLaunch>(&change)) note_unseen(put->task, now_ms);
  }
}

}  // namespace ostler::simulation
