#include "core/launch_request.h"

#include <algorithm>
#include <utility>

#include "core/footprint.h"

namespace ostler::core {
namespace {

bool is_port(const Holding& holding, uint32_t number) {
  const std::vector<mesos::Range>& ranges = holding.resource.ranges;
  return holding.resource.name == "ports" && ranges.size() == 1 && ranges[0].begin == number &&
         ranges[0].end == number;
}

// What is held of a fixed port is the port of that number, whatever it was called before: who
// renamed it, or exchanged two, would wait for ever for a port that is reserved for himself.
void match_fixed_ports(LaunchRequest& request) {
  if (request.held.empty()) return;
  for (const spec::ResourceSet& set : request.pod->resource_sets) {
    for (const Need& need : resource_set_needs(set)) {
      if (need.kind != Need::Kind::kPort || need.port->port == 0) continue;
      const auto mine = request.held.find(need.key);
      if (mine != request.held.end() && is_port(*mine->second, need.port->port)) continue;
      const auto other = std::find_if(request.held.begin(), request.held.end(),
                                      [&](const auto& one) { return is_port(*one.second, need.port->port); });
      if (other == request.held.end()) continue;
      if (mine != request.held.end()) {
        std::swap(mine->second, other->second);
      } else {
        const Holding* found = other->second;
        request.held.erase(other);
        request.held.emplace(need.key, found);
      }
    }
  }
}

// A port out of ranges that changed is no port of that name any more: another one is reserved, and
// this one belongs to nothing, once no task of the pod holds it.
void drop_ports_out_of_range(LaunchRequest& request) {
  if (request.held.empty()) return;
  for (const std::string& name : request.tasks) {
    const spec::ResourceSet* set = request.pod->resource_set(request.pod->task(name)->resource_set);
    if (set == nullptr) continue;
    for (const Need& need : resource_set_needs(*set)) {
      if (need.kind != Need::Kind::kPort || need.port->port != 0 || need.port->ranges.empty()) continue;
      const auto held = request.held.find(need.key);
      if (held == request.held.end() || held->second->resource.ranges.empty()) continue;
      const uint64_t number = held->second->resource.ranges.front().begin;
      const bool fits =
          std::any_of(need.port->ranges.begin(), need.port->ranges.end(),
                      [&](const auto& range) { return range.begin <= number && number <= range.end; });
      if (!fits) request.held.erase(held);
    }
  }
}

}  // namespace

LaunchRequest launch_request(const Configs& configs, const TaskTable& tasks, const StepConfig& config,
                             const Step& step) {
  LaunchRequest request;
  request.config_id = config.id;
  request.service = configs.at(request.config_id);
  request.pod = config.pod;
  request.index = step.pod_index;
  request.tasks = step.launch;
  if (step.parameters != nullptr) request.parameters = *step.parameters;
  for (const TaskTable::Entry* entry : tasks.of_pod(step.pod_type, step.pod_index)) {
    const Task& task = entry->second;
    const LaunchRecord& launch = *task.launch;
    if (task.goal == GoalOverride::kPaused) request.paused.insert(launch.task_spec);
    if (launch.permanently_failed && task.live()) request.shunned_agents.insert(launch.task->agent_id);
    if (launch.permanently_failed || launch.released) continue;
    const bool is_relaunched =
        std::find(step.launch.begin(), step.launch.end(), launch.task_spec) != step.launch.end();
    if (task.live() && !is_relaunched) request.live_executor = launch.executor;
    // An intent of which nothing is known to exist binds the pod to nothing.
    if (!launch.is_confirmed() && !task.live()) continue;
    request.agent_id = launch.task->agent_id;
    for (const Holding& holding : launch.holdings) {
      const Holding*& held = request.held[holding.key];
      if (held == nullptr || holding.confirmed) held = &holding;
    }
  }
  match_fixed_ports(request);
  drop_ports_out_of_range(request);
  return request;
}

}  // namespace ostler::core
