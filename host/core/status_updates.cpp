// What a status update does: the part of the Engine that listens to tasks
// (java-sdk-spec-api-state.md, 6.2).
#include <algorithm>
#include <cmath>

#include "core/engine.h"
#include "core/names.h"

namespace ostler::core {
namespace {

using mesos::TaskState;

void acknowledge(const mesos::TaskStatus& status, Effects& out) {
  if (status.uuid.empty()) return;  // made by the master: acknowledging would be refused
  out.push_back(effect::Call{mesos::call::Acknowledge{status.agent_id, status.task_id, status.uuid}});
}

// The task ran, or ended, on its agent: so its reservations are real.
bool proves_reservations(const mesos::TaskStatus& status) {
  switch (status.state) {
    case TaskState::kStarting:
    case TaskState::kRunning:
    case TaskState::kKilling:
    case TaskState::kFinished:
    case TaskState::kFailed:
      return true;
    case TaskState::kKilled:
      // By the master itself: before it was launched.
      return status.source != "SOURCE_MASTER" || status.reason == "REASON_RECONCILIATION";
    default:
      return false;
  }
}

// The end that the task's own executor or agent reported cannot be taken back; one that
// the master concluded can.
bool is_final(TaskState state) {
  return state == TaskState::kFinished || state == TaskState::kFailed || state == TaskState::kKilled ||
         state == TaskState::kError;
}

// That an operator gave an agent up only the master can know; what an executor says of its own task
// costs no data.
bool is_agent_given_up(const mesos::TaskStatus& status) {
  return status.state == TaskState::kGoneByOperator && status.source == "SOURCE_MASTER" &&
         !status.agent_id.empty();
}

// What is worth a write to the store; a repeated check result is not.
bool is_news(const mesos::TaskStatus& before, const mesos::TaskStatus& after) {
  return before.state != after.state || before.healthy != after.healthy ||
         before.check_exit_code != after.check_exit_code || before.agent_id != after.agent_id ||
         before.executor_id != after.executor_id ||
         (!after.ip_addresses.empty() && before.ip_addresses != after.ip_addresses);
}

}  // namespace

void Engine::on(mesos::event::Update&& event, Now now, Effects& out) {
  const mesos::TaskStatus& status = event.status;
  count(out, "task_status." + metric_word(mesos::to_string(status.state)));
  const std::string name(task_name_of_id(status.task_id));
  Task* task = tasks_.find(name);
  const bool is_known = task != nullptr && task->launched() && task->task_id() == status.task_id;
  // It uses, or used a moment ago, what its agent has; not one that the agent has not.
  const bool is_there = status.state != TaskState::kUnknown && status.state != TaskState::kUnreachable &&
                        !(mesos::is_terminal(status.state) && status.reason == "REASON_RECONCILIATION");
  if (is_there && (!is_known || task->launch->released)) {
    departures_.in_use_on(status.agent_id, now);
    // What it used is offered soon, and may be nobody's.
    if (mesos::is_terminal(status.state)) sweeper_.leftovers(now);
  }
  if (is_there) killer_.reached(status.task_id, now);
  if (is_known) {
    on_known_task(name, *task, status, now, out);
  } else {
    on_unknown_task(status, now, out);
  }
  acknowledge(status, out);
}

// A task of ours that the store does not know: left over from an earlier launch. Every
// launch is stored before it is sent, so it can only be an old one.
void Engine::on_unknown_task(const mesos::TaskStatus& status, Now now, Effects& out) {
  reconciler_.forget(status.task_id);
  if (mesos::is_terminal(status.state)) {
    killer_.dead(status.task_id);
    if (is_agent_given_up(status)) forget_agent(status.agent_id, out);
    return;
  }
  if (status.state == TaskState::kUnreachable) {
    killer_.dead(status.task_id);  // Mesos says so when its agent is back, and it is killed then
    return;
  }
  if (status.state == TaskState::kUnknown) {
    killer_.put_off(status.task_id, now);
    return;
  }
  if (!killer_.is_dying(status.task_id)) {
    out.push_back(
        effect::Log{2, "killing task " + status.task_id + ", which is not one of the service's", {}});
  }
  killer_.kill(status.task_id, status.agent_id, now, out);
}

void Engine::on_known_task(const std::string& name, Task& task, const mesos::TaskStatus& status, Now now,
                           Effects& out) {
  reconciler_.answered(status.task_id);
  const TaskState before = task.state();
  if (status.state == TaskState::kUnknown) {
    // Its agent is not registered (yet): after a fail-over the master says this of tasks
    // that are alive. Asked again; never a reason to launch another one.
    if (!task.live()) return;
    reconciler_.left_open(status.task_id);
    if (!task.unknown) task.unknown_since_ms = now.mono_ms;
    task.unknown = true;
    killer_.put_off(status.task_id, now);
    planner_.touch(task.launch->pod_type, task.launch->pod_index);
    if (task.is_away(now.mono_ms))
      release_if_dead(pod_name(task.launch->pod_type, task.launch->pod_index), now, out);
    return;
  }
  // Of a task that had ended, too: it was to be launched again there (agent_inquiry.h). But not of an agent
  // that is back under another id.
  const bool is_given_up = is_agent_given_up(status) && status.agent_id == task.launch->task->agent_id;
  if (is_given_up && !task.live()) return on_agent_given_up(task, now, out);
  if (is_final(before)) return;  // a late or repeated word about a task that has ended
  if (mesos::is_terminal(before)) {
    if (mesos::is_terminal(status.state)) return;
    // A master that has not missed an agent yet which is back under another id.
    if (!status.agent_id.empty() && status.agent_id != task.launch->task->agent_id) return;
    // Mesos says that of every task of an unreachable agent, also of those that never ran.
    if (status.state == TaskState::kUnreachable) return;
  }
  if (status.state == TaskState::kUnreachable) reconciler_.left_open(status.task_id);
  // An agent repeats what was not acknowledged, so an old word may come after a newer one;
  // no task goes back to its beginning.
  if ((status.state == TaskState::kStaging || status.state == TaskState::kStarting) &&
      (before == TaskState::kRunning || before == TaskState::kKilling))
    return;

  task.unknown = false;
  effect::Persist persist;
  if (proves_reservations(status) && tasks_.confirm(name))
    persist.changes.push_back(change::PutLaunch{name, task.launch});
  if (!task.status || is_news(*task.status, status)) {
    mesos::TaskStatus merged = status;
    merged.uuid.clear();  // of this delivery only
    // Answers of the master carry less than the executor's own words.
    if (merged.ip_addresses.empty() && task.status) merged.ip_addresses = task.status->ip_addresses;
    if (!merged.check_exit_code && task.status && task.status->state == merged.state) {
      merged.check_exit_code = task.status->check_exit_code;
    }
    if (!task.status || task.status->state != merged.state) task.since_unix_ms = now.unix_ms;
    task.status = merged;
    persist.changes.push_back(change::PutStatus{name, merged});
  }
  if (!persist.changes.empty()) out.push_back(std::move(persist));

  // The policy looks only now and then: what was back in between is lost anew.
  if (task.live() && task.state() != TaskState::kUnreachable) task.lost_since_ms = 0;
  if (task.ready()) {
    if (task.ready_since_ms == 0) task.ready_since_ms = now.mono_ms;
  } else if (task.ready_since_ms != 0) {
    if (now.mono_ms - task.ready_since_ms >= settings_.backoff_reset_ms && task.failures != 0) {
      task.failures = 0;
      out.push_back(effect::Persist{{change::PutBackoff{name, {}}}});
    }
    task.ready_since_ms = 0;
  }
  if (before != status.state) {
    out.push_back(effect::Log{1,
                              name + " is " + std::string(mesos::to_string(status.state)) +
                                  (status.message.empty() ? "" : ": " + status.message),
                              {{"task_id", status.task_id}}});
  }
  if (mesos::is_terminal(status.state)) {
    const bool wanted = killer_.is_dying(status.task_id);
    killer_.dead(status.task_id);
    if (!wanted && is_failure(task)) count_failure(name, task, now, out);
    if (task.launch->permanently_failed)
      release_if_dead(pod_name(task.launch->pod_type, task.launch->pod_index), now, out);
    if (is_given_up) on_agent_given_up(task, now, out);
  }
  if (status.state == TaskState::kUnreachable) sweeper_.leftovers(now);
  planner_.touch(task.launch->pod_type, task.launch->pod_index);
}

// An end that says something about the task. One that was DROPPED never ran, since its
// offer was gone; one that is LOST or GONE went with its agent.
bool Engine::is_failure(const Task& task) const {
  switch (task.state()) {
    case TaskState::kFailed:
    case TaskState::kError:
    case TaskState::kKilled:
      return true;
    case TaskState::kFinished: {
      const auto config = stored_.configs.find(task.launch->config_id);
      if (config == stored_.configs.end()) return false;
      const spec::PodSpec* pod = config->second->pod(task.launch->pod_type);
      const spec::TaskSpec* spec = pod ? pod->task(task.launch->task_spec) : nullptr;
      return spec != nullptr && spec->goal == spec::Goal::kRunning;
    }
    default:
      return false;
  }
}

void Engine::count_failure(const std::string& name, Task& task, Now now, Effects& out) {
  ++task.failures;
  task.not_before_ms = 0;
  if (task.failures > 1 || settings_.backoff_always) {
    const uint32_t steps = task.failures - (settings_.backoff_always ? 1 : 2);
    const double delay = static_cast<double>(settings_.backoff_initial_ms) *
                         std::pow(settings_.backoff_factor, std::min(steps, 64U));
    task.not_before_ms =
        now.mono_ms + static_cast<int64_t>(std::min(delay, static_cast<double>(settings_.backoff_max_ms)));
  }
  const int64_t at = task.not_before_ms == 0 ? 0 : now.unix_ms + task.not_before_ms - now.mono_ms;
  out.push_back(effect::Persist{{change::PutBackoff{name, {task.failures, at}}}});
}

void Engine::give_up_lost_intents(Now now, Effects& out) {
  std::vector<std::string> lost;
  reconciler_.each_open([&](const std::string& task_id) {
    const Task* task = tasks_.find(task_name_of_id(task_id));
    if (task == nullptr || !task->live() || task->task_id() != task_id) return;
    // A task that the master does not know by now, and that never said a word, was never launched.
    if (!task->unknown || task->launch->is_confirmed()) return;
    if (task->is_away(now.mono_ms)) lost.emplace_back(task_name_of_id(task_id));
  });
  for (const std::string& name : lost) {
    Task& task = *tasks_.find(name);
    mesos::TaskStatus gone = *task.status;
    gone.state = TaskState::kGone;
    gone.message = "Mesos never heard of this launch";
    task.status = gone;
    task.unknown = false;
    reconciler_.forget(gone.task_id);
    planner_.touch(task.launch->pod_type, task.launch->pod_index);
    effect::Persist persist;  // one a task: the store takes only so much at once
    persist.changes.push_back(change::PutStatus{name, std::move(gone)});
    out.push_back(std::move(persist));
  }
}

}  // namespace ostler::core
