#include "core/teardown.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/claim.h"
#include "core/footprint.h"
#include "core/names.h"

namespace ostler::core {
namespace {

using mesos::TaskState;

constexpr const char* kUnknownAgent = "UNKNOWN_AGENT";

// A reservation that somebody holds, once, however many tasks share it.
struct Held {
  std::string resource_id;
  std::string host;
  std::string agent_id;
  std::string pod_type;
  int32_t pod_index = 0;
  std::vector<std::string> holders;  // task names
};

std::string host_of(const std::string& hostname, const std::string& agent_id) {
  if (!hostname.empty()) return hostname;
  return agent_id.empty() ? kUnknownAgent : agent_id;
}

std::vector<Held> held_by(const std::vector<std::string>& names, const TaskTable& tasks) {
  std::vector<Held> out;
  std::map<std::string, size_t> at;
  for (const std::string& name : names) {
    const LaunchRecord& launch = *tasks.find(name)->launch;
    const auto add = [&](const mesos::Resource& resource, const std::string& hostname,
                         const std::string& agent_id) {
      const std::string id(resource_id_of(resource));
      const auto [known, fresh] = at.emplace(id, out.size());
      if (fresh) {
        out.push_back({id, host_of(hostname, agent_id), agent_id, launch.pod_type, launch.pod_index, {}});
      }
      out[known->second].holders.push_back(name);
    };
    for (const Holding& holding : launch.holdings)
      add(holding.resource, launch.hostname, launch.task->agent_id);
    for (const Leftover& leftover : launch.leftovers)
      add(leftover.resource, leftover.hostname, leftover.agent_id);
  }
  return out;
}

Step& add_step(Phase& phase, IdSource& ids, StepKind kind, std::string name, const std::string& pod_type,
               int32_t pod_index) {
  Step& step = phase.steps.emplace_back();
  step.id = ids.uuid();
  step.kind = kind;
  step.name = std::move(name);
  step.pod_type = pod_type;
  step.pod_index = pod_index;
  step.pod = pod_name(pod_type, pod_index);
  return step;
}

void add_kill(Phase& phase, IdSource& ids, const std::string& name, std::string step_name, const Task& task) {
  Step& step = add_step(phase, ids, StepKind::kKill, std::move(step_name), task.launch->pod_type,
                        task.launch->pod_index);
  step.holders = {name};
  step.host = host_of(task.launch->hostname, task.launch->task->agent_id);
  step.agent_id = task.launch->task->agent_id;
}

void add_unreserve(Phase& phase, IdSource& ids, Held held) {
  Step& step = add_step(phase, ids, StepKind::kUnreserve, "unreserve-" + held.resource_id, held.pod_type,
                        held.pod_index);
  step.subject = held.resource_id;
  step.host = held.host;
  step.agent_id = held.agent_id;
  step.holders = std::move(held.holders);
}

Phase& add_phase(Plan& plan, IdSource& ids, std::string name, spec::Strategy strategy) {
  Phase& phase = plan.phases.emplace_back();
  phase.id = ids.uuid();
  phase.name = std::move(name);
  phase.strategy = strategy;
  return phase;
}

bool still_holds(const Task& task, const std::string& resource_id) {
  const auto is_it = [&](const auto& one) { return resource_id_of(one.resource) == resource_id; };
  return std::any_of(task.launch->holdings.begin(), task.launch->holdings.end(), is_it) ||
         std::any_of(task.launch->leftovers.begin(), task.launch->leftovers.end(), is_it);
}

void refresh_kill(Step& step, const TaskTable& tasks) {
  const std::string& name = step.holders.front();
  const Task* task = tasks.find(name);
  step.kill.clear();
  // One that Mesos does not know may run all the same: after a fail-over its agent is not
  // registered yet (MESOS-6250). Engine::give_up_lost_intents ends what was never heard of.
  if (task == nullptr || !task->live()) {
    step.status = Status::kComplete;
    return;
  }
  step.kill = {name};
  step.status = Status::kStarting;
  step.message = task->state() == TaskState::kUnreachable || task->unknown
                     ? "agent " + step.host + " of " + name + " is away; it is killed when the agent returns"
                     : "waits for " + name + " on " + step.host + " to end";
}

void refresh_unreserve(Step& step, const TaskTable& tasks) {
  bool is_held = false, is_released = false;
  for (const std::string& name : step.holders) {
    const Task* task = tasks.find(name);
    if (task == nullptr || !still_holds(*task, step.subject)) continue;
    is_held = true;
    is_released |= task->launch->released;
  }
  if (!is_held) {
    step.status = Status::kComplete;
    return;
  }
  step.status = is_released ? Status::kPrepared : Status::kPending;
  step.message = "waits for agent " + step.host + " to offer it";
}

// Tasks that left a pod which stays: their own resource sets go, but neither the pod's
// executor and volumes nor a set that another task of the pod uses now.
void add_removed_tasks(Plan& plan, IdSource& ids, const spec::PodSpec& pod, int32_t index,
                       const std::vector<std::string>& names, const TaskTable& tasks) {
  std::vector<std::string> specs;
  for (const std::string& name : names) specs.push_back(tasks.find(name)->launch->task_spec);
  Phase& phase = add_phase(plan, ids, step_name(pod_name(pod.type, index), specs), spec::Strategy::kSerial);
  for (const std::string& name : names) add_kill(phase, ids, name, "kill-" + name, *tasks.find(name));
  std::set<std::string> kept;
  for (const std::string& name : names) {
    for (const Holding& holding : tasks.find(name)->launch->holdings) {
      const std::string_view set = resource_set_of_key(holding.key);
      const bool is_used = std::any_of(pod.tasks.begin(), pod.tasks.end(),
                                       [&](const spec::TaskSpec& one) { return one.resource_set == set; });
      if (is_used || is_executor_key(holding.key)) kept.emplace(resource_id_of(holding.resource));
    }
  }
  for (Held& held : held_by(names, tasks)) {
    if (!kept.contains(held.resource_id)) add_unreserve(phase, ids, std::move(held));
  }
  for (const std::string& name : names)
    add_step(phase, ids, StepKind::kErase, "erase-" + name, pod.type, index).holders = {name};
}

}  // namespace

Plan decommission_plan(const spec::ServiceSpec& target, const TaskTable& tasks, IdSource& ids) {
  // (place in the order of types, type, minus index) -> tasks
  std::map<std::tuple<int64_t, std::string, int32_t>, std::vector<std::string>> surplus;
  std::map<std::pair<const spec::PodSpec*, int32_t>, std::vector<std::string>> removed;
  for (const auto& [name, task] : tasks.all()) {
    if (!task.launch) continue;
    const LaunchRecord& launch = *task.launch;
    const auto pod = std::find_if(target.pods.begin(), target.pods.end(),
                                  [&](const spec::PodSpec& one) { return one.type == launch.pod_type; });
    if (pod != target.pods.end() && launch.pod_index < pod->count) {
      if (pod->task(launch.task_spec) == nullptr) removed[{&*pod, launch.pod_index}].push_back(name);
      continue;
    }
    const int64_t place = pod == target.pods.end() ? -1 : target.pods.end() - pod;
    surplus[{place, launch.pod_type, -launch.pod_index}].push_back(name);
  }
  Plan plan;
  plan.name = "decommission";
  plan.strategy = spec::Strategy::kSerial;
  for (const auto& [key, names] : surplus) {
    const std::string& type = std::get<1>(key);
    const int32_t index = -std::get<2>(key);
    Phase& phase = add_phase(plan, ids, pod_name(type, index), spec::Strategy::kSerial);
    for (const std::string& name : names) add_kill(phase, ids, name, "kill-" + name, *tasks.find(name));
    for (Held& held : held_by(names, tasks)) add_unreserve(phase, ids, std::move(held));
    for (const std::string& name : names) {
      add_step(phase, ids, StepKind::kErase, "erase-" + name, type, index).holders = {name};
    }
  }
  for (const auto& [key, names] : removed) add_removed_tasks(plan, ids, *key.first, key.second, names, tasks);
  return plan;
}

Plan uninstall_plan(const TaskTable& tasks, IdSource& ids) {
  Plan plan;
  plan.name = "deploy";
  plan.strategy = spec::Strategy::kDependency;
  Phase& kill = add_phase(plan, ids, "kill-tasks", spec::Strategy::kParallel);
  std::vector<std::string> names;
  for (const auto& [name, task] : tasks.all()) {
    if (!task.launch) continue;
    names.push_back(name);
    if (task.launched()) add_kill(kill, ids, name, "kill-task-" + task.task_id(), task);
  }
  std::map<std::string, std::vector<Held>> by_host;
  for (Held& held : held_by(names, tasks)) by_host[held.host].push_back(std::move(held));
  for (auto& [host, all] : by_host) {
    Phase& phase = add_phase(plan, ids, "unreserve-resources-" + host, spec::Strategy::kParallel);
    for (Held& held : all) add_unreserve(phase, ids, std::move(held));
  }
  Phase& last = add_phase(plan, ids, "deregister-service", spec::Strategy::kSerial);
  last.comes_last = true;
  add_step(last, ids, StepKind::kDeregister, "deregister", "", 0);
  return plan;
}

void refresh_teardown_step(Step& step, const TaskTable& tasks) {
  if (step.kind == StepKind::kKill) {
    refresh_kill(step, tasks);
  } else if (step.kind == StepKind::kUnreserve) {
    refresh_unreserve(step, tasks);
  } else if (step.kind == StepKind::kErase) {
    step.status = tasks.find(step.holders.front()) == nullptr ? Status::kComplete : Status::kPending;
  }
  if (step.status == Status::kComplete) {
    step.complete = true;
    step.message.clear();
  } else if (step.interrupted && (step.status == Status::kPending || step.status == Status::kPrepared)) {
    step.status = Status::kWaiting;
  }
}

}  // namespace ostler::core
