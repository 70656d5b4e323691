// Carries the core's questions to the advisor, on a thread of its own, and the answers back.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "core/advice.h"
#include "plugins/advisor_plugin.h"

namespace ostler::shell {

class AdvisorRunner {
 public:
  // No thread without an advisor (null). `answer` is called on the runner's thread; both
  // must outlive it.
  AdvisorRunner(plugins::AdvisorPlugin* advisor, std::function<void(core::Advice)> answer);
  // Waits for the call that is under way, for its timeout at most.
  ~AdvisorRunner();
  AdvisorRunner(const AdvisorRunner&) = delete;
  AdvisorRunner& operator=(const AdvisorRunner&) = delete;

  // The core asks one question at a time; a later one takes the place of one that was not
  // asked yet. [any-thread]
  void ask(core::effect::Advise question);

 private:
  void run();

  plugins::AdvisorPlugin* advisor_;
  std::function<void(core::Advice)> answer_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<core::effect::Advise> question_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace ostler::shell
