// One step per instance and list of tasks, in the order of instances.
#include "spec/plan_builder.h"

#include <algorithm>
#include <set>

namespace ostler::spec {
namespace {

std::vector<std::string> task_names(const PodSpec& pod) {
  std::vector<std::string> names;
  for (const TaskSpec& task : pod.tasks) names.push_back(task.name);
  return names;
}

PhaseSpec default_phase(std::string name, const PodSpec& pod, Strategy strategy) {
  PhaseSpec phase{std::move(name), pod.type, strategy, false, {}};
  for (int32_t i = 0; i < pod.count; ++i) phase.steps.push_back({i, task_names(pod)});
  return phase;
}

// With steps of its own, a phase keeps the order inside an instance even when
// instances run at the same time.
Strategy with_steps(Strategy strategy) {
  if (strategy == Strategy::kParallel) return Strategy::kDependency;
  if (strategy == Strategy::kParallelCanary) return Strategy::kDependencyCanary;
  return strategy;
}

class PhaseBuilder {
 public:
  // `scope` is that of the phase's steps.
  PhaseBuilder(Scope scope, const RawPhase& raw, const PodSpec& pod)
      : scope_(std::move(scope)), raw_(raw), pod_(pod) {}

  PhaseSpec build() {
    if (!raw_.steps) return default_phase(raw_.name, pod_, raw_.strategy);
    PhaseSpec phase{raw_.name, pod_.type, with_steps(raw_.strategy), true, {}};
    check_entries();
    for (int32_t i = 0; i < pod_.count; ++i) {
      const RawStep* entry = entry_of(i);
      if (!entry) {
        scope_.error(scope_.mark, "no entry for instance " + std::to_string(i),
                     "an entry for each of the " + std::to_string(pod_.count) + " instances, or 'default'");
        break;
      }
      for (const auto& launch : entry->launches) phase.steps.push_back({i, launch});
    }
    return phase;
  }

 private:
  void check_entries() {
    std::set<std::string> seen;
    for (const RawStep& step : *raw_.steps) {
      const std::string key = step.pod_index ? std::to_string(*step.pod_index) : "default";
      if (!seen.insert(key).second) {
        scope_.error(step.mark, "a second entry for " + in_quotes(key), "each instance once",
                     "put both lists into one entry: " + key + ": [[...], [...]]");
      }
      for (const auto& launch : step.launches) check_launch(step, launch);
    }
  }

  void check_launch(const RawStep& step, const std::vector<std::string>& launch) {
    for (const std::string& name : launch) {
      if (pod_.task(name)) continue;
      const std::vector<std::string> names = task_names(pod_);
      const std::string_view meant = nearest(name, {names.begin(), names.end()});
      scope_.error(step.mark, "the task " + in_quotes(name), "a task of the pod " + in_quotes(pod_.type),
                   meant.empty() ? "" : "did you mean '" + std::string(meant) + "'?");
    }
  }

  const RawStep* entry_of(int32_t index) const {
    const RawStep* fallback = nullptr;
    for (const RawStep& step : *raw_.steps) {
      if (step.pod_index == index) return &step;
      if (!step.pod_index) fallback = &step;
    }
    return fallback;
  }

  Scope scope_;
  const RawPhase& raw_;
  const PodSpec& pod_;
};

void build_phase(const Scope& scope, const RawPhase& raw, const ServiceSpec& spec, PlanSpec& plan) {
  if (raw.pod.empty()) return;  // reported as missing
  auto& places = scope.loading.places;
  const PodSpec* pod = spec.pod(raw.pod);
  if (!pod) {
    std::vector<std::string_view> types;
    for (const PodSpec& other : spec.pods) types.push_back(other.type);
    const std::string_view meant = nearest(raw.pod, types);
    const Scope at = scope.inside("pod", places[scope.path + ".pod"]);
    at.error(at.mark, in_quotes(raw.pod), "the name of a pod",
             meant.empty() ? "" : "did you mean '" + std::string(meant) + "'?");
    return;
  }
  const Mark steps = raw.steps ? places[scope.path + ".steps"] : scope.mark;
  plan.phases.push_back(PhaseBuilder(scope.inside("steps", steps), raw, *pod).build());
}

}  // namespace

Result<void> complete_steps(ServiceSpec& spec) {
  for (PlanSpec& plan : spec.plans) {
    for (PhaseSpec& phase : plan.phases) {
      const PodSpec* pod = spec.pod(phase.pod);
      if (!pod) {
        return Error{Code::kDataLoss,
                     "found the pod " + in_quotes(phase.pod) + ", expected a pod of the service",
                     "plans." + plan.name + "." + phase.name};
      }
      if (pod->count < 0 || pod->count > kMostInstances) {
        return Error{Code::kDataLoss, "found " + std::to_string(pod->count) + " instances",
                     "pods." + pod->type};
      }
      if (!phase.has_custom_steps) phase = default_phase(phase.name, *pod, phase.strategy);
    }
  }
  return {};
}

void build_plans(const Scope& scope, const RawService& raw, ServiceSpec& spec) {
  if (!raw.plans || raw.plans->empty()) {
    PlanSpec deploy{"deploy", Strategy::kSerial, {}};
    for (const PodSpec& pod : spec.pods)
      deploy.phases.push_back(default_phase(pod.type, pod, Strategy::kSerial));
    spec.plans.push_back(std::move(deploy));
    return;
  }
  auto& places = scope.loading.places;
  const Scope plans = scope.inside("plans", places["plans"]);
  for (const RawPlan& raw_plan : *raw.plans) {
    const Scope in_plan = plans.inside(raw_plan.name, places["plans." + raw_plan.name]);
    const Scope phases = in_plan.inside("phases", places[in_plan.path + ".phases"]);
    PlanSpec plan{raw_plan.name, raw_plan.strategy, {}};
    for (const RawPhase& phase : raw_plan.phases) {
      build_phase(phases.inside(phase.name, places[phases.path + "." + phase.name]), phase, spec, plan);
    }
    spec.plans.push_back(std::move(plan));
  }
  const auto deploy = std::find_if(spec.plans.begin(), spec.plans.end(),
                                   [](const PlanSpec& plan) { return plan.name == "deploy"; });
  if (deploy == spec.plans.end()) {
    plans.error(plans.mark, "no plan named 'deploy'", "a plan 'deploy', or no plans at all");
    return;
  }
  std::rotate(spec.plans.begin(), deploy, deploy + 1);
}

}  // namespace ostler::spec
