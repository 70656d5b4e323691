#include "cluster/agent/checker.h"

#include <sys/wait.h>

#include <algorithm>

namespace ostler::cluster {
namespace {
constexpr int64_t kShortestIntervalMs = 10;  // An interval of 0 must not fill the machine.

int64_t to_ms(double seconds) { return static_cast<int64_t>(std::max(0.0, seconds) * 1000); }
}  // namespace

int64_t Checker::started(int64_t now_ms) {
  started_ms_ = now_ms;
  return now_ms + to_ms(check_.delay_s);
}

Checker::Verdict Checker::finished(int64_t now_ms, std::optional<int> wait_status) {
  Verdict verdict;
  verdict.next_ms = now_ms + std::max(kShortestIntervalMs, to_ms(check_.interval_s));
  std::optional<int32_t> code;
  if (wait_status && WIFEXITED(*wait_status)) code = WEXITSTATUS(*wait_status);
  if (!is_health_) {
    verdict.exit_code = code;
    verdict.tell = !has_result_ ? code.has_value() : code != last_;
    has_result_ = has_result_ || code.has_value();
    last_ = code;
    return verdict;
  }
  if (code == 0) {
    verdict.healthy = true;
    verdict.tell = !was_healthy_ || failures_ > 0;
    was_healthy_ = true;
    failures_ = 0;
    return verdict;
  }
  // Until it was healthy once, failures within the grace period do not count.
  if (!was_healthy_ && now_ms - started_ms_ < to_ms(check_.grace_period_s)) return verdict;
  ++failures_;
  verdict.tell = true;
  verdict.kill = check_.consecutive_failures > 0 && failures_ >= check_.consecutive_failures;
  return verdict;
}

}  // namespace ostler::cluster
