// What an operator does, for the better or the worse.
#include "simulation/service.h"
#include "simulation/world.h"

namespace ostler::simulation {

namespace command = core::command;

void World::operate(const Fault& fault) {
  const std::string pod = "zookeeper-" + std::to_string(fault.which % 3);
  switch (fault.kind) {
    case FaultKind::kCommand: {
      const command::Target deploy{"deploy", {}, {}}, recovery{"recovery", {}, {}};
      if (fault.which == 0) command(command::PlanInterrupt{deploy});
      if (fault.which == 1) command(command::PlanContinue{deploy});
      if (fault.which == 2) {
        watch_.allow_kills_of_all();
        command(command::PlanRestart{deploy});
      }
      if (fault.which == 3) command(command::PlanInterrupt{recovery});
      if (fault.which == 4) command(command::PlanContinue{recovery});
      break;
    }
    case FaultKind::kForceComplete:
      command(command::PlanForceComplete{{"deploy", "node-deploy", pod + ":[server, metrics]"}});
      break;
    case FaultKind::kPodRestart:
      watch_.allow_kills_of(pod);
      command(command::PodRestart{pod});
      break;
    case FaultKind::kPodReplace:
      watch_.allow_replacement_of(pod);
      command(command::PodReplace{pod});
      break;
    case FaultKind::kPodPause: {
      std::vector<std::string> tasks;
      if (fault.which >= 3) tasks = {"server"};
      watch_.allow_kills_of(pod);
      command(command::PodPause{pod, tasks});
      after(fault.length_ms, [this, pod] {
        watch_.allow_kills_of(pod);
        command(command::PodResume{pod, {}});
      });
      break;
    }
    case FaultKind::kUninstall:
      uninstall();
      if (scheduler_) scheduler_->terminate();
      break;
    case FaultKind::kPlan:
      operate_own_plan(fault);
      break;
    default:
      break;
  }
}

// To the plan, a phase or a step, which may be one that there is not.
void World::operate_own_plan(const Fault& fault) {
  const uint32_t part = fault.which / 6;
  const bool is_joint = setup_.plan > kPlans / 2;
  const std::string task = part % 2 == 0 ? "init" : "backup";
  command::Target target{kOwnPlan, {}, {}};
  if (part % 3 > 0) target.phase = is_joint ? "both" : task;
  if (part % 3 > 1) target.step = "zookeeper-" + std::to_string(part / 6 % 3) + ":[" + task + "]";
  switch (fault.which % 6) {
    case 0: {  // which ends nothing that was not stopped before
      const std::string run = std::to_string(++plan_runs_);
      if (command(command::PlanStart{kOwnPlan, {{kRunVariable, run}}})) watch_.plan_started(plan_runs_);
      break;
    }
    case 1:
      watch_.allow_kills_of_own_plan();
      command(command::PlanStop{kOwnPlan});
      break;
    case 2:
      command(command::PlanInterrupt{target});
      break;
    case 3:
      command(command::PlanContinue{target});
      break;
    case 4:
      watch_.allow_kills_of_own_plan();
      command(command::PlanRestart{target});
      break;
    default:
      command(command::PlanForceComplete{target});
  }
}

// It neither works nor is done.
bool World::is_held_up(const std::string& name) const {
  const core::Engine* engine = scheduler_ ? scheduler_->engine() : nullptr;
  if (engine == nullptr) return false;
  for (const core::Plan* plan : engine->planner().plans()) {
    if (plan->name != name) continue;
    const core::Status status = core::status_of(*plan);
    return status == core::Status::kWaiting || status == core::Status::kPending ||
           status == core::Status::kDelayed || status == core::Status::kError;
  }
  return false;
}

void World::let_go_on() {
  for (const char* plan : {"deploy", "recovery", "decommission", kOwnPlan}) {
    if (is_held_up(plan)) command(command::PlanContinue{{plan, {}, {}}});
  }
  if (is_uninstall && lost_agents_) command(command::UninstallAbandon{});
  const core::Engine* engine = scheduler_ ? scheduler_->engine() : nullptr;
  if (engine == nullptr) return;
  std::set<std::string> paused;
  for (const auto& [name, task] : engine->tasks().all()) {
    if (task.goal == core::GoalOverride::kPaused) paused.insert(name.substr(0, name.rfind('-')));
  }
  for (const std::string& pod : paused) {
    watch_.allow_kills_of(pod);
    command(command::PodResume{pod, {}});
  }
}

}  // namespace ostler::simulation
