#include "cluster/http/stream.h"

namespace ostler::cluster {

void Stream::push(Event event) {
  const std::lock_guard lock(mutex_);
  events_.push_back(std::move(event));
  changed_.notify_all();
}

void Stream::end(bool cut) {
  const std::lock_guard lock(mutex_);
  ended_ = true;
  cut_ = cut;
  if (cut) events_.clear();
  changed_.notify_all();
}

void Stream::stall() {
  const std::lock_guard lock(mutex_);
  stalled_ = true;
}

Stream::Popped Stream::pop(std::chrono::milliseconds wait) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, wait, [&] { return ended_ || (!stalled_ && !events_.empty()); });
  Popped popped;
  popped.stalled = stalled_;
  if (!stalled_) {
    popped.events.assign(std::make_move_iterator(events_.begin()), std::make_move_iterator(events_.end()));
    events_.clear();
  }
  popped.ended = ended_;
  popped.cut = cut_;
  return popped;
}

}  // namespace ostler::cluster
