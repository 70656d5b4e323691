// One subscriber's event stream between the model and its HTTP connection.
//
// The cluster pushes, the connection's thread pops; any thread may do either.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <vector>

#include "cluster/model/events.h"

namespace ostler::cluster {

class Stream {
 public:
  void push(Event event);
  // No more events. Cut: the connection breaks instead of ending in order.
  void end(bool cut);
  // A hung master: nothing is sent any more, heartbeats neither, but the connection stays.
  void stall();

  struct Popped {
    std::vector<Event> events;
    bool ended = false;  // after these events
    bool cut = false;
    bool stalled = false;
  };
  // Waits until there is something, at most this long.
  Popped pop(std::chrono::milliseconds wait);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Event> events_;
  bool ended_ = false;
  bool cut_ = false;
  bool stalled_ = false;
};

}  // namespace ostler::cluster
