#include "shell/signals.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/result.h"

namespace ostler::shell {
namespace {

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

}  // namespace

void block_signals() {
  const sigset_t set = stop_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

SignalThread::SignalThread(std::function<void(int)> stop) {
  wake_ = eventfd(0, EFD_CLOEXEC);
  const sigset_t set = stop_signals();
  const int signals = signalfd(-1, &set, SFD_CLOEXEC);
  OSTLER_CHECK(wake_ >= 0 && signals >= 0, "no descriptor left for signals");
  thread_ = std::thread([this, signals, stop = std::move(stop)] {
    pthread_setname_np(pthread_self(), "signals");
    pollfd waiting[2] = {{signals, POLLIN, 0}, {wake_, POLLIN, 0}};
    for (int seen = 0;;) {
      if (poll(waiting, 2, -1) < 0) continue;
      if (waiting[1].revents != 0) break;
      signalfd_siginfo info{};
      if (read(signals, &info, sizeof info) != sizeof info) continue;
      if (++seen > 1) _exit(128 + static_cast<int>(info.ssi_signo));
      stop(static_cast<int>(info.ssi_signo));
    }
    close(signals);
  });
}

SignalThread::~SignalThread() {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(wake_, &one, sizeof one);
  thread_.join();
  close(wake_);
}

}  // namespace ostler::shell
