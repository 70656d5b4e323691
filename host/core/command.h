// What an operator may ask for, and what is answered: the HTTP API's POSTs as values.
//
// A command goes into the core like an event (Engine::handle), so it is deterministic,
// and what it changes is stored before anything is done about it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace ostler::core {

namespace command {

// Which part of a plan is meant. A phase or step is given by its id (when it looks like a
// UUID) or its name; a step needs its phase.
struct Target {
  std::string plan;
  std::optional<std::string> phase;
  std::optional<std::string> step;
};

// Gives the plan's steps these variables, begins anew when it is complete, and goes on.
struct PlanStart {
  std::string plan;
  std::map<std::string, std::string> parameters;
};
// Interrupts the plan and sets all its steps back to the beginning.
struct PlanStop {
  std::string plan;
};
// Begins no further step. What runs goes on.
struct PlanInterrupt {
  Target target;
};
// Takes an interrupt back, or lets the next canary step go.
struct PlanContinue {
  Target target;
};
// Takes steps for complete, whatever their tasks do.
struct PlanForceComplete {
  Target target;
};
// Does steps again: their tasks are killed and launched anew. Also takes an interrupt back.
struct PlanRestart {
  Target target;
};

// Kills all tasks of a pod instance; they are launched anew in place, with their volumes.
struct PodRestart {
  std::string pod;     // "zookeeper-0"
  bool force = false;  // now, whatever an advisor says
};
// Kills all tasks of a pod instance and launches them wherever they fit, with new volumes;
// the old ones are destroyed.
struct PodReplace {
  std::string pod;
  bool force = false;  // now, whatever an advisor says
};
// Launches tasks anew with a command that does nothing, so that a person can look at the
// sandbox and the volumes; or takes that back. Tasks by "server" or "zookeeper-0-server";
// none: all of the pod.
struct PodPause {
  std::string pod;
  std::vector<std::string> tasks;
};
struct PodResume {
  std::string pod;
  std::vector<std::string> tasks;
};

// Gives up what the uninstall still waits for on an agent (its host name), or when that is
// empty on all agents that are away. The reservations stay behind on the agent.
struct UninstallAbandon {
  std::string agent;
};

}  // namespace command

using Command =
    std::variant<command::PlanStart, command::PlanStop, command::PlanInterrupt, command::PlanContinue,
                 command::PlanForceComplete, command::PlanRestart, command::PodRestart, command::PodReplace,
                 command::PodPause, command::PodResume, command::UninstallAbandon>;

struct Answer {
  enum class Outcome : uint8_t {
    kDone,
    kAlready,      // nothing was to be done
    kNotFound,     // `message` names what
    kInvalid,      // the command makes no sense as it stands
    kUnavailable,  // not now
  } outcome = Outcome::kDone;
  std::string message;             // one sentence, for people
  std::string pod;                 // of a pod command: "zookeeper-0"
  std::vector<std::string> tasks;  // of a pod command: the tasks it is about, sorted

  bool ok() const { return outcome == Outcome::kDone; }
};

}  // namespace ostler::core
