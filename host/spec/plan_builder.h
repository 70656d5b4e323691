// Phases as written become phases with every step spelled out.
#pragma once

#include "base/result.h"
#include "spec/raw_spec.h"

namespace ostler::spec {

// Fills spec.plans from the plans as written, "deploy" first, or with a deploy
// plan of one serial phase per pod. `scope` is the file's; pods must be in place.
void build_plans(const Scope& scope, const RawService& raw, ServiceSpec& spec);

// Makes the steps of the phases that have none of their own, after a spec was
// read from JSON. Fails when a phase names a pod that is not there, or instances
// are too many.
Result<void> complete_steps(ServiceSpec& spec);

}  // namespace ostler::spec
