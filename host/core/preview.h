// What would happen if a configuration were deployed now, without doing any of it.
//
// The same validators, diff and planner as at a start (update_config, Planner), on copies:
// the plan is worked off in thought, each step taken for done as soon as it is listed, so
// that the order is the one in which it would really happen. Core thread only, because it
// asks the judge.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/config_update.h"
#include "core/known_offers.h"
#include "core/planner.h"
#include "core/ports.h"

namespace ostler::core {

struct PreviewOperation {
  std::string type;               // KILL, UNRESERVE, RESERVE, CREATE, LAUNCH_GROUP
  std::vector<std::string> what;  // task names, or "96 MB of mem"
};

struct PreviewStep {
  int32_t turn = 0;  // steps of one turn go side by side
  std::string plan, phase, name;
  std::vector<std::string> why;
  std::vector<PreviewOperation> operations;  // in the order in which they are sent
  std::string advice;                        // whom it asks before it kills; empty: nobody
  std::vector<std::string> grows;            // "mem of server-resource-set: 256 MB => 512 MB"
  std::optional<bool> fits;                  // what the last known offers say; nothing: they do not tell
  std::string offers;                        // the same as a sentence
};

struct Preview {
  std::string target;  // the configuration in force; empty: none
  bool is_change = false;
  std::vector<Objection> objections;  // not empty: it would be refused, and nothing would happen
  std::vector<spec::Difference> differences;
  std::vector<PreviewStep> steps;
  bool has_more_steps = false;  // only the first are listed
  std::string then;             // what is left after the steps: who has to do what; empty: nothing
  std::string offers;           // what is known of offers, in a sentence
};

struct PreviewInput {
  const Settings& settings;
  const StoredState& stored;  // without its tasks
  const TaskTable& tasks;
  const KnownOffers& offers;
  Judge& judge;
  std::string framework_id, local_region;
  Now now;
};

Preview preview(const PreviewInput& input, std::shared_ptr<const spec::ServiceSpec> candidate);

}  // namespace ostler::core
