// What the model says: to frameworks, and to whoever runs an agent's tasks.
//
// Plain values. The HTTP part turns the first kind into JSON records, the agent
// part turns the second into processes; a simulation looks at both directly.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cluster/model/resources.h"

namespace ostler::cluster {

struct Attribute {
  std::string name;
  mesos::ValueType type = mesos::ValueType::kScalar;
  bool is_text = true;
  std::string text;
  int64_t milli = 0;
  std::vector<mesos::Range> ranges;
};

// An agent as it is started.
struct AgentSpec {
  std::string address;  // its host name in offers, and the address of its tasks
  std::string region;
  std::string zone;
  std::vector<Attribute> attributes;
  Resources resources;
  // The capability AGENT_OPERATION_FEEDBACK, which agents before Mesos 1.8 lack: they
  // refuse operations that carry an id.
  bool has_operation_feedback = true;
};

// When an agent is to be away, in ms since 1970.
struct Maintenance {
  int64_t from_unix_ms = 0;
  int64_t duration_ms = 0;
};

struct Offer {
  std::string id;
  std::string framework_id;
  std::string agent_id;
  std::string role;
  std::shared_ptr<const AgentSpec> agent;
  Resources resources;
  std::vector<std::string> executor_ids;
  std::optional<Maintenance> maintenance = {};
};

namespace event {
struct Subscribed {
  std::string framework_id;
  std::string master_id;
};
struct Offers {
  std::vector<Offer> offers;
};
struct Rescind {
  std::string offer_id;
};
// The request to leave an agent.
struct InverseOffer {
  std::string id;
  std::string framework_id;
  std::string agent_id;
  std::shared_ptr<const AgentSpec> agent;
  Maintenance maintenance;
};
// `container_id` and the rest are what Mesos adds to a status beyond the struct.
struct Update {
  mesos::TaskStatus status;
  std::string container_id;
  std::string parent_container_id;
  int64_t unreachable_ms = 0;
};
struct OperationUpdate {
  mesos::OperationStatus status;
};
struct Failure {
  std::string agent_id;
  std::string executor_id;  // empty: the agent itself was removed
  int32_t status = 0;
};
struct Error {
  std::string message;
};
}  // namespace event

using Event = std::variant<event::Subscribed, event::Offers, event::Rescind, event::InverseOffer, event::Update,
                           event::OperationUpdate, event::Failure, event::Error>;

namespace output {
// One record for the subscriber that holds this stream.
struct ToFramework {
  std::string framework_id;
  std::string stream_id;
  Event event;
};
// The stream ends: in order (after an ERROR, a teardown), or cut off.
struct EndStream {
  std::string stream_id;
  bool cut = false;
};
// Run this task. Everything the runner needs is in here.
struct StartTask {
  std::string agent_id;
  std::string framework_id;
  std::string framework_name;
  std::string container_id;
  std::string executor_container_id;
  std::shared_ptr<const AgentSpec> agent;
  Shared<mesos::ExecutorInfo> executor;
  Shared<mesos::TaskInfo> task;
};
// End it: SIGTERM, and SIGKILL after the grace. The runner answers with a terminal
// status through Master::task_status.
struct KillTask {
  std::string agent_id;
  std::string framework_id;
  std::string task_id;
  int64_t grace_ms = 0;
};
struct ExecutorEnded {
  std::string agent_id;
  std::string framework_id;
  std::string executor_id;
  std::string container_id;
};
// A persistent volume was destroyed: its data goes.
struct RemoveVolume {
  std::string agent_id;
  std::string persistence_id;
};
}  // namespace output

using Output = std::variant<output::ToFramework, output::EndStream, output::StartTask, output::KillTask,
                            output::ExecutorEnded, output::RemoveVolume>;

}  // namespace ostler::cluster
