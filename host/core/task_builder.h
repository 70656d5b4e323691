// Turns a task of the spec into the TaskInfo and ExecutorInfo that Mesos gets
// (java-sdk-spec-api-state.md, 4; java-sdk-engine.md, 2.8). Pure.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/settings.h"
#include "mesos/types.h"
#include "spec/service_spec.h"

namespace ostler::core {

// Where a pod instance goes.
struct Place {
  std::string agent_id;
  std::string hostname, region, zone;
  std::vector<std::pair<std::string, std::string>> attributes;
};

struct TaskRequest {
  const Settings& settings;
  const spec::ServiceSpec& service;
  const std::string& config_id;
  const spec::PodSpec& pod;
  int32_t index;
  const spec::TaskSpec& task;
  const Place& place;
  std::map<std::string, uint32_t> ports;  // number by port name, of the task's resource set
  // Of the plan that launches it; checks do not see them.
  std::map<std::string, std::string> parameters = {};
  // With the pause command instead of its own: never ready, and not checked for health.
  bool paused = false;
};

// Everything but ids and resources.
mesos::TaskInfo build_task(const TaskRequest& request);

// Everything but the id and resources. `ports` are the agent's ports that the instance has.
mesos::ExecutorInfo build_executor(const Settings& settings, const spec::ServiceSpec& service,
                                   const spec::PodSpec& pod, int32_t index,
                                   const std::vector<uint32_t>& ports, const std::string& framework_id);

}  // namespace ostler::core
