#include "core/plan_control.h"

#include "core/plan.h"

namespace ostler::core {

PlanControl control_of(const Plan& plan, const std::string& config_id) {
  PlanControl out;
  out.config_id = config_id;
  out.interrupted = plan.interrupted;
  out.parameters = plan.parameters;
  out.run = plan.run;
  for (const Phase& phase : plan.phases) {
    PhaseControl one{phase.name, phase.interrupted, phase.has_canaries, phase.canaries, {}, {}};
    for (size_t i = 0; i < phase.steps.size(); ++i) {
      const Step& step = phase.steps[i];
      if (step.complete && !plan.run.empty()) one.done.push_back(static_cast<uint32_t>(i));
      StepControl control{static_cast<uint32_t>(i), step.name, step.interrupted, step.forced, {}};
      if (!step.complete) control.superseded = step.superseded;
      if (control.interrupted || control.forced || !control.superseded.empty())
        one.steps.push_back(std::move(control));
    }
    if (one.interrupted || one.has_canaries || !one.done.empty() || !one.steps.empty())
      out.phases.push_back(std::move(one));
  }
  return out;
}

namespace {

// The step of that name where it was. What takes something down is planned anew from what
// is left, and so its steps move up: then the only one of that name.
Step* find_step(Phase& phase, const StepControl& wanted) {
  if (wanted.position < phase.steps.size() && phase.steps[wanted.position].name == wanted.name)
    return &phase.steps[wanted.position];
  Step* found = nullptr;
  for (Step& step : phase.steps) {
    if (step.name != wanted.name) continue;
    if (found != nullptr) return nullptr;
    found = &step;
  }
  return found;
}

}  // namespace

void apply_control(const PlanControl& control, Plan& plan) {
  plan.interrupted = control.interrupted;
  plan.parameters = control.parameters;
  plan.run = control.run;
  for (const PhaseControl& from : control.phases) {
    for (Phase& phase : plan.phases) {
      if (phase.name != from.name) continue;
      phase.interrupted = from.interrupted;
      phase.has_canaries = from.has_canaries;
      for (const uint32_t at : from.canaries) {
        if (at < phase.steps.size()) phase.canaries.push_back(at);
      }
      for (const StepControl& one : from.steps) {
        Step* const step = find_step(phase, one);
        if (step == nullptr) continue;
        step->interrupted = one.interrupted;
        step->forced = one.forced;
        step->superseded = one.superseded;
      }
      for (const uint32_t at : from.done) {
        if (at >= phase.steps.size()) continue;
        phase.steps[at].complete = true;
        phase.steps[at].status = Status::kComplete;
      }
      break;
    }
  }
}

}  // namespace ostler::core
