// The service that simulations deploy: three nodes of two tasks, as the one we ship,
// and what an operator may make of it.
#pragma once

#include <cstdint>
#include <memory>

#include "cluster/model/events.h"
#include "spec/service_spec.h"

namespace ostler::simulation {

inline constexpr uint32_t kVariants = 10;

// Variant 0 is what is first deployed. 1 to 6 change one thing each, kFewer has a node less,
// which is decommissioned; kRejected and after can not be changed to.
inline constexpr uint32_t kFewer = 7, kRejected = 8;
std::shared_ptr<const spec::ServiceSpec> service(uint32_t variant, bool parallel);

// An agent that holds one node and a bit, with reservations of others on it where
// `shared`: another framework's in our role, and a static one.
cluster::AgentSpec agent(int number, bool shared);

}  // namespace ostler::simulation
