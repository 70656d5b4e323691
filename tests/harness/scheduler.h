// One `ostler run` as a process, and what its API says.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "harness/http.h"
#include "harness/installation.h"
#include "harness/process.h"

namespace ostler::harness {

class Scheduler {
 public:
  struct Options {
    Installation installation;
    std::string folder;                  // its log and its state; must exist
    std::string name = "scheduler";      // of the log file
    std::string master;                  // "127.0.0.1:41233"
    Environment service;                 // the variables of svc.yml, see quick_service()
    std::string manifest;                // path; empty: the one that keeps state in SQLite
    std::vector<std::string> arguments;  // beyond the manifest's
    std::string command;                 // of a shell, as Marathon runs it; empty: `ostler run ...`
  };

  // Starts it and returns at once.
  explicit Scheduler(const Options& options);
  // Kills it; tasks go on.
  ~Scheduler() = default;

  Process& process() { return *process_; }
  // Ends it as an operator does. Its exit code; throws HarnessError when it does not end.
  int terminate();
  // Waits for it to end by itself. Its exit code.
  int wait_exit(std::chrono::milliseconds timeout);

  // Its log since this start: one JSON record a line.
  std::string log() const;
  bool has_logged(const std::string& text) const { return log().find(text) != std::string::npos; }
  void wait_logged(const std::string& text);

  // "http://127.0.0.1:41234"; waits until the API serves.
  const std::string& api();
  HttpReply get(const std::string& path);
  nlohmann::json get_json(const std::string& path);  // throws HarnessError unless 2xx

  // Waits for `is_true`; a failure shows the plan, the health and the last log lines.
  // Throws at once when the process ended.
  void wait_for(const std::string& what, const std::function<bool()>& is_true);
  void wait_for(const std::string& what, std::chrono::milliseconds timeout,
                const std::function<bool()>& is_true);
  // Until Mesos knows it.
  void wait_subscribed() { wait_logged("subscribed to "); }
  // Until the deploy plan is complete and nothing else is to be done.
  void wait_deployed();
  bool is_complete(const std::string& plan);
  // Until /v1/health has this code. It may have another for a while, as when a readiness
  // check runs out of time on a machine that is busy with other tests.
  void wait_health(int code);

  // Task ids by name, as /v1/pod/status shows them.
  std::map<std::string, std::string> task_ids();
  // "127.0.0.11:1140", ...: where clients of the ensemble connect.
  std::vector<std::string> client_addresses();

  // What went on, for a failure's text.
  std::string describe();

 private:
  Options options_;
  std::string log_path_;
  size_t log_from_ = 0;
  std::unique_ptr<Process> process_;
  std::string api_;
};

// A plan of the API as a tree, one line a phase and step, with what each step waits for.
std::string plan_text(const std::string& name, const nlohmann::json& plan);

}  // namespace ostler::harness
