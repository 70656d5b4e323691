// Waiting for something to become true, with a failure that says what was there instead.
#pragma once

#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>

namespace ostler::harness {

// What was waited for did not come, or can come no more.
class HarnessError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Asks `is_true` every 20 ms. After `timeout` throws HarnessError: "waited 60 s for
// <what>", then what `describe` says.
void wait_until(const std::string& what, std::chrono::milliseconds timeout,
                const std::function<bool()>& is_true, const std::function<std::string()>& describe = {});

// How long tests wait before they call it a failure: long, because a machine may build
// at the same time, and longer with sanitizers.
std::chrono::seconds patience();

}  // namespace ostler::harness
