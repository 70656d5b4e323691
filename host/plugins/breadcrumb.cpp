#include "plugins/breadcrumb.h"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>

namespace ostler::plugins {
namespace {

thread_local const char* t_plugin = nullptr;
thread_local const char* t_function = nullptr;

struct Signal {
  int number;
  const char* name;
  struct sigaction before;
};
Signal g_signals[] = {{SIGSEGV, "SIGSEGV", {}},
                      {SIGBUS, "SIGBUS", {}},
                      {SIGILL, "SIGILL", {}},
                      {SIGFPE, "SIGFPE", {}},
                      {SIGABRT, "SIGABRT", {}}};
bool g_installed = false;

// A stack for the handler, so that an overflow of the thread's own stack is told too.
// Made when the thread first enters a plugin; a thread that has one keeps it.
class SignalStack {
 public:
  SignalStack() {
    stack_t current{};
    if (sigaltstack(nullptr, &current) != 0 || (current.ss_flags & SS_DISABLE) == 0) return;
    memory_ = mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory_ == MAP_FAILED) return;
    stack_t wanted{};
    wanted.ss_sp = memory_;
    wanted.ss_size = kSize;
    sigaltstack(&wanted, nullptr);
  }
  ~SignalStack() {
    if (memory_ == MAP_FAILED) return;
    stack_t none{};
    none.ss_flags = SS_DISABLE;
    sigaltstack(&none, nullptr);
    munmap(memory_, kSize);
  }
  void touch() const {}

 private:
  static constexpr size_t kSize = 32 * 1024;
  void* memory_ = MAP_FAILED;
};

// Only what POSIX allows in a signal handler.
void handle(int number, siginfo_t* info, void*) {
  Signal* signal = nullptr;
  for (Signal& candidate : g_signals) {
    if (candidate.number == number) signal = &candidate;
  }
  if (signal == nullptr) return;
  char line[512];
  size_t used = 0;
  const auto put = [&](const char* text) {
    const size_t size = std::strlen(text);
    for (size_t i = 0; i < size && used < sizeof line - 1; ++i) line[used++] = text[i];
  };
  put("FATAL: ");
  put(signal->name);
  if (t_plugin != nullptr) {
    put(" in plugin '");
    put(t_plugin);
    put("', called through ");
    put(t_function);
  } else {
    put(" outside of any plugin call");
  }
  line[used++] = '\n';
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line, used);

  sigaction(number, &signal->before, nullptr);
  // A fault happens again when this returns; a signal somebody sent does not.
  if (info->si_code <= 0) raise(number);
}

}  // namespace

Breadcrumb::Breadcrumb(const char* plugin, const char* function) noexcept
    : plugin_before_(t_plugin), function_before_(t_function) {
  if (g_installed) {
    thread_local const SignalStack stack;
    stack.touch();
  }
  t_plugin = plugin;
  t_function = function;
}

Breadcrumb::~Breadcrumb() {
  t_plugin = plugin_before_;
  t_function = function_before_;
}

void install_crash_handler() {
  if (g_installed) return;
  g_installed = true;
  for (Signal& signal : g_signals) {
    struct sigaction action {};
    action.sa_sigaction = handle;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    sigaction(signal.number, &action, &signal.before);
  }
}

}  // namespace ostler::plugins
