// A child process of a test: started with an environment of its own, its output in
// files, gone with the test whatever happens to either.
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ostler::harness {

using Environment = std::map<std::string, std::string>;

struct ProcessOptions {
  std::vector<std::string> arguments;  // the first is the program's path
  // Beside these, the child gets PATH, HOME, LANG, TZ, JAVA_HOME and the sanitizers'
  // options of this process, and nothing else.
  Environment environment;
  std::string stdout_path;  // appended to; empty: /dev/null
  std::string stderr_path;
};

// One owner, one thread. The child has a process group of its own and is killed with
// SIGKILL when the thread that started it ends, so start it from the main thread.
class Process {
 public:
  // Throws std::runtime_error when the process cannot be made.
  explicit Process(const ProcessOptions& options);
  ~Process();  // kills the group and waits
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  bool is_running();
  void signal(int number) const;

  // Waits until it has ended. Its exit code, 128 + the signal that ended it, or nothing
  // when it still runs after `timeout`.
  std::optional<int> wait(std::chrono::milliseconds timeout);

  // SIGKILL to the group; returns when the process is gone.
  void kill();

 private:
  bool reap(int options);

  pid_t pid_ = -1;
  int pidfd_ = -1;
  std::optional<int> exit_code_;
};

// How much memory of a process is resident (VmRSS), in MiB; 0 when it is gone.
double resident_mib(pid_t pid);

}  // namespace ostler::harness
