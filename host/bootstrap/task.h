// What a task knows about itself: its environment, address and names.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"

namespace ostler::bootstrap {

using Environment = std::map<std::string, std::string>;

// The variables of this process.
Environment own_environment();

// "NAME=value" lines, sorted; the values of names that speak of passwords,
// secrets, tokens and credentials are shown as "********".
std::string printable(const Environment& env);

// The IPv4 address of the task's container: MESOS_CONTAINER_IP, else
// LIBPROCESS_IP; for 0.0.0.0 the one that the machine's own name resolves to.
Result<std::string> container_ip(const Environment& env);

// "<TASK_NAME>.<FRAMEWORK_HOST>"
Result<std::string> own_name(const Environment& env);

}  // namespace ostler::bootstrap
