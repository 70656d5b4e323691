// When to try which master next. Pure: time stays outside, chance is handed in.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace ostler::mesos {

class Reconnect {
 public:
  using Duration = std::chrono::milliseconds;

  // `random` gives numbers in [0, 1).
  Reconnect(std::vector<std::string> masters, Duration min, Duration max, std::function<double()> random);

  const std::string& master() const { return masters_[index_]; }

  // The present master failed before it let us in: goes on to the next one. Returns how
  // long to wait first: nothing, until each master was tried in vain.
  Duration after_failure();

  // A subscription ended, or the leader refused us: the same master again. Returns how
  // long to wait first, so that a thousand schedulers do not come back at once.
  Duration after_loss();

  // A subscription stands: the next wait is a short one again.
  void succeeded();

 private:
  Duration next_wait();

  const std::vector<std::string> masters_;
  const Duration min_;
  const Duration max_;
  const std::function<double()> random_;
  Duration wait_;
  size_t index_ = 0;
  size_t failures_ = 0;  // in a row, of different masters
};

}  // namespace ostler::mesos
