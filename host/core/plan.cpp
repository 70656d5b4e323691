#include "core/plan.h"

#include <algorithm>

#include "core/names.h"

namespace ostler::core {
namespace {

using spec::Strategy;

bool done(const Step& step) { return step.status == Status::kComplete; }
bool done(const Phase& phase) {  // which is what status_of() says of it, too
  return std::all_of(phase.steps.begin(), phase.steps.end(), [](const Step& step) { return done(step); });
}

Status status_for(const Step& step) { return step.status; }
Status status_for(const Phase& phase) { return status_of(phase); }

bool eligible(const Step& step) { return !step.interrupted && step.errors.empty(); }
bool eligible(const Phase& phase) { return !phase.interrupted; }

bool has_held_step(const Phase& phase) {
  return std::any_of(phase.steps.begin(), phase.steps.end(),
                     [](const Step& step) { return step.interrupted && !done(step); });
}

// What goes on once the canaries are through.
Strategy without_canary(Strategy strategy) {
  switch (strategy) {
    case Strategy::kSerialCanary:
      return Strategy::kSerial;
    case Strategy::kParallelCanary:
      return Strategy::kParallel;
    case Strategy::kDependencyCanary:
      return Strategy::kDependency;
    default:
      return strategy;
  }
}

// The steps of one pod instance run in order, instances in parallel.
bool waits_for_sibling(const std::vector<Step>& steps, size_t at) {
  for (size_t i = 0; i < at; ++i) {
    if (steps[i].pod_index == steps[at].pod_index && steps[i].pod_type == steps[at].pod_type &&
        !done(steps[i]))
      return true;
  }
  return false;
}
bool waits_for_sibling(const std::vector<Phase>& phases, size_t at) {
  return phases[at].comes_last && std::any_of(phases.begin(), phases.end(), [&](const Phase& other) {
           return &other != &phases[at] && !done(other);
         });
}

// An advisor let it go before others.
bool is_out(const Step& step) { return step.out; }
bool is_out(const Phase&) { return false; }

// Calls `use` with the position of each child that the strategy would work on now.
template <typename Child, typename Use>
void for_chosen(const std::vector<Child>& children, Strategy strategy, bool interrupted, Use use) {
  if (interrupted) return;
  if (strategy == Strategy::kRandom) {
    // The smallest lot is anybody's; and it stays the same until it is done, also in the next
    // process, which may find it half done.
    size_t smallest = children.size();
    for (size_t i = 0; i < children.size(); ++i) {
      if (done(children[i]) || !eligible(children[i])) continue;
      if (smallest == children.size() || children[i].lot < children[smallest].lot) smallest = i;
    }
    if (smallest != children.size()) use(smallest);
    return;
  }
  if (strategy == Strategy::kSerial) {
    for (size_t i = 0; i < children.size(); ++i) {
      if (is_out(children[i]) && !done(children[i]) && eligible(children[i])) return use(i);
    }
  }
  for (size_t i = 0; i < children.size(); ++i) {
    if (done(children[i])) continue;
    if (strategy == Strategy::kDependency && waits_for_sibling(children, i)) continue;
    if (eligible(children[i])) use(i);
    // In a serial plan nobody overtakes, not even an interrupted step.
    if (strategy == Strategy::kSerial) break;
  }
}

// While a canary is held, only canaries that were let go are worked on.
template <typename Use>
void for_chosen(const Phase& phase, Use use) {
  if (!holds_canary(phase))
    return for_chosen(phase.steps, without_canary(phase.strategy), phase.interrupted, use);
  for (const uint32_t i : phase.canaries) {
    if (!phase.interrupted && !done(phase.steps[i]) && eligible(phase.steps[i])) use(i);
  }
}

// Which statuses there are among some children.
class Found {
 public:
  void add(Status status) { bits_ |= bit(status); }
  bool none() const { return bits_ == 0; }
  bool any(Status status) const { return (bits_ & bit(status)) != 0; }
  bool all(Status status) const { return (bits_ & ~bit(status)) == 0; }  // also where there are none

