#include "core/launch_request.h"

#include <algorithm>

namespace ostler::core {

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
  return request;
}

}  // namespace ostler::core
