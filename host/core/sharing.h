// Tasks of one pod instance share what its executor and their resource set hold, and each
// record lists it. A claim that launches some of them anew may change it (a port has moved),
// so the others' records have to follow: a pod that looked for what it gave back itself
// would wait for ever.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/claim.h"
#include "core/task_table.h"

namespace ostler::core {

// The records, by task name, of tasks that the claim does not launch and that have to
// change with it. Only where what they share is on the same agent and still held.
std::vector<std::pair<std::string, std::shared_ptr<const LaunchRecord>>> records_to_follow(
    const Claim& claim, const TaskTable& tasks);

}  // namespace ostler::core