 private:
  static uint32_t bit(Status status) { return uint32_t{1} << static_cast<uint32_t>(status); }
  uint32_t bits_ = 0;
};

template <typename Child>
Found all_of(const std::vector<Child>& children) {
  Found found;
  for (const Child& child : children) found.add(status_for(child));
  return found;
}

Status aggregate(Found children, Found candidate, bool has_errors, bool interrupted) {
  if (has_errors || children.any(Status::kError)) return Status::kError;
  if (children.all(Status::kComplete)) return Status::kComplete;
  if (interrupted) return Status::kWaiting;
  if (!candidate.none() && candidate.all(Status::kDelayed)) return Status::kDelayed;
  if (children.any(Status::kPrepared)) return Status::kInProgress;
  if (candidate.any(Status::kWaiting)) return Status::kWaiting;
  if (candidate.any(Status::kInProgress)) return Status::kInProgress;
  if (children.any(Status::kComplete) &&
      (candidate.any(Status::kPending) || candidate.any(Status::kStarting) ||
       candidate.any(Status::kStarted))) {
    return Status::kInProgress;
  }
  if (candidate.any(Status::kPending)) return Status::kPending;
  if (children.any(Status::kWaiting)) return Status::kWaiting;
  if (candidate.any(Status::kStarting)) return Status::kStarting;
  if (candidate.any(Status::kStarted)) return Status::kStarted;
  if (candidate.any(Status::kDelayed)) return Status::kDelayed;
  return Status::kPending;
}

}  // namespace

Step launch_step(const std::string& pod_type, int32_t pod_index, std::vector<std::string> tasks) {
  Step step;
  step.pod_type = pod_type;
  step.pod_index = pod_index;
  step.pod = pod_name(pod_type, pod_index);
  step.tasks = std::move(tasks);
  for (const std::string& task : step.tasks) step.names.push_back(task_name(pod_type, pod_index, task));
  step.name = step_name(step.pod, step.tasks);
  return step;
}

std::string step_name(const std::string& pod, const std::vector<std::string>& tasks) {
  std::string name = pod + ":[";
  for (size_t i = 0; i < tasks.size(); ++i) name += (i ? ", " : "") + tasks[i];
  return name + "]";
}

std::vector<Step*> candidates(Plan& plan) {
  std::vector<Step*> out;
  for_chosen(plan.phases, plan.strategy, plan.interrupted, [&](size_t p) {
    Phase& phase = plan.phases[p];
    for_chosen(phase, [&](size_t s) { out.push_back(&phase.steps[s]); });
  });
  return out;
}

std::vector<Step*> in_any_order(Plan& plan, const Step& step) {
  for (Phase& phase : plan.phases) {
    if (phase.steps.empty() || &step < &phase.steps.front() || &step > &phase.steps.back()) continue;
    // Teardown has its order for a reason: what is held must be free before it is given back.
    if (step.kind != StepKind::kLaunch) break;
    if (without_canary(phase.strategy) != Strategy::kSerial || holds_canary(phase)) break;
    std::vector<Step*> out;
    for (Step& one : phase.steps) {
      if (!done(one) && eligible(one)) out.push_back(&one);
    }
    return out;
  }
  return {};
}

bool is_canary(Strategy strategy) { return without_canary(strategy) != strategy; }

bool holds_canary(const Phase& phase) {
  return std::any_of(phase.canaries.begin(), phase.canaries.end(),
                     [&](uint32_t i) { return phase.steps[i].interrupted && !done(phase.steps[i]); });
}

void choose_canaries(Phase& phase) {
  constexpr size_t kCanaries = 2;
  phase.has_canaries = true;
  for (size_t i = 0; i < phase.steps.size() && phase.canaries.size() < kCanaries; ++i) {
    if (done(phase.steps[i])) continue;
    phase.steps[i].interrupted = true;
    phase.canaries.push_back(static_cast<uint32_t>(i));
  }
}

Status status_of(const Phase& phase) {
  Found worked_on;
  for_chosen(phase, [&](size_t i) { worked_on.add(phase.steps[i].status); });
  // Nothing goes on because somebody holds it, even where the step that is held began.
  const bool is_held = worked_on.none() && (holds_canary(phase) || has_held_step(phase));
  return aggregate(all_of(phase.steps), worked_on, false, phase.interrupted || is_held);
}

Status status_of(const Plan& plan) {
  Found worked_on;
  for_chosen(plan.phases, plan.strategy, plan.interrupted,
             [&](size_t i) { worked_on.add(status_of(plan.phases[i])); });
  return aggregate(all_of(plan.phases), worked_on, !plan.errors.empty(), plan.interrupted);
}

bool is_complete(const Plan& plan) {
  return plan.errors.empty() &&
         std::all_of(plan.phases.begin(), plan.phases.end(), [](const Phase& phase) { return done(phase); });
}

Status aggregate(const std::vector<Status>& children, const std::vector<Status>& candidate, bool has_errors,
                 bool interrupted) {
  Found all, worked_on;
  for (const Status status : children) all.add(status);
  for (const Status status : candidate) worked_on.add(status);
  return aggregate(all, worked_on, has_errors, interrupted);
}

}  // namespace ostler::core
