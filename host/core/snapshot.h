// What the HTTP API answers from: an immutable picture of the service.
//
// The core makes a new one after it has handled events; HTTP threads hold it by
// shared_ptr<const Snapshot> and never touch the core.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/records.h"
#include "core/status.h"
#include "core/why.h"
#include "spec/service_spec.h"

namespace ostler::core {

struct StepView {
  std::string id;    // UUID, the same as long as the plan's shape stays
  std::string name;  // "zookeeper-0:[server, metrics]"
  Status status = Status::kPending;
  std::string display_status;  // PAUSING and PAUSED included; else to_string(status)
  std::string message;         // one sentence: what it waits for, and what would end the wait
  std::vector<std::string> errors;
  bool waits_for_resume = false;        // of paused tasks, and for nothing else
  std::vector<std::string> tasks = {};  // it is about: "zookeeper-0-server"
};

struct PhaseView {
  std::string id;
  std::string name;
  std::string strategy;  // "serial", "parallel-canary", "dependency", ...
  Status status = Status::kPending;
  std::vector<StepView> steps;
};

struct PlanView {
  std::string name;  // "deploy", "recovery", ...
  std::string strategy;
  Status status = Status::kPending;
  std::vector<std::string> errors;
  std::vector<PhaseView> phases;
};

struct TaskView {
  std::string name;  // "zookeeper-0-server"
  std::string task_id;
  std::string status;  // "RUNNING", "PAUSED", ...; empty: the task never had a status
  std::string agent_id;
  std::string hostname;  // of the agent
  std::string zone;
  std::shared_ptr<const LaunchRecord> launch;            // with the TaskInfo as sent to Mesos
  std::shared_ptr<const mesos::TaskStatus> last_status;  // may be null
};

struct PodInstanceView {
  std::string name;  // "zookeeper-0"
  std::string type;
  int32_t index = 0;
  std::vector<TaskView> tasks;
};

struct EndpointView {
  std::string name;                  // the port's name
  std::vector<std::string> dns;      // "zookeeper-0-server.<service>.<tld>:1140"
  std::vector<std::string> address;  // "127.0.0.11:1140"
  std::string vip;                   // empty: none
};

struct Health {
  int32_t code = 503;  // java-sdk-spec-api-state.md, 7.7
  std::vector<std::string> reasons;
};

// How many instances of a pod type have all their essential tasks running and ready.
struct Redundancy {
  std::string pod_type;
  int32_t serving = 0, wanted = 0;
  int32_t launched = 0;  // of those wanted: at least once, of any configuration
};

struct Snapshot {
  std::string service_name;
  std::string framework_id;  // empty: never registered
  bool subscribed = false;
  bool suppressed = false;
  Health health;
  std::vector<PlanView> plans;          // in the coordinator's order
  std::vector<PodInstanceView> pods;    // by type in spec order, then index
  std::vector<EndpointView> endpoints;  // by name
  std::string target_config;            // UUID, empty before the first
  std::map<std::string, std::shared_ptr<const spec::ServiceSpec>> configs;  // by UUID, all that are stored
  std::map<std::string, std::string> properties;
  std::vector<Redundancy> redundancy;     // of the target's pod types
  bool uninstalling = false;              // started with SDK_UNINSTALL
  bool uninstalled = false;               // and done
  std::shared_ptr<const WhyPicture> why;  // may be null in tests

  const PlanView* plan(std::string_view name) const {
    for (const PlanView& p : plans)
      if (p.name == name) return &p;
    return nullptr;
  }
};

}  // namespace ostler::core
