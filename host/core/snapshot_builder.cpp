#include "core/snapshot_builder.h"

#include <algorithm>
#include <set>

#include "core/health.h"
#include "core/names.h"
#include "core/why_builder.h"

namespace ostler::core {
namespace {

// Why a step that nobody works on yet waits.
std::string waits_for(const Plan& plan, const Phase& phase, const Step& step) {
  if (std::vector<std::string> told = interruptions(plan, phase, step); !told.empty()) return told.front();
  // Only what its strategies put before it: in a parallel phase nothing.
  for (const Phase& earlier : plan.phases) {
    const bool is_own = &earlier == &phase;
    if (!is_own && plan.strategy != spec::Strategy::kSerial) continue;
    if (is_own && phase.strategy == spec::Strategy::kParallel) break;
    for (const Step& other : earlier.steps) {
      if (&other == &step) break;
      const bool is_sibling = other.pod_index == step.pod_index && other.pod_type == step.pod_type;
      if (is_own && phase.strategy == spec::Strategy::kDependency && !is_sibling) continue;
      if (other.status != Status::kComplete) return "waits for " + other.name;
    }
    if (is_own) break;
  }
  return "waits for an offer";
}

// PAUSING or PAUSED when that is what all tasks of the step are to be; else empty.
std::string_view paused_status(const Step& step, const TaskTable& tasks) {
  bool all_paused = true;
  for (const std::string& name : step.names) {
    const Task* task = tasks.find(name);
    if (task == nullptr || task->goal != GoalOverride::kPaused) return {};
    all_paused &= task->launched() && task->launch->paused && task->state() == mesos::TaskState::kRunning;
  }
  if (step.tasks.empty()) return {};
  return all_paused ? "PAUSED" : "PAUSING";
}

// As far as it gets until an operator resumes what is paused: the rest is ready.
bool waits_for_resume(const Step& step, const TaskTable& tasks) {
  bool any_paused = false;
  for (const std::string& name : step.names) {
    const Task* task = tasks.find(name);
    const bool is_paused = task != nullptr && task->goal == GoalOverride::kPaused && task->launched() &&
                           task->launch->paused && task->state() == mesos::TaskState::kRunning;
    if (!is_paused && (task == nullptr || !task->ready())) return false;
    any_paused |= is_paused;
  }
  return any_paused;
}

StepView view_of(const Plan& plan, const Phase& phase, const Step& step, const TaskTable& tasks) {
  StepView view;
  view.id = step.id;
  view.name = step.name;
  view.status = step.status;
  view.display_status = to_string(step.status);
  if (const std::string_view paused = paused_status(step, tasks); !paused.empty())
    view.display_status = paused;
  view.waits_for_resume = waits_for_resume(step, tasks);
  view.message = step.message;
  view.errors = step.errors;
  view.tasks = step.names;
  if (view.message.empty() && step.status != Status::kComplete) view.message = waits_for(plan, phase, step);
  return view;
}

PlanView view_of(const Plan& plan, const TaskTable& tasks) {
  PlanView view;
  view.name = plan.name;
  view.strategy = spec::strategy_name(plan.strategy);
  view.status = status_of(plan);
  view.errors = plan.errors;
  for (const Phase& phase : plan.phases) {
    PhaseView& out = view.phases.emplace_back();
    out.id = phase.id;
    out.name = phase.name;
    out.strategy = spec::strategy_name(phase.strategy);
    out.status = status_of(phase);
    for (const Step& step : phase.steps) out.steps.push_back(view_of(plan, phase, step, tasks));
  }
  return view;
}

// The task's state without "TASK_", or what an operator is making of it.
std::string shown_status(const Task& task) {
  const bool runs = task.state() == mesos::TaskState::kRunning;
  if (task.goal == GoalOverride::kPaused) return task.launch->paused && runs ? "PAUSED" : "PAUSING";
  if (task.launch->paused) return "STARTING";  // on its way back
  return std::string(mesos::to_string(task.status->state)).substr(5);
}

TaskView view_of(const std::string& name, const Task& task) {
  TaskView view;
  view.name = name;
  view.task_id = task.launch->task->task_id;
  if (task.status) view.status = shown_status(task);
  view.agent_id = task.launch->task->agent_id;
  view.hostname = task.launch->hostname;
  view.zone = task.launch->zone;
  view.launch = task.launch;
  if (task.status) view.last_status = std::make_shared<const mesos::TaskStatus>(*task.status);
  return view;
}

// The pod instances that go for good, while the service stays.
std::set<std::string> leaving_pods(const Planner& planner) {
  std::set<std::string> pods;
  for (const Plan* plan : planner.plans()) {
    if (plan->name != "decommission") continue;
    for (const Phase& phase : plan->phases) {
      for (const Step& step : phase.steps) pods.insert(step.pod);
    }
  }
  return pods;
}

void add_pods(const SnapshotInput& input, Snapshot& out) {
  const std::set<std::string> leaving = leaving_pods(input.planner);
  std::map<std::string, std::map<int32_t, PodInstanceView>> by_type;
  for (const auto& [name, task] : input.tasks.all()) {
    if (!task.launch) continue;
    const LaunchRecord& launch = *task.launch;
    PodInstanceView& pod = by_type[launch.pod_type][launch.pod_index];
    pod.name = pod_name(launch.pod_type, launch.pod_index);
    pod.type = launch.pod_type;
    pod.index = launch.pod_index;
    TaskView& view = pod.tasks.emplace_back(view_of(name, task));
    if (!view.status.empty() && leaving.contains(pod.name))
      view.status = task.live() ? "DECOMMISSIONING" : "DECOMMISSIONED";
  }
  const auto add = [&](const std::string& type) {
    const auto found = by_type.find(type);
    if (found == by_type.end()) return;
    for (auto& [index, pod] : found->second) out.pods.push_back(std::move(pod));
    by_type.erase(found);
  };
  if (input.target) {
    for (const spec::PodSpec& pod : input.target->pods) add(pod.type);
  }
  while (!by_type.empty()) add(by_type.begin()->first);  // pods that the spec no longer has
}

std::string address_of(const Task& task) {
  if (task.status && !task.status->ip_addresses.empty()) return task.status->ip_addresses.front();
  return task.launch->hostname;
}

void add_endpoints(const SnapshotInput& input, Snapshot& out) {
  std::map<std::string, EndpointView> endpoints;
  for (const auto& [name, task] : input.tasks.all()) {
    if (!task.launch || !task.launch->task->discovery) continue;
    const mesos::Discovery& discovery = *task.launch->task->discovery;
    for (const mesos::DiscoveryPort& port : discovery.ports) {
      if (port.visibility != "EXTERNAL") continue;
      EndpointView& endpoint = endpoints[port.name];
      endpoint.name = port.name;
      const std::string number = ":" + std::to_string(port.number);
      endpoint.dns.push_back(discovery.name + "." +
                             spec::framework_host(out.service_name, input.settings.service_tld) + number);
      endpoint.address.push_back(address_of(task) + number);
      for (const auto& [key, value] : port.labels) {
        if (!key.starts_with("VIP_")) continue;
        const size_t colon = value.rfind(':');
        endpoint.vip = value.substr(0, colon) + "." +
                       spec::framework_vip_host(out.service_name, input.settings.vip_tld) +
                       value.substr(colon);
      }
    }
  }
  for (auto& [name, endpoint] : endpoints) out.endpoints.push_back(std::move(endpoint));
}

bool serves(const spec::PodSpec& pod, int32_t index, const TaskTable& tasks) {
  for (const spec::TaskSpec& spec : pod.tasks) {
    if (spec.goal != spec::Goal::kRunning || !spec.essential) continue;
    const Task* task = tasks.find(task_name(pod.type, index, spec.name));
    if (task == nullptr || !task->ready() || task->unknown || task->launch->paused) return false;
  }
  return true;
}

bool was_launched(const spec::PodSpec& pod, int32_t index, const TaskTable& tasks) {
  return std::any_of(pod.tasks.begin(), pod.tasks.end(), [&](const spec::TaskSpec& spec) {
    const Task* task = tasks.find(task_name(pod.type, index, spec.name));
    return task != nullptr && task->launched();
  });
}

void add_redundancy(const SnapshotInput& input, Snapshot& out) {
  for (const spec::PodSpec& pod : input.target->pods) {
    Redundancy& one = out.redundancy.emplace_back(Redundancy{pod.type, 0, pod.count, 0});
    for (int32_t i = 0; i < pod.count; ++i) {
      one.serving += serves(pod, i, input.tasks) ? 1 : 0;
      one.launched += was_launched(pod, i, input.tasks) ? 1 : 0;
    }
  }
}

}  // namespace

std::shared_ptr<const Snapshot> build_snapshot(const SnapshotInput& input) {
  auto out = std::make_shared<Snapshot>();
  out->service_name = input.target ? input.target->name : input.stored.service_name;
  out->framework_id = input.framework_id;
  out->subscribed = input.subscribed;
  out->suppressed = input.suppressed;
  out->target_config = input.stored.target_config;
  out->configs = input.stored.configs;
  out->properties = input.stored.properties;
  out->uninstalling = input.settings.uninstall;
  out->uninstalled = input.uninstalled;
  if (input.target) {
    for (const Plan* plan : input.planner.plans()) out->plans.push_back(view_of(*plan, input.tasks));
  }
  if (input.target && !input.settings.uninstall) add_redundancy(input, *out);
  add_pods(input, *out);
  add_endpoints(input, *out);
  out->health = health_of(*out);
  out->why = build_why({out->plans, input.planner.plans(), input.tasks, input.why, out->subscribed,
                        out->suppressed, input.revive_wait, input.unreconciled, input.now});
  return out;
}

}  // namespace ostler::core
