#include "cluster/model/simulated_tasks.h"

#include <limits>

namespace ostler::cluster {

using mesos::TaskState;

void SimulatedTasks::plan(int64_t at_ms, Master::TaskReport report) {
  due_.emplace(at_ms, std::move(report));
}

void SimulatedTasks::start(int64_t now_ms, const output::StartTask& task) {
  const auto& info = *task.task;
  live_[info.task_id] = {task.agent_id, task.framework_id};
  Master::TaskReport report{
      task.agent_id, task.framework_id, info.task_id, TaskState::kStarting, {}, {}, "SOURCE_EXECUTOR", {}, {},
      false};
  plan(now_ms, report);
  report.state = TaskState::kRunning;
  plan(now_ms + delay_ms_, report);
  if (info.health_check) {
    report.reason = "REASON_TASK_HEALTH_CHECK_STATUS_UPDATED";
    report.healthy = true;
    plan(now_ms + delay_ms_, report);
    report.healthy.reset();
  }
  if (info.check) {
    report.reason = "REASON_TASK_CHECK_STATUS_UPDATED";
    report.check_exit_code = 0;
    plan(now_ms + delay_ms_, report);
  }
}

void SimulatedTasks::kill(int64_t now_ms, const output::KillTask& kill) {
  end(now_ms, kill.task_id, TaskState::kKilled, "Command terminated with signal Terminated");
}

void SimulatedTasks::end(int64_t now_ms, const std::string& task_id, TaskState state,
                         const std::string& message) {
  const auto found = live_.find(task_id);
  if (found == live_.end()) return;
  const auto& [agent_id, framework_id] = found->second;
  plan(now_ms, {agent_id, framework_id, task_id, state, message, {}, "SOURCE_EXECUTOR", {}, {}, false});
  live_.erase(found);
}

int64_t SimulatedTasks::next_wake() const {
  return due_.empty() ? std::numeric_limits<int64_t>::max() : due_.begin()->first;
}

void SimulatedTasks::advance(int64_t now_ms, Master& master) {
  while (!due_.empty() && due_.begin()->first <= now_ms) {
    const auto report = std::move(due_.begin()->second);
    due_.erase(due_.begin());
    master.report(now_ms, report);
  }
}

}  // namespace ostler::cluster
