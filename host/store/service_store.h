// The typed records of one service on top of the state plugin's tree.
//
// The layout is the SDK's (java-sdk-spec-api-state.md, 6.1); the contents are JSON
// instead of protobuf:
//   servicename  SchemaVersion  FrameworkID  ConfigTarget  Configurations/<uuid>
//   Tasks/<task>/TaskInfo  Tasks/<task>/TaskStatus  Properties/<key>
// and, of our own, Plans/<plan> (what an operator did to it), Overrides/<task> (PAUSED)
// and Backoffs/<task> (failures in a row, and when it may be launched again).
// A configuration is written once and never changed; a task's record is written again
// while the task runs, and keeps what a newer version put into it. Core thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/ports.h"
#include "core/records.h"

namespace ostler::store {

class ServiceStore {
 public:
  // `tree` must outlive the store.
  explicit ServiceStore(core::StateTree& tree) : tree_(tree) {}

  // Reads everything. Writes the service's name and the schema's version where the tree
  // is new. kFailedPrecondition: the tree belongs to another service, or to a newer
  // schema. kDataLoss: a record cannot be read; `where` names it.
  Result<core::StoredState> load(const std::string& service_name);

  using Groups = std::span<const std::vector<core::Change>>;
  // Stores the first of these groups of changes, and of those behind it as many as share
  // its commit: how many that are. After an error nothing is stored and the same call may
  // be repeated; kResourceExhausted names the record that is too large. Requires a group.
  Result<size_t> apply_first(Groups groups);
  // Stores all of them, in order, each group whole or not at all.
  Result<void> apply(Groups groups);
  Result<void> apply(const std::vector<core::Change>& changes) { return apply(Groups(&changes, 1)); }

  // How long a configuration's JSON may be, so that it fits together with the target that
  // names it; 0: any length.
  uint64_t max_config_bytes() const;

 private:
  std::vector<core::StoreOp> encode_keeping_unknown(const core::Change& change);
  Result<void> check_identity(const std::string& service_name);
  Result<void> load_tasks(core::StoredState& out);
  Result<void> load_launch(const std::string& task, std::string_view text, core::StoredState& out);
  Result<void> load_status(const std::string& task, std::string_view text, core::StoredState& out);
  Result<void> load_marks(core::StoredState& out);
  Result<void> load_configs(core::StoredState& out);

  core::StateTree& tree_;
  // By task: the fields of its record that only a newer version knows, and whose they are.
  struct Unknown {
    std::string task_id, json;
  };
  std::map<std::string, Unknown> unknown_;
};

// The operations a change consists of.
std::vector<core::StoreOp> encode(const core::Change& change);

}  // namespace ostler::store
