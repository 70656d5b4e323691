// Calls in the JSON that the master's /api/v1/scheduler takes.
#pragma once

#include <string>
#include <string_view>

#include "mesos/types.h"

namespace ostler::mesos {

std::string_view call_name(const Call& call);  // "ACCEPT"

// The body of a call of a subscribed framework.
std::string write_call(const Call& call, const std::string& framework_id);

// The body of SUBSCRIBE. The id, when there is one, stands both in the call and in
// the FrameworkInfo, or the master answers 400.
std::string write_subscribe(const FrameworkInfo& framework);

}  // namespace ostler::mesos
