// The status of a step, phase or plan (java-sdk-spec-api-state.md, 7.1).
#pragma once

#include <cstdint>
#include <string_view>

namespace ostler::core {

enum class Status : uint8_t {
  kError,     // cannot go on without a person
  kWaiting,   // interrupted: waits for an operator
  kPending,   // not begun
  kPrepared,  // wants offers, none fitted yet
  kStarting,  // launched
  kStarted,   // running, not ready
  kComplete,
  kInProgress,  // of phases and plans only
  kDelayed,     // waits for a back-off to end
};

std::string_view to_string(Status status);  // "IN_PROGRESS"

}  // namespace ostler::core
