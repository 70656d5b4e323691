// The roles of what a service holds, which may be more than its pods have now: a pod that
// was removed leaves reservations that only offers to its role can give back.
#pragma once

#include <string>
#include <vector>

#include "core/records.h"

namespace ostler::core {

// The role a resource of ours is offered to; empty when its record does not say.
std::string role_of(const mesos::Resource& resource);

// Of all that is stored as held or left behind; sorted, each once.
std::vector<std::string> held_roles(const StoredState& stored);

}  // namespace ostler::core
