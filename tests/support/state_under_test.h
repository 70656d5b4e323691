// A state plugin under test: its calls in C++ clothes, and its owner events recorded.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "support/plugin_under_test.h"

namespace ostler::test {

struct Op {
  int32_t type = OSTLER_OP_PUT;
  std::string path;
  std::string value;
  int32_t version = OSTLER_ANY_VERSION;
};
inline Op put(std::string path, std::string value) {
  return {OSTLER_OP_PUT, std::move(path), std::move(value)};
}
inline Op create(std::string path, std::string value) {
  return {OSTLER_OP_CREATE, std::move(path), std::move(value)};
}
inline Op set(std::string path, std::string value, int32_t version = OSTLER_ANY_VERSION) {
  return {OSTLER_OP_SET, std::move(path), std::move(value), version};
}
inline Op remove(std::string path, int32_t version = OSTLER_ANY_VERSION) {
  return {OSTLER_OP_DELETE, std::move(path), "", version};
}
inline Op check(std::string path, int32_t version) { return {OSTLER_OP_CHECK, std::move(path), "", version}; }

class StateUnderTest : public PluginUnderTest {
 public:
  // Creates the plugin and hands it the owner events; starts nothing.
  StateUnderTest(const std::string& library, const std::string& config);
  ~StateUnderTest();

  // Each returns what the plugin returned; results are in the out arguments.
  Status get(const std::string& path, std::string& value, int32_t& version, uint32_t timeout_ms = 10000);
  Status children(const std::string& path, std::vector<std::string>& names, uint32_t timeout_ms = 10000);
  // Fails the test where an answer is not the next one. `each` hears of every answer.
  struct Answer {
    ostler_status_t status = OSTLER_OK;
    std::string value;
    int32_t version = 0;
    bool operator==(const Answer&) const = default;
  };
  Status get_each(const std::vector<std::string>& paths, std::vector<Answer>& answers,
                  uint32_t timeout_ms = 10000, std::function<void(size_t index)> each = {});
  Status commit(const std::vector<Op>& ops, uint32_t timeout_ms = 10000);
  ostler_state_limits_t limits();

  // The value, or "(none)" when there is no such node; for tests of the happy path.
  std::string value(const std::string& path);
  // The names joined by ' ', or "(none)".
  std::string names(const std::string& path);

  // Waits for the plugin to report; nothing when it did not in time.
  std::optional<Status> wait_for_lost(uint32_t timeout_ms = 20000);
  int times_lost();
  // Waits for an availability text that contains `part` ("" = all is well again),
  // beginning with the first one not yet waited for.
  std::optional<std::string> wait_for_availability(const std::string& part, uint32_t timeout_ms = 20000);

 private:
  const ostler_state_t* table_ = nullptr;
  ostler_state_owner_events_t events_{};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Status> lost_;
  int times_lost_ = 0;
  std::deque<std::string> availability_;
};

}  // namespace ostler::test
