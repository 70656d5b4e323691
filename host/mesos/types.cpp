// Names of Mesos' enumerations, both ways.
#include "mesos/types.h"

#include <array>

namespace ostler::mesos {
namespace {

// In the order of the enumerators.
constexpr std::array<std::string_view, 14> kTaskStates = {
    "TASK_STAGING",          "TASK_STARTING",    "TASK_RUNNING",
    "TASK_KILLING",          "TASK_FINISHED",    "TASK_FAILED",
    "TASK_KILLED",           "TASK_ERROR",       "TASK_LOST",
    "TASK_DROPPED",          "TASK_UNREACHABLE", "TASK_GONE",
    "TASK_GONE_BY_OPERATOR", "TASK_UNKNOWN"};

}  // namespace

std::string_view to_string(TaskState state) { return kTaskStates[static_cast<size_t>(state)]; }

TaskState task_state(std::string_view name) {
  for (size_t i = 0; i < kTaskStates.size(); ++i) {
    if (kTaskStates[i] == name) return static_cast<TaskState>(i);
  }
  return TaskState::kUnknown;
}

bool is_terminal(TaskState state) {
  switch (state) {
    case TaskState::kFinished:
    case TaskState::kFailed:
    case TaskState::kKilled:
    case TaskState::kError:
    case TaskState::kLost:
    case TaskState::kDropped:
    case TaskState::kGone:
    case TaskState::kGoneByOperator:
      return true;
    case TaskState::kStaging:
    case TaskState::kStarting:
    case TaskState::kRunning:
    case TaskState::kKilling:
    case TaskState::kUnreachable:
    case TaskState::kUnknown:
      return false;
  }
  return false;
}

std::string_view to_string(Operation::Type type) {
  switch (type) {
    case Operation::Type::kReserve:
      return "RESERVE";
    case Operation::Type::kUnreserve:
      return "UNRESERVE";
    case Operation::Type::kCreate:
      return "CREATE";
    case Operation::Type::kDestroy:
      return "DESTROY";
    case Operation::Type::kLaunchGroup:
      return "LAUNCH_GROUP";
  }
  return "UNKNOWN";
}

}  // namespace ostler::mesos
