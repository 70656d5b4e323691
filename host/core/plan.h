// Plans: phases of steps, and what follows from the statuses of the steps.
//
// A step's status is derived from the tasks (step_status.h), never stored: after a
// restart the same records give the same plan. Only what an operator did to a plan is
// state of its own.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/status.h"
#include "spec/service_spec.h"

namespace ostler::core {

// What a step does: launch tasks, or take something down (teardown.h).
enum class StepKind : uint8_t { kLaunch, kKill, kUnreserve, kErase, kDeregister };

struct Step {
  std::string id;    // UUID
  std::string name;  // "zookeeper-0:[server, metrics]"
  std::string pod_type;
  int32_t pod_index = 0;
  std::string pod;                 // "zookeeper-0"
  std::vector<std::string> tasks;  // task specs it launches
  std::vector<std::string> names;  // of these tasks, "zookeeper-0-server"
  bool is_recovery = false;        // from the tasks' own configuration instead of the target
  const std::map<std::string, std::string>* parameters = nullptr;  // its plan's; null: none
  const std::string* run = nullptr;                                // the same
  uint64_t lot = 0;  // its place among the steps of a random phase

  // Of steps that take something down.
  StepKind kind = StepKind::kLaunch;
  std::string subject;               // the reservation's id
  std::string host;                  // of the agent
  std::string agent_id;              // its id, which is not always that of the holders
  std::vector<std::string> holders;  // the tasks it is about, by name

  // By an operator (plan_control.h).
  bool interrupted = false;          // not begun until continued; canaries start like this
  bool forced = false;               // complete, whatever its tasks do
  std::set<std::string> superseded;  // task ids that are to be launched anew

  Status status = Status::kPending;
  bool prepared = false;  // it was compared with offers, and none fitted
  bool complete = false;  // has been COMPLETE: later failures are recovery's business
  std::string message;    // what it waits for
  std::vector<std::string> errors;
  // What is to be done now (evaluate_step).
  std::vector<std::string> launch;  // task specs
  std::vector<std::string> kill;    // task names that must be dead first
  bool delayed = false;
  // For Demand: in which of its updates this step last worked, and what it wished for (an
  // offer; a place anywhere).
  uint64_t seen_working = 0;
  uint8_t seen_wish = 0;
  // For AgentInquiry: when Mesos is asked what became of the agent that it waits for (mono; 0:
  // it does not wait), and how long after that the next time.
  int64_t inquire_ms = 0, inquire_pause_ms = 0;

  // By an advisor (advice.h).
  std::string held;            // why it may not take its tasks down, or is not taken for back
  bool out = false;            // it may; and is not COMPLETE before it has come back
  bool only_launches = false;  // of one that is out: nothing more that runs may go down for it
  bool returned = false;       // of one that is out: its tasks are as they should be
  bool is_permanent = false;   // its pod is replaced: any agent will do
};

struct Phase {
  std::string id;
  std::string name;
  spec::Strategy strategy = spec::Strategy::kSerial;
  bool interrupted = false;
  // Of a canary phase, once they were chosen: positions of the steps that an operator lets
  // go one by one, before the rest follows.
  bool has_canaries = false;
  std::vector<uint32_t> canaries;
  bool comes_last = false;  // of a dependency plan: after all other phases
  uint64_t lot = 0;         // its place among the phases of a random plan
  std::vector<Step> steps;
};

struct Plan {
  std::string name;
  spec::Strategy strategy = spec::Strategy::kSerial;
  bool interrupted = false;
  std::map<std::string, std::string> parameters;  // variables of its steps' tasks
  // Of a plan of one's own: what its last start began. A task that runs once and was launched
  // for another run, of this plan or another one, is not what its steps are about. Empty: it
  // was not started.
  std::string run;
  bool is_own = false;
  std::vector<std::string> errors;
  std::vector<Phase> phases;
};

// The step that launches these tasks of a pod instance; without an id yet.
Step launch_step(const std::string& pod_type, int32_t pod_index, std::vector<std::string> tasks);

// "zookeeper-0:[server, metrics]".
std::string step_name(const std::string& pod, const std::vector<std::string>& tasks);

// The steps the strategies would work on now, in order; complete and interrupted ones
// are left out.
std::vector<Step*> candidates(Plan& plan);

// If the step is one of a serial phase of the plan: the steps of it that are not complete.
std::vector<Step*> in_any_order(Plan& plan, const Step& step);

bool is_canary(spec::Strategy strategy);
// True while a canary step of the phase still waits to be let go.
bool holds_canary(const Phase& phase);
// Chooses the first two steps that are not complete, and holds them.
void choose_canaries(Phase& phase);

Status status_of(const Phase& phase);
Status status_of(const Plan& plan);
// Whether its status is COMPLETE, at less cost.
bool is_complete(const Plan& plan);

// The aggregate of children (java-sdk-spec-api-state.md, 7.1), of which the strategy
// would work on `candidate_statuses` now. Unlike the SDK's, [COMPLETE, DELAYED] is
// DELAYED and not ERROR.
Status aggregate(const std::vector<Status>& children, const std::vector<Status>& candidate_statuses,
                 bool has_errors, bool interrupted);

}  // namespace ostler::core
