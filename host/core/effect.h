// What the core asks its shell to do, in order.
//
// The shell stores what several events' Persists say before it does anything else, so
// each has succeeded before the Call that follows it is sent; then it does the rest in
// order. No Persist may stand for an earlier Call having been sent: a crash may fall
// between any two effects.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/records.h"
#include "mesos/types.h"

namespace ostler::core {

// One point in time on two clocks: durations use `mono_ms`, what people read and
// what is stored uses `unix_ms`.
struct Now {
  int64_t mono_ms = 0;
  int64_t unix_ms = 0;
};

namespace effect {

// All of the changes, or none.
struct Persist {
  std::vector<Change> changes;
};

// Say this to the master. Lost if the stream is down; the core does not rely on it.
struct Call {
  mesos::Call call;
};

// End the process with one of the SDK's exit codes (java-sdk-engine.md, 1.6).
struct Exit {
  int32_t code = 0;
  std::string message;
};

struct Log {
  int32_t level = 1;  // log::Level
  std::string message;
  std::vector<std::pair<std::string_view, std::string>> fields;  // names are literals
};

// Adds to a counter (kAdd), or sets a gauge (kSet).
struct Metric {
  enum class Kind : uint8_t { kAdd, kSet } kind = Kind::kAdd;
  std::string name;
  double value = 1;
};

// One pod instance, as an advisor is told of it (ostler/draft/advisor.h).
struct AdviceMember {
  std::string pod_type, pod, host;
  int32_t index = 0;
  uint32_t flags = 0;  // enum ostler_advice_member_flag
  std::vector<std::pair<std::string, uint32_t>> ports;
};

// Ask the advisor; the answer is an Advice with the same number. One is open at a time.
struct Advise {
  uint64_t id = 0;
  bool has_come_back = false;  // else: may it go down
  std::vector<AdviceMember> members;
};

}  // namespace effect

using Effect =
    std::variant<effect::Persist, effect::Call, effect::Exit, effect::Log, effect::Metric, effect::Advise>;
using Effects = std::vector<Effect>;

// log::Level's values.
inline constexpr int32_t kLogInfo = 1, kLogWarning = 2, kLogError = 3;
inline void log(Effects& out, int32_t level, std::string message,
                std::vector<std::pair<std::string_view, std::string>> fields = {}) {
  out.push_back(effect::Log{level, std::move(message), std::move(fields)});
}
inline void count(Effects& out, std::string counter, double amount = 1) {
  out.emplace_back(effect::Metric{effect::Metric::Kind::kAdd, std::move(counter), amount});
}

}  // namespace ostler::core
