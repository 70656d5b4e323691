// A task's life as its agent reports it: the queue of status updates (in order, each
// repeated until acknowledged), the end of groups and executors, and KILL.
#include <algorithm>

#include "cluster/model/master.h"

namespace ostler::cluster {
namespace {

using mesos::TaskState;

// Mesos' default for a kill policy without a grace period.
constexpr int64_t kDefaultGraceMs = 5000;

}  // namespace

mesos::TaskStatus Master::master_status(int64_t now_ms, const std::string& task_id,
                                        const std::string& agent_id, TaskState state, std::string_view reason,
                                        std::string message) const {
  mesos::TaskStatus status;
  status.task_id = task_id;
  status.agent_id = agent_id;
  status.state = state;
  status.reason = reason;
  status.message = std::move(message);
  status.source = "SOURCE_MASTER";
  status.timestamp_s = static_cast<double>(now_ms) / 1000;
  return status;
}

event::Update Master::task_update(int64_t now_ms, const Agent& agent, const Task& task) const {
  event::Update update;
  auto& status = update.status;
  status.task_id = task.info->task_id;
  status.state = task.state;
  status.agent_id = agent.id;
  status.executor_id = task.executor_id;
  status.timestamp_s = static_cast<double>(now_ms) / 1000;
  status.has_check = task.info->check.has_value();
  status.healthy = task.healthy;
  if (task.live()) status.check_exit_code = task.check_exit_code;
  if (task.state == TaskState::kRunning || task.state == TaskState::kKilling) {
    status.ip_addresses = {agent.spec->address};
  }
  update.container_id = task.container_id;
  update.parent_container_id = task.executor_container_id;
  return update;
}

void Master::report(int64_t now_ms, const TaskReport& report) {
  auto* agent = find_agent(report.agent_id);
  if (agent == nullptr) return;
  const auto found = agent->tasks.find({report.framework_id, report.task_id});
  if (found == agent->tasks.end() || !found->second.live()) return;
  auto& task = found->second;
  if (report.state == TaskState::kRunning && task.state != TaskState::kRunning)
    audit_.ran(report.framework_id, *task.info);
  task.state = report.state;
  // A task that is being killed says nothing new but its end.
  if (task.killing && !mesos::is_terminal(report.state)) {
    task.state = TaskState::kKilling;
    return;
  }
  if (report.healthy) task.healthy = report.healthy;
  if (report.check_exit_code || report.clears_check) task.check_exit_code = report.check_exit_code;
  if (mesos::is_terminal(report.state) && task.healthy == true) task.healthy.reset();
  auto update = task_update(now_ms, *agent, task);
  update.status.message = report.message;
  update.status.reason = report.reason;
  update.status.source = report.source;
  // The container had no chance to come up.
  if (report.source == "SOURCE_AGENT") update.container_id.clear();
  push_update(now_ms, *agent, report.framework_id, task, std::move(update));
  if (mesos::is_terminal(report.state)) task_ended(now_ms, *agent, report.framework_id, task);
}

void Master::push_update(int64_t now_ms, Agent& agent, const std::string& framework_id, Task& task,
                         event::Update update) {
  if (removed_.contains(framework_id)) return;
  update.status.uuid = new_uuid_base64();
  task.pending.push_back(std::move(update));
  if (task.pending.size() == 1) forward(now_ms, agent, framework_id, task, options_.update_retry_ms);
}

void Master::forward(int64_t now_ms, Agent& agent, const std::string& framework_id, Task& task,
                     int64_t wait_ms) {
  const auto& update = task.pending.front();
  if (agent.standing == Standing::kRegistered) {
    task.forwarded = update;
    emit_update(now_ms, framework_id, update);
  }
  const auto retry = ++task.retry;
  schedule(now_ms + wait_ms, [this, index = agent.index, framework_id, task_id = task.info->task_id, retry,
                              wait_ms](int64_t now) {
    auto& at = *agents_[index];
    const auto found = at.tasks.find({framework_id, task_id});
    if (found == at.tasks.end() || found->second.retry != retry || found->second.pending.empty()) return;
    forward(now, at, framework_id, found->second, std::min(2 * wait_ms, kMaxRetryMs));
  });
}

void Master::emit_update(int64_t now_ms, const std::string& framework_id, const event::Update& update) {
  if (update_fault_count_ > 0 && !update.status.uuid.empty()) {
    --update_fault_count_;
    if (update_fault_ == UpdateFault::kDrop) return;
    if (update_fault_ == UpdateFault::kDelay) {
      schedule(now_ms + update_delay_ms_,
               [this, framework_id, update](int64_t) { to_framework(framework_id, update); });
      return;
    }
  }
  to_framework(framework_id, update);
}

void Master::set_update_fault(UpdateFault fault, uint64_t count, int64_t delay_ms) {
  update_fault_ = fault;
  update_fault_count_ = fault == UpdateFault::kNone ? 0 : count;
  update_delay_ms_ = delay_ms;
}

void Master::flush_updates(int64_t now_ms, Agent& agent) {
  for (auto& [key, task] : agent.tasks) {
    if (!task.pending.empty()) forward(now_ms, agent, key.first, task, options_.update_retry_ms);
  }
}

void Master::acknowledge(int64_t now_ms, const std::string& framework_id,
                         const mesos::call::Acknowledge& call) {
  auto* agent = find_agent(call.agent_id);
  if (agent == nullptr || agent->standing != Standing::kRegistered) return;
  const auto found = agent->tasks.find({framework_id, call.task_id});
  if (found == agent->tasks.end()) return;
  auto& task = found->second;
  if (task.pending.empty() || task.pending.front().status.uuid != call.uuid) return;
  const bool was_last = mesos::is_terminal(task.pending.front().status.state);
  task.pending.pop_front();
  ++task.retry;
  if (was_last) {
    erase_task(*agent, framework_id, call.task_id);
  } else if (!task.pending.empty()) {
    forward(now_ms, *agent, framework_id, task, options_.update_retry_ms);
  }
}

void Master::erase_task(Agent& agent, const std::string& framework_id, const std::string& task_id) {
  agent.tasks.erase({framework_id, task_id});
  if (auto* framework = find_framework(framework_id)) framework->tasks.erase(task_id);
}

void Master::task_ended(int64_t now_ms, Agent& agent, const std::string& framework_id, Task& task) {
  audit_.ended(framework_id, *task.info);
  release(agent, find_framework(framework_id), task.resources);
  const auto executor_id = task.executor_id;
  const auto group = task.group;
  const bool takes_group_down = task.state != TaskState::kFinished;
  if (removed_.contains(framework_id)) erase_task(agent, framework_id, std::string(task.info->task_id));
  if (takes_group_down) {
    for (auto& [key, other] : agent.tasks) {
      if (key.first == framework_id && other.group == group && other.live() && !other.killing) {
        kill_task(now_ms, agent, framework_id, other, std::nullopt);
      }
    }
  }
  const Agent::Key key{framework_id, executor_id};
  const auto executor = agent.executors.find(key);
  if (executor == agent.executors.end() || --executor->second.live_tasks > 0) return;
  executor->second.ending = true;
  schedule(now_ms + options_.executor_exit_ms,
           [this, index = agent.index, key](int64_t now) { end_executor(now, *agents_[index], key, 0); });
}

void Master::executor_died(int64_t now_ms, const std::string& agent_id, const std::string& framework_id,
                           const std::string& executor_id, int32_t status) {
  auto* agent = find_agent(agent_id);
  if (agent == nullptr || !agent->executors.contains({framework_id, executor_id})) return;
  std::vector<std::string> ended;
  for (auto& [key, task] : agent->tasks) {
    if (key.first == framework_id && task.executor_id == executor_id && task.live())
      ended.push_back(key.second);
  }
  end_executor(now_ms, *agent, {framework_id, executor_id}, status);
  for (const auto& task_id : ended) {
    TaskReport dead{agent_id,
                    framework_id,
                    task_id,
                    TaskState::kFailed,
                    "Executor terminated",
                    "REASON_EXECUTOR_TERMINATED",
                    "SOURCE_AGENT",
                    {},
                    {},
                    false};
    agent->tasks.at({framework_id, task_id}).healthy.reset();
    report(now_ms, dead);
  }
}

void Master::kill(int64_t now_ms, const std::string& framework_id, const mesos::call::Kill& call,
                  std::optional<int64_t> grace_ms) {
  auto& framework = frameworks_.at(framework_id);
  const auto found = framework.tasks.find(call.task_id);
  if (found == framework.tasks.end()) {
    reconcile_one(now_ms, framework_id, call.task_id, call.agent_id);
    return;
  }
  auto& agent = *found->second;
  if (!call.agent_id.empty() && call.agent_id != agent.id) return;
  if (agent.standing != Standing::kRegistered) return;  // The message has no one to go to.
  kill_task(now_ms, agent, framework_id, agent.tasks.at({framework_id, call.task_id}), grace_ms);
}

void Master::shutdown_executor(const std::string& framework_id, const std::string& agent_id,
                               const std::string& executor_id, int64_t now_ms) {
  auto* agent = find_agent(agent_id);
  if (agent == nullptr || agent->standing != Standing::kRegistered) return;
  for (auto& [key, task] : agent->tasks) {
    if (key.first == framework_id && task.executor_id == executor_id) {
      kill_task(now_ms, *agent, framework_id, task, std::nullopt);
    }
  }
}

void Master::kill_task(int64_t now_ms, Agent& agent, const std::string& framework_id, Task& task,
                       std::optional<int64_t> grace_ms) {
  if (!task.live()) return;
  if (!grace_ms && task.info->kill_grace_s) grace_ms = static_cast<int64_t>(*task.info->kill_grace_s * 1000);
  const auto wait_ms = grace_ms.value_or(kDefaultGraceMs);
  if (!task.killing) {
    task.killing = true;
    const auto* framework = find_framework(framework_id);
    if (framework != nullptr && framework->can("TASK_KILLING_STATE")) {
      task.state = TaskState::kKilling;
      auto update = task_update(now_ms, agent, task);
      update.status.source = "SOURCE_EXECUTOR";
      push_update(now_ms, agent, framework_id, task, std::move(update));
    }
  }
  // Said again with each call, since a later one may shorten the grace.
  outputs_.push_back(output::KillTask{agent.id, framework_id, task.info->task_id, wait_ms});
}

}  // namespace ostler::cluster
