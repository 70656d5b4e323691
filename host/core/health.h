// How a service is, in the codes of the SDK's /v1/health: one number that says what is going
// on, which is the HTTP code of the answer as well, and reasons for people.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/snapshot.h"

namespace ostler::core {

// java-sdk-spec-api-state.md, 7.7. The SDK declares DEGRADED and never says it: here it is what
// recovery and a deployment that waits for a person are called while most nodes serve.
enum HealthCode : int32_t {
  kErrorCreating = 500,
  kInitializing = 318,
  kDelayed = 208,
  kDegraded = 206,
  kDeployingPending = 204,
  kDeployingStarting = 202,
  kDeployingWaitingUser = 207,
  kRecoveringPending = 203,
  kRecoveringStarting = 205,
  kRestoring = 321,
  kBackingUp = 320,
  kRunning = 200,
  kNoPlan = 503,
};

struct HealthText {
  HealthCode code;
  std::string_view name;   // the SDK's
  std::string_view about;  // when it is told, and what to do
};
// All of them, in the order above.
const std::vector<HealthText>& health_texts();
// "DELAYED"; empty for what is none of them.
std::string_view health_name(int32_t code);

Health health_of(const Snapshot& snapshot);

}  // namespace ostler::core
