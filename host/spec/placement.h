// The placement text of a pod: Marathon constraints in any of their three forms, and the rule
// objects of the SDK.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ostler::spec {

struct Placement {
  // Rows such as {"hostname", "UNIQUE"}; all must hold; operators in upper case. A rule object
  // is a row of one cell, its JSON: what it means is for the offers plugin to say.
  std::vector<std::vector<std::string>> rows;
  // Why the text is no constraint. As in the SDK that is no error while reading:
  // such a rule fits nowhere, and the validator PlacementRuleIsValid refuses it.
  std::string error;
  // LIKE and UNLIKE patterns that are no regular expressions; those are errors.
  std::vector<std::string> bad_patterns;
};

// Understands ["hostname","UNIQUE"], [["hostname","UNIQUE"],["rack","MAX_PER",2],...] and
// hostname:UNIQUE,rack:LIKE:r1 with backslashes before literal separators; and an object such as
// {"@type":"TaskTypeRule","type":"data","behavior":"AVOID"}, alone or in a list, also among
// constraints. An empty text or list is no rule.
Placement parse_placement(std::string_view text);

bool is_rule_object(const std::vector<std::string>& row);

// Whether one of a pod's constraints is about that field ("@zone" or "@region").
bool placement_names(const std::vector<std::vector<std::string>>& rows, std::string_view field);

}  // namespace ostler::spec
