#include "core/health.h"

#include <algorithm>

namespace ostler::core {
namespace {

struct StepCounts {
  bool failed = false, delayed = false, pending = false, started = false, waiting = false;
};

StepCounts count_steps(const PlanView& plan, std::vector<std::string>& reasons) {
  StepCounts counts;
  for (const PhaseView& phase : plan.phases) {
    for (const StepView& step : phase.steps) {
      counts.failed |= step.status == Status::kError;
      counts.delayed |= step.status == Status::kDelayed;
      counts.pending |= step.status == Status::kPending || step.status == Status::kPrepared;
      counts.started |=
          !step.waits_for_resume && (step.status == Status::kStarting || step.status == Status::kStarted);
      counts.waiting |= step.status == Status::kWaiting;
      if (step.status != Status::kComplete && !step.message.empty()) {
        reasons.push_back(plan.name + ": " + step.name + " is " + step.display_status + ": " + step.message);
      }
    }
  }
  return counts;
}

enum class Serving { kAll, kMost, kFew };

// How many of a service's instances do what they are for, and what is with the others. While a
// deployment waits for its operator, what it has not launched yet is not missed.
Serving serving(const Snapshot& snapshot, bool is_held_up, std::vector<std::string>& reasons) {
  Serving worst = Serving::kAll;
  for (const Redundancy& one : snapshot.redundancy) {
    // What only a plan of one's own starts may not have been wanted yet.
    if (one.launched == 0) continue;
    const int32_t expected = is_held_up ? one.launched : one.wanted;
    if (one.serving == expected) continue;
    worst = std::max(worst, 2 * one.serving <= expected ? Serving::kFew : Serving::kMost);
    reasons.push_back("degraded: " + std::to_string(one.serving) + " of " + std::to_string(expected) + " " +
                      one.pod_type + " serve");
  }
  for (const PodInstanceView& pod : snapshot.pods) {
    for (const TaskView& task : pod.tasks) {
      if (task.status != "UNREACHABLE") continue;
      reasons.push_back(task.name + ": agent " + task.hostname +
                        " is unreachable; the task is taken back when it returns, or moved by `pod replace " +
                        pod.name + "`");
    }
  }
  return worst;
}

bool is_active(Status status) {
  return status == Status::kInProgress || status == Status::kPrepared || status == Status::kStarting ||
         status == Status::kStarted;
}

// Plans of one's own that the SDK's health has codes for.
HealthCode code_of_running_plans(const Snapshot& snapshot) {
  HealthCode code = kRunning;
  for (const PlanView& plan : snapshot.plans) {
    if (!is_active(plan.status)) continue;
    if (plan.name.find("restor") != std::string::npos) return kRestoring;
    if (plan.name.find("back") != std::string::npos) code = kBackingUp;
  }
  return code;
}

}  // namespace

const std::vector<HealthText>& health_texts() {
  static const std::vector<HealthText> texts = {
      {kErrorCreating, "ERROR_CREATING",
       "The configuration was refused, and the service goes on with the one in force; or a step cannot be "
       "carried out as it is written. The reasons say what is wrong: correct it, or go back to what was "
       "there, and restart the scheduler."},
      {kInitializing, "INITIALIZING",
       "The state or Mesos was not reached yet, so that nothing is known or nothing can be done. The reasons "
       "say which, and since when."},
      {kDelayed, "DELAYED",
       "A task ended again and again and waits for its back-off. The reasons say how it ended and when it is "
       "launched next; `pod restart` does it now."},
      {kDegraded, "DEGRADED",
       "Most nodes serve and some do not: the service works, with less redundancy than it should have. Not "
       "said while a deployment goes on, which takes nodes down by intent. Also where no node can be reached "
       "and none is being recovered."},
      {kDeployingPending, "DEPLOYING_PENDING",
       "The plan `deploy` has steps that have not begun: they wait for offers (`ostler why`), for steps "
       "before them, or for `ostler plan continue`."},
      {kDeployingStarting, "DEPLOYING_STARTING",
       "All open steps of the plan `deploy` are launched and not ready yet."},
      {kDeployingWaitingUser, "DEPLOYING_WAITING_USER",
       "The plan `deploy` waits for a person: for the next canary step, or since it was interrupted. `ostler "
       "plan continue deploy`."},
      {kRecoveringPending, "RECOVERING_PENDING",
       "The plan `recovery` has steps that wait for offers or for their turn (`ostler why`). Where most "
       "nodes still serve, DEGRADED is said instead."},
      {kRecoveringStarting, "RECOVERING_STARTING",
       "All open steps of the plan `recovery` are launched and not ready yet."},
      {kRestoring, "RESTORING", "A plan of your own whose name contains `restor` runs."},
      {kBackingUp, "BACKING_UP", "A plan of your own whose name contains `back` runs."},
      {kRunning, "RUNNING",
       "Everything is as `svc.yml` wants it; or the service is uninstalled, which the reasons say."},
      {kNoPlan, "NO_PLAN", "There is no plan `deploy` yet."},
  };
  return texts;
}

std::string_view health_name(int32_t code) {
  for (const HealthText& one : health_texts()) {
    if (one.code == code) return one.name;
  }
  return {};
}

Health health_of(const Snapshot& snapshot) {
  Health health;
  for (const PlanView& plan : snapshot.plans) {
    for (const std::string& error : plan.errors) health.reasons.push_back(plan.name + ": " + error);
  }
  if (!health.reasons.empty()) {
    health.code = kErrorCreating;
    return health;
  }
  if (snapshot.uninstalled) {
    health.code = kRunning;
    health.reasons.push_back("the service is uninstalled; the scheduler can be stopped");
    return health;
  }
  if (snapshot.framework_id.empty()) {
    health.code = kInitializing;
    health.reasons.push_back("not registered with Mesos yet");
    return health;
  }
  const PlanView* deploy = snapshot.plan("deploy");
  const PlanView* recovery = snapshot.plan("recovery");
  if (deploy == nullptr) return health;
  const StepCounts deploying = count_steps(*deploy, health.reasons);
  const bool is_held_up = deploy->status == Status::kWaiting && !deploying.started;
  const bool is_open = deploying.pending || deploying.started || deploying.waiting || is_held_up;
  // What a deployment does to its pods is by intent. That it has lost some while it waits is not.
  const Serving serve = snapshot.uninstalling || deploying.delayed || (is_open && !is_held_up)
                            ? Serving::kAll
                            : serving(snapshot, is_held_up, health.reasons);
  if (deploying.failed) {
    health.code = kErrorCreating;
  } else if (deploying.delayed) {
    health.code = kDelayed;
  } else if (is_held_up && serve == Serving::kMost) {
    health.code = kDegraded;
  } else if (deploying.pending) {
    health.code = kDeployingPending;
  } else if (deploying.started) {
    health.code = kDeployingStarting;
  } else if (is_held_up || deploying.waiting) {
    health.code = kDeployingWaitingUser;
  } else {
    const bool recovers = recovery != nullptr && recovery->status != Status::kComplete;
    const StepCounts recovering = recovers ? count_steps(*recovery, health.reasons) : StepCounts{};
    // With most of them gone the service is not degraded but down: it recovers, or waits
    // for agents that nobody can reach.
    if (serve == Serving::kMost || (serve == Serving::kFew && !recovers)) {
      health.code = kDegraded;
    } else if (recovers) {
      health.code = recovering.delayed   ? kDelayed
                    : recovering.pending ? kRecoveringPending
                                         : kRecoveringStarting;
    } else if (deploy->status == Status::kComplete) {
      health.code = code_of_running_plans(snapshot);
    }
  }
  return health;
}

}  // namespace ostler::core
