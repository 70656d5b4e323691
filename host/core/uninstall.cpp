// Taking the service down: the part of the Engine that decommissions pods and uninstalls.
//
// The order of an uninstall is what makes it safe to be interrupted anywhere: tasks and
// reservations first, then TEARDOWN, and only when Mesos says that the framework is
// removed, the state. A scheduler that is killed in between starts again with whatever is
// still stored; one that is told at once that it was removed only has the state left.
#include <algorithm>
#include <cstdlib>

#include "base/exit_code.h"
#include "core/engine.h"

namespace ostler::core {
namespace {

using Outcome = Answer::Outcome;

constexpr const char* kUninstalling = "uninstalling";
constexpr const char* kUninstallingSince = "uninstalling-since";
// TEARDOWN is said again after this long: like any call it can be lost.
constexpr int64_t kTeardownRetryMs = 10000;
constexpr int64_t kLeastPatienceMs = 60000;

}  // namespace

void Engine::start_uninstall(std::shared_ptr<const spec::ServiceSpec> candidate, Now now, Effects& out) {
  const auto stored = stored_.configs.find(stored_.target_config);
  target_ = stored == stored_.configs.end() ? std::move(candidate) : stored->second;
  if (framework_id_.empty()) {
    finish_uninstall("the service was uninstalled before, or never registered", out);
    return;
  }
  if (target_ == nullptr) {
    out.push_back(
        effect::Exit{kExitInitialization,
                     "the service file cannot be read, and no configuration is stored that tells what "
                     "to uninstall"});
    return;
  }
  if (!stored_.properties.contains(kUninstalling)) {
    stored_.properties[kUninstalling] = "true";
    stored_.properties[kUninstallingSince] = std::to_string(now.unix_ms);
    out.push_back(
        effect::Persist{{change::PutProperty{kUninstalling, "true"},
                         change::PutProperty{kUninstallingSince, stored_.properties[kUninstallingSince]}}});
  }
  out.push_back(effect::Log{1, "uninstalling " + target_->name, {}});
  if (settings_.uninstall_timeout_ms != 0) {
    const int64_t begun = std::strtoll(stored_.properties[kUninstallingSince].c_str(), nullptr, 10);
    // Also when it is over already: whoever is there has a moment to say so.
    uninstall_deadline_ms_ =
        now.mono_ms + std::max(kLeastPatienceMs, begun + settings_.uninstall_timeout_ms - now.unix_ms);
  }
  uninstall_begun_ms_ = now.mono_ms;
  load_tasks(now);
  planner_.set_uninstall(stored_.plan_controls);
}

// True when it cannot go on, because an uninstall was begun and cannot be taken back.
bool Engine::is_uninstalling_elsewhere(Effects& out) const {
  if (!stored_.properties.contains(kUninstalling)) return false;
  out.push_back(effect::Exit{kExitUninstalling,
                             "an uninstall of this service was begun and cannot be taken back; start it "
                             "with SDK_UNINSTALL set until the uninstall is complete"});
  return true;
}

// Does what steps of teardown plans are about, as far as it does not go by itself: one
// step makes room for the next.
void Engine::carry_on(Now now, Effects& out) {
  bool has_changed = reconciler_.ready(now);  // not on the strength of what was true before a restart
  bool deregisters = false;
  while (has_changed) {
    has_changed = false;
    for (const Step* step : planner_.working()) {
      if (step->kind != StepKind::kLaunch) has_changed |= carry_on(*step, now, out);
      deregisters |= step->kind == StepKind::kDeregister;
    }
    if (has_changed) planner_.refresh(now);
  }
  if (!deregisters) next_teardown_ms_ = 0;  // not yet, or interrupted: nothing to wake up for
}

bool Engine::carry_on(const Step& step, Now now, Effects& out) {
  if (step.kind == StepKind::kUnreserve) return release(step.holders, now, out);
  if (step.kind == StepKind::kErase) {
    const std::string name = step.holders.front();
    const Task* task = tasks_.find(name);
    if (task == nullptr) return false;
    planner_.touch(task->launch->pod_type, task->launch->pod_index);
    reconciler_.forget(task->launch->task->task_id);
    tasks_.erase(name);
    out.push_back(effect::Persist{{change::DeleteTask{name}}});
    out.push_back(effect::Log{1, "decommissioned " + name, {}});
    return true;
  }
  if (step.kind == StepKind::kDeregister && subscribed_ && now.mono_ms >= next_teardown_ms_) {
    next_teardown_ms_ = now.mono_ms + kTeardownRetryMs;
    out.push_back(effect::Log{1, "nothing is left; telling Mesos to remove the framework", {}});
    out.push_back(effect::Call{mesos::call::Teardown{}});
  }
  return false;
}

// Mesos says that the framework is gone.
void Engine::finish_uninstall(const std::string& why, Effects& out) {
  for (const Phase& phase : planner_.deploy().phases) {
    for (const Step& step : phase.steps) {
      if (step.kind != StepKind::kUnreserve || (step.complete && !step.forced)) continue;
      log(out, kLogWarning,
          "reservation " + step.subject + " stays on agent " + step.host +
              ": no scheduler can give it back any more; an operator of Mesos can "
              "(`DESTROY_VOLUMES`, `UNRESERVE_RESOURCES`)");
    }
  }
  uninstalled_ = true;
  uninstall_deadline_ms_ = 0;
  subscribed_ = false;
  // What names the service goes last, so that whoever is killed in between comes back here. The tasks
  // one by one: a backend may have to name each thing that it deletes, and takes only so much at once.
  for (const auto& [name, task] : tasks_.all()) out.push_back(effect::Persist{{change::DeleteTask{name}}});
  out.push_back(effect::Persist{{change::DeleteService{}}});
  out.push_back(effect::Persist{{change::DeleteIdentity{}}});
  out.push_back(effect::Log{
      1, why + "; the state is deleted, and the scheduler only tells that the uninstall is complete", {}});
  framework_id_.clear();
  std::string name = stored_.service_name;
  stored_ = StoredState{};
  stored_.service_name = std::move(name);
  while (!tasks_.all().empty()) tasks_.erase(tasks_.all().begin()->first);
  planner_.complete_uninstall();
}

// Whether nothing can be expected of the agent that a step is about: its task there is
// unreachable, or what it holds has not been offered for a while and nothing of ours is
// about to free it.
bool Engine::is_on_agent_that_is_away(const Step& step, Now now) const {
  bool is_unreachable = false;
  for (const std::string& name : step.holders) {
    const Task* task = tasks_.find(name);
    if (task == nullptr || !task->launch) continue;
    for (const TaskTable::Entry* entry : tasks_.of_pod(task->launch->pod_type, task->launch->pod_index)) {
      const Task& mate = entry->second;
      if (!mate.live() || mate.launch->task->agent_id != step.agent_id) continue;
      if (mate.state() != mesos::TaskState::kUnreachable && !mate.unknown)
        return false;  // it is being killed
      is_unreachable = true;
    }
  }
  // A process that has just begun was offered nothing yet.
  return is_unreachable ||
         (why_.is_silent(step.agent_id, now) && now.mono_ms >= uninstall_begun_ms_ + kLeastPatienceMs);
}

// Agents that never return must not hold the uninstall up for ever; those that are there
// are waited for.
void Engine::give_up_after_timeout(Now now, Effects& out) {
  uninstall_deadline_ms_ = now.mono_ms + kLeastPatienceMs;
  const Answer answer = on(command::UninstallAbandon{}, now, out);
  if (answer.ok()) out.push_back(effect::Log{2, "OSTLER_UNINSTALL_TIMEOUT_S is over: " + answer.message, {}});
}

Answer Engine::on(const command::UninstallAbandon& c, Now now, Effects& out) {
  if (!settings_.uninstall)
    return {Outcome::kInvalid, "the service is not being uninstalled (SDK_UNINSTALL is not set)", {}, {}};
  size_t resources = 0, tasks = 0;
  std::set<std::string> hosts, present;
  const auto list = [](const std::set<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
  };
  return on_plan("deploy", out, [&](Plan& plan) -> Answer {
    for (Phase& phase : plan.phases) {
      for (Step& step : phase.steps) {
        if (step.complete || step.forced || step.kind == StepKind::kDeregister) continue;
        if (!c.agent.empty() && step.host != c.agent) continue;
        if (c.agent.empty() && !is_on_agent_that_is_away(step, now)) {
          present.insert(step.host);
          continue;
        }
        (step.kind == StepKind::kKill ? tasks : resources) += 1;
        hosts.insert(step.host);
        step.forced = true;
      }
    }
    if (hosts.empty() && !c.agent.empty())
      return {Outcome::kNotFound, "Agent " + c.agent + " with anything left not found", {}, {}};
    if (hosts.empty() && present.empty())
      return {Outcome::kAlready, "Command has already been reported or completed", {}, {}};
    if (hosts.empty()) {
      return {Outcome::kUnavailable,
              "nothing is given up: " + list(present) +
                  " may still give back what it holds; name an agent to leave that behind all the same",
              {},
              {}};
    }
    return {Outcome::kDone,
            "gave up " + std::to_string(resources) + " reservations and " + std::to_string(tasks) +
                " tasks on " + list(hosts),
            {},
            {}};
  });
}

}  // namespace ostler::core
