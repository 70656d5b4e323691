// What a step asks for: its tasks, and what their pod instance holds already.
#pragma once

#include "core/claim.h"
#include "core/plan.h"
#include "core/planner.h"
#include "core/task_table.h"

namespace ostler::core {

// `config` is where the step launches from (Planner::config_of).
LaunchRequest launch_request(const Configs& configs, const TaskTable& tasks, const StepConfig& config,
                             const Step& step);

}  // namespace ostler::core
