// Which configurations are refused: one table of rules (java-sdk-spec-api-state.md, 5.3
// and 9.3), each with its name, when it applies and what it demands.
//
// The rules are the SDK's, with two differences: none of them ends a scheduler whose
// service is installed (it goes on with its old target), and the rules of one service
// are not code but data (`x-ostler` in its svc.yml).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "spec/service_spec.h"

namespace ostler::core {

struct Objection {
  std::string validator;  // name in the table
  std::string field;
  bool is_change = false;  // `before` counts
  std::string before, after;
  std::string message;

  // The SDK's form: field, transition or value, message.
  std::string text() const;
};

// What is to be judged.
struct ConfigChange {
  const spec::ServiceSpec* before = nullptr;  // null: nothing is deployed yet
  const spec::ServiceSpec& after;
  uint64_t max_config_bytes = 0;  // what the state can hold of one configuration; 0: any
  // By pod type; null: none (config_update.h).
  const std::map<std::string, std::string>* placement_refusals = nullptr;
};

// All objections, in the order of the table.
std::vector<Objection> objections(const ConfigChange& change);

// The table's columns for people, for the reference page.
struct ValidatorText {
  std::string_view name;
  std::string_view applies;  // "always", "to a first installation", "to a change"
  std::string_view rule;
};
std::vector<ValidatorText> validator_texts();

}  // namespace ostler::core
