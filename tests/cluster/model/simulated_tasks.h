// Tasks that are not run: each goes through its states by itself.
//
// Takes the outputs meant for a runner and reports back to the master when their time
// has come: STARTING at once, RUNNING after the delay, with a check's exit code 0 and
// healthy where the task has a check or health check. Deterministic; one thread.
#pragma once

#include <map>

#include "cluster/model/master.h"

namespace ostler::cluster {

class SimulatedTasks {
 public:
  explicit SimulatedTasks(int64_t delay_ms) : delay_ms_(delay_ms) {}

  void start(int64_t now_ms, const output::StartTask& task);
  void kill(int64_t now_ms, const output::KillTask& kill);
  // Ends a task as if its process had: exit code 0 is TASK_FINISHED.
  void end(int64_t now_ms, const std::string& task_id, mesos::TaskState state, const std::string& message);

  int64_t next_wake() const;  // INT64_MAX when nothing is due
  void advance(int64_t now_ms, Master& master);

 private:
  void plan(int64_t at_ms, Master::TaskReport report);

  const int64_t delay_ms_;
  std::multimap<int64_t, Master::TaskReport> due_;
  std::map<std::string, std::pair<std::string, std::string>> live_;  // task id -> agent, framework
};

}  // namespace ostler::cluster
