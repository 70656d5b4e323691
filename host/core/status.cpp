#include "core/status.h"

namespace ostler::core {

std::string_view to_string(Status status) {
  switch (status) {
    case Status::kError:
      return "ERROR";
    case Status::kWaiting:
      return "WAITING";
    case Status::kPending:
      return "PENDING";
    case Status::kPrepared:
      return "PREPARED";
    case Status::kStarting:
      return "STARTING";
    case Status::kStarted:
      return "STARTED";
    case Status::kComplete:
      return "COMPLETE";
    case Status::kInProgress:
      return "IN_PROGRESS";
    case Status::kDelayed:
      return "DELAYED";
  }
  return "UNKNOWN";
}

}  // namespace ostler::core
