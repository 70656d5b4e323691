#include "core/reconciler.h"

#include <algorithm>

#include "core/names.h"

namespace ostler::core {

void Reconciler::subscribed(const TaskTable& tasks, Now now) {
  connected_ = true;
  open_.clear();
  silent_.clear();  // all that is live is asked for
  ask_silent_.clear();
  for (const auto& [name, task] : tasks.all()) {
    if (task.live()) open_[task.task_id()] = false;
  }
  next_round_ms_ = now.mono_ms;
  delay_ms_ = settings_.reconcile_first_ms;
  ready_by_ms_ = now.mono_ms + settings_.reconcile_first_ms;
  next_implicit_ms_ = now.mono_ms + settings_.implicit_delay_ms;
}

void Reconciler::launched(const std::string& task_id, Now now) {
  silent_.insert(task_id);
  ask_silent_.emplace_back(now.mono_ms + settings_.launch_silence_ms, task_id);
}

void Reconciler::forget(const std::string& task_id) {
  open_.erase(task_id);
  if (silent_.erase(task_id) == 0) return;
  while (!ask_silent_.empty() && !silent_.contains(ask_silent_.front().second)) ask_silent_.pop_front();
}

bool Reconciler::ready(Now now) const {
  return connected_ && (unanswered() == 0 || now.mono_ms >= ready_by_ms_);
}

size_t Reconciler::unanswered() const {
  return static_cast<size_t>(
      std::count_if(open_.begin(), open_.end(), [](const auto& one) { return !one.second; }));
}

std::optional<int64_t> Reconciler::wake_at() const {
  if (!connected_) return std::nullopt;
  int64_t at = next_implicit_ms_;
  if (!open_.empty()) at = std::min(at, next_round_ms_);
  if (!ask_silent_.empty()) at = std::min(at, ask_silent_.front().first);
  return at;
}

void Reconciler::tick(const TaskTable& tasks, Now now, Effects& out) {
  if (!connected_) return;
  while (!ask_silent_.empty() && now.mono_ms >= ask_silent_.front().first) {
    if (silent_.erase(ask_silent_.front().second) > 0) ask_again(ask_silent_.front().second);
    ask_silent_.pop_front();
  }
  if (!open_.empty() && now.mono_ms >= next_round_ms_) {
    mesos::call::Reconcile ask;
    for (const auto& [task_id, unknown] : open_) {
      const Task* task = tasks.find(task_name_of_id(task_id));
      // With the agent's id Mesos can tell a dead task from an agent that is not back yet.
      const bool is_current = task != nullptr && task->launched() && task->task_id() == task_id;
      ask.tasks.emplace_back(task_id, is_current ? task->launch->task->agent_id : std::string());
    }
    out.push_back(effect::Call{ask});
    next_round_ms_ = now.mono_ms + delay_ms_;
    delay_ms_ = std::min(delay_ms_ * 2, settings_.reconcile_max_ms);
  }
  if (now.mono_ms >= next_implicit_ms_) {
    out.push_back(effect::Call{mesos::call::Reconcile{}});
    next_implicit_ms_ = now.mono_ms + settings_.implicit_period_ms;
  }
}

}  // namespace ostler::core
