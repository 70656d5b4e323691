// Puts together what the tables read: implicit resource sets, routed variables,
// plans, and what comes from the environment alone.
#include "spec/spec_reader.h"

#include "spec/environment.h"
#include "spec/option_rules.h"
#include "spec/plan_builder.h"
#include "spec/raw_spec.h"
#include "spec/spec_validate.h"
#include "spec/taskcfg.h"

namespace ostler::spec {
namespace {

PodSpec resolve_pod(RawPod raw) {
  PodSpec pod = std::move(raw.spec);
  for (RawTask& task : raw.tasks) {
    if (task.spec.resource_set.empty()) {
      task.spec.resource_set = task.spec.name + "-resource-set";
      task.inline_set.set.id = task.spec.resource_set;
      pod.resource_sets.push_back(std::move(task.inline_set.set));
    }
    pod.tasks.push_back(std::move(task.spec));
  }
  return pod;
}

}  // namespace

std::optional<ServiceSpec> read_spec(const ReadInput& input, Report& report) {
  const auto tree = yaml::parse(input.yaml, report);
  if (!tree) return std::nullopt;
  Loading loading{report, input.folder, {}};
  const Scope scope(loading, {}, {1, 1});
  RawService raw;
  read_service(scope, *tree, raw);

  ServiceSpec spec = raw.spec;
  spec.role = service_role(spec.name, input.env);
  apply_environment(input.env, spec);
  take_option_values(input.env, spec);
  int64_t instances = 0;
  for (RawPod& raw_pod : raw.pods) {
    instances += raw_pod.spec.count;
    PodSpec pod = resolve_pod(std::move(raw_pod));
    route_task_variables(input.env, pod);
    spec.pods.push_back(std::move(pod));
  }
  if (instances > kMostInstances) {
    report.error(loading.places["pods"], "pods", std::to_string(instances) + " pod instances",
                 "at most " + std::to_string(kMostInstances));
    return std::nullopt;
  }
  build_plans(scope, raw, spec);
  validate(spec, loading);
  return spec;
}

}  // namespace ostler::spec
