// Whether the parts of a specification that came as JSON fit together. What was read from
// svc.yml always does; what somebody posts need not.
#pragma once

#include <string>
#include <vector>

#include "spec/service_spec.h"

namespace ostler::spec {

// What refers to something that is not there, has no name or has another's; empty: nothing.
std::vector<std::string> broken_references(const ServiceSpec& spec);

}  // namespace ostler::spec
