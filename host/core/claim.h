// Takes exactly what a pod instance needs out of one agent's offers.
//
// The judge said that an agent fits; the claim decides which resources, and turns
// them into operations and records. A new pod reserves its whole footprint at once,
// also for tasks that start later. A pod that holds resources gets them back by
// their ids, grown or shrunk where the spec changed; a volume is never replaced.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/uuid.h"
#include "core/agent_pool.h"
#include "core/footprint.h"
#include "core/records.h"
#include "core/settings.h"
#include "core/task_builder.h"

namespace ostler::core {

// What should be launched, and what its pod instance has from before.
struct LaunchRequest {
  std::shared_ptr<const spec::ServiceSpec> service;
  std::string config_id;
  const spec::PodSpec* pod = nullptr;  // in `service`
  int32_t index = 0;
  std::vector<std::string> tasks;                 // task specs to launch, in file order
  std::map<std::string, std::string> parameters;  // of the plan: more variables for them
  std::set<std::string> paused;                   // those of the tasks that get the pause command
  // Bound to what it holds: the agent, and the resources by key. An empty agent id
  // means a new footprint.
  std::string agent_id;
  // They belong to the launch records, which outlive the request.
  std::map<std::string, const Holding*> held;
  // The executor that already runs other tasks of this instance.
  Shared<mesos::ExecutorInfo> live_executor;

  // Agents on which a task that was or is to be replaced is not known to be dead.
  std::set<std::string, std::less<>> shunned_agents;

  bool in_place() const { return !agent_id.empty(); }
};

struct Claim {
  std::string agent_id, role;                // of the offers it takes from
  std::vector<mesos::Operation> operations;  // UNRESERVE, RESERVE, CREATE, then a LAUNCH_GROUP a task
  // By task name: the launched ones, and for a new pod the reserved rest.
  std::vector<std::pair<std::string, std::shared_ptr<const LaunchRecord>>> launched;
  std::vector<std::pair<std::string, std::shared_ptr<const LaunchRecord>>> reserved;
};

struct ClaimContext {
  const Settings& settings;
  std::string framework_id;
  std::string principal;
  std::string role;
  IdSource& ids;
};

// Takes from `pool`, which is left as it was when the claim fails. The error says
// what was missing, for people: "1000 MB of disk for volume 'data' (300 offered)".
Result<Claim> claim(const ClaimContext& context, const LaunchRequest& request, AgentPool& pool);

// The role to which the offers must be that serve a request: the one what it holds was
// allocated to, for a new footprint the pod's.
std::string allocation_role_of(const LaunchRequest& request, const std::string& service_role);

// The needs of a request: what a new footprint, or the tasks to launch, consists of.
std::vector<Need> needs_of(const Settings& settings, const LaunchRequest& request);

// The label resource_id of a resource we reserved; empty when there is none.
std::string_view resource_id_of(const mesos::Resource& resource);

}  // namespace ostler::core
