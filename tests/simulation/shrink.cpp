#include "simulation/shrink.h"

namespace ostler::simulation {

Setup shrink(Setup setup, const Violation& violation) {
  const auto still_fails = [&](const Setup& smaller) {
    const Outcome outcome = run(smaller);
    return outcome.violation && outcome.violation->rule == violation.rule;
  };
  // Until nothing can be left out: a fault may matter only together with another.
  for (bool has_shrunk = true; has_shrunk;) {
    has_shrunk = false;
    for (size_t i = 0; i < setup.faults.size();) {
      Setup smaller = setup;
      smaller.faults.erase(smaller.faults.begin() + static_cast<std::ptrdiff_t>(i));
      if (still_fails(smaller)) {
        setup = std::move(smaller);
        has_shrunk = true;
      } else {
        ++i;
      }
    }
  }
  return setup;
}

}  // namespace ostler::simulation
