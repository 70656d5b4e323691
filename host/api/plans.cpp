#include "api/json.h"
#include "api/resources.h"

namespace ostler::api {
namespace {

Json step_json(const core::StepView& step) {
  const std::string status =
      step.display_status.empty() ? std::string(core::to_string(step.status)) : step.display_status;
  return {{"id", step.id}, {"status", status}, {"name", step.name}, {"message", step.message}};
}

Json phase_json(const core::PhaseView& phase) {
  Json steps = Json::array();
  for (const core::StepView& step : phase.steps) steps.push_back(step_json(step));
  return {{"id", phase.id},
          {"name", phase.name},
          {"strategy", phase.strategy},
          {"status", core::to_string(phase.status)},
          {"steps", std::move(steps)}};
}

}  // namespace

Response list_plans(const Snapshot& snapshot) {
  Json names = Json::array();
  for (const core::PlanView& plan : snapshot.plans) names.push_back(plan.name);
  return json_response(names);
}

Response show_plan(const Snapshot& snapshot, std::string_view name) {
  const core::PlanView* plan = snapshot.plan(name);
  if (plan == nullptr) return not_found("Plan", name);
  Json phases = Json::array();
  for (const core::PhaseView& phase : plan->phases) phases.push_back(phase_json(phase));
  const Json body = {{"phases", std::move(phases)},
                     {"errors", plan->errors},
                     {"strategy", plan->strategy},
                     {"status", core::to_string(plan->status)}};
  uint32_t code = 202;
  if (plan->status == core::Status::kComplete) code = 200;
  if (plan->status == core::Status::kError) code = 417;
  return json_response(body, code);
}

Response uninstall_status(const Snapshot& snapshot) {
  if (!snapshot.uninstalling) return text_response(404, "the service is not being uninstalled");
  constexpr std::string_view kPhase = "unreserve-resources-", kStep = "unreserve-";
  Json agents = Json::array(), tasks = Json::array();
  const core::PlanView* plan = snapshot.plan("deploy");
  for (const core::PhaseView& phase : plan == nullptr ? std::vector<core::PhaseView>() : plan->phases) {
    Json resources = Json::array();
    for (const core::StepView& step : phase.steps) {
      if (step.status == core::Status::kComplete) continue;
      if (phase.name == "kill-tasks") tasks.push_back({{"name", step.name}, {"waits", step.message}});
      if (phase.name.starts_with(kPhase)) resources.push_back(step.name.substr(kStep.size()));
    }
    if (!resources.empty())
      agents.push_back({{"agent", phase.name.substr(kPhase.size())}, {"resources", std::move(resources)}});
  }
  const Json body = {
      {"complete", snapshot.uninstalled}, {"tasks", std::move(tasks)}, {"agents", std::move(agents)}};
  return json_response(body, snapshot.uninstalled ? 200 : 202);
}

}  // namespace ostler::api
