// SIGTERM and SIGINT as a callback on a thread of their own.
#pragma once

#include <functional>
#include <thread>

namespace ostler::shell {

// Blocks the two signals, for this thread and all that it starts, and ignores SIGPIPE
// (a client that hangs up must not end the process). Call first thing in main().
void block_signals();

// Calls `stop` once for the first SIGTERM or SIGINT; a second one ends the process at
// once, for when stopping hangs. The destructor ends the thread.
class SignalThread {
 public:
  explicit SignalThread(std::function<void(int signal)> stop);
  ~SignalThread();
  SignalThread(const SignalThread&) = delete;
  SignalThread& operator=(const SignalThread&) = delete;

 private:
  int wake_ = -1;  // eventfd
  std::thread thread_;
};

}  // namespace ostler::shell
