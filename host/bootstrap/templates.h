// Renders the config files of a task from templates that the agent has fetched.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "bootstrap/task.h"

namespace ostler::bootstrap {

// For each variable CONFIG_TEMPLATE_<X> = "source,destination": renders the file
// `source` of MESOS_SANDBOX with the environment and writes `destination`,
// relative to the working folder, with mode 0666 less the umask. Folders are not
// made. Returns every failure; `where` is the variable's name.
std::vector<Error> render_templates(const Environment& env, uint64_t max_bytes);

}  // namespace ostler::bootstrap
