// The core thread's inbox: the one way by which other threads reach the core.
//
// Any thread may push; only the core thread takes. Events come out in the order they
// went in. Bounded: a push blocks while the inbox is full, which slows the Mesos
// stream's reader down instead of filling memory.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>

#include "mesos/event.h"

namespace ostler::shell {

// Asks the core thread to end the process with that code.
struct StopRequest {
  int32_t exit_code = 0;
  std::string why;
};

class PendingCommand;  // command_port.h

using Message =
    std::variant<mesos::Event, StopRequest, std::function<void()>, std::shared_ptr<PendingCommand>>;

class Inbox {
 public:
  static constexpr size_t kCapacity = 10000;
  // Whether the core thread takes what comes: not before it owns and knows the state.
  enum class Phase : uint8_t { kNotYet, kServed, kClosed };

  // False once closed; the message is dropped then.
  bool push(Message message);
  // Goes before everything else and never blocks. For stopping.
  bool push_urgent(Message message);
  // The next message, or none by that time.
  std::optional<Message> take_until(std::chrono::steady_clock::time_point until);
  // The next message if it is an event of Mesos that is here already.
  std::optional<mesos::Event> take_event();
  bool is_empty();
  // Waits for a StopRequest only, leaving everything else where it is.
  std::optional<StopRequest> take_stop(std::chrono::steady_clock::time_point until);
  // [core-thread] From now on all that comes is taken. Who waits for an answer should not
  // begin to before that; events may come in at any time.
  void serve();
  Phase phase();
  // Lets blocked pushes go; nothing is taken in any more. What is inside is not handed out:
  // commands are told that the process ends, tasks are destroyed without being run.
  void close();

 private:
  std::optional<Message> take_locked();

  std::mutex mutex_;
  std::condition_variable arrived_, room_;
  std::deque<Message> messages_;
  Phase phase_ = Phase::kNotYet;
};

}  // namespace ostler::shell
