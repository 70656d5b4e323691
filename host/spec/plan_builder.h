// Phases as written become phases with every step spelled out.
#pragma once

#include "spec/raw_spec.h"

namespace ostler::spec {

// Fills spec.plans from the plans as written, "deploy" first, or with a deploy
// plan of one serial phase per pod. `scope` is the file's; pods must be in place.
void build_plans(const Scope& scope, const RawService& raw, ServiceSpec& spec);

}  // namespace ostler::spec
