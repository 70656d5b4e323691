// Calls on their way to the master: pushed by any thread, taken by the client's.
//
// While the queue is closed (there is no subscription) calls are dropped at once. A call
// that was taken is unsettled until done() says what became of it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string_view>

#include "mesos/types.h"

namespace ostler::mesos {

// Whether Mesos must have taken the calls before this one first, and this one before those
// that follow. False for ACCEPT, DECLINE and acknowledgements, which name what no other
// call names.
bool is_ordered(const Call& call);

class CallQueue {
 public:
  explicit CallQueue(size_t capacity) : capacity_(capacity) {}

  // Why the call was dropped, or empty. [any-thread]
  std::string_view push(Call call);

  // Waits until no call is queued or under way. False: that took longer. [any-thread]
  bool settle(std::chrono::milliseconds timeout);

  // Takes calls from now on, or not. [any-thread]
  void open(bool is_open);
  bool is_empty() const;

  // The client's thread only:
  std::optional<bool> next_is_ordered() const;  // none: the queue is empty
  std::optional<Call> take();
  void done();                     // with one that was taken
  std::deque<Call> drop_queued();  // for good

 private:
  const size_t capacity_;
  mutable std::mutex mutex_;  // guards the rest
  std::condition_variable settled_;
  std::deque<Call> queue_;
  size_t under_way_ = 0;
  bool is_open_ = false;
};

}  // namespace ostler::mesos
