// Restart, replace, pause and resume of a pod instance: the part of the Engine that
// marks its tasks. The marks are stored with the tasks, so whatever is left to be done is
// done after a crash, too; the plans see them and do the work (recovery.cpp).
#include <algorithm>
#include <map>
#include <set>

#include "core/engine.h"
#include "core/names.h"

namespace ostler::core {
namespace {

using Outcome = Answer::Outcome;

// How often the replacement policy looks at the tasks.
constexpr int64_t kPolicyPeriodMs = 5000;

Answer pod_not_found(const std::string& pod) {
  return {Outcome::kNotFound, "Pod " + pod + " not found", {}, {}};
}

}  // namespace

template <typename Body>
Answer Engine::on_pod(const std::string& pod, const char* what, Effects& out, Body body) {
  const std::vector<std::string> all = tasks_.names_of_pod(pod);
  if (all.empty()) return pod_not_found(pod);
  std::vector<std::string> names;
  effect::Persist persist;
  for (const std::string& name : all) {
    Task& task = *tasks_.find(name);
    auto launch = std::make_shared<LaunchRecord>(*task.launch);
    if (!body(task, *launch)) continue;
    names.push_back(name);
    persist.changes.push_back(change::PutLaunch{name, launch});
    tasks_.set_launch(name, launch);
    if (task.failures != 0) persist.changes.push_back(change::PutBackoff{name, {}});
    task.failures = 0;
    task.not_before_ms = 0;
    planner_.touch(launch->pod_type, launch->pod_index);
  }
  if (!names.empty()) out.push_back(std::move(persist));
  out.push_back(effect::Log{1, std::string("operator: ") + what + " pod " + pod, {}});
  return {Outcome::kDone, {}, pod, names};
}

// Tasks that run once go on: whoever wants them again starts their plan.
Answer Engine::on(const command::PodRestart& c, Now, Effects& out) {
  if (c.force) advice_.overrule(c.pod);
  return on_pod(c.pod, "restart", out, [this](const Task& task, LaunchRecord& launch) {
    const spec::TaskSpec* spec = target_ ? wanted_task(task) : nullptr;
    if (spec != nullptr && spec->goal != spec::Goal::kRunning) return false;
    launch.restart_requested = !launch.task->task_id.empty();
    return true;
  });
}

Answer Engine::on(const command::PodReplace& c, Now now, Effects& out) {
  Answer answer = on_pod(c.pod, "replace", out, [](const Task&, LaunchRecord& launch) {
    launch.permanently_failed = true;
    return true;
  });
  if (c.force) advice_.overrule(c.pod);
  if (answer.ok()) release_if_dead(c.pod, now, out);
  return answer;
}

Answer Engine::on(const command::PodPause& c, Now, Effects& out) {
  return override_goal(c.pod, c.tasks, GoalOverride::kPaused, out);
}

Answer Engine::on(const command::PodResume& c, Now, Effects& out) {
  return override_goal(c.pod, c.tasks, GoalOverride::kNone, out);
}

Answer Engine::override_goal(const std::string& pod, const std::vector<std::string>& names, GoalOverride goal,
                             Effects& out) {
  const std::vector<std::string> all = tasks_.names_of_pod(pod);
  if (all.empty()) return pod_not_found(pod);
  std::vector<std::string> chosen = names.empty() ? all : std::vector<std::string>();
  for (const std::string& name : names) {
    const auto found = std::find_if(all.begin(), all.end(), [&](const std::string& task) {
      return task == name || tasks_.find(task)->launch->task_spec == name;
    });
    if (found == all.end())
      return {Outcome::kNotFound, "Task " + name + " of pod " + pod + " not found", {}, {}};
    chosen.push_back(*found);
  }
  std::sort(chosen.begin(), chosen.end());
  chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
  effect::Persist persist;
  for (const std::string& name : chosen) {
    Task& task = *tasks_.find(name);
    if (task.goal != goal) persist.changes.push_back(change::PutGoalOverride{name, goal});
    if (task.failures != 0) persist.changes.push_back(change::PutBackoff{name, {}});
    task.goal = goal;
    task.failures = 0;
    task.not_before_ms = 0;
    planner_.touch(task.launch->pod_type, task.launch->pod_index);
  }
  if (!persist.changes.empty()) out.push_back(std::move(persist));
  out.push_back(effect::Log{
      1,
      std::string("operator: ") + (goal == GoalOverride::kPaused ? "pause" : "resume") + " pod " + pod,
      {}});
  return {Outcome::kDone, {}, pod, chosen};
}

void Engine::fail_permanently(const std::string& pod, const std::string& why, Now now, Effects& out) {
  effect::Persist persist;
  for (const std::string& name : tasks_.names_of_pod(pod)) {
    const Task& task = *tasks_.find(name);
    if (task.launch->permanently_failed) continue;
    auto launch = std::make_shared<LaunchRecord>(*task.launch);
    launch->permanently_failed = true;
    persist.changes.push_back(change::PutLaunch{name, launch});
    planner_.touch(launch->pod_type, launch->pod_index);
    tasks_.set_launch(name, std::move(launch));
  }
  if (persist.changes.empty()) return;
  out.push_back(std::move(persist));
  out.push_back(effect::Log{2, "replacing pod " + pod + ": " + why, {}});
  release_if_dead(pod, now, out);
}

// The task's specification in the configuration that it was made from; null where that one
// or the target has no such task any more.
const spec::TaskSpec* Engine::wanted_task(const Task& task) const {
  const spec::PodSpec* target = target_->pod(task.launch->pod_type);
  if (target == nullptr || target->task(task.launch->task_spec) == nullptr) return nullptr;
  const auto config = stored_.configs.find(task.launch->config_id);
  const spec::PodSpec* own =
      config == stored_.configs.end() ? nullptr : config->second->pod(task.launch->pod_type);
  return own == nullptr ? nullptr : own->task(task.launch->task_spec);
}

// Gives a pod up whose tasks have been lost for too long. What that costs is its data, so
// time counts by our own clock and in this process only (statuses carry the agents'
// clocks), it does not count while an operator or a back-off holds the relaunch, and of a
// pod type one instance goes after the other: not before the one before is up, since it has to
// get from the others what it lost.
void Engine::apply_replacement_policy(Now now, Effects& out) {
  const auto& policy = target_->replacement_policy;
  if (!policy || now.mono_ms < next_policy_ms_) return;
  next_policy_ms_ = now.mono_ms + kPolicyPeriodMs;
  if (!reconciler_.ready(now)) return;
  std::set<std::string> busy;  // pod types with an instance that is replaced, or not up yet
  std::map<std::string, std::pair<std::string, std::string>> lost;  // by pod instance: type, why
  for (auto& [name, task] : tasks_.all()) {
    // What is being decommissioned is not missed, and must not keep the others waiting.
    if (task.launch && !planner_.is_wanted({task.launch->pod_type, task.launch->pod_index})) continue;
    if (task.launch && task.launch->permanently_failed) busy.insert(task.launch->pod_type);
    if (!task.launched() || task.launch->released) continue;
    const spec::TaskSpec* spec = wanted_task(task);
    const bool is_away = task.live() && task.state() == mesos::TaskState::kUnreachable;
    const bool is_coming = task.state() == mesos::TaskState::kStaging ||
                           task.state() == mesos::TaskState::kStarting ||
                           (task.state() == mesos::TaskState::kRunning && !task.ready());
    if (spec != nullptr && spec->goal == spec::Goal::kRunning && is_coming && !task.launch->paused)
      busy.insert(task.launch->pod_type);
    const std::string pod = pod_name(task.launch->pod_type, task.launch->pod_index);
    const bool is_lost = is_away || (task.dead() && now.mono_ms >= task.not_before_ms);
    if (spec == nullptr || spec->goal != spec::Goal::kRunning || !is_lost ||
        task.launch->permanently_failed || planner_.is_held(pod)) {
      task.lost_since_ms = 0;
      continue;
    }
    if (task.lost_since_ms == 0) task.lost_since_ms = now.mono_ms;
    const int64_t lasted_s = (now.mono_ms - task.lost_since_ms) / 1000;
    if (lasted_s < policy->permanent_failure_timeout_s) continue;
    lost[pod] = {task.launch->pod_type, name + " is " + std::string(mesos::to_string(task.state())) +
                                            " for " + std::to_string(lasted_s) +
                                            " s, and the replacement policy waits " +
                                            std::to_string(policy->permanent_failure_timeout_s) + " s"};
  }
  for (const auto& [pod, one] : lost) {
    const auto& [type, why] = one;
    if (now.mono_ms < next_replacement_ms_ || !busy.insert(type).second) continue;
    next_replacement_ms_ = now.mono_ms + policy->min_replace_delay_s * 1000;
    fail_permanently(pod, why, now, out);
  }
}

}  // namespace ostler::core
