// What the core asks its shell to do, in order.
//
// The shell carries effects out one by one: a Persist has succeeded before the Call
// that follows it is sent. Nothing else is promised, so a crash may fall between
// any two of them.
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

}  // namespace effect

using Effect = std::variant<effect::Persist, effect::Call, effect::Exit, effect::Log, effect::Metric>;
using Effects = std::vector<Effect>;

}  // namespace ostler::core
