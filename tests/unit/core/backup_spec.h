// The sample service with a plan of its own that runs a task once, beside the servers.
#pragma once

#include "engine_driver.h"

namespace ostler::core::test {

inline spec::ServiceSpec with_backup() {
  spec::ServiceSpec spec = sample_spec(spec::Strategy::kParallel);
  spec::TaskSpec backup;
  backup.name = "backup";
  backup.goal = spec::Goal::kFinish;
  backup.cmd = "run backup";
  backup.resource_set = "backup-resource-set";
  spec::ResourceSet set;
  set.id = backup.resource_set;
  set.cpus_milli = 100;
  set.memory_mb = 32;
  spec.pods[0].resource_sets.push_back(set);
  spec.pods[0].tasks.push_back(backup);
  spec::PlanSpec plan;
  plan.name = "backup";
  spec::PhaseSpec phase;
  phase.name = "all";
  phase.pod = "zookeeper";
  phase.has_custom_steps = true;
  for (int32_t i = 0; i < 3; ++i) phase.steps.push_back({i, {"backup"}});
  plan.phases = {phase};
  spec.plans.push_back(plan);
  return spec;
}

}  // namespace ostler::core::test
