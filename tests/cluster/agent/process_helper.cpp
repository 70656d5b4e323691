// The helper process of ProcessHost: one thread that forks, reaps and kills.
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "cluster/agent/process_host.h"

namespace ostler::cluster {
namespace {

using nlohmann::json;

struct ProcessEntry {
  pid_t pid;
  pid_t parent;
  pid_t session;
};

// All processes of the machine, from /proc/N/stat.
std::vector<ProcessEntry> all_processes() {
  std::vector<ProcessEntry> found;
  DIR* directory = ::opendir("/proc");
  if (directory == nullptr) return found;
  while (const dirent* entry = ::readdir(directory)) {
    const pid_t pid = std::atoi(entry->d_name);
    if (pid <= 0) continue;
    std::ifstream file("/proc/" + std::string(entry->d_name) + "/stat");
    std::string line;
    if (!std::getline(file, line)) continue;
    // The name in parentheses may hold anything; the numbers follow the last ')'.
    const auto end = line.rfind(')');
    char state = 0;
    int parent = 0, group = 0, session = 0;
    if (end == std::string::npos ||
        std::sscanf(line.c_str() + end + 1, " %c %d %d %d", &state, &parent, &group, &session) != 4) {
      continue;
    }
    found.push_back({pid, parent, session});
  }
  ::closedir(directory);
  return found;
}

void kill_session(pid_t leader) {
  ::kill(-leader, SIGKILL);
  for (const auto& process : all_processes()) {
    if (process.session == leader && process.pid != leader) ::kill(process.pid, SIGKILL);
  }
}

// Every orphan becomes our child, so once there is no child left, nothing is.
void kill_everything() {
  while (true) {
    std::map<pid_t, pid_t> parents;
    for (const auto& process : all_processes()) parents[process.pid] = process.parent;
    for (const auto& [pid, parent] : parents) {
      for (pid_t up = parent; up > 1;) {
        if (up == ::getpid()) {
          ::kill(pid, SIGKILL);
          break;
        }
        const auto next = parents.find(up);
        if (next == parents.end()) break;
        up = next->second;
      }
    }
    while (::waitpid(-1, nullptr, WNOHANG) > 0) {
    }
    if (::waitpid(-1, nullptr, WNOHANG) < 0 && errno == ECHILD) return;
    ::poll(nullptr, 0, 5);  // What was just killed takes a moment to die.
  }
}

[[noreturn]] void become(const json& spec, pid_t helper, int error_pipe) {
  const auto fail = [&](const char* what) {
    const std::string text = std::string(what) + ": " + std::strerror(errno);
    [[maybe_unused]] const auto n = ::write(error_pipe, text.data(), text.size());
    ::_exit(127);
  };
  ::setsid();
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != helper) ::_exit(127);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) ::signal(number, SIG_DFL);
  const auto redirect = [&](const std::string& path, int to) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (fd < 0) fail(("cannot open " + path).c_str());
    ::dup2(fd, to);
  };
  redirect(spec["out"], STDOUT_FILENO);
  redirect(spec["err"], STDERR_FILENO);
  if (::chdir(spec["dir"].get_ref<const std::string&>().c_str()) != 0) fail("cannot enter the sandbox");
  std::vector<char*> argv, envp;
  for (const auto& item : spec["argv"]) argv.push_back(::strdup(item.get_ref<const std::string&>().c_str()));
  for (const auto& item : spec["env"]) envp.push_back(::strdup(item.get_ref<const std::string&>().c_str()));
  argv.push_back(nullptr);
  envp.push_back(nullptr);
  ::execve(argv[0], argv.data(), envp.data());
  fail("cannot execute the command");
  ::_exit(127);
}

class Helper {
 public:
  explicit Helper(int socket) : socket_(socket) {}

