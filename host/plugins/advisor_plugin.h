// The advisor plugin: asks whether pod instances may go down (ostler/draft/advisor.h).
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "core/effect.h"
#include "plugins/instance.h"

namespace ostler::plugins {

// One caller at a time.
class AdvisorPlugin {
 public:
  explicit AdvisorPlugin(Instance& instance) : instance_(instance) {}

  // For each candidate, in order, whether it may go and why. Where the plugin fails or
  // says nothing, the answer is no. Blocks for `timeout` at most.
  std::vector<std::pair<bool, std::string>> advise(const core::effect::Advise& question,
                                                   std::chrono::milliseconds timeout);

 private:
  Instance& instance_;
};

}  // namespace ostler::plugins
