// One COMMAND check or health check of a running task: when to run it next, and what
// its results mean. No process and no clock in here; the Runner has both.
#pragma once

#include <cstdint>
#include <optional>

#include "mesos/types.h"

namespace ostler::cluster {

class Checker {
 public:
  Checker(const mesos::Check& check, bool is_health) : check_(check), is_health_(is_health) {}

  // The task began to run now; returns when to run the command first.
  int64_t started(int64_t now_ms);

  struct Verdict {
    bool tell = false;                 // an update is due
    std::optional<int32_t> exit_code;  // of a check: absent means "no result"
    bool healthy = false;              // of a health check
    bool kill = false;                 // too many failures
    int64_t next_ms = 0;               // when to run the command again
  };
  // The command ended with this wait status; nothing: it could not run or took longer
  // than the timeout and was killed.
  Verdict finished(int64_t now_ms, std::optional<int> wait_status);

  int64_t timeout_ms() const { return static_cast<int64_t>(check_.timeout_s * 1000); }
  const mesos::CommandInfo& command() const { return check_.command; }
  bool is_health() const { return is_health_; }

 private:
  const mesos::Check check_;
  const bool is_health_;
  int64_t started_ms_ = 0;
  bool has_result_ = false;
  std::optional<int32_t> last_;
  uint32_t failures_ = 0;
  bool was_healthy_ = false;
};

}  // namespace ostler::cluster
