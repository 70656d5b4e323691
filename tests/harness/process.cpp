#include "harness/process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <stdexcept>

namespace ostler::harness {
namespace {

constexpr const char* kInherited[] = {"PATH",        "HOME",         "LANG",          "TZ",
                                      "JAVA_HOME",   "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS",
                                      "LSAN_OPTIONS"};

std::vector<std::string> environment_block(const Environment& own) {
  Environment all = own;
  for (const char* name : kInherited) {
    if (const char* value = std::getenv(name)) all.emplace(name, value);
  }
  std::vector<std::string> block;
  for (const auto& [name, value] : all) block.push_back(name + "=" + value);
  return block;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

int open_output(const std::string& path) {
  const char* name = path.empty() ? "/dev/null" : path.c_str();
  const int fd = open(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0) throw std::runtime_error(std::string("cannot open '") + name + "': " + std::strerror(errno));
  return fd;
}

// In the child: only calls that are safe between fork and exec.
[[noreturn]] void become(char* const* arguments, char* const* environment, int out, int err, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);  // it died before the line above
  setpgid(0, 0);
  dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
  dup2(out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  // The test may have set a mask or ignore a signal, which a program would keep.
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  execve(arguments[0], arguments, environment);
  _exit(127);
}

}  // namespace

Process::Process(const ProcessOptions& options) {
  if (options.arguments.empty() || access(options.arguments[0].c_str(), X_OK) != 0) {
    throw std::runtime_error("cannot run '" + (options.arguments.empty() ? "" : options.arguments[0]) +
                             "': no such program");
  }
  std::vector<std::string> words = options.arguments;
  std::vector<std::string> block = environment_block(options.environment);
  const std::vector<char*> argv = pointers(words);
  const std::vector<char*> envp = pointers(block);
  const int out = open_output(options.stdout_path);
  const int err = open_output(options.stderr_path);
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ == 0) become(argv.data(), envp.data(), out, err, parent);
  close(out);
  close(err);
  if (pid_ < 0) throw std::runtime_error(std::string("fork: ") + std::strerror(errno));
  setpgid(pid_, pid_);
  pidfd_ = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
}

Process::~Process() {
  kill();
  if (pidfd_ >= 0) close(pidfd_);
}

bool Process::reap(int options) {
  if (exit_code_) return true;
  int status = 0;
  if (waitpid(pid_, &status, options) != pid_) return false;
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return true;
}

bool Process::is_running() { return !reap(WNOHANG); }

void Process::signal(int number) const {
  if (!exit_code_) ::kill(pid_, number);
}

std::optional<int> Process::wait(std::chrono::milliseconds timeout) {
  pollfd ended{pidfd_, POLLIN, 0};
  poll(&ended, 1, static_cast<int>(timeout.count()));
  reap(WNOHANG);
  return exit_code_;
}

void Process::kill() {
  if (exit_code_) return;
  ::kill(-pid_, SIGKILL);
  ::kill(pid_, SIGKILL);
  reap(0);
}

double resident_mib(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::atof(line.c_str() + 6) / 1024;
  }
  return 0;
}

}  // namespace ostler::harness
