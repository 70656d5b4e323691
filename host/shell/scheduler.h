// `ostler run`: puts the pieces together and keeps them together.
//
// The order matters and is all here: read what the operator wrote and refuse it
// before anything is started; answer HTTP early, so that a scheduler that waits can
// say what for; own the state before looking at it; know the state before talking to
// Mesos. Stopping is the reverse.
#pragma once

#include <chrono>
#include <map>
#include <string>

namespace ostler::shell {

struct SchedulerOptions {
  std::string service_file;   // svc.yml
  std::string manifest_file;  // plugins.yaml
  std::string plugin_dir;
  std::map<std::string, std::string> env;
  std::chrono::seconds lock_timeout{30};  // how long another owner of the state is waited for
};

// Runs until SIGTERM, SIGINT or a reason to end. Returns the process's exit code
// (java-sdk-engine.md, 1.6; plugins: 69, 70, 78). block_signals() must have been called.
int run_scheduler(const SchedulerOptions& options);

}  // namespace ostler::shell
