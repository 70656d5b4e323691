// The service that simulations deploy: three nodes of two tasks, as the one we ship,
// and what an operator may make of it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "cluster/model/events.h"
#include "spec/service_spec.h"

namespace ostler::simulation {

inline constexpr uint32_t kVariants = 10;

// Variant 0 is what is first deployed. 1 to 6 change one thing each, kFewer has a node less,
// which is decommissioned; kRejected and after can not be changed to.
inline constexpr uint32_t kFewer = 7, kRejected = 8;
// `plan`: 0, or one of the shapes of a plan of its own beside `deploy`, called kOwnPlan: its
// strategies, and what its tasks (of the goals ONCE and FINISH) share.
inline constexpr uint32_t kPlans = 15;
inline constexpr const char* kOwnPlan = "sidecar";
// `policy`: 0, or one of the replacement policies.
inline constexpr uint32_t kPolicies = 4;
std::optional<spec::ReplacementPolicy> policy_of(uint32_t policy);
std::shared_ptr<const spec::ServiceSpec> service(uint32_t variant, bool parallel, uint32_t plan,
                                                 uint32_t policy);
// A task of that plan, by its name or its id's: it ends by itself.
bool is_of_own_plan(std::string_view task_name);

// An agent that holds one node and a bit, with reservations of others on it where
// `shared`: another framework's in our role, and a static one.
cluster::AgentSpec agent(int number, bool shared);

}  // namespace ostler::simulation
