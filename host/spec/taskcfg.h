// TASKCFG_*: how the scheduler's environment reaches the tasks.
#pragma once

#include <string>
#include <string_view>

#include "spec/names.h"
#include "spec/service_spec.h"

namespace ostler::spec {

// Adds to every task's env the variables that are routed to its pod:
// TASKCFG_ALL_X gives X to every task, TASKCFG_<POD>_X to the pod's. They beat
// what svc.yml says. Among themselves they are applied in the alphabetical order
// of their full names, as the SDK does.
void route_task_variables(const Environment& env, PodSpec& pod);

}  // namespace ostler::spec
