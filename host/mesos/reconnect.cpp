#include "mesos/reconnect.h"

#include <algorithm>
#include <utility>

#include "base/result.h"

namespace ostler::mesos {

Reconnect::Reconnect(std::vector<std::string> masters, Duration min, Duration max,
                     std::function<double()> random)
    : masters_(std::move(masters)),
      min_(min),
      max_(std::max(min, max)),
      random_(std::move(random)),
      wait_(min) {
  OSTLER_CHECK(!masters_.empty(), "a client needs at least one master");
}

Reconnect::Duration Reconnect::next_wait() {
  const double share = 0.5 + 0.5 * random_();
  const auto wait = std::chrono::duration_cast<Duration>(wait_ * share);
  wait_ = std::min(wait_ * 2, max_);
  return wait;
}

Reconnect::Duration Reconnect::after_failure() {
  index_ = (index_ + 1) % masters_.size();
  if (++failures_ < masters_.size()) return Duration(0);
  failures_ = 0;
  return next_wait();
}

Reconnect::Duration Reconnect::after_loss() {
  failures_ = 0;
  return next_wait();
}

void Reconnect::succeeded() {
  failures_ = 0;
  wait_ = min_;
}

}  // namespace ostler::mesos
