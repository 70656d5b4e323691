#include "core/agent_inquiry.h"

#include <algorithm>
#include <utility>

namespace ostler::core {

void AgentInquiry::look(Step& step, bool waits, const TaskTable& tasks, Now now) {
  if (!waits) {
    step.inquire_ms = 0;
    return;
  }
  if (!connected_) return;
  if (step.inquire_ms == 0) {
    step.inquire_pause_ms = settings_.inquiry_first_ms;
    step.inquire_ms = now.mono_ms + step.inquire_pause_ms;
  }
  const bool is_due = now.mono_ms >= step.inquire_ms;
  if (is_due || !removed_.empty()) {
    // One task of a pod is enough: it is on one agent.
    const auto& pod = tasks.of_pod(step.pod_type, step.pod_index);
    const auto ended = std::find_if(pod.begin(), pod.end(),
                                    [](const TaskTable::Entry* entry) { return entry->second.dead(); });
    if (ended != pod.end()) {
      const mesos::TaskInfo& task = *(*ended)->second.launch->task;
      if (is_due || removed_.contains(task.agent_id)) ask_.emplace(task.task_id, task.agent_id);
    }
  }
  if (is_due) {
    step.inquire_pause_ms = std::min(step.inquire_pause_ms * 2, settings_.inquiry_max_ms);
    step.inquire_ms = now.mono_ms + step.inquire_pause_ms;
  }
  next_ms_ = std::min(next_ms_, step.inquire_ms);
}

void AgentInquiry::ask(Effects& out) {
  removed_.clear();
  if (ask_.empty()) return;
  mesos::call::Reconcile call;
  call.tasks.assign(ask_.begin(), ask_.end());
  out.push_back(effect::Call{std::move(call)});
}

std::optional<int64_t> AgentInquiry::wake_at() const {
  if (!connected_ || next_ms_ == kNever) return std::nullopt;
  return next_ms_;
}

}  // namespace ostler::core
