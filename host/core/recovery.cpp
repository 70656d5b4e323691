// Which pods have to be brought back: the part of the Planner that makes the recovery
// plan (java-sdk-engine.md, 6.1). One phase a pod instance; it stays until the pod fails
// again.
#include <algorithm>

#include "core/names.h"
#include "core/planner.h"

namespace ostler::core {

void Planner::plan_recovery(Now now) {
  // Forced to be complete means: look at the pod again.
  std::erase_if(recovery_.phases, [](const Phase& phase) { return phase.steps.front().forced; });

  for (auto pod = ailing_.begin(); pod != ailing_.end();) {
    if (!is_ailing(tasks_.of_pod(pod->first, pod->second)) || !is_wanted(*pod)) {
      forget_recovery_control(*pod);
      unfinished_.erase(*pod);
      pod = ailing_.erase(pod);
      continue;
    }
    recover(*pod++, now);
  }
}

// It is back, whoever launched it: what held its recovery is over.
void Planner::forget_recovery_control(const PodKey& pod) {
  if (recovery_control_.phases.empty()) return;
  const std::string its = pod_name(pod.first, pod.second) + ":[";
  std::erase_if(recovery_control_.phases, [&](const PhaseControl& one) { return one.name.starts_with(its); });
}

// A paused one is not well until it is resumed.
bool Planner::is_ailing(const Task& task) const {
  if (!task.launched()) return false;
  return task.dead() || task.to_be_relaunched() || task.launch->paused ||
         (!task.ready() && unfinished_.contains(std::pair<std::string_view, int32_t>(task.launch->pod_type,
                                                                                     task.launch->pod_index)));
}

bool Planner::is_ailing(const std::vector<const TaskTable::Entry*>& tasks) const {
  return std::any_of(tasks.begin(), tasks.end(),
                     [this](const TaskTable::Entry* entry) { return is_ailing(entry->second); });
}

bool Planner::is_wanted(const PodKey& pod) const {
  const spec::PodSpec* spec = configs_.at(target_)->pod(pod.first);
  return spec != nullptr && pod.second < spec->count;
}

bool Planner::is_taken(const PodKey& pod, const std::vector<std::string>& tasks) {
  for (Plan* plan : all_plans()) {
    if (plan == &recovery_) continue;
    for (const Step* step : candidates(*plan)) {
      if (step->pod_type != pod.first || step->pod_index != pod.second) continue;
      for (const std::string& task : tasks) {
        if (std::find(step->tasks.begin(), step->tasks.end(), task) != step->tasks.end()) return true;
      }
    }
  }
  return false;
}

void Planner::recover(const PodKey& pod, Now now) {
  std::vector<std::string_view> failed, wanted;
  bool essential = false;
  const spec::PodSpec* next = configs_.at(target_)->pod(pod.first);
  for (const TaskTable::Entry* entry : tasks_.of_pod(pod.first, pod.second)) {
    const Task& known = entry->second;
    const auto config = known.launch ? configs_.find(known.launch->config_id) : configs_.end();
    const spec::PodSpec* own =
        config == configs_.end() ? nullptr : config->second->pod(known.launch->pod_type);
    const spec::TaskSpec* one = own ? own->task(known.launch->task_spec) : nullptr;
    if (known.launch && next->task(known.launch->task_spec) == nullptr)
      continue;  // it goes
    if (one == nullptr || one->goal != spec::Goal::kRunning || !known.launched()) continue;
    wanted.push_back(one->name);
    if (!is_ailing(known)) continue;
    failed.push_back(one->name);
    essential |= one->essential;
  }
  if (failed.empty()) {
    forget_recovery_control(pod);
    unfinished_.erase(pod);
    ailing_.erase(pod);
    return;
  }
  const std::vector<std::string_view>& chosen = essential ? wanted : failed;
  const auto in_spec_order = [&](const std::vector<std::string_view>& names) {
    std::vector<std::string> out;
    for (const spec::TaskSpec& task : next->tasks) {
      if (std::find(names.begin(), names.end(), task.name) != names.end()) out.push_back(task.name);
    }
    return out;
  };
  std::vector<std::string> in_order = in_spec_order(chosen);
  // Another plan works on them, or may have to come back to them: looked at again later. But what has
  // failed is not kept waiting for others of its pod, which may wait for it themselves.
  if (is_taken(pod, in_order)) {
    in_order = in_spec_order(failed);
    if (is_taken(pod, in_order)) return;
  }
  const auto existing =
      std::find_if(recovery_.phases.begin(), recovery_.phases.end(), [&](const Phase& phase) {
        return phase.steps.front().pod_type == pod.first && phase.steps.front().pod_index == pod.second;
      });
  if (existing != recovery_.phases.end()) {
    Step& step = existing->steps.front();
    const bool covers = std::all_of(failed.begin(), failed.end(), [&](std::string_view task) {
      return std::find(step.tasks.begin(), step.tasks.end(), task) != step.tasks.end();
    });
    if (!step.complete && covers) return;
    recovery_.phases.erase(existing);
  }
  Phase& phase = recovery_.phases.emplace_back();
  phase.id = ids_.uuid();
  Step& step = phase.steps.emplace_back(launch_step(pod.first, pod.second, std::move(in_order)));
  step.id = ids_.uuid();
  step.is_recovery = true;
  phase.name = step.name;
  // An operator may have interrupted the recovery of just these tasks.
  for (const PhaseControl& control : recovery_control_.phases) {
    if (control.name != phase.name) continue;
    phase.interrupted = control.interrupted;
    for (const StepControl& one : control.steps) step.interrupted |= one.interrupted;
  }
  refresh(step, now);
}

bool Planner::is_held(const std::string& pod) const {
  const auto holds = [&](const Plan& plan) {
    for (const Phase& phase : plan.phases) {
      for (const Step& step : phase.steps) {
        if (step.pod == pod && !step.complete && (plan.interrupted || phase.interrupted || step.interrupted))
          return true;
      }
    }
    return false;
  };
  return recovery_.interrupted || holds(recovery_) || holds(deploy_);
}

}  // namespace ostler::core
