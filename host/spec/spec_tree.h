// A ServiceSpec as a JSON tree in which nothing is left out, for code that walks every
// field, such as the diff. The keys are those of spec_json.h.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "spec/service_spec.h"

namespace ostler::spec {

// An optional without a value is null; an unlimited amount is "unlimited".
nlohmann::ordered_json complete_tree(const ServiceSpec& spec);

}  // namespace ostler::spec
