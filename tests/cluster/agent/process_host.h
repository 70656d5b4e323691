// Starts processes from a helper process of its own, so that none of them can outlive us.
//
// The helper is forked before any thread exists, has one thread, and adopts every
// descendant (child subreaper). When its socket to us closes, for whatever reason (also
// kill -9), it kills all of them and ends. Each process gets its own session; when it
// exits or is killed, what is left of the session is killed too.
//
// One thread at a time uses a ProcessHost; fd() becomes readable when read() has news.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace ostler::cluster {

struct ProcessSpec {
  std::vector<std::string> argv;  // argv[0] is an absolute path
  std::vector<std::pair<std::string, std::string>> environment;
  std::string directory;
  std::string stdout_path;  // created, appended to
  std::string stderr_path;
};

struct ProcessNews {
  uint64_t id = 0;
  enum class Kind : uint8_t { kStarted, kFailed, kExited } kind = Kind::kStarted;
  pid_t pid = 0;
  int status = 0;     // of kExited, as from waitpid
  std::string error;  // of kFailed
};

class ProcessHost {
 public:
  // Forks the helper. Call it before starting threads.
  static Result<std::unique_ptr<ProcessHost>> start();
  // Ends the helper and everything it started, and waits for that.
  ~ProcessHost();
  ProcessHost(const ProcessHost&) = delete;
  ProcessHost& operator=(const ProcessHost&) = delete;

  // The caller chooses ids; an id is free again after kFailed or kExited.
  void spawn(uint64_t id, const ProcessSpec& spec);
  // To the whole process group; SIGKILL also reaches the rest of its session.
  void signal(uint64_t id, int signal_number);

  int fd() const { return socket_; }
  // What happened since, without waiting. Empty and is_lost() when the helper died.
  std::vector<ProcessNews> read();
  bool is_lost() const { return is_lost_; }
  pid_t helper_pid() const { return helper_; }

 private:
  ProcessHost(int socket, pid_t helper) : socket_(socket), helper_(helper) {}
  int socket_;
  pid_t helper_;
  bool is_lost_ = false;
  std::string buffer_;
};

// The helper's life; never returns.
[[noreturn]] void run_process_helper(int socket);

// Messages between the two: a length, then JSON. Blocking write; false when the other
// side is gone.
bool write_message(int socket, const std::string& text);
// Takes whole messages off the front of `buffer`.
std::vector<std::string> split_messages(std::string& buffer);

}  // namespace ostler::cluster
