// What an operator asks for: the part of the Engine that takes commands.
//
// Whatever a command changes is in a Persist before any other effect, so that it holds
// as soon as the answer is given.
#include <algorithm>

#include "core/engine.h"
#include "core/plan_commands.h"

namespace ostler::core {
namespace {

using Outcome = Answer::Outcome;

}  // namespace

Answer Engine::handle(const Command& command, Now now, Effects& out) {
  if (!target_) return {Outcome::kUnavailable, "the service has no configuration yet", {}, {}};
  if (uninstalled_) return {Outcome::kAlready, "the service is uninstalled", {}, {}};
  planner_.refresh(now);
  Answer answer = std::visit([&](const auto& one) { return on(one, now, out); }, command);
  advance(now, out);
  return answer;
}

Answer Engine::on_plan(const std::string& name, Effects& out, const std::function<Answer(Plan&)>& body) {
  Plan* plan = planner_.find(name);
  if (plan == nullptr) return {Outcome::kNotFound, "Plan " + name + " not found", {}, {}};
  Answer answer = body(*plan);
  if (!answer.ok()) return answer;
  PlanControl control = control_of(*plan, settings_.uninstall ? kUninstallConfig : stored_.target_config);
  if (plan == &planner_.recovery()) planner_.remember_recovery(control);
  if (stored_.plan_controls[name] != control) {
    stored_.plan_controls[name] = control;
    out.push_back(effect::Persist{{change::PutPlanControl{name, std::move(control)}}});
  }
  out.push_back(effect::Log{1, "operator: plan " + name + ": " + answer.message, {}});
  planner_.touch_all();
  return answer;
}

void Engine::store_progress(Effects& out) {
  for (const Plan* plan : planner_.plans()) {
    if (plan->run.empty()) continue;
    PlanControl control = control_of(*plan, stored_.target_config);
    if (stored_.plan_controls[plan->name] == control) continue;
    stored_.plan_controls[plan->name] = control;
    out.push_back(effect::Persist{{change::PutPlanControl{plan->name, std::move(control)}}});
  }
}

Answer Engine::on(const command::PlanStart& c, Now, Effects& out) {
  for (const auto& [key, value] : c.parameters) {
    if (is_variable_name(key)) continue;
    return {Outcome::kInvalid,
            "Couldn't parse parameters: " + key + " is not a valid environment variable name",
            {},
            {}};
  }
  return on_plan(c.plan, out,
                 [&](Plan& plan) { return start_plan(plan, c.parameters, tasks_, *target_, ids_); });
}

Answer Engine::on(const command::PlanStop& c, Now, Effects& out) {
  return on_plan(c.plan, out, [&](Plan& plan) { return stop_plan(plan, tasks_); });
}

Answer Engine::on(const command::PlanInterrupt& c, Now, Effects& out) {
  return on_plan(c.target.plan, out, [&](Plan& plan) { return interrupt(plan, c.target); });
}

Answer Engine::on(const command::PlanContinue& c, Now, Effects& out) {
  return on_plan(c.target.plan, out, [&](Plan& plan) { return proceed(plan, c.target); });
}

Answer Engine::on(const command::PlanForceComplete& c, Now, Effects& out) {
  return on_plan(c.target.plan, out, [&](Plan& plan) { return force_complete(plan, c.target); });
}

Answer Engine::on(const command::PlanRestart& c, Now, Effects& out) {
  Answer answer = on_plan(c.target.plan, out, [&](Plan& plan) { return restart(plan, c.target, tasks_); });
  if (answer.ok() && planner_.find(c.target.plan) == &planner_.recovery())
    mark_for_restart(planner_.recovery(), out);
  return answer;
}

// The next process makes its recovery plan anew, from what is stored of the tasks.
void Engine::mark_for_restart(const Plan& plan, Effects& out) {
  effect::Persist persist;
  for (const Phase& phase : plan.phases) {
    for (const Step& step : phase.steps) {
      for (const std::string& name : step.names) {
        const Task* task = tasks_.find(name);
        if (task == nullptr || !task->launched() || !step.superseded.contains(task->task_id())) continue;
        auto launch = std::make_shared<LaunchRecord>(*task->launch);
        launch->restart_requested = true;
        persist.changes.push_back(change::PutLaunch{name, launch});
        tasks_.set_launch(name, std::move(launch));
      }
    }
  }
  if (!persist.changes.empty()) out.push_back(std::move(persist));
}

}  // namespace ostler::core
