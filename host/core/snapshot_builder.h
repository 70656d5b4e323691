// Makes the picture that the HTTP API answers from.
#pragma once

#include <memory>
#include <string>

#include "core/planner.h"
#include "core/settings.h"
#include "core/snapshot.h"
#include "core/task_table.h"
#include "core/why_board.h"

namespace ostler::core {

struct SnapshotInput {
  const Settings& settings;
  const StoredState& stored;
  const spec::ServiceSpec* target;  // nullptr: none yet
  const std::string& framework_id;
  bool subscribed;
  bool suppressed;
  const TaskTable& tasks;
  const Planner& planner;
  const WhyBoard& why;
  size_t unreconciled;  // tasks that offers wait for
  Now now;
  bool uninstalled = false;
  std::string revive_wait;  // why a REVIVE waits; empty: none does
};

std::shared_ptr<const Snapshot> build_snapshot(const SnapshotInput& input);

}  // namespace ostler::core
