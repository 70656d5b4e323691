// How far a step is, told by its tasks alone.
#pragma once

#include <string>
#include <vector>

#include "core/effect.h"
#include "core/plan.h"
#include "core/task_table.h"
#include "spec/service_spec.h"

namespace ostler::core {

// The configuration a step's tasks are compared with; of short life.
struct StepConfig {
  std::string_view id;
  const spec::ServiceSpec* spec = nullptr;
  const spec::PodSpec* pod = nullptr;
};

struct StepState {
  Status status = Status::kPending;
  std::string message;              // what it waits for; empty when there is nothing to say
  std::vector<std::string> launch;  // task specs to launch, in file order; empty: none now
  std::vector<std::string> kill;    // task names that must be dead before that
  bool delayed = false;             // `launch` must wait for a back-off
  bool has_delays = false;          // some task does, maybe one that is not in `launch`
  bool permanent = false;           // what the pod held is given up
};

// `config` is the target for a deploy step, and the tasks' own for a recovery step.
StepState evaluate_step(const Step& step, const StepConfig& config, const TaskTable& tasks, Now now);

}  // namespace ostler::core
