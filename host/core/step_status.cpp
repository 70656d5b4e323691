#include "core/step_status.h"

#include <algorithm>

#include "base/utc.h"
#include "core/names.h"

namespace ostler::core {
namespace {

using mesos::TaskState;
using spec::Goal;

enum class Want : uint8_t { kNothing, kLaunch, kRelaunchAll, kWait };

struct Finding {
  Status status = Status::kComplete;
  Want want = Want::kNothing;
  std::string message;
};

const std::string& place_of(const Task& task) {
  return task.launch->hostname.empty() ? task.launch->task->agent_id : task.launch->hostname;
}

// A task of the wanted configuration that was launched.
Finding judge_current(const std::string& name, const Task& task, const spec::TaskSpec& spec, Now now) {
  const bool runs_for_ever = spec.goal == Goal::kRunning;
  const std::string& where = place_of(task);
  if (task.unknown) {
    return {Status::kStarting, Want::kNothing,
            "Mesos does not know task " + name + " while its agent on " + where +
                " is not registered; it is asked again until the agent is back"};
  }
  switch (task.state()) {
    case TaskState::kStaging:
    case TaskState::kStarting:
      return {Status::kStarting, Want::kNothing,
              "launched " + name + " on " + where + ", waits for it to run"};
    case TaskState::kRunning:
      if (!runs_for_ever)
        return {Status::kStarted, Want::kNothing, name + " runs on " + where + ", waits for it to finish"};
      if (task.ready()) return {};
      if (task.launch->paused)
        return {Status::kStarted, Want::kNothing, name + " is paused on " + where + " until it is resumed"};
      return {Status::kStarted, Want::kNothing,
              name + " runs on " + where + ", waits for its readiness check" +
                  (task.status->check_exit_code
                       ? " (last exit code " + std::to_string(*task.status->check_exit_code) + ")"
                       : " (no result yet)")};
    case TaskState::kKilling:
      return {Status::kStarting, Want::kNothing, name + " on " + where + " is being killed"};
    case TaskState::kUnreachable:
      return {Status::kStarting, Want::kNothing,
              "agent " + where + " of " + name +
                  " is unreachable; it is adopted when the agent returns, or replaced on request"};
    case TaskState::kUnknown:
      return {Status::kStarting, Want::kNothing,
              "the state of " + name + " is unknown, waits for reconciliation"};
    case TaskState::kFinished:
      if (!runs_for_ever) return {};
      [[fallthrough]];
    default:
      break;
  }
  const std::string why =
      name + " ended with " + std::string(mesos::to_string(task.state())) +
      (task.status && !task.status->message.empty() ? " (" + task.status->message + ")" : "") +
      (task.refusal.empty() ? "" : ", because " + task.refusal);
  if (task.not_before_ms > now.mono_ms) {
    return {Status::kDelayed, spec.essential ? Want::kRelaunchAll : Want::kLaunch,
            why + "; failure " + std::to_string(task.failures) + " in a row, next attempt at " +
                utc_text(now.unix_ms + task.not_before_ms - now.mono_ms)};
  }
  return {Status::kPending, spec.essential ? Want::kRelaunchAll : Want::kLaunch,
          why + ", waits for an offer"};
}

Finding judge_task(const Step& step, const std::string& name, const Task* task, const spec::TaskSpec& spec,
                   const StepConfig& config, Now now) {
  if (task == nullptr || !task->launched()) return {Status::kPending, Want::kLaunch, {}};
  if (step.superseded.contains(task->task_id()))
    return {Status::kPending, Want::kRelaunchAll, name + " is to be launched anew, as an operator asked"};
  if (task->launch->permanently_failed)
    return {Status::kPending, Want::kRelaunchAll, name + " is to be replaced"};
  // Of those that run once only what runs is paused or resumed: what has ended stays so.
  if (task->to_be_relaunched() &&
      (spec.goal == Goal::kRunning || (task->live() && task->is_to_change_goal()))) {
    const bool restart = task->launch->restart_requested;
    return {Status::kPending, spec.essential ? Want::kRelaunchAll : Want::kLaunch,
            name + (restart                ? " is to be launched anew, as an operator asked"
                    : task->launch->paused ? " is to be resumed"
                                           : " is to be paused")};
  }
  if (spec.goal != Goal::kRunning && step.run != nullptr && !step.run->empty() &&
      task->launch->run != *step.run) {
    if (!task->live())
      return {Status::kPending, spec.essential ? Want::kRelaunchAll : Want::kLaunch,
              name + " is to be launched for the start of its plan"};
    // Nobody asked for its end; and should it be on an agent that is away, it may run all the same.
    return {
        Status::kPending, Want::kWait,
        name + " still runs on " + place_of(*task) +
            " for an earlier start of a plan; it is launched for this one when that has ended, or at once "
            "after a stop of this plan and another start"};
  }
  // A ONCE task that finished never runs again, whatever changes.
  if (spec.goal == Goal::kOnce && task->state() == TaskState::kFinished) return {};
  if (task->launch->config_id != config.id) {
    return {Status::kPending, spec.essential ? Want::kRelaunchAll : Want::kLaunch,
            name + " still has its old configuration"};
  }
  return judge_current(name, *task, spec, now);
}

// Orders statuses from least to most advanced.
int rank(Status status) {
  switch (status) {
    case Status::kError:
      return 0;
    case Status::kDelayed:
      return 1;
    case Status::kWaiting:
      return 2;
    case Status::kPending:
      return 3;
    case Status::kPrepared:
      return 4;
    case Status::kStarting:
      return 5;
    case Status::kStarted:
      return 6;
    default:
      return 7;
  }
}

}  // namespace

StepState evaluate_step(const Step& step, const StepConfig& config, const TaskTable& tasks, Now now) {
  StepState out;
  if (!step.errors.empty()) return {Status::kError, step.errors.front(), {}, {}, false};
  if (config.pod == nullptr) {
    return {Status::kError,
            "pod type '" + step.pod_type + "' is not in configuration " + std::string(config.id),
            {},
            {},
            false};
  }

  out.status = Status::kComplete;
  bool launch_any = false, relaunch_all = false;
  struct Judged {
    const spec::TaskSpec* spec;
    const Task* task;
    Finding finding;
  };
  std::vector<Judged> all;
  bool essential_waits = false, all_wait = true;  // for the end of a back-off
  for (const spec::TaskSpec& spec : config.pod->tasks) {
    const auto found = std::find(step.tasks.begin(), step.tasks.end(), spec.name);
    if (found == step.tasks.end()) continue;
    const std::string& name = step.names[static_cast<size_t>(found - step.tasks.begin())];
    const Task* task = tasks.find(name);
    Finding finding = judge_task(step, name, task, spec, config, now);
    if (finding.want == Want::kWait) return {finding.status, std::move(finding.message), {}, {}, false};
    const bool waits = finding.status == Status::kDelayed;
    launch_any |= finding.want != Want::kNothing;
    relaunch_all |= finding.want == Want::kRelaunchAll;
    out.has_delays |= waits;
    essential_waits |= waits && finding.want == Want::kRelaunchAll;
    all_wait &= waits || finding.want == Want::kNothing;
    all.push_back({&spec, task, std::move(finding)});
  }
  // What its pod does without keeps nothing else waiting while it is backed off.
  out.delayed = launch_any && (essential_waits || all_wait);
  for (Judged& one : all) {
    const bool is_left_out = launch_any && !out.delayed && one.finding.status == Status::kDelayed;
    if (is_left_out || rank(one.finding.status) >= rank(out.status)) continue;
    out.status = one.finding.status;
    out.message = std::move(one.finding.message);
  }
  if (!launch_any) return out;

  for (const Judged& one : all) {
    const Want want = one.finding.want;
    const bool is_done = one.spec->goal != Goal::kRunning && want == Want::kNothing && one.task != nullptr &&
                         one.task->state() == TaskState::kFinished;
    const bool is_left_out = !out.delayed && one.finding.status == Status::kDelayed;
    if (!is_left_out && (want != Want::kNothing || (relaunch_all && !is_done)))
      out.launch.push_back(one.spec->name);
  }
  // What is launched anew must be dead first, and so must whoever uses its resources.
  const auto& pod = tasks.of_pod(step.pod_type, step.pod_index);
  const bool is_replaced = std::any_of(pod.begin(), pod.end(), [](const TaskTable::Entry* entry) {
    return entry->second.launch->permanently_failed;
  });
  out.permanent = is_replaced;
  // It comes back as a whole, too: an earlier step that is complete would not look at it again.
  for (const TaskTable::Entry* entry : pod) {
    const Task& task = entry->second;
    const spec::TaskSpec* one =
        is_replaced && task.launched() ? config.pod->task(task.launch->task_spec) : nullptr;
    if (one == nullptr || one->goal != Goal::kRunning) continue;
    if (std::find(out.launch.begin(), out.launch.end(), one->name) == out.launch.end())
      out.launch.push_back(one->name);
  }
  // An intent reserves for the whole pod. What joins it before Mesos has said that it worked
  // would reserve the same once more.
  for (const TaskTable::Entry* entry : pod) {
    const Task& task = entry->second;
    if (is_replaced || !task.live() || task.launch->holdings.empty() || task.launch->is_confirmed()) continue;
    if (std::find(out.launch.begin(), out.launch.end(), task.launch->task_spec) != out.launch.end()) continue;
    out.launch.clear();
    out.status = Status::kPending;
    out.message = "waits until Mesos has said whether the launch of " + entry->first + " worked";
    return out;
  }
  for (const TaskTable::Entry* entry : pod) {
    const Task* task = &entry->second;
    if (!task->live()) continue;
    if (is_replaced) {
      // A replaced pod goes as a whole. It does not wait for an agent that Mesos has given
      // up: should that return, its task is killed as one that is not the service's.
      if (!task->is_away(now.mono_ms)) out.kill.push_back(entry->first);
      continue;
    }
    const spec::TaskSpec* other = config.pod->task(task->launch->task_spec);
    const bool in_the_way =
        std::any_of(out.launch.begin(), out.launch.end(), [&](const std::string& launched) {
          if (launched == task->launch->task_spec) return true;
          const spec::TaskSpec* one = config.pod->task(launched);
          return other != nullptr && one != nullptr && other->resource_set == one->resource_set;
        });
    if (in_the_way) out.kill.push_back(entry->first);
  }
  // A task whose agent is away cannot be killed; and it must not be started twice.
  const auto away = std::find_if(out.kill.begin(), out.kill.end(), [&](const std::string& name) {
    const Task& task = *tasks.find(name);
    return task.state() == TaskState::kUnreachable || task.unknown;
  });
  if (away != out.kill.end()) {
    out.message += (out.message.empty() ? "" : "; ") +
                   ("waits for " + *away + " to end, whose agent " + place_of(*tasks.find(*away)) +
                    " cannot be reached: until that is back, or until `pod replace " + step.pod +
                    "` gives up what is there");
  } else if (!out.kill.empty() && out.message.empty()) {
    out.message = "waits for " + out.kill.front() + " to end";
  }
  if (out.status == Status::kPending && step.prepared && out.kill.empty()) out.status = Status::kPrepared;
  return out;
}

}  // namespace ostler::core
