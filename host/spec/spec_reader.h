// A rendered svc.yml to a ServiceSpec.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "spec/names.h"
#include "spec/problem.h"
#include "spec/service_spec.h"

namespace ostler::spec {

struct ReadInput {
  std::string_view yaml;   // rendered
  std::string folder;      // of svc.yml: config templates are read below it
  const Environment& env;  // TASKCFG_*, role, region, replacement policy
};

// Reads, resolves and checks the whole file; problems go to the report. The spec
// is whole and valid when the report has no errors.
std::optional<ServiceSpec> read_spec(const ReadInput& input, Report& report);

}  // namespace ostler::spec
