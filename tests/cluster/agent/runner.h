// Runs the tasks of all agents as real processes.
//
// One thread owns everything in here: it takes the model's outputs (start, kill, ...) in
// order, drives fetching, processes, checks and kills, and tells the model through the
// `report` callback, which is called on that thread. Fetching has a thread per task.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "cluster/agent/process_host.h"
#include "cluster/model/master.h"

namespace ostler::cluster {

class Runner {
 public:
  struct Options {
    std::string root;        // sandboxes and volumes, see sandbox.h; absolute
    std::string hosts_file;  // empty: none
    std::string tld = "autoip.dcos.thisdcos.directory";
  };
  using Report = std::function<void(const Master::TaskReport&)>;

  Runner(Options options, std::unique_ptr<ProcessHost> processes, Report report);
  // Kills every task and waits until all are dead; reports nothing any more.
  ~Runner();

  // [any-thread] Each returns at once.
  void start(output::StartTask task);
  void kill(output::KillTask kill);
  void remove_volume(output::RemoveVolume volume);
  // A signal to a task's processes, as if from outside: the task fails.
  void signal_task(const std::string& task_id, int signal_number);
  // Kills every task of an executor (of all executors: empty id) of an agent without a
  // report, then calls `dead`, on the runner's thread.
  void kill_executor(const std::string& agent_id, const std::string& executor_id, std::function<void()> dead);

  // [any-thread] A task's process and sandbox, for people who look.
  struct Facts {
    pid_t pid = 0;
    std::string sandbox;
  };
  std::map<std::string, Facts> facts() const;  // by task id

 private:
  class Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace ostler::cluster
