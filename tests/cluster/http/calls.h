// Reads the body of a POST to the scheduler API.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "cluster/model/master.h"

namespace ostler::cluster {

// Calls that are not among mesos::Call, because our own scheduler has no use for them.
namespace extra_call {
struct Shutdown {
  std::string executor_id;
  std::string agent_id;
};
struct UpdateFramework {
  Master::Subscribe request;
};
struct KillWithGrace {
  mesos::call::Kill kill;
  int64_t grace_ms = 0;
};
// Accepted and forgotten: MESSAGE, REQUEST, ACCEPT_INVERSE_OFFERS, DECLINE_INVERSE_OFFERS.
struct Ignored {};
}  // namespace extra_call

struct ParsedCall {
  std::string type;
  std::string framework_id;
  std::variant<Master::Subscribe, mesos::Call, extra_call::Shutdown, extra_call::UpdateFramework,
               extra_call::KillWithGrace, extra_call::Ignored>
      call;
};

// The call, or the text of the answer 400, as a real master words it.
std::variant<ParsedCall, std::string> parse_call(std::string_view body);

}  // namespace ostler::cluster
