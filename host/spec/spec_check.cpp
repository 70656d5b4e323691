#include "spec/spec_check.h"

#include <set>

#include "spec/raw_spec.h"
#include "spec/text_rules.h"

namespace ostler::spec {
namespace {

class Check {
 public:
  std::vector<std::string> run(const ServiceSpec& spec) {
    if (!is_service_name(spec.name)) bad("name: found " + in_quotes(spec.name) + ", expected a service name");
    if (spec.pods.empty()) bad("pod-specs: found none, expected at least one pod");
    std::set<std::string> pods;
    int64_t instances = 0;
    for (const PodSpec& pod : spec.pods) {
      unique("pod-specs", pod.type, pods);
      if (pod.count < 0) bad("pod-specs[" + pod.type + "].count: found a negative number");
      instances += pod.count;
      check(pod);
    }
    if (instances > kMostInstances)
      bad("pod-specs: more than " + std::to_string(kMostInstances) + " instances");
    if (spec.plan("deploy") == nullptr) bad("plans: found no plan 'deploy'");
    for (const PlanSpec& plan : spec.plans) {
      for (const PhaseSpec& phase : plan.phases) check(spec, "plans." + plan.name + "." + phase.name, phase);
    }
    return std::move(found_);
  }

 private:
  void bad(std::string what) { found_.push_back(std::move(what)); }

  void unique(const std::string& where, const std::string& name, std::set<std::string>& names) {
    if (!is_name(name))
      bad(where + ": found " + in_quotes(name) + ", expected a name without spaces and slashes");
    if (!names.insert(name).second) bad(where + ": found " + in_quotes(name) + " twice");
  }

  void check(const PodSpec& pod) {
    const std::string where = "pod-specs[" + pod.type + "].";
    std::set<std::string> tasks, sets;
    for (const ResourceSet& set : pod.resource_sets) unique(where + "resource-sets", set.id, sets);
    if (pod.tasks.empty()) bad(where + "task-specs: found none, expected at least one task");
    for (const TaskSpec& task : pod.tasks) {
      unique(where + "task-specs", task.name, tasks);
      if (pod.resource_set(task.resource_set) == nullptr) {
        bad(where + "task-specs[" + task.name + "].resource-set: found " + in_quotes(task.resource_set) +
            ", expected one of the pod's resource sets");
      }
    }
  }

  void check(const ServiceSpec& spec, const std::string& where, const PhaseSpec& phase) {
    const PodSpec* pod = spec.pod(phase.pod);
    if (pod == nullptr) {
      bad(where + ": found the pod " + in_quotes(phase.pod) + ", expected a pod of the service");
      return;
    }
    for (const StepSpec& step : phase.steps) {
      if (step.pod_index < 0 || step.pod_index >= pod->count)
        bad(where + ": found instance " + std::to_string(step.pod_index) + " of pod " + in_quotes(pod->type));
      for (const std::string& task : step.tasks) {
        if (pod->task(task) == nullptr)
          bad(where + ": found the task " + in_quotes(task) + ", expected one of the pod");
      }
    }
  }

  std::vector<std::string> found_;
};

}  // namespace

std::vector<std::string> broken_references(const ServiceSpec& spec) { return Check().run(spec); }

}  // namespace ostler::spec
