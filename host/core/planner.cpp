#include "core/planner.h"

#include <algorithm>

#include "base/result.h"
#include "core/names.h"

namespace ostler::core {
namespace {

Plan build_plan(const spec::PlanSpec& spec, IdSource& ids) {
  Plan plan;
  plan.name = "deploy";
  plan.strategy = spec.strategy;
  for (const spec::PhaseSpec& from : spec.phases) {
    Phase& phase = plan.phases.emplace_back();
    phase.id = ids.uuid();
    phase.name = from.name;
    phase.strategy = from.strategy;
    // Steps of one instance keep their order even where instances run in parallel.
    if (from.strategy == spec::Strategy::kParallel && from.has_custom_steps)
      phase.strategy = spec::Strategy::kDependency;
    for (const spec::StepSpec& one : from.steps) {
      Step& step = phase.steps.emplace_back();
      step.id = ids.uuid();
      step.pod_type = from.pod;
      step.pod_index = one.pod_index;
      step.tasks = one.tasks;
      step.name = step_name(pod_name(from.pod, one.pod_index), one.tasks);
    }
  }
  return plan;
}

}  // namespace

void Planner::set_target(const std::string& config_id, bool deployed_before,
                         std::vector<std::string> errors) {
  target_ = config_id;
  const spec::ServiceSpec& spec = *configs_.at(config_id);
  const spec::PlanSpec* plan = deployed_before ? spec.plan("update") : nullptr;
  if (plan == nullptr) plan = spec.plan("deploy");
  OSTLER_CHECK(plan != nullptr, "a spec always has a deploy plan");
  deploy_ = build_plan(*plan, ids_);
  deploy_.errors = std::move(errors);
  deploy_steps_.clear();
  for (Phase& phase : deploy_.phases) {
    for (Step& step : phase.steps) deploy_steps_[pod_name(step.pod_type, step.pod_index)].push_back(&step);
  }
  recovery_ = Plan{};
  recovery_.name = "recovery";
  recovery_.strategy = spec::Strategy::kParallel;
  all_touched_ = true;
}

void Planner::touch(const std::string& pod_type, int32_t index) { touched_.emplace(pod_type, index); }

StepConfig Planner::config_of(const Step& step) const {
  std::string id = target_;
  if (step.is_recovery) {
    // Several configurations in one pod: the one that most recently started a task of it
    // would be as good; the first by name is at least always the same.
    for (const std::string& task : step.tasks) {
      const Task* known = tasks_.find(task_name(step.pod_type, step.pod_index, task));
      if (known && known->launch && configs_.contains(known->launch->config_id)) {
        id = known->launch->config_id;
        break;
      }
    }
  }
  const auto config = configs_.find(id);
  if (config == configs_.end()) return {id, nullptr, nullptr};
  return {id, config->second.get(), config->second->pod(step.pod_type)};
}

void Planner::note_delays(const Step& step) {
  for (const std::string& task : step.launch) {
    const Task* known = tasks_.find(task_name(step.pod_type, step.pod_index, task));
    if (!known || known->not_before_ms == 0) continue;
    next_delay_end_ =
        next_delay_end_ == 0 ? known->not_before_ms : std::min(next_delay_end_, known->not_before_ms);
  }
}

void Planner::refresh(Step& step, Now now) {
  if (step.complete) return;
  StepState state = evaluate_step(step, config_of(step), tasks_, now);
  // PREPARED keeps the explanation that the last look at offers gave.
  if (state.status != Status::kPrepared) step.message = state.message;
  if (state.status != Status::kPrepared && state.status != Status::kPending) step.prepared = false;
  step.launch = std::move(state.launch);
  step.kill = std::move(state.kill);
  step.delayed = state.delayed;
  step.status = state.status;
  if (step.interrupted && (step.status == Status::kPending || step.status == Status::kPrepared))
    step.status = Status::kWaiting;
  if (step.status == Status::kComplete) step.complete = true;
  if (step.delayed) note_delays(step);
}

void Planner::refresh(Now now) {
  const bool delay_over = next_delay_end_ != 0 && now.mono_ms >= next_delay_end_;
  if (all_touched_ || delay_over) {
    next_delay_end_ = 0;
    for (auto& [pod, steps] : deploy_steps_) {
      for (Step* step : steps) refresh(*step, now);
    }
    for (const auto& [name, task] : tasks_.all()) {
      if (task.launch) ailing_.emplace(task.launch->pod_type, task.launch->pod_index);
    }
    all_touched_ = false;
  } else {
    for (const auto& [type, index] : touched_) {
      const auto steps = deploy_steps_.find(pod_name(type, index));
      if (steps == deploy_steps_.end()) continue;
      for (Step* step : steps->second) refresh(*step, now);
    }
  }
  ailing_.insert(touched_.begin(), touched_.end());
  touched_.clear();
  plan_recovery(now);
}

void Planner::plan_recovery(Now now) {
  for (Phase& phase : recovery_.phases) refresh(phase.steps.front(), now);

  std::set<std::string> deploying;
  for (const Step* step : candidates(deploy_)) deploying.insert(pod_name(step->pod_type, step->pod_index));

  for (auto pod = ailing_.begin(); pod != ailing_.end();) {
    const std::string name = pod_name(pod->first, pod->second);
    const std::vector<std::string> names = tasks_.of_pod(pod->first, pod->second);
    bool any_dead = false;
    for (const std::string& task : names) any_dead |= tasks_.find(task)->dead();
    if (!any_dead) {
      pod = ailing_.erase(pod);
      continue;
    }
    // Deploy works on it, or may have to come back to it: looked at again later.
    const auto current = pod++;
    if (deploying.contains(name)) continue;

    std::vector<std::string> failed, wanted;
    bool essential = false;
    const spec::PodSpec* spec = nullptr;
    for (const std::string& task : names) {
      const Task& known = *tasks_.find(task);
      const auto config = known.launch ? configs_.find(known.launch->config_id) : configs_.end();
      const spec::PodSpec* own =
          config == configs_.end() ? nullptr : config->second->pod(known.launch->pod_type);
      const spec::TaskSpec* one = own ? own->task(known.launch->task_spec) : nullptr;
      if (one == nullptr || one->goal != spec::Goal::kRunning || !known.launched()) continue;
      spec = own;
      wanted.push_back(one->name);
      if (!known.dead()) continue;
      failed.push_back(one->name);
      essential |= one->essential;
    }
    if (failed.empty()) {
      ailing_.erase(current);
      continue;
    }
    const std::vector<std::string>& chosen = essential ? wanted : failed;
    std::vector<std::string> in_order;
    for (const spec::TaskSpec& task : spec->tasks) {
      if (std::find(chosen.begin(), chosen.end(), task.name) != chosen.end()) in_order.push_back(task.name);
    }
    const auto existing =
        std::find_if(recovery_.phases.begin(), recovery_.phases.end(), [&](const Phase& phase) {
          return phase.steps.front().pod_type == current->first &&
                 phase.steps.front().pod_index == current->second;
        });
    if (existing != recovery_.phases.end()) {
      Step& step = existing->steps.front();
      const bool covers = std::all_of(failed.begin(), failed.end(), [&](const std::string& task) {
        return std::find(step.tasks.begin(), step.tasks.end(), task) != step.tasks.end();
      });
      if (!step.complete && covers) continue;
      recovery_.phases.erase(existing);
    }
    Phase& phase = recovery_.phases.emplace_back();
    phase.id = ids_.uuid();
    phase.name = step_name(name, in_order);
    Step& step = phase.steps.emplace_back();
    step.id = ids_.uuid();
    step.name = phase.name;
    step.pod_type = current->first;
    step.pod_index = current->second;
    step.tasks = in_order;
    step.is_recovery = true;
    refresh(step, now);
  }
}

std::vector<Step*> Planner::working() {
  std::vector<Step*> out = candidates(deploy_);
  std::set<std::string> taken;
  for (const Step* step : out) taken.insert(pod_name(step->pod_type, step->pod_index));
  for (Step* step : candidates(recovery_)) {
    if (!taken.contains(pod_name(step->pod_type, step->pod_index))) out.push_back(step);
  }
  return out;
}

}  // namespace ostler::core
