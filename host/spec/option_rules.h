// What a service demands of its own options (the `x-ostler` section of its svc.yml):
// rules that belong to one service, such as "an ensemble has 3 or 5 nodes, and keeps
// its number", so that no service is known to the scheduler by name.
#pragma once

#include <string>
#include <vector>

#include "spec/names.h"
#include "spec/service_spec.h"

namespace ostler::spec {

// One option that breaks a rule.
struct OptionBreach {
  std::string option;
  std::string before;      // of a change that is not allowed; else empty
  std::string after;       // the value now
  bool is_change = false;  // `before` counts
  std::string message;     // what was expected, why, and how to revert; no period at the end
};

// Notes in each rule the value that its option has in `env`.
void take_option_values(const Environment& env, ServiceSpec& spec);

// The rules of `after` against its own values, and against those of `before` (null:
// nothing is installed yet) where a value is fixed.
std::vector<OptionBreach> option_breaches(const ServiceSpec* before, const ServiceSpec& after);

}  // namespace ostler::spec
