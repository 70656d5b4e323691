// Which configuration is the target, and which tasks a change leaves alone
// (java-sdk-spec-api-state.md, 5.1).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/uuid.h"
#include "core/records.h"

namespace ostler::core {

struct ConfigUpdate {
  std::string target;  // UUID; empty: there is none, and the candidate was refused
  std::shared_ptr<const spec::ServiceSpec> spec;
  // Why the candidate was refused; the old target stays in force then.
  std::vector<std::string> errors;
  bool changed = false;         // a new target was chosen
  std::vector<Change> changes;  // to persist, all at once
};

// Compares the candidate with the stored target. `stored` is changed as `changes` say.
ConfigUpdate update_config(StoredState& stored, std::shared_ptr<const spec::ServiceSpec> candidate,
                           IdSource& ids);

// True when a task of that pod need not be restarted: everything but the count, the
// placement and allow-decommission is the same.
bool pod_matches(const spec::ServiceSpec& old_service, const spec::PodSpec& old_pod,
                 const spec::ServiceSpec& new_service, const spec::PodSpec& new_pod);

}  // namespace ostler::core
