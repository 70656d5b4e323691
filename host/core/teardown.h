// Plans that take something down: decommission of pods that the target does not have,
// and the uninstall of the whole service (java-sdk-engine.md, 6.5 and 8).
//
// They are built from what is stored, so after a restart they hold what is left to do.
#pragma once

#include "base/uuid.h"
#include "core/plan.h"
#include "core/task_table.h"
#include "spec/service_spec.h"

namespace ostler::core {

// One serial phase a pod instance, pods of unknown types first, then the highest index of
// the last pod type: kill, unreserve and erase, one step a task or resource.
Plan decommission_plan(const spec::ServiceSpec& target, const TaskTable& tasks, IdSource& ids);

// Called "deploy", so that whoever waits for that to be COMPLETE sees the end: kill all
// tasks, give everything back by agent, and last leave Mesos and the store.
Plan uninstall_plan(const TaskTable& tasks, IdSource& ids);

// Brings such a step up to date with the tasks. The one that deregisters is complete when
// the engine says so.
void refresh_teardown_step(Step& step, const TaskTable& tasks);

}  // namespace ostler::core
