// Which configuration is the target, and which tasks a change leaves alone
// (java-sdk-spec-api-state.md, 5.1).
//
// The target and its configuration are stored in one commit. What follows, the tasks
// that go on under the new target and the configurations that nobody uses any more, is
// stored in pieces, because thousands of tasks do not fit into one; after a crash in
// between, the next start does the rest.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/uuid.h"
#include "core/records.h"
#include "core/settings.h"
#include "core/validators.h"
#include "spec/problem.h"
#include "spec/spec_diff.h"

namespace ostler::core {

// What the service file gives: a configuration, or what is wrong with the file.
struct ConfigCandidate {
  template <class Spec>
  ConfigCandidate(std::shared_ptr<Spec> readable) : spec(std::move(readable)) {}  // NOLINT: the usual case
  explicit ConfigCandidate(std::vector<spec::Problem> unreadable) : problems(std::move(unreadable)) {}

  std::shared_ptr<const spec::ServiceSpec> spec;  // null: see `problems`
  std::vector<spec::Problem> problems;
  // By pod type: what the offers plugin says of a placement that it cannot read.
  std::map<std::string, std::string> placement_refusals;
};

struct ConfigUpdate {
  std::string target;  // UUID; empty: there is none, and the candidate was refused
  std::shared_ptr<const spec::ServiceSpec> spec;
  // Why the candidate was refused; the old target stays in force then.
  std::vector<Objection> objections;
  // From the old target to the candidate, also to one that was refused. Empty for a first one.
  std::vector<spec::Difference> differences;
  bool changed = false;  // a new target was chosen
  // To persist in this order; each group at once.
  std::vector<std::vector<Change>> groups;

  std::vector<std::string> errors() const;  // the objections' texts
};

// Compares the candidate with the stored target. `stored` is changed as `groups` say. A
// file that could not be read is refused like a configuration that a validator refuses.
ConfigUpdate update_config(StoredState& stored, ConfigCandidate candidate, const Settings& settings,
                           IdSource& ids);

// Drops the configurations that are not in `used`, and says so in what it returns.
std::vector<Change> drop_unused_configs(StoredState& stored, const std::set<std::string>& used);

}  // namespace ostler::core
