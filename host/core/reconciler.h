// Asks Mesos what it knows of our tasks: every one of them after each registration,
// again with back-off until it answered, and all tasks at long intervals.
#pragma once

#include <algorithm>
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
  // An answer that leaves open what became of it, UNKNOWN or UNREACHABLE: asked again with
  // back-off. When its agent is back, Mesos only speaks of what that agent has.
  void left_open(const std::string& task_id) {
    forget(task_id);
    open_.emplace(task_id, true);
  }
  // There is a reason to ask for it now.
  void ask_again(const std::string& task_id) {
    open_.insert_or_assign(task_id, true);
    next_round_ms_ = 0;
  }
  // There is a reason to hear of all that runs, also of what nobody remembers.
  void ask_for_all(Now now) { next_implicit_ms_ = std::min(next_implicit_ms_, now.mono_ms); }
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
  // Says the id of each task of which it is open what became of it, though the master was
  // asked.
  template <typename Each>
  void each_open(Each&& say) const {
    for (const auto& [task_id, was_answered] : open_) {
      if (was_answered) say(task_id);
    }
  }

 private:
  const Settings& settings_;
  bool connected_ = false;
  // Task id -> the master's answer left it open (asked again, without holding anything up),
  // or it never answered (false).
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
