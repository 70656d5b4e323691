// RECONCILE, and KILL of what is unknown: what the master believes about a task.
#include "cluster/model/master.h"

namespace ostler::cluster {

using mesos::TaskState;

event::Update Master::latest(int64_t now_ms, const Agent& agent, const Task& task) const {
  // The last update passed on, even where the agent knows better already.
  event::Update update = task.forwarded ? *task.forwarded : task_update(now_ms, agent, task);
  if (!task.forwarded) update.status.state = TaskState::kStaging;
  update.status.uuid.clear();
  update.status.source = "SOURCE_MASTER";
  update.status.reason = "REASON_RECONCILIATION";
  update.status.message = "Reconciliation: Latest task state";
  update.status.timestamp_s = static_cast<double>(now_ms) / 1000;
  return update;
}

void Master::reconcile_one(int64_t now_ms, const std::string& framework_id, const std::string& task_id,
                           const std::string& agent_id) {
  const auto& framework = frameworks_.at(framework_id);
  if (const auto found = framework.tasks.find(task_id); found != framework.tasks.end()) {
    const auto& task = found->second->tasks.at({framework_id, task_id});
    to_framework(framework_id, latest(now_ms, *found->second, task));
    return;
  }
  const auto answer = [&](TaskState state, std::string text, const std::string& agent,
                          int64_t unreachable_ms) {
    if (!framework.can("PARTITION_AWARE")) state = TaskState::kLost;
    event::Update update;
    update.status =
        master_status(now_ms, task_id, agent, state, "REASON_RECONCILIATION", "Reconciliation: " + text);
    update.unreachable_ms = unreachable_ms;
    to_framework(framework_id, std::move(update));
  };
  if (const auto found = framework.unreachable.find(task_id); found != framework.unreachable.end()) {
    answer(TaskState::kUnreachable, "Task is unreachable", found->second.agent_id, found->second.since_ms);
    return;
  }
  const auto* agent = find_agent(agent_id);
  if (agent == nullptr) {
    for (const auto& other : agents_) {
      // It may be on one that is still expected back.
      if (agent_id.empty() && other->standing == Standing::kRecovered) return;
    }
    answer(TaskState::kUnknown, "Task is unknown", agent_id, 0);
    return;
  }
  switch (agent->standing) {
    case Standing::kRegistered:
    case Standing::kDisconnected:
      answer(TaskState::kGone, "Task is unknown to the agent", agent_id, 0);
      break;
    case Standing::kUnreachable:
      answer(TaskState::kUnreachable, "Task is unreachable", agent_id, agent->unreachable_ms);
      break;
    case Standing::kGone:
      answer(TaskState::kGoneByOperator, "Task is gone", agent_id, 0);
      break;
    case Standing::kForgotten:
      answer(TaskState::kUnknown, "Task is unknown", agent_id, 0);
      break;
    case Standing::kRecovered:
      break;  // No answer until it is back or given up.
  }
}

void Master::reconcile(int64_t now_ms, const std::string& framework_id, const mesos::call::Reconcile& call) {
  if (!call.tasks.empty()) {
    for (const auto& [task_id, agent_id] : call.tasks) reconcile_one(now_ms, framework_id, task_id, agent_id);
    return;
  }
  for (const auto& [task_id, agent] : frameworks_.at(framework_id).tasks) {
    to_framework(framework_id, latest(now_ms, *agent, agent->tasks.at({framework_id, task_id})));
  }
}

}  // namespace ostler::cluster
