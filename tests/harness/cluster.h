// A local Mesos: `ostler-cluster` as a process of its own, and its control API.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "harness/installation.h"
#include "harness/process.h"

namespace ostler::harness {

class Cluster {
 public:
  struct Options {
    Installation installation;
    std::string folder;                  // work files and logs; must exist
    std::vector<std::string> arguments;  // beyond port, work folder and log
    int port = 0;                        // 0: any
  };

  // Starts it and waits until it serves. Throws HarnessError with the end of its log.
  explicit Cluster(const Options& options);
  ~Cluster();  // SIGTERM, then SIGKILL; every task ends with it

  const std::string& master() const { return master_; }          // "127.0.0.1:41233"
  const std::string& hosts_file() const { return hosts_file_; }  // names of tasks
  std::string log_file() const { return folder_ + "/cluster.log"; }
  Process& process() { return *process_; }

  // GET /control/state.
  nlohmann::json state() const;
  // POST /control/<path>; throws HarnessError unless it answers 200.
  void control(const std::string& path, const std::string& json = "{}") const;

  struct Task {
    std::string name, id, agent, state, sandbox;
    bool live = false;
    pid_t pid = 0;
    std::vector<std::string> volumes;
  };
  std::vector<Task> tasks() const;
  // The live task of that name; throws HarnessError when there is none, or two.
  Task task(const std::string& name) const;
  // The end of what the last task of each name wrote to stderr; of those that are really run.
  std::string last_words() const;
  // Task ids by name, of live tasks.
  std::map<std::string, std::string> live_tasks() const;
  // How often each task was launched, by name ("zookeeper-0-server").
  std::map<std::string, int> launches() const;
  // How often each task's process was started, by name: a launch whose files could not be
  // fetched is none.
  std::map<std::string, int> runs() const;
  // How many calls of each type the master took, of all schedulers.
  std::map<std::string, int> calls() const;
  // When the last call of that type came, in ms of Unix time.
  int64_t last_call_unix_ms(const std::string& type) const;
  // What went wrong against the rules of Mesos: two live tasks of one name, two users of
  // a volume.
  std::vector<std::string> violations() const;

 private:
  std::map<std::string, int> counts(const char* what) const;

  std::string folder_;
  std::unique_ptr<Process> process_;
  std::string master_;
  std::string hosts_file_;
};

}  // namespace ostler::harness
