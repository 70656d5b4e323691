// Watches that a scheduler keeps its promises: never two live tasks of one name in a
// framework, never two users of one volume. Also counts launches, and how many of
// them came to run.
//
// It sees the truth of the agents, not what the master believes, so a task on an
// unreachable agent still counts as live.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "mesos/types.h"

namespace ostler::cluster {

class Audit {
 public:
  void started(const std::string& framework_id, const mesos::TaskInfo& task, const std::string& agent_id,
               const mesos::ExecutorInfo& executor, int64_t now_ms);
  void ran(const std::string& framework_id, const mesos::TaskInfo& task);
  void ended(const std::string& framework_id, const mesos::TaskInfo& task);
  void executor_ended(const mesos::ExecutorInfo& executor);

  // By "framework id/task name".
  const std::map<std::string, uint64_t>& launches() const { return launches_; }
  // Of the launches: those whose process was started.
  const std::map<std::string, uint64_t>& runs() const { return runs_; }
  // One sentence each; at most kMaxViolations are kept.
  const std::vector<std::string>& violations() const { return violations_; }
  uint64_t violation_count() const { return violation_count_; }

 private:
  static constexpr size_t kMaxViolations = 100;  // Enough to see what is wrong.
  void report(std::string text);
  void use(const std::string& volume, const std::string& user, int64_t now_ms);

  std::map<std::string, uint64_t> launches_;
  std::map<std::string, uint64_t> runs_;
  std::map<std::string, std::set<std::string>> live_;     // name -> "task id on agent"
  std::map<std::string, std::string> live_on_;            // task id -> "task id on agent"
  std::map<std::string, std::set<std::string>> volumes_;  // persistence id -> users
  std::vector<std::string> violations_;
  uint64_t violation_count_ = 0;
};

}  // namespace ostler::cluster
