// Which changes of a running service are refused (java-sdk-spec-api-state.md, 5.3).
#pragma once

#include <string>
#include <vector>

#include "spec/service_spec.h"

namespace ostler::core {

// All objections to going from `old_spec` (nullptr: nothing deployed yet) to
// `new_spec`, in the SDK's form: field, transition or value, and what is wrong.
std::vector<std::string> validate(const spec::ServiceSpec* old_spec, const spec::ServiceSpec& new_spec);

}  // namespace ostler::core
