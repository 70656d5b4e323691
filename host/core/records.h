// What the service must never forget: the typed records behind the store.
//
// The core changes them only through Change values, which travel in a Persist
// effect; host/store turns them into bytes (java-sdk-spec-api-state.md, 6.1).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/plan_control.h"
#include "mesos/types.h"
#include "spec/service_spec.h"

namespace ostler::core {

// A resource that a pod instance holds, or has asked for. `key` says what for:
// "executor/cpus", "<resource set>/mem", "<resource set>/port/<name>",
// "<resource set>/volume/<path>", "pod/volume/<path>".
struct Holding {
  std::string key;
  mesos::Resource resource;  // with our reservation, and the volume's persistence id
  // Mesos has shown that it exists. Until then it is an intent, which may have died with
  // a crash, a rescinded offer or a refused operation.
  bool confirmed = false;
  bool operator==(const Holding&) const = default;
};

// A reservation that a pod instance left behind when it was replaced: to be given back
// as soon as its agent offers it.
struct Leftover {
  std::string agent_id;
  std::string hostname;
  mesos::Resource resource;
  bool operator==(const Leftover&) const = default;
};

// One task as it was sent to Mesos, or, with an empty task id, a task of a pod whose
// resources are reserved but which was not launched yet. Immutable and shared: the
// store, the snapshot and the core hold the same one.
struct LaunchRecord {
  std::string pod_type;
  int32_t pod_index = 0;
  std::string task_spec;  // "server"
  std::string config_id;  // the configuration it was made from
  Shared<mesos::TaskInfo> task;
  Shared<mesos::ExecutorInfo> executor;
  std::vector<Holding> holdings;  // the executor's, the task's resource set's and the pod's
  std::string hostname, region, zone;
  std::vector<std::pair<std::string, std::string>> attributes;  // of the agent
  bool permanently_failed = false;  // `pod replace`: next time anywhere, with new volumes
  bool restart_requested = false;   // `pod restart`: to be killed and launched anew in place
  bool paused = false;              // launched with the pause command instead of its own
  bool released = false;            // its holdings are to be given back
  std::string run;                  // of the plan that it was launched for (Plan::run)
  std::vector<Leftover> leftovers;
  bool operator==(const LaunchRecord&) const = default;

  // Whether anything of it is known to exist.
  bool is_confirmed() const {
    for (const Holding& holding : holdings) {
      if (holding.confirmed) return true;
    }
    return false;
  }
};

// How often a task failed in a row, and when it may be launched again.
struct Backoff {
  uint32_t failures = 0;
  int64_t not_before_unix_ms = 0;
  bool operator==(const Backoff&) const = default;
};

// What an operator wants a task to be, whatever the spec says.
enum class GoalOverride : uint8_t { kNone, kPaused };

// Everything the store holds for one service.
struct StoredState {
  std::string service_name;
  std::string framework_id;   // empty: never registered
  std::string target_config;  // UUID; empty: nothing was ever deployed
  std::map<std::string, std::shared_ptr<const spec::ServiceSpec>> configs;
  struct Task {
    std::shared_ptr<const LaunchRecord> launch;
    std::optional<mesos::TaskStatus> status;
    GoalOverride goal = GoalOverride::kNone;
    Backoff backoff;
  };
  std::map<std::string, Task> tasks;  // by name, "zookeeper-0-server"
  std::map<std::string, std::string> properties;
  std::map<std::string, PlanControl> plan_controls;  // by the plan's name
};

// Properties: a deployment was completed once (the SDK's), and of which target the last one was.
inline constexpr const char* kDeployedProperty = "last-completed-update-type";
inline constexpr const char* kDeployedConfig = "deployed-configuration";

// What has been deployed to the end.
enum class Deployed : uint8_t { kNever, kAnother, kTarget };
inline Deployed how_far_deployed(const StoredState& stored) {
  const auto last = stored.properties.find(kDeployedConfig);
  if (last != stored.properties.end() && last->second == stored.target_config) return Deployed::kTarget;
  return stored.properties.contains(kDeployedProperty) ? Deployed::kAnother : Deployed::kNever;
}

namespace change {
struct PutFrameworkId {
  std::string id;
};
struct PutConfig {
  std::string id;
  std::shared_ptr<const spec::ServiceSpec> spec;
};
struct DeleteConfig {
  std::string id;
};
struct PutTarget {
  std::string config_id;
};
struct PutLaunch {
  std::string task;
  std::shared_ptr<const LaunchRecord> launch;
};
struct PutStatus {
  std::string task;
  mesos::TaskStatus status;
};
struct DeleteTask {
  std::string task;
};
struct PutProperty {
  std::string key, value;
};
struct DeleteProperty {
  std::string key;
};
// Everything but what names the service and the framework, and then that.
struct DeleteService {};
struct DeleteIdentity {};
struct PutGoalOverride {
  std::string task;
  GoalOverride goal = GoalOverride::kNone;
};
// No failures: forgets.
struct PutBackoff {
  std::string task;
  Backoff backoff;
};
struct PutPlanControl {
  std::string plan;
  PlanControl control;
};
struct DeletePlanControl {
  std::string plan;
};
}  // namespace change

using Change =
    std::variant<change::PutFrameworkId, change::PutConfig, change::DeleteConfig, change::PutTarget,
                 change::PutLaunch, change::PutStatus, change::DeleteTask, change::PutProperty,
                 change::DeleteProperty, change::PutPlanControl, change::DeletePlanControl,
                 change::PutGoalOverride, change::PutBackoff, change::DeleteService, change::DeleteIdentity>;

}  // namespace ostler::core
