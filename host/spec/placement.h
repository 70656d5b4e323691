// The placement text of a pod: Marathon constraints in any of their three forms.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ostler::spec {

struct Placement {
  // Rows such as {"hostname", "UNIQUE"}; all must hold; operators in upper case.
  std::vector<std::vector<std::string>> rows;
  // Why the text is no constraint. As in the SDK that is no error while reading:
  // such a rule fits nowhere, and the validator PlacementRuleIsValid refuses it.
  std::string error;
  // LIKE and UNLIKE patterns that are no regular expressions; those are errors.
  std::vector<std::string> bad_patterns;
};

// Understands ["hostname","UNIQUE"], [["hostname","UNIQUE"],["rack","MAX_PER",2],...] and
// hostname:UNIQUE,rack:LIKE:r1 with backslashes before literal separators. An
// empty text or list is no rule.
Placement parse_placement(std::string_view text);

// Whether one of a pod's constraints is about that field ("@region").
bool placement_names(const std::vector<std::vector<std::string>>& rows, std::string_view field);

}  // namespace ostler::spec