  [[noreturn]] void run() {
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    ::sigprocmask(SIG_BLOCK, &child, nullptr);
    const int signals = ::signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
    std::string buffer;
    while (true) {
      pollfd waiting[2] = {{socket_, POLLIN, 0}, {signals, POLLIN, 0}};
      ::poll(waiting, 2, -1);
      if (waiting[1].revents != 0) {
        signalfd_siginfo ignored;
        while (::read(signals, &ignored, sizeof ignored) > 0) {
        }
        reap();
      }
      if (waiting[0].revents == 0) continue;
      char chunk[65536];
      const auto n = ::recv(socket_, chunk, sizeof chunk, 0);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) finish();
      buffer.append(chunk, static_cast<size_t>(n));
      for (const auto& message : split_messages(buffer)) handle(json::parse(message));
    }
  }

 private:
  [[noreturn]] void finish() {
    kill_everything();
    ::_exit(0);
  }

  void tell(uint64_t id, ProcessNews::Kind kind, pid_t pid, int status, const std::string& error) {
    const json message{
        {"id", id}, {"kind", static_cast<int>(kind)}, {"pid", pid}, {"status", status}, {"error", error}};
    if (!write_message(socket_, message.dump(-1, ' ', false, json::error_handler_t::replace))) finish();
  }

  void handle(const json& message) {
    const uint64_t id = message["id"];
    if (!message.contains("signal")) {
      spawn(id, message);
      return;
    }
    const auto found = pids_.find(id);
    if (found == pids_.end()) return;
    const int number = message["signal"];
    if (number == SIGKILL) {
      kill_session(found->second);
    } else {
      ::kill(-found->second, number);
    }
  }

  void spawn(uint64_t id, const json& spec) {
    int error_pipe[2];
    if (::pipe2(error_pipe, O_CLOEXEC) != 0) {
      tell(id, ProcessNews::Kind::kFailed, 0, 0,
           std::string("cannot create a pipe: ") + std::strerror(errno));
      return;
    }
    const pid_t helper = ::getpid();
    const pid_t pid = ::fork();
    if (pid == 0) become(spec, helper, error_pipe[1]);
    ::close(error_pipe[1]);
    std::string error = pid < 0 ? std::string("cannot fork: ") + std::strerror(errno) : "";
    char chunk[512];
    while (true) {  // Ends when the command runs (close on exec) or has told what is wrong.
      const auto n = ::read(error_pipe[0], chunk, sizeof chunk);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) break;
      error.append(chunk, static_cast<size_t>(n));
    }
    ::close(error_pipe[0]);
    if (!error.empty()) {
      if (pid > 0) ::waitpid(pid, nullptr, 0);
      tell(id, ProcessNews::Kind::kFailed, 0, 0, error);
      return;
    }
    pids_[id] = pid;
    ids_[pid] = id;
    tell(id, ProcessNews::Kind::kStarted, pid, 0, {});
  }

  void reap() {
    int status = 0;
    for (pid_t pid; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
      const auto found = ids_.find(pid);
      if (found == ids_.end()) continue;  // An orphan of one of ours.
      const auto id = found->second;
      ids_.erase(found);
      pids_.erase(id);
      kill_session(pid);
      tell(id, ProcessNews::Kind::kExited, pid, status, {});
    }
  }

  const int socket_;
  std::map<uint64_t, pid_t> pids_;
  std::map<pid_t, uint64_t> ids_;
};

}  // namespace

void run_process_helper(int socket) {
  ::prctl(PR_SET_NAME, "ostler-tasks");
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  // Ctrl-C in a terminal is for the program; the helper ends when the program does.
  ::setsid();
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) ::signal(number, SIG_IGN);
  // Nothing of the program's may stay open here: its listening socket, its output.
  constexpr int kSocket = 3;
  if (socket != kSocket) ::dup2(socket, kSocket);
  ::fcntl(kSocket, F_SETFD, FD_CLOEXEC);
  ::close_range(kSocket + 1, ~0U, 0);
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  ::dup2(null, STDIN_FILENO);
  ::dup2(null, STDOUT_FILENO);
  Helper(kSocket).run();
}

}  // namespace ostler::cluster
