#include "core/plan.h"

#include <algorithm>

namespace ostler::core {
namespace {

using spec::Strategy;

bool done(const Step& step) { return step.status == Status::kComplete; }
bool done(const Phase& phase) { return status_of(phase) == Status::kComplete; }

Status status_for(const Step& step) { return step.status; }
Status status_for(const Phase& phase) { return status_of(phase); }

bool eligible(const Step& step) { return !step.interrupted && step.errors.empty(); }
bool eligible(const Phase& phase) { return !phase.interrupted; }

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

// Which children the strategy would work on now.
template <typename Child>
std::vector<size_t> chosen(const std::vector<Child>& children, Strategy strategy, bool interrupted) {
  std::vector<size_t> out;
  if (interrupted) return out;
  if (strategy == Strategy::kRandom) {
    // Ids are random, so the smallest is any of them; and it stays the same until it is done.
    for (size_t i = 0; i < children.size(); ++i) {
      if (done(children[i]) || !eligible(children[i])) continue;
      if (out.empty() || children[i].id < children[out.front()].id) out.assign(1, i);
    }
    return out;
  }
  if (strategy == Strategy::kSerial) {
    for (size_t i = 0; i < children.size(); ++i) {
      if (is_out(children[i]) && !done(children[i]) && eligible(children[i])) return {i};
    }
  }
  for (size_t i = 0; i < children.size(); ++i) {
    if (done(children[i])) continue;
    if (strategy == Strategy::kDependency && waits_for_sibling(children, i)) continue;
    if (eligible(children[i])) out.push_back(i);
    // In a serial plan nobody overtakes, not even an interrupted step.
    if (strategy == Strategy::kSerial) break;
  }
  return out;
}

// While a canary is held, only canaries that were let go are worked on.
std::vector<size_t> chosen(const Phase& phase) {
  if (!holds_canary(phase)) return chosen(phase.steps, without_canary(phase.strategy), phase.interrupted);
  std::vector<size_t> out;
  for (const uint32_t i : phase.canaries) {
    if (!phase.interrupted && !done(phase.steps[i]) && eligible(phase.steps[i])) out.push_back(i);
  }
  return out;
}

template <typename Child>
Status aggregate_of(const std::vector<Child>& children, const std::vector<size_t>& worked_on, bool has_errors,
                    bool interrupted) {
  std::vector<Status> all, candidate;
  all.reserve(children.size());
  for (const Child& child : children) all.push_back(status_for(child));
  for (const size_t i : worked_on) candidate.push_back(all[i]);
  return aggregate(all, candidate, has_errors, interrupted);
}

bool any(const std::vector<Status>& statuses, Status wanted) {
  return std::find(statuses.begin(), statuses.end(), wanted) != statuses.end();
}

}  // namespace

std::string step_name(const std::string& pod, const std::vector<std::string>& tasks) {
  std::string name = pod + ":[";
  for (size_t i = 0; i < tasks.size(); ++i) name += (i ? ", " : "") + tasks[i];
  return name + "]";
}

std::vector<Step*> candidates(Plan& plan) {
  std::vector<Step*> out;
  for (const size_t p : chosen(plan.phases, plan.strategy, plan.interrupted)) {
    Phase& phase = plan.phases[p];
    for (const size_t s : chosen(phase)) out.push_back(&phase.steps[s]);
  }
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
  const std::vector<size_t> worked_on = chosen(phase);
  return aggregate_of(phase.steps, worked_on, false,
                      phase.interrupted || (holds_canary(phase) && worked_on.empty()));
}

Status status_of(const Plan& plan) {
  return aggregate_of(plan.phases, chosen(plan.phases, plan.strategy, plan.interrupted), !plan.errors.empty(),
                      plan.interrupted);
}

Status aggregate(const std::vector<Status>& children, const std::vector<Status>& candidate, bool has_errors,
                 bool interrupted) {
  const auto all = [&](Status wanted) {
    return std::all_of(children.begin(), children.end(), [&](Status s) { return s == wanted; });
  };
  const auto all_candidates = [&](Status wanted) {
    return !candidate.empty() &&
           std::all_of(candidate.begin(), candidate.end(), [&](Status s) { return s == wanted; });
  };
  if (has_errors || any(children, Status::kError)) return Status::kError;
  if (all(Status::kComplete)) return Status::kComplete;
  if (interrupted) return Status::kWaiting;
  if (all_candidates(Status::kDelayed)) return Status::kDelayed;
  if (any(children, Status::kPrepared)) return Status::kInProgress;
  if (any(candidate, Status::kWaiting)) return Status::kWaiting;
  if (any(candidate, Status::kInProgress)) return Status::kInProgress;
  if (any(children, Status::kComplete) &&
      (any(candidate, Status::kPending) || any(candidate, Status::kStarting) ||
       any(candidate, Status::kStarted))) {
    return Status::kInProgress;
  }
  if (any(candidate, Status::kPending)) return Status::kPending;
  if (any(children, Status::kWaiting)) return Status::kWaiting;
  if (any(candidate, Status::kStarting)) return Status::kStarting;
  if (any(candidate, Status::kStarted)) return Status::kStarted;
  if (any(candidate, Status::kDelayed)) return Status::kDelayed;
  return Status::kPending;
}

}  // namespace ostler::core
