// /v1/debug/...: plans, tasks and reservations at one look, in the SDK's shape
// (java-sdk-spec-api-state.md, 7.7).
#include <algorithm>
#include <set>

#include "api/json.h"
#include "api/resources.h"
#include "core/claim.h"
#include "mesos/types.h"

namespace ostler::api {
namespace {

using core::PhaseView;
using core::PlanView;
using core::StepView;

// The SDK compares names without regard to case.
bool is_named(const std::string& name, const std::string& wanted) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(name.begin(), name.end(), wanted.begin(), wanted.end(),
                    [&](char a, char b) { return lower(a) == lower(b); });
}

bool passes(const std::string& name, const std::optional<std::string>& wanted) {
  return !wanted || is_named(name, *wanted);
}

// Why the filter finds nothing; empty: it does not.
std::string wrong_filter(const Snapshot& snapshot, const DebugFilter& filter) {
  if (filter.step && !(filter.plan && filter.phase)) return "a step is given without its plan and phase";
  if (filter.phase && !filter.plan) return "a phase is given without its plan";
  if (!filter.plan) return {};
  const auto plan = std::find_if(snapshot.plans.begin(), snapshot.plans.end(),
                                 [&](const PlanView& one) { return is_named(one.name, *filter.plan); });
  if (plan == snapshot.plans.end()) return "there is no plan '" + *filter.plan + "'";
  if (!filter.phase) return {};
  const auto phase = std::find_if(plan->phases.begin(), plan->phases.end(),
                                  [&](const PhaseView& one) { return is_named(one.name, *filter.phase); });
  if (phase == plan->phases.end())
    return "there is no phase '" + *filter.phase + "' in plan '" + plan->name + "'";
  if (!filter.step) return {};
  if (std::any_of(phase->steps.begin(), phase->steps.end(),
                  [&](const StepView& one) { return is_named(one.name, *filter.step); }))
    return {};
  return "there is no step '" + *filter.step + "' in phase '" + phase->name + "' of plan '" + plan->name +
         "'";
}

// What `make` makes of each plan, phase or step that passes.
template <typename Views, typename Make>
Json each(const Views& views, const std::optional<std::string>& wanted, Make make) {
  Json out = Json::array();
  for (const auto& view : views) {
    if (passes(view.name, wanted)) out.push_back(make(view));
  }
  return out;
}

bool is_active(const PlanView& plan) {
  return plan.status != core::Status::kComplete && plan.status != core::Status::kWaiting &&
         plan.status != core::Status::kError;
}

std::string_view scheduler_state(const Snapshot& snapshot) {
  const auto runs = [&](std::string_view name) {
    const PlanView* plan = snapshot.plan(name);
    return plan != nullptr && plan->status != core::Status::kComplete;
  };
  if (runs("deploy")) return "DEPLOYING";
  if (runs("recovery")) return "RECOVERING";
  if (runs("decommission")) return "DECOMMISSIONING";
  return std::any_of(snapshot.plans.begin(), snapshot.plans.end(), is_active) ? "RUNNING" : "DEPLOYED";
}

Json plan_json(const PlanView& plan, const DebugFilter& filter) {
  size_t total = 0, complete = 0;
  for (const PhaseView& phase : plan.phases) {
    for (const StepView& step : phase.steps) {
      ++total;
      complete += step.status == core::Status::kComplete;
    }
  }
  const auto step_json = [](const StepView& step) -> Json {
    return {{"name", step.name}, {"status", core::to_string(step.status)}, {"errors", step.errors}};
  };
  const auto phase_json = [&](const PhaseView& phase) -> Json {
    return {{"name", phase.name},
            {"status", core::to_string(phase.status)},
            {"strategy", phase.strategy},
            {"steps", each(phase.steps, filter.step, step_json)}};
  };
  return {{"name", plan.name},          {"status", core::to_string(plan.status)},
          {"strategy", plan.strategy},  {"totalSteps", total},
          {"completedSteps", complete}, {"phases", each(plan.phases, filter.phase, phase_json)}};
}

Json topology(const Snapshot& snapshot) {
  const auto node = [](const std::string& name, const char* type, Json children) -> Json {
    return {{"name", name}, {"type", type}, {"children", std::move(children)}};
  };
  return each(snapshot.plans, {}, [&](const PlanView& plan) {
    return node(plan.name, "plan", each(plan.phases, {}, [&](const PhaseView& phase) {
                  return node(phase.name, "phase", each(phase.steps, {}, [&](const StepView& step) {
                                return node(step.name, "step", Json::array());
                              }));
                }));
  });
}

const core::TaskView* find_task(const Snapshot& snapshot, const std::string& name) {
  for (const core::PodInstanceView& pod : snapshot.pods) {
    for (const core::TaskView& task : pod.tasks) {
      if (task.name == name) return &task;
    }
  }
  return nullptr;
}

Json task_json(const Snapshot& snapshot, const std::string& name) {
  Json out = {{"name", name}};
  const core::TaskView* task = find_task(snapshot, name);
  if (task == nullptr || task->last_status == nullptr) return out;  // it was never launched
  out["taskStatus"] = mesos::to_string(task->last_status->state);
  out["taskId"] = task->task_id;
  return out;
}

}  // namespace

Response debug_plans(const Snapshot& snapshot, const DebugFilter& filter) {
  if (const std::string wrong = wrong_filter(snapshot, filter); !wrong.empty())
    return json_response({{"invalid-input", wrong}});
  Json active = Json::array();
  for (const PlanView& plan : snapshot.plans) {
    if (is_active(plan)) active.push_back(plan.name);
  }
  return json_response({{"schedulerState", scheduler_state(snapshot)},
                        {"activePlans", std::move(active)},
                        {"plans", each(snapshot.plans, filter.plan,
                                       [&](const auto& plan) { return plan_json(plan, filter); })},
                        {"serviceTopology", topology(snapshot)}});
}

Response debug_task_statuses(const Snapshot& snapshot, const DebugFilter& filter) {
  if (const std::string wrong = wrong_filter(snapshot, filter); !wrong.empty())
    return json_response({{"invalid-input", wrong}});
  const auto step_json = [&](const StepView& step) -> Json {
    Json tasks = Json::array();
    for (const std::string& name : step.tasks) tasks.push_back(task_json(snapshot, name));
    return {{"name", step.name}, {"taskStatus", std::move(tasks)}};
  };
  const auto phase_json = [&](const PhaseView& phase) -> Json {
    return {{"name", phase.name}, {"steps", each(phase.steps, filter.step, step_json)}};
  };
  return json_response(each(snapshot.plans, filter.plan, [&](const PlanView& plan) -> Json {
    return {{"name", plan.name}, {"phases", each(plan.phases, filter.phase, phase_json)}};
  }));
}

Response debug_reservations(const Snapshot& snapshot) {
  std::map<std::string, std::set<std::string>> by_agent;
  for (const core::PodInstanceView& pod : snapshot.pods) {
    for (const core::TaskView& task : pod.tasks) {
      if (task.launch == nullptr) continue;
      for (const core::Holding& holding : task.launch->holdings)
        by_agent[task.launch->hostname].emplace(core::resource_id_of(holding.resource));
    }
  }
  return json_response(Json(by_agent));
}

}  // namespace ostler::api
