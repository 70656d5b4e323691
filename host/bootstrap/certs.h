// Gives Java the cluster's certificate authority.
#pragma once

#include <string>

#include "base/result.h"
#include "bootstrap/task.h"

namespace ostler::bootstrap {

// Imports .ssl/ca-bundle.crt or .ssl/ca.crt of MESOS_SANDBOX into the trust store
// of JAVA_HOME, as "dcoscert". Returns what was done, in one sentence; a failure
// is for the log only, since most tasks need no such certificate.
Result<std::string> install_certs(const Environment& env);

}  // namespace ostler::bootstrap
