// What the model remembers: agents with their tasks, and frameworks with their
// offers and filters.
//
// An agent's tasks, executors, volumes and unacknowledged updates are the agent's
// own (they survive a restart of the master); `standing` and the frameworks are what
// the master knows. Used by the files of Master only.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <unordered_map>

#include "cluster/model/events.h"

namespace ostler::cluster {

struct Task {
  Shared<mesos::TaskInfo> info;
  std::string executor_id;
  uint64_t group = 0;  // tasks of one LAUNCH_GROUP end together
  Resources resources;
  std::string container_id;
  std::string executor_container_id;
  mesos::TaskState state = mesos::TaskState::kStaging;  // the agent's latest
  bool killing = false;
  std::optional<bool> healthy;
  std::optional<int32_t> check_exit_code;
  // Updates not yet acknowledged; only the first has been sent.
  std::deque<event::Update> pending;
  uint64_t retry = 0;  // a timer with another number is void
  // The last update the master passed on: what it says when asked.
  std::optional<event::Update> forwarded;

  bool live() const { return !mesos::is_terminal(state); }
};

struct Executor {
  Shared<mesos::ExecutorInfo> info;
  Resources resources;
  std::string container_id;
  size_t live_tasks = 0;
  bool ending = false;
};

struct PendingOperation {
  std::string framework_id;
  mesos::OperationStatus status;
  uint64_t retry = 0;
};

// How the master sees an agent.
enum class Standing : uint8_t {
  kRegistered,
  kDisconnected,  // the connection is gone, the agent not given up yet
  kUnreachable,
  kGone,       // by an operator, for ever
  kForgotten,  // after a restart of a master that keeps its registry in memory
  kRecovered,  // after a restart of a master that has it on disk: expected back
};
std::string_view to_string(Standing standing);

struct Agent {
  using Key = std::pair<std::string, std::string>;  // framework id and task or executor id

  std::string id;
  uint32_t index = 0;
  std::shared_ptr<const AgentSpec> spec;
  bool is_linked = true;     // false: it cannot talk to the master
  bool is_replaced = false;  // its host registered as another agent
  Standing standing = Standing::kRegistered;
  uint64_t link_epoch = 0;
  int64_t unreachable_ms = 0;
  std::optional<Maintenance> maintenance;
  Resources available;  // neither offered nor in use; without allocation role
  std::map<Key, Task> tasks;
  std::map<Key, Executor> executors;
  std::set<std::string> volumes;  // persistence ids
  std::vector<std::string> offers;
  std::vector<PendingOperation> operations;
};

struct Filter {
  std::string role;
  Resources resources;
  int64_t until_ms = 0;
};

struct Framework {
  mesos::FrameworkInfo info;
  bool is_connected = false;
  std::string stream_id;
  uint64_t epoch = 0;  // of the subscription, for the failover timer
  std::set<std::string> suppressed;
  std::unordered_map<uint32_t, std::vector<Filter>> filters;  // by agent
  std::map<std::string, int64_t> cpus;                        // in use or offered, by role
  std::map<std::string, Agent*> tasks;                        // as the master knows them
  struct Unreachable {
    std::string agent_id;
    int64_t since_ms = 0;
  };
  std::map<std::string, Unreachable> unreachable;

  bool can(std::string_view capability) const;
};

}  // namespace ostler::cluster
