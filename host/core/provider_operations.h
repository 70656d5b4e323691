// Operations on resources of one resource provider each.
//
// A disk with a profile or a CSI volume is a resource provider's; the rest is the agent's
// own. Mesos hands an operation to one of them as a whole, so it refuses a RESERVE,
// UNRESERVE, CREATE or DESTROY of resources of several.
#pragma once

#include <vector>

#include "mesos/types.h"

namespace ostler::core {

// Adds to `out` one operation for each provider that has some of `resources`: first for
// the agent's own, then by the provider's id. Within one they keep their order.
void add_operations(std::vector<mesos::Operation>& out, mesos::Operation::Type type,
                    std::vector<mesos::Resource> resources);

}  // namespace ostler::core
