// What two tasks of one step cannot both have.
#pragma once

#include <string>

#include "spec/service_spec.h"

namespace ostler::spec {

// "the resource set 'server'" or "the prefix 'zk'" when tasks of the step share it, so that
// they cannot be launched together; else empty.
std::string shared_in(const PodSpec& pod, const StepSpec& step);

}  // namespace ostler::spec
