// Mesos' vocabulary as plain structs: what the v1 scheduler API says, without
// its wire form. Shared by the core, the client and the local cluster.
//
// Amounts are thousandths (`milli`), because Mesos rounds every scalar to three
// decimals; sums are then exact. Fields that Ostler does not interpret travel in
// `extra`, the JSON object text of everything that was not understood, so that a
// resource is handed back as it came.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/shared.h"
#include "mesos/ids.h"

namespace ostler::mesos {

using Labels = std::vector<std::pair<std::string, std::string>>;

struct Range {
  uint64_t begin = 0;
  uint64_t end = 0;  // inclusive
  bool operator==(const Range&) const = default;
};

struct Reservation {
  bool is_dynamic = true;
  std::string role;
  std::string principal;
  Labels labels;
  // What the above cannot tell; its `labels`, when it has any, are the exact ones
  // (Mesos tells a label without a value from one whose value is empty).
  std::string extra = {};
  bool operator==(const Reservation&) const = default;
};

struct DiskSource {
  std::string type;  // "MOUNT", "PATH", "BLOCK", "RAW"
  std::string root;  // of MOUNT and PATH
  std::string profile;
  std::string extra;  // id, vendor, metadata: carried through
  bool operator==(const DiskSource&) const = default;
};

struct Disk {
  std::string persistence_id;  // empty: no persistent volume
  std::string principal;
  std::string container_path;
  bool read_only = false;
  std::optional<DiskSource> source;
  std::string extra;
  bool operator==(const Disk&) const = default;
};

enum class ValueType : uint8_t { kScalar, kRanges, kSet };

struct Resource {
  std::string name;  // "cpus", "mem", "disk", "gpus", "ports", or any other
  ValueType type = ValueType::kScalar;
  int64_t milli = 0;
  std::vector<Range> ranges;
  std::vector<std::string> set;
  SharedList<Reservation> reservations;  // outermost last; empty: unreserved
  Shared<Disk> disk;
  std::string allocation_role;
  std::string provider_id;  // empty: the agent's own; an operation is about those of one provider
  std::string extra;
  bool operator==(const Resource&) const = default;
};

struct EnvironmentVariable {
  std::string name;
  std::string value;
  std::string secret;  // store path of a SECRET reference; `value` is then empty
  bool operator==(const EnvironmentVariable&) const = default;
};

struct Uri {
  std::string value;
  bool executable = false;
  bool extract = true;
  bool cache = false;
  std::string output_file;
  bool operator==(const Uri&) const = default;
};

struct CommandInfo {
  std::string value;  // run by /bin/sh -c
  std::vector<EnvironmentVariable> environment;
  std::vector<Uri> uris;
  std::string user;
  bool operator==(const CommandInfo&) const = default;
};

// A COMMAND check or health check.
struct Check {
  CommandInfo command;
  double delay_s = 0;
  double interval_s = 10;
  double timeout_s = 20;
  // Health checks only:
  uint32_t consecutive_failures = 0;
  double grace_period_s = 0;
  bool operator==(const Check&) const = default;
};

// One mount of a container. Exactly one of the sources is used.
struct Volume {
  std::string container_path;
  bool read_only = false;
  std::string host_path;
  enum class Source : uint8_t {
    kHostPath,
    kSandboxParent,
    kSandboxSelf,
    kSecret,
    kDocker
  } source = Source::kHostPath;
  std::string source_path;  // of a SANDBOX_PATH, the secret's name, or the docker volume's name
  std::string extra;
  bool operator==(const Volume&) const = default;
};

struct ContainerInfo {
  std::vector<Volume> volumes;
  std::string docker_image;
  std::string extra;  // linux_info, network_infos, rlimit_info ... as a JSON object
  bool operator==(const ContainerInfo&) const = default;
};

struct DiscoveryPort {
  uint32_t number = 0;
  std::string name;
  std::string protocol = "tcp";
  std::string visibility;
  Labels labels;
  bool operator==(const DiscoveryPort&) const = default;
};

struct Discovery {
  std::string name;
  std::string visibility = "CLUSTER";
  std::vector<DiscoveryPort> ports;
  bool operator==(const Discovery&) const = default;
};

struct ExecutorInfo {
  std::string executor_id;
  std::string framework_id;
  std::string name;
  std::vector<Resource> resources;
  std::optional<ContainerInfo> container;
  Labels labels;
  std::string extra;
  bool operator==(const ExecutorInfo&) const = default;
};

struct TaskInfo {
  std::string name;
  std::string task_id;
  std::string agent_id;
  std::vector<Resource> resources;
  CommandInfo command;
  std::optional<ContainerInfo> container;
  std::optional<Check> health_check;
  std::optional<Check> check;
  std::optional<Discovery> discovery;
  std::optional<double> kill_grace_s;
  Labels labels;
  std::map<std::string, double> limits;  // infinity: unlimited
  std::string extra;
  bool operator==(const TaskInfo&) const = default;
};

enum class TaskState : uint8_t {
  kStaging,
  kStarting,
  kRunning,
  kKilling,
  kFinished,
  kFailed,
  kKilled,
  kError,
  kLost,
  kDropped,
  kUnreachable,
  kGone,
  kGoneByOperator,
  kUnknown,
};

// "TASK_RUNNING"; a name Mesos never sends reads as kUnknown.
std::string_view to_string(TaskState state);
TaskState task_state(std::string_view name);

// FINISHED, FAILED, KILLED, ERROR, LOST, DROPPED, GONE, GONE_BY_OPERATOR: the task
// runs nowhere and never will again. UNREACHABLE and UNKNOWN are not terminal.
bool is_terminal(TaskState state);

struct TaskStatus {
  std::string task_id;
  TaskState state = TaskState::kStaging;
  std::string message;
  std::string reason;  // "REASON_RECONCILIATION", or empty
  std::string source;  // "SOURCE_EXECUTOR", "SOURCE_AGENT", "SOURCE_MASTER"
  std::string agent_id;
  std::string executor_id;
  std::string uuid;  // base64 as it came; empty: must not be acknowledged
  double timestamp_s = 0;
  std::optional<bool> healthy;
  bool has_check = false;                  // the task has a COMMAND check
  std::optional<int32_t> check_exit_code;  // its last result, if any yet
  std::vector<std::string> ip_addresses;
  bool operator==(const TaskStatus&) const = default;
};

struct OperationStatus {
  std::string operation_id;
  std::string state;  // "OPERATION_FINISHED", "OPERATION_ERROR", ...
  std::string message;
  std::string uuid;  // bare base64; empty: must not be acknowledged
  std::string agent_id;
  std::string resource_provider_id = {};  // who carried it out, unless it was the agent itself
};

struct Operation {
  enum class Type : uint8_t { kReserve, kUnreserve, kCreate, kDestroy, kLaunchGroup };
  Type type = Type::kReserve;
  std::string id;                       // wants feedback where the agent can give it
  std::vector<Resource> resources;      // of all but LAUNCH_GROUP
  Shared<ExecutorInfo> executor;        // of LAUNCH_GROUP
  std::vector<Shared<TaskInfo>> tasks;  // of LAUNCH_GROUP
};

std::string_view to_string(Operation::Type type);  // "RESERVE"

struct FrameworkInfo {
  std::string id;  // empty: never registered
  std::string name;
  std::string user;
  std::string principal;
  std::vector<std::string> roles;
  std::vector<std::string> capabilities;  // "MULTI_ROLE", "PARTITION_AWARE", ...
  double failover_timeout_s = 0;
  bool checkpoint = true;
  std::string hostname;
  std::string webui_url;
};

// What a scheduler says to the master. SUBSCRIBE is the client's own business.
namespace call {
struct Accept {
  std::vector<std::string> offer_ids;  // of one agent
  std::vector<Operation> operations;
  double refuse_s = 1;
};
struct Decline {
  Ids offer_ids;
  double refuse_s = 5;
};
struct Revive {
  std::vector<std::string> roles;
};
struct Suppress {
  std::vector<std::string> roles;
};
struct Kill {
  std::string task_id;
  std::string agent_id;  // may be empty
};
struct Acknowledge {
  std::string agent_id;
  std::string task_id;
  std::string uuid;
};
struct AcknowledgeOperation {
  std::string agent_id;
  std::string operation_id;
  std::string uuid;
  std::string resource_provider_id = {};  // of the operation; its agent aborts where it is missing
};
struct Reconcile {
  // Pairs of task id and agent id (may be empty). None at all: implicit.
  std::vector<std::pair<std::string, std::string>> tasks;
};
struct Teardown {};
struct ReconcileOperations {
  // Pairs of operation id and agent id (may be empty). None at all: implicit.
  std::vector<std::pair<std::string, std::string>> operations;
};
// "These agents are to be kept": the answer to a request to vacate them.
struct DeclineInverseOffers {
  std::vector<std::string> inverse_offer_ids;
  double refuse_s = 5;
};
}  // namespace call

using Call = std::variant<call::Accept, call::Decline, call::Revive, call::Suppress, call::Kill,
                          call::Acknowledge, call::AcknowledgeOperation, call::Reconcile, call::Teardown,
                          call::ReconcileOperations, call::DeclineInverseOffers>;

}  // namespace ostler::mesos
