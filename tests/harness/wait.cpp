#include "harness/wait.h"

#include <thread>

namespace ostler::harness {

using Clock = std::chrono::steady_clock;

void wait_until(const std::string& what, std::chrono::milliseconds timeout,
                const std::function<bool()>& is_true, const std::function<std::string()>& describe) {
  const auto until = Clock::now() + timeout;
  while (!is_true()) {
    if (Clock::now() >= until) {
      std::string text = "waited " + std::to_string(timeout.count() / 1000) + " s for " + what;
      if (describe) text += "\n" + describe();
      throw HarnessError(text);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

std::chrono::seconds patience() {
#ifdef OSTLER_SANITIZED
  return std::chrono::seconds(180);
#else
  return std::chrono::seconds(90);
#endif
}

}  // namespace ostler::harness
