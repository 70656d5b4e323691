// Small helpers for messages: quoting what came from outside, and who we are.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace ostler::support {

// `text` between single quotes: at most `most` bytes of it, control bytes and bytes
// that are not UTF-8 as \xNN. For messages about input that may hold anything.
std::string quote(std::string_view text, size_t most = 120);

// Whether `text` is well-formed UTF-8 without surrogates or overlong forms.
bool is_utf8(std::string_view text);

// "host:pid" of this process, which a waiting process shows to its operator.
std::string host_and_pid();

// The moment by which a call has to be done, on the monotonic clock.
class Deadline {
 public:
  using Clock = std::chrono::steady_clock;
  explicit Deadline(uint32_t timeout_ms) : at_(Clock::now() + std::chrono::milliseconds(timeout_ms)) {}
  Clock::time_point at() const { return at_; }
  bool passed() const { return Clock::now() >= at_; }
  // 0 when it has passed.
  uint32_t left_ms() const;

 private:
  Clock::time_point at_;
};

}  // namespace ostler::support
