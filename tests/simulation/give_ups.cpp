#include "simulation/give_ups.h"

#include <algorithm>

#include "core/names.h"
#include "simulation/service.h"

namespace ostler::simulation {

using mesos::TaskState;

std::string GiveUps::pod_of(const core::LaunchRecord& launch) {
  return core::pod_name(launch.pod_type, launch.pod_index);
}

void GiveUps::begins(int64_t now_ms) {
  begun_ms_ = now_ms;
  if (policy_) tasks_ = store_.kept.tasks();
}

void GiveUps::heard(const mesos::TaskStatus& status, int64_t now_ms) {
  if (!policy_ || status.state == TaskState::kUnknown || ended_.contains(status.task_id)) return;
  const bool is_end = status.state == TaskState::kFinished || status.state == TaskState::kFailed ||
                      status.state == TaskState::kKilled || status.state == TaskState::kError;
  if (is_end) ended_.insert(status.task_id);
  if (status.state == TaskState::kUnreachable || mesos::is_terminal(status.state)) {
    lost_.emplace(status.task_id, now_ms);
  } else {
    lost_.erase(status.task_id);
  }
}

void GiveUps::note(const std::vector<core::Change>& changes) {
  for (const core::Change& change : changes) {
    if (const auto* put = std::get_if<core::change::PutLaunch>(&change))
      tasks_[put->task].launch = put->launch;
    if (const auto* put = std::get_if<core::change::PutStatus>(&change))
      tasks_[put->task].status = put->status;
    if (const auto* one = std::get_if<core::change::DeleteTask>(&change)) tasks_.erase(one->task);
  }
}

std::string GiveUps::busy_besides(const std::string& pod) const {
  const auto target = store_.kept.configs.find(store_.kept.target_config);
  for (const auto& [name, task] : tasks_) {
    if (!task.launch || is_of_own_plan(name)) continue;
    const core::LaunchRecord& launch = *task.launch;
    const spec::PodSpec* wanted =
        target == store_.kept.configs.end() ? nullptr : target->second->pod(launch.pod_type);
    if (pod_of(launch) == pod || (wanted != nullptr && launch.pod_index >= wanted->count)) continue;
    if (launch.permanently_failed) return name;
    if (launch.task->task_id.empty() || !task.status || launch.paused) continue;
    const mesos::TaskStatus& status = *task.status;
    const bool is_coming =
        status.state == TaskState::kStaging || status.state == TaskState::kStarting ||
        (status.state == TaskState::kRunning && launch.task->check && status.check_exit_code != 0);
    if (is_coming) return name;
  }
  return {};
}

std::optional<int64_t> GiveUps::lost_since(const std::string& pod) const {
  std::optional<int64_t> since;
  for (const auto& [name, task] : tasks_) {
    if (!task.launch || pod_of(*task.launch) != pod || !task.status) continue;
    if (task.status->state != TaskState::kUnreachable && !mesos::is_terminal(task.status->state)) continue;
    // What a process concluded by itself, or found stored, it may count from its begin on.
    const auto heard = lost_.find(task.launch->task->task_id);
    const int64_t from = heard == lost_.end() ? begun_ms_ : std::max(heard->second, begun_ms_);
    since = std::min(since.value_or(from), from);
  }
  return since;
}

void GiveUps::judge(const std::string& pod, int64_t now_ms, std::string& violation) {
  const auto breaks = [&](const std::string& how) { violation = "pod " + pod + " is given up " + how; };
  if (!policy_) return breaks("though no operator asked for it, and there is no replacement policy");
  const std::optional<int64_t> since = lost_since(pod);
  if (!since || now_ms - *since < policy_->permanent_failure_timeout_s * 1000)
    breaks("by the replacement policy, but nothing of it was lost for so long");
  if (const std::string other = busy_besides(pod); !other.empty())
    breaks("by the replacement policy while " + other + " is not up");
  if (last_ms_ && now_ms - *last_ms_ < policy_->min_replace_delay_s * 1000)
    breaks("by the replacement policy " + std::to_string(now_ms - *last_ms_) + " ms after another one");
  last_ms_ = now_ms;
}

}  // namespace ostler::simulation
