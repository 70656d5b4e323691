// Makes a failing run small: leaves out one fault after the other, as long as it fails.
#pragma once

#include "simulation/world.h"

namespace ostler::simulation {

// The same setup with as few faults as still break the same rule.
Setup shrink(Setup setup, const Violation& violation);

}  // namespace ostler::simulation
