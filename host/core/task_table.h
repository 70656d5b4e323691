// The tasks the service has, as Mesos last described them.
//
// One entry a task name. What is stored (launch, status) comes from and goes to the
// store; the rest is how this process sees the task and is lost with it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/records.h"

namespace ostler::core {

// After this long a master has marked an agent that did not come back unreachable: it has ten
// minutes (--agent_reregister_timeout).
inline constexpr int64_t kUnknownTimeoutMs = 11 * 60 * 1000;

struct Task {
  std::shared_ptr<const LaunchRecord> launch;
  std::optional<mesos::TaskStatus> status;
  GoalOverride goal = GoalOverride::kNone;

  // Some reservations are confirmed here and not in the store yet.
  bool has_unsaved_confirmation = false;
  // Why Mesos refused what this launch needed, for people; empty: it did not.
  std::string refusal;
  // Mesos says it does not know the task now; its agent may still come back.
  bool unknown = false;
  int64_t unknown_since_ms = 0;  // mono
  int64_t since_unix_ms = 0;     // when the state last changed, for people
  // Crash back-off.
  uint32_t failures = 0;       // in a row
  int64_t not_before_ms = 0;   // mono; no relaunch earlier
  int64_t ready_since_ms = 0;  // mono; 0: not ready
  int64_t lost_since_ms = 0;   // mono, of the replacement policy; 0: it is not lost

  bool launched() const { return launch != nullptr && !launch->task->task_id.empty(); }
  const std::string& task_id() const { return launch->task->task_id; }
  mesos::TaskState state() const { return status ? status->state : mesos::TaskState::kStaging; }
  // It runs, or may run: nothing may be launched in its place.
  bool live() const { return launched() && !mesos::is_terminal(state()); }
  bool dead() const { return launched() && mesos::is_terminal(state()); }
  // It was launched as a paused one and is to be resumed, or the other way round.
  bool is_to_change_goal() const { return launch->paused != (goal == GoalOverride::kPaused); }
  // An operator wants it launched anew, as itself or as a paused one.
  bool to_be_relaunched() const {
    return launched() && (launch->permanently_failed || launch->restart_requested || is_to_change_goal());
  }
  // Nobody can reach it: its agent is away, or no master has known it for longer than agents have to
  // register again after a fail-over. It may run all the same.
  bool is_away(int64_t mono_ms) const {
    return live() && (state() == mesos::TaskState::kUnreachable ||
                      (unknown && mono_ms - unknown_since_ms >= kUnknownTimeoutMs));
  }
  // Running, and its readiness check (if it has one) last exited with 0.
  bool ready() const {
    return launched() && state() == mesos::TaskState::kRunning &&
           (!launch->task->check || (status->check_exit_code && *status->check_exit_code == 0));
  }
};

// A pod instance by its type and index.
using PodKey = std::pair<std::string, int32_t>;
struct PodOrder {
  using is_transparent = void;
  template <typename A, typename B>
  bool operator()(const A& a, const B& b) const {
    const int order = std::string_view(a.first).compare(b.first);
    return order != 0 ? order < 0 : a.second < b.second;
  }
};

class TaskTable {
 public:
  using Entry = std::pair<const std::string, Task>;  // a name and its task

  TaskTable() = default;
  TaskTable(const TaskTable&) = delete;
  TaskTable& operator=(const TaskTable&) = delete;
  // By name; an entry exists once something was stored under it.
  Task* find(std::string_view name);
  const Task* find(std::string_view name) const;
  Task& at(const std::string& name) { return tasks_[name]; }
  void erase(const std::string& name);
  const std::map<std::string, Task, std::less<>>& all() const { return tasks_; }
  std::map<std::string, Task, std::less<>>& all() { return tasks_; }

  bool any_unreachable() const;

  // Sets a task's launch and keeps the indexes right.
  void set_launch(const std::string& name, std::shared_ptr<const LaunchRecord> launch);

  // All tasks of one pod instance, by name. Valid until one comes or goes.
  const std::vector<const Entry*>& of_pod(std::string_view pod_type, int32_t index) const;
  // Of every instance that has tasks, by type and index.
  const std::map<PodKey, std::vector<const Entry*>, PodOrder>& by_pod() const { return by_pod_; }
  // Their names, of the instance that is called so ("zookeeper-0").
  std::vector<std::string> names_of_pod(std::string_view instance) const;

  // True when a task of ours holds, or intends to hold, that reservation.
  bool holds(std::string_view resource_id) const { return held_.find(resource_id) != held_.end(); }
  // The same, but what a task holds that was given up (`pod replace`) and does not run any
  // more may go.
  bool keeps(std::string_view resource_id) const;
  // The names of the tasks that do.
  const std::set<std::string>& holders(std::string_view resource_id) const;
  // Notes that all reservations of that task exist; true when that is to be stored.
  bool confirm(const std::string& name);
  // Notes that these reservations exist, whoever holds them. Stored with the next
  // confirm() of the task: until then they can be seen again.
  void confirm_resources(const std::vector<std::string_view>& resource_ids);

 private:
  std::map<std::string, Task, std::less<>> tasks_;
  std::map<PodKey, std::vector<const Entry*>, PodOrder> by_pod_;
  std::map<std::string, std::set<std::string>, std::less<>> held_;  // resource id -> task names
  void forget_holdings(const Entry& entry);
  void forget_pod(const Entry& entry);
};

}  // namespace ostler::core
