// Asks Mesos what it knows of our tasks: every one of them after each registration,
// again with back-off until it answered, and all tasks at long intervals.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "core/effect.h"
#include "core/settings.h"
#include "core/task_table.h"

namespace ostler::core {

class Reconciler {
 public:
  explicit Reconciler(const Settings& settings) : settings_(settings) {}

  // A (new) subscription: everything that may run is to be asked for.
  void subscribed(const TaskTable& tasks, Now now);
  void disconnected() { connected_ = false; }
  // Any update about that task is an answer.
  void answered(const std::string& task_id) { forget(task_id); }
  // The master does not know the task now: keep asking.
  void ask_again(const std::string& task_id) { open_.insert_or_assign(task_id, true); }
  void forget(const std::string& task_id);
  // A launch was sent; asked for when nothing is heard of it for `launch_silence_ms`.
  void launched(const std::string& task_id, Now now);

  // Sends the rounds that are due.
  void tick(const TaskTable& tasks, Now now, Effects& out);
  std::optional<int64_t> wake_at() const;

  // True once every task was heard of, or had a whole first round to be: until then
  // offers are not looked at, since the picture may be stale.
  bool ready(Now now) const;
  size_t unanswered() const;
  // Whether there are tasks that the master says it does not know.
  bool has_unknown() const { return open_.size() > unanswered(); }

 private:
  const Settings& settings_;
  bool connected_ = false;
  // Task id -> the master said that it does not know it (asked again, without holding
  // anything up), or never answered (false).
  std::map<std::string, bool> open_;
  // Launches that nothing was heard of yet, and when to ask for each (mono): in order,
  // with some in front that were answered since.
  std::set<std::string> silent_;
  std::deque<std::pair<int64_t, std::string>> ask_silent_;
  int64_t next_round_ms_ = 0;
  int64_t delay_ms_ = 0;
  int64_t ready_by_ms_ = 0;
  int64_t next_implicit_ms_ = 0;
};

}  // namespace ostler::core
