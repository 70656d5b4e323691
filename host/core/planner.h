// Keeps the plans in step with the tasks and says what is to be launched or killed.
//
// Steps of deploy and of the plans of svc.yml are compared with the target
// configuration, recovery steps with the one their tasks were made from. Where two
// plans want the same tasks, the one that comes first in plans() works on them.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/uuid.h"
#include "core/effect.h"
#include "core/plan.h"
#include "core/records.h"
#include "core/step_status.h"
#include "core/task_table.h"

namespace ostler::core {

using Configs = std::map<std::string, std::shared_ptr<const spec::ServiceSpec>>;
using PlanControls = std::map<std::string, PlanControl>;

class Planner {
 public:
  Planner(const Configs& configs, const TaskTable& tasks, IdSource& ids)
      : configs_(configs), tasks_(tasks), ids_(ids) {}
  Planner(const Planner&) = delete;  // it points to its own plans
  Planner& operator=(const Planner&) = delete;

  // Builds the plans for the target: the "update" plan of the spec, under the name
  // "deploy", once a deployment has completed and there is one; the plans of one's own wait
  // to be started. What operators did to them before is in `controls`. Of a target that was
  // deployed all steps are complete but those that an operator had begun again: what fails, or was
  // on its way up, is for the recovery, in this process as in the one before.
  void set_target(const std::string& config_id, Deployed deployed, std::vector<std::string> errors,
                  const PlanControls& controls);

  // Instead of all that: the plan that takes the service down.
  void set_uninstall(const PlanControls& controls);
  // It is done: every step is complete.
  void complete_uninstall();

  // Something about that pod instance changed.
  void touch(const std::string& pod_type, int32_t index);
  // Anything may have changed.
  void touch_all() { all_touched_ = true; }
  // Brings every status up to date. Cheap when nothing was touched and no back-off ends.
  void refresh(Now now);

  // The steps that are to be worked on now, in order. No two of them want the same tasks,
  // and at most one of them brings up a pod instance of which nothing runs.
  std::vector<Step*> working();
  // The steps of `step`'s phase, itself among them, of which any could go first if it were
  // not for their serial order.
  std::vector<Step*> could_go_instead(Step& step);
  // The step that is out (advice.h), or null.
  Step* find_out();
  // Steps that an advisor holds back, of all plans.
  std::vector<Step*> held();
  // When a back-off ends (mono), or 0.
  int64_t next_delay_end() const { return next_delay_end_; }

  // The configuration a step launches from.
  StepConfig config_of(const Step& step) const;

  // In the order in which they come first: deploy, recovery, decommission where there is
  // something to decommission, those of svc.yml.
  std::vector<const Plan*> plans() const { return {plans_.begin(), plans_.end()}; }
  // Whether the target has that pod instance.
  bool is_wanted(const PodKey& pod) const;
  // An operator holds what would launch that pod instance again.
  bool is_held(const std::string& pod) const;
  // What an operator did to the recovery, for its later phases.
  void remember_recovery(PlanControl control) { recovery_control_ = std::move(control); }
  // Some plan takes something down that is not launched again.
  bool tears_down() const { return is_uninstall_ || !decommission_.phases.empty(); }
  Plan* find(std::string_view name);
  // A step of a plan that was started became COMPLETE since this was last asked.
  bool take_progress() { return std::exchange(has_progress_, false); }
  const Plan& deploy() const { return deploy_; }
  const Plan& recovery() const { return recovery_; }
  bool is_deployed() const { return is_complete(deploy_); }

 private:
  void refresh(Step& step, Now now);
  void leave_to_recovery();
  void plan_recovery(Now now);
  void recover(const PodKey& pod, Now now);
  void forget_recovery_control(const PodKey& pod);
  // Whether recovery has, or may have, something to do for that task; for one of these.
  bool is_ailing(const Task& task) const;
  bool is_ailing(const std::vector<const TaskTable::Entry*>& tasks) const;
  // Whether a plan other than recovery would work on one of these tasks now.
  bool is_taken(const PodKey& pod, const std::vector<std::string>& tasks);
  void note_delays(const Step& step, Now now);
  // What all_plans() gives from now on; and the steps of all but recovery by their pods.
  void index_plans();
  const std::vector<Plan*>& all_plans() { return plans_; }
  Plan build(const spec::PlanSpec& spec, std::string name, bool is_started, const PlanControls& controls);

  const Configs& configs_;
  const TaskTable& tasks_;
  IdSource& ids_;
  std::string target_;
  Plan deploy_, recovery_, decommission_;
  bool is_uninstall_ = false;
  std::deque<Plan> custom_;
  PlanControl recovery_control_;  // of phases that may come to be
  std::vector<Plan*> plans_{&deploy_, &recovery_};
  std::map<PodKey, std::vector<Step*>, PodOrder> steps_;  // of all but recovery
  std::set<PodKey, PodOrder> touched_;
  std::set<PodKey, PodOrder> ailing_;      // may need recovery
  std::set<PodKey, PodOrder> unfinished_;  // the process before may have been at their recovery
  int64_t next_delay_end_ = 0;
  bool all_touched_ = true;
  bool canaries_chosen_ = false;
  bool has_progress_ = false;
};

}  // namespace ostler::core
