// Constraints in both notations, regular expressions included.
#include "spec/placement.h"

#include "fuzz.h"

using namespace ostler;

OSTLER_FUZZ_TARGET(placement) {
  const auto placement = spec::parse_placement(input);
  if (!placement.error.empty() || !placement.bad_patterns.empty()) return;
  for (const auto& row : placement.rows)
    fuzz::require(row.size() == 2 || row.size() == 3, "a row that is none");
}
