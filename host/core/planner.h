// Keeps the plans in step with the tasks and says what is to be launched or killed.
//
// Deploy steps are compared with the target configuration, recovery steps with the
// one their tasks were made from. Deploy comes first: what it works on, recovery
// leaves alone.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/uuid.h"
#include "core/effect.h"
#include "core/plan.h"
#include "core/records.h"
#include "core/step_status.h"
#include "core/task_table.h"

namespace ostler::core {

using Configs = std::map<std::string, std::shared_ptr<const spec::ServiceSpec>>;

class Planner {
 public:
  Planner(const Configs& configs, const TaskTable& tasks, IdSource& ids)
      : configs_(configs), tasks_(tasks), ids_(ids) {}

  // Builds the deploy plan for the target: the "update" plan of the spec, under the
  // name "deploy", once a deployment has completed and there is one.
  void set_target(const std::string& config_id, bool deployed_before, std::vector<std::string> errors);

  // Something about that pod instance changed.
  void touch(const std::string& pod_type, int32_t index);
  // Brings every status up to date. Cheap when nothing was touched and no back-off ends.
  void refresh(Now now);

  // The steps that are to be worked on now, in order, recovery after deploy.
  std::vector<Step*> working();
  // When a back-off ends (mono), or 0.
  int64_t next_delay_end() const { return next_delay_end_; }

  // The configuration a step launches from.
  StepConfig config_of(const Step& step) const;

  const Plan& deploy() const { return deploy_; }
  const Plan& recovery() const { return recovery_; }
  Plan& deploy() { return deploy_; }
  Plan& recovery() { return recovery_; }
  bool is_deployed() const { return status_of(deploy_) == Status::kComplete; }

 private:
  void refresh(Step& step, Now now);
  void plan_recovery(Now now);
  void note_delays(const Step& step);

  const Configs& configs_;
  const TaskTable& tasks_;
  IdSource& ids_;
  std::string target_;
  Plan deploy_, recovery_;
  std::map<std::string, std::vector<Step*>> deploy_steps_;  // by pod instance
  std::set<std::pair<std::string, int32_t>> touched_;
  std::set<std::pair<std::string, int32_t>> ailing_;  // may need recovery
  int64_t next_delay_end_ = 0;
  bool all_touched_ = true;
};

}  // namespace ostler::core
