// The liveness rules of the design: what must be so once faults have stopped and time
// has passed.
#pragma once

#include <string>

namespace ostler::simulation {

class World;

// What is not as it should be yet, in a sentence; empty when the world is at rest.
std::string unrest(const World& world);
// The rule that such a sentence, if it stays, breaks.
int broken_liveness_rule(const std::string& unrest);

}  // namespace ostler::simulation
