// What can go wrong in a simulation: a list of faults, each with its moment.
//
// A run is its seed and this list; dropping one fault leaves the others as they are,
// which is how a failing run is shrunk. Faults hit at a point of virtual time, or at
// the n-th effect, commit, call or update of the run.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "simulation/random.h"

namespace ostler::simulation {

enum class FaultKind : uint8_t {
  // At the n-th effect (a group of persists, a call, an exit) of the run.
  kCrash,  // kill -9 just before it
  // At the n-th commit.
  kCommitFails,       // not stored, "unavailable", `which` times
  kCommitUnknown,     // stored, but the answer is "unavailable"
  kCrashAfterCommit,  // stored; the process dies before it hears so
  // At the n-th call to Mesos.
  kCallLost,        // never arrives; the client says so
  kCallAnswerLost,  // carried out; the client says that it failed
  kCallRefused,     // the master answers 503
  kCallLate,        // times out at the client and is carried out `length_ms` later
  // At the n-th ACCEPT: the operations from number `which` on are refused.
  kOperationsRefused,
  // At the n-th status update an agent sends.
  kUpdateLost,   // the agent sends it again
  kUpdateLate,   // by `length_ms`: others overtake it
  kUpdateTwice,  // the agent sends it again before it saw the acknowledgement
  // At a time, for `length_ms` where that means something; `which` chooses agent or task.
  kStop,          // SIGTERM and a new start
  kPause,         // SIGSTOP, later SIGCONT
  kSecondStarts,  // another scheduler of the same service
  kStoreAway,     // the state's servers cannot be reached
  kStreamCut,     // the event stream breaks
  kStreamSlow,    // events take `length_ms`
  kAgentAway,     // cut off; its tasks run on
  kHostDies,      // cut off, its tasks dead
  kAgentNewId,    // its host comes back as a new agent, with its volumes
  kAgentGone,     // marked gone by an operator
  kMaintenance,   // an agent is to be away for the second half of `length_ms`; from 8 on it is
  kOffersRescinded,
  kMasterFailover,  // which: bit 0 replicated registry
  kTaskFails,
  kExecutorFails,
  kCrashLoop,         // the next `which` starts of a task fail
  kRivalHoards,       // another framework takes what is free
  kConfigFlip,        // to variant `which`, with a restart
  kClockJumps,        // people's clock, by an hour
  kFrameworkRemoved,  // `which` 0 no process for `length_ms`; 1 an operator tears it down
  // An operator; lost while no process serves.
  kCommand,        // `which` 0 interrupts the deploy plan, 1 continues it, 2 restarts it; 3, 4: recovery
  kForceComplete,  // step `which` of the deploy plan
  kPodRestart,     // pod instance `which`
  kPodReplace,
  kPodPause,   // for `length_ms`; from 3 on only its server
  kUninstall,  // with a restart; taken back by nothing
  kPlan,       // of the service's own plan: `which` % 6 says what, the rest to which part
  kCount,
};

struct Fault {
  FaultKind kind = FaultKind::kCrash;
  int64_t at = 0;  // ms since the start, or the ordinal
  int64_t length_ms = 0;
  uint32_t which = 0;
};

// Whether `at` is a time.
bool is_timed(FaultKind kind);
std::string_view to_string(FaultKind kind);
// "crash at effect 17", "agent away at 12.300 s for 40.000 s (2)".
std::string to_text(const Fault& fault);

// None to ten faults.
std::vector<Fault> random_faults(Random& random);
// Mostly none: what comes out of a source of its own, so that all else of a seed stays what it
// is without it. A kFrameworkRemoved of 0 wants a short failover timeout.
void add_rare_faults(Random& random, std::vector<Fault>& faults);
// One to three long ones of kAgentAway and kHostDies, for a service with a replacement policy.
void add_absences(Random& random, std::vector<Fault>& faults);
// One to eight of kPlan, the first of which starts the plan, or does not.
void add_plan_commands(Random& random, std::vector<Fault>& faults);

}  // namespace ostler::simulation
