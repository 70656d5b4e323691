// Host names to addresses.
//
// Through the system's resolver, or, when OSTLER_HOSTS_FILE names a file, from
// that file alone: a local cluster has no DNS and puts tasks' names there. The
// file is read anew each time, because it grows as tasks are placed.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "bootstrap/task.h"

namespace ostler::bootstrap {

// The IPv4 and IPv6 addresses of a name, without repetitions; empty when it has none.
std::vector<std::string> resolve(const std::string& name, const Environment& env);

// The pauses between trials and the clock, so that tests need not wait.
struct Clock {
  std::function<std::chrono::milliseconds()> now;
  std::function<void(std::chrono::milliseconds)> sleep;
};
Clock real_clock();

struct Wait {
  std::chrono::milliseconds timeout{0};  // 0: no limit
  Clock clock = real_clock();
  std::function<void(const std::string&)> log = [](const std::string&) {};
};

// Waits until each name has an address, trying once a second.
Result<void> wait_for_hosts(const std::vector<std::string>& names, const Environment& env, const Wait& wait);

// Waits until `name` has exactly one address and that is `ip`.
Result<void> wait_for_self(const std::string& name, const std::string& ip, const Environment& env,
                           const Wait& wait);

}  // namespace ostler::bootstrap
