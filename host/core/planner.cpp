#include "core/planner.h"

#include <algorithm>
#include <initializer_list>

#include "base/result.h"
#include "core/names.h"
#include "core/teardown.h"
#include "spec/shared_things.h"

namespace ostler::core {
namespace {

bool shares_a_task(const Step& a, const Step& b) {
  return std::any_of(a.tasks.begin(), a.tasks.end(), [&](const std::string& task) {
    return std::find(b.tasks.begin(), b.tasks.end(), task) != b.tasks.end();
  });
}

// A number that looks like chance, and is the same for the same words.
uint64_t lot_of(std::initializer_list<std::string_view> words) {
  uint64_t lot = 0xCBF29CE484222325;
  const auto add = [&](uint64_t byte) { lot = (lot ^ byte) * 0x100000001B3; };
  for (const std::string_view word : words) {
    for (const char c : word) add(static_cast<unsigned char>(c));
    add(0x100);  // which no byte is
  }
  lot = (lot ^ (lot >> 30)) * 0xBF58476D1CE4E5B9;
  lot = (lot ^ (lot >> 27)) * 0x94D049BB133111EB;
  return lot ^ (lot >> 31);
}

// One of the steps has to kill what the other is about.
bool kills_tasks_of(const Step& a, const Step& b) {
  return std::any_of(b.names.begin(), b.names.end(), [&](const std::string& task) {
    return std::find(a.kill.begin(), a.kill.end(), task) != a.kill.end();
  });
}

// The same task in both: what a new configuration does not concern takes its id all the same.
bool is_alike(const std::string& task, const spec::PodSpec* one, const spec::PodSpec* other) {
  const spec::TaskSpec* mine = one == nullptr ? nullptr : one->task(task);
  const spec::TaskSpec* theirs = other == nullptr ? nullptr : other->task(task);
  if (mine == nullptr || theirs == nullptr || !(*mine == *theirs)) return false;
  const spec::ResourceSet* its = one->resource_set(mine->resource_set);
  const spec::ResourceSet* now = other->resource_set(theirs->resource_set);
  return its != nullptr && now != nullptr && *its == *now;
}

}  // namespace

Plan Planner::build(const spec::PlanSpec& spec, std::string name, bool is_started,
                    const PlanControls& controls) {
  Plan plan;
  plan.name = std::move(name);
  plan.strategy = spec.strategy;
  plan.interrupted = !is_started;
  const spec::ServiceSpec& service = *configs_.at(target_);
  for (const spec::PhaseSpec& from : spec.phases) {
    const spec::PodSpec* pod = service.pod(from.pod);
    Phase& phase = plan.phases.emplace_back();
    phase.id = ids_.uuid();
    phase.name = from.name;
    phase.strategy = from.strategy;
    phase.lot = lot_of({target_, plan.name, phase.name});
    for (const spec::StepSpec& one : from.steps) {
      phase.steps.push_back(launch_step(from.pod, one.pod_index, one.tasks));
      Step& step = phase.steps.back();
      step.id = ids_.uuid();
      step.lot = lot_of({target_, plan.name, phase.name, std::to_string(phase.steps.size())});
      const std::string shared = pod == nullptr ? std::string() : spec::shared_in(*pod, one);
      if (shared.empty()) continue;
      step.errors.push_back("its tasks share " + shared +
                            ", so they cannot be launched together; give them steps of their own");
    }
  }
  const auto control = controls.find(plan.name);
  if (control != controls.end() && control->second.config_id == target_) apply_control(control->second, plan);
  return plan;
}

void Planner::set_target(const std::string& config_id, Deployed deployed, std::vector<std::string> errors,
                         const PlanControls& controls) {
  target_ = config_id;
  const spec::ServiceSpec& spec = *configs_.at(config_id);
  const spec::PlanSpec* plan = deployed == Deployed::kNever ? nullptr : spec.plan("update");
  if (plan == nullptr) plan = spec.plan("deploy");
  OSTLER_CHECK(plan != nullptr, "a spec always has a deploy plan");
  deploy_ = build(*plan, "deploy", true, controls);
  deploy_.errors = std::move(errors);
  if (deployed == Deployed::kTarget) leave_to_recovery();
  recovery_ = Plan{};
  recovery_.name = "recovery";
  recovery_.strategy = spec::Strategy::kParallel;
  const auto control = controls.find(recovery_.name);
  recovery_control_ = control == controls.end() ? PlanControl{} : control->second;
  recovery_.interrupted = recovery_control_.interrupted;
  custom_.clear();
  for (const spec::PlanSpec& own : spec.plans) {
    if (own.name == "deploy" || own.name == "update" || own.name == "recovery" || own.name == "decommission")
      continue;
    custom_.push_back(build(own, own.name, false, controls));
    custom_.back().is_own = true;
  }
  decommission_ = decommission_plan(spec, tasks_, ids_);
  const auto of_decommission = controls.find(decommission_.name);
  if (of_decommission != controls.end() && of_decommission->second.config_id == target_)
    apply_control(of_decommission->second, decommission_);
  index_plans();
  canaries_chosen_ = false;
}

void Planner::leave_to_recovery() {
  for (Phase& phase : deploy_.phases) {
    for (Step& step : phase.steps) {
      const bool is_launched =
          std::all_of(step.names.begin(), step.names.end(), [&](const std::string& name) {
            const Task* task = tasks_.find(name);
            return task != nullptr && task->launched();
          });
      if (!is_launched || !step.superseded.empty() || !step.errors.empty()) continue;
      step.complete = true;
      step.status = Status::kComplete;
    }
  }
  for (const auto& [pod, tasks] : tasks_.by_pod()) unfinished_.insert(pod);
}

void Planner::set_uninstall(const PlanControls& controls) {
  is_uninstall_ = true;
  deploy_ = uninstall_plan(tasks_, ids_);
  const auto control = controls.find(deploy_.name);
  // Of the deployment only its name is the same.
  if (control != controls.end() && control->second.config_id == kUninstallConfig)
    apply_control(control->second, deploy_);
  index_plans();
  canaries_chosen_ = true;
}

void Planner::complete_uninstall() {
  is_uninstall_ = true;
  plans_ = {&deploy_};
  deploy_.name = "deploy";
  deploy_.interrupted = false;
  for (Phase& phase : deploy_.phases) {
    phase.interrupted = false;
    for (Step& step : phase.steps) {
      step.kill.clear();
      step.message.clear();
      step.complete = true;
      step.status = Status::kComplete;
    }
  }
}

void Planner::index_plans() {
  plans_ = {&deploy_};
  if (!is_uninstall_) {
    plans_.push_back(&recovery_);
    if (!decommission_.phases.empty()) plans_.push_back(&decommission_);
    for (Plan& plan : custom_) plans_.push_back(&plan);
  }
  steps_.clear();
  for (Plan* one : all_plans()) {
    for (Phase& phase : one->phases) {
      for (Step& step : phase.steps) {
        step.parameters = &one->parameters;
        step.run = &one->run;
        steps_[{step.pod_type, step.pod_index}].push_back(&step);
      }
    }
  }
  all_touched_ = true;
}

Plan* Planner::find(std::string_view name) {
  for (Plan* plan : all_plans()) {
    if (plan->name == name) return plan;
  }
  return nullptr;
}

void Planner::touch(const std::string& pod_type, int32_t index) { touched_.emplace(pod_type, index); }

StepConfig Planner::config_of(const Step& step) const {
  const auto launches_from = [&](const std::string& id) -> StepConfig {
    const auto config = configs_.find(id);
    if (config == configs_.end()) return {id, nullptr, nullptr};
    return {id, config->second.get(), config->second->pod(step.pod_type)};
  };
  if (step.is_recovery) {
    // A roll-out may be half through the pod. It comes back as it was, and is rolled in its
    // turn; unless a task would go back behind what it was rolled to already.
    const spec::PodSpec* target = configs_.at(target_)->pod(step.pod_type);
    StepConfig old;
    bool is_rolled = false;
    const auto each_launched = [&](auto look) {
      for (const std::string& name : step.names) {
        const Task* known = tasks_.find(name);
        if (known != nullptr && known->launch) look(*known->launch);
      }
    };
    each_launched([&](const LaunchRecord& launch) {
      if (old.spec == nullptr && launch.config_id != target_) old = launches_from(launch.config_id);
    });
    each_launched([&](const LaunchRecord& launch) {
      if (old.spec != nullptr && launch.config_id == target_)
        is_rolled |= !is_alike(launch.task_spec, old.pod, target);
    });
    if (old.spec != nullptr && !is_rolled) return old;
  }
  return launches_from(target_);
}

void Planner::note_delays(const Step& step, Now now) {
  for (const std::string& name : step.names) {
    const Task* known = tasks_.find(name);
    // One whose back-off is over waits for its fellows; to be woken for it would spin.
    if (!known || known->not_before_ms <= now.mono_ms) continue;
    next_delay_end_ =
        next_delay_end_ == 0 ? known->not_before_ms : std::min(next_delay_end_, known->not_before_ms);
  }
}

void Planner::refresh(Step& step, Now now) {
  if (step.forced) {
    step.status = Status::kComplete;
    step.complete = true;
  }
  if (step.complete) return;
  if (step.kind != StepKind::kLaunch) {
    refresh_teardown_step(step, tasks_);
    if (!step.complete && !step.held.empty() && !step.kill.empty()) step.message = step.held;
    return;
  }
  StepState state = evaluate_step(step, config_of(step), tasks_, now);
  // PREPARED keeps the explanation that the last look at offers gave.
  if (state.status != Status::kPrepared) step.message = state.message;
  if (state.status != Status::kPrepared && state.status != Status::kPending) step.prepared = false;
  step.launch = std::move(state.launch);
  step.kill = std::move(state.kill);
  step.delayed = state.delayed;
  step.is_permanent = state.permanent;
  step.status = state.status;
  if (step.interrupted && (step.status == Status::kPending || step.status == Status::kPrepared))
    step.status = Status::kWaiting;
  step.returned = step.out && step.status == Status::kComplete;
  if (step.returned) step.status = Status::kStarted;
  if (!step.held.empty() && (step.returned || !step.kill.empty())) step.message = step.held;
  if (step.status == Status::kComplete) {
    step.complete = true;
    step.superseded.clear();
    has_progress_ |= step.run != nullptr && !step.run->empty();
  }
  if (state.has_delays) note_delays(step, now);
}

void Planner::refresh(Now now) {
  const bool delay_over = next_delay_end_ != 0 && now.mono_ms >= next_delay_end_;
  const bool is_all = all_touched_ || delay_over;
  if (is_all) {
    next_delay_end_ = 0;
    for (auto& [pod, steps] : steps_) {
      for (Step* step : steps) refresh(*step, now);
    }
    for (const auto& [name, task] : tasks_.all()) {
      if (task.launch) ailing_.emplace(task.launch->pod_type, task.launch->pod_index);
    }
    all_touched_ = false;
  } else {
    for (const auto& [type, index] : touched_) {
      const auto steps = steps_.find(std::pair<std::string_view, int32_t>(type, index));
      if (steps == steps_.end()) continue;
      for (Step* step : steps->second) refresh(*step, now);
    }
  }
  if (!canaries_chosen_) {
    canaries_chosen_ = true;
    for (Plan* plan : all_plans()) {
      for (Phase& phase : plan->phases) {
        if (!is_canary(phase.strategy) || phase.has_canaries) continue;
        choose_canaries(phase);
        for (const uint32_t i : phase.canaries) refresh(phase.steps[i], now);
      }
    }
  }
  if (!is_uninstall_) {
    for (Phase& phase : recovery_.phases) {
      Step& step = phase.steps.front();
      if (is_all || touched_.contains(std::pair<std::string_view, int32_t>(step.pod_type, step.pod_index)))
        refresh(step, now);
    }
  }
  ailing_.merge(touched_);
  touched_.clear();
  if (!is_uninstall_) plan_recovery(now);
}

std::vector<Step*> Planner::could_go_instead(Step& step) {
  for (Plan* plan : all_plans()) {
    std::vector<Step*> mates = in_any_order(*plan, step);
    if (!mates.empty()) return mates;
  }
  return {&step};
}

Step* Planner::find_out() {
  for (Plan* plan : all_plans()) {
    for (Phase& phase : plan->phases) {
      for (Step& step : phase.steps) {
        if (step.out && !step.complete) return &step;
      }
    }
  }
  return nullptr;
}

std::vector<Step*> Planner::held() {
  std::vector<Step*> out;
  for (Plan* plan : all_plans()) {
    for (Phase& phase : plan->phases) {
      for (Step& step : phase.steps) {
        if (!step.held.empty()) out.push_back(&step);
      }
    }
  }
  return out;
}

std::vector<Step*> Planner::working() {
  std::vector<Step*> out;
  std::map<std::pair<std::string_view, int32_t>, std::vector<const Step*>> busy;  // by pod instance
  for (Plan* plan : all_plans()) {
    for (Step* step : candidates(*plan)) {
      if (step->kind != StepKind::kLaunch) {
        out.push_back(step);  // nobody else wants its pod
        continue;
      }
      std::vector<const Step*>& others = busy[{step->pod_type, step->pod_index}];
      bool is_free = others.empty();
      if (!is_free) {
        // Beside the work of another plan only what can join the executor that runs.
        const auto& tasks = tasks_.of_pod(step->pod_type, step->pod_index);
        const auto is_live = [](const TaskTable::Entry* entry) { return entry->second.live(); };
        // What is given up may still count as live, on an agent that is away: it goes elsewhere.
        const auto is_given_up = [](const TaskTable::Entry* entry) {
          return entry->second.launch && entry->second.launch->permanently_failed;
        };
        const bool runs = std::any_of(tasks.begin(), tasks.end(), is_live) &&
                          std::none_of(tasks.begin(), tasks.end(), is_given_up);
        is_free = runs && std::none_of(others.begin(), others.end(), [&](const Step* other) {
                    return shares_a_task(*step, *other) || kills_tasks_of(*step, *other) ||
                           kills_tasks_of(*other, *step);
                  });
      }
      if (!is_free) continue;
      others.push_back(step);
      out.push_back(step);
    }
  }
  return out;
}

}  // namespace ostler::core
