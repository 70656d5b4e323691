#include "core/advice.h"

#include <ostler/draft/advisor.h>

#include <algorithm>
#include <map>

#include "core/names.h"

namespace ostler::core {
namespace {

// Where the instance's tasks can be reached, which ports they have, and whether they run.
effect::AdviceMember describe(const spec::PodSpec& pod, int32_t index, const TaskTable& tasks) {
  effect::AdviceMember member;
  member.pod_type = pod.type;
  member.pod = pod_name(pod.type, index);
  member.index = index;
  bool runs = true;
  for (const spec::TaskSpec& one : pod.tasks) {
    const Task* task = tasks.find(task_name(pod.type, index, one.name));
    const bool is_running = task != nullptr && task->live() && task->state() == mesos::TaskState::kRunning;
    runs &= is_running || one.goal != spec::Goal::kRunning;
    if (task == nullptr || !task->launched()) continue;
    member.flags |= OSTLER_ADVICE_MEMBER_LAUNCHED;
    if (member.host.empty() || one.essential) {
      member.host = task->status && !task->status->ip_addresses.empty() ? task->status->ip_addresses.front()
                                                                        : task->launch->hostname;
    }
    if (!task->launch->task->discovery) continue;
    for (const mesos::DiscoveryPort& port : task->launch->task->discovery->ports)
      member.ports.emplace_back(port.name, port.number);
  }
  if (runs) member.flags |= OSTLER_ADVICE_MEMBER_RUNS;
  return member;
}

}  // namespace

// A task that the pod does without is nobody's business but its own.
bool takes_down_essential(const Step& step, const StepConfig& config, const TaskTable& tasks) {
  if (step.kill.empty()) return false;
  // A whole type that goes leaves no member to ask about.
  if (config.pod == nullptr && step.kind == StepKind::kKill) return false;
  return std::any_of(step.kill.begin(), step.kill.end(), [&](const std::string& name) {
    const Task* task = tasks.find(name);
    if (task == nullptr || !task->live()) return false;
    const spec::TaskSpec* spec = config.pod == nullptr ? nullptr : config.pod->task(task->launch->task_spec);
    return spec == nullptr || spec->essential;
  });
}

// The whole service goes when it is uninstalled.
bool AdviceDesk::takes_down(const Step& step) const {
  if (settings_.uninstall || step.kill.empty()) return false;
  return takes_down_essential(step, planner_.config_of(step), tasks_);
}

bool AdviceDesk::serves(const Step& step) const {
  const StepConfig config = planner_.config_of(step);
  if (config.pod == nullptr) return false;
  return std::all_of(config.pod->tasks.begin(), config.pod->tasks.end(), [&](const spec::TaskSpec& one) {
    if (!one.essential || one.goal != spec::Goal::kRunning) return true;
    const Task* task = tasks_.find(task_name(step.pod_type, step.pod_index, one.name));
    return task != nullptr && task->ready() && !killer_.is_dying(task->task_id());
  });
}

bool AdviceDesk::is_away(const Step& step) const {
  return std::any_of(step.kill.begin(), step.kill.end(), [&](const std::string& name) {
    const Task* task = tasks_.find(name);
    return task != nullptr && task->live() &&
           (task->state() == mesos::TaskState::kUnreachable || task->unknown);
  });
}

bool AdviceDesk::may_kill(const Step& step) const {
  if (!settings_.has_advisor || !takes_down(step) || overruled_.contains(step.pod)) return true;
  return step.out && !step.only_launches && !is_away(step);
}

// The steps that would take something down, and in a serial phase those that could go
// first instead.
std::vector<Step*> AdviceDesk::wanting(const std::vector<Step*>& working) {
  std::vector<Step*> out;
  for (Step* step : working) {
    if (!takes_down(*step)) continue;
    for (Step* mate : planner_.could_go_instead(*step)) {
      if (takes_down(*mate) && !is_away(*mate) && !overruled_.contains(mate->pod)) out.push_back(mate);
    }
  }
  return out;
}

void AdviceDesk::hold(Step& step, std::string why) {
  if (step.held == why) return;
  step.held = std::move(why);
  planner_.touch(step.pod_type, step.pod_index);
}

void AdviceDesk::tick(const spec::ServiceSpec& service, Now now, Effects& out) {
  ask_at_.reset();
  if (!settings_.has_advisor) return;
  Step* away = planner_.find_out();
  const std::vector<Step*> working = planner_.working();
  std::erase_if(overruled_, [&](const std::string& pod) {
    return std::none_of(working.begin(), working.end(),
                        [&](const Step* step) { return step->pod == pod && takes_down(*step); });
  });
  if (away != nullptr && takes_down(*away) && is_away(*away)) {
    away->out = false;  // by the time that it is back, the leave is old
    planner_.touch(away->pod_type, away->pod_index);
    away = nullptr;
  }
  if (away != nullptr && serves(*away)) {
    // It serves again, so the leave is used up, though the step is not over.
    if (!takes_down(*away)) {
      away->only_launches = true;
    } else if (std::find(working.begin(), working.end(), away) == working.end()) {
      // Interrupted: by the time that it goes on, the leave is old.
      away->out = false;
      away = nullptr;
    }
  }
  std::vector<Step*> steps = wanting(working);
  const auto has_more_to_do = [&](const Step* step) { return step != away && step->pod == away->pod; };
  if (away != nullptr && ((away->only_launches && takes_down(*away)) ||
                          std::any_of(steps.begin(), steps.end(), has_more_to_do))) {
    // It was let go for less than its pod is to do by now: asked about as any other.
    away->out = false;
    planner_.touch(away->pod_type, away->pod_index);
    away = nullptr;
  }
  std::erase(steps, away);
  for (Step* step : planner_.held()) {
    if (step != away && std::find(steps.begin(), steps.end(), step) == steps.end()) hold(*step, {});
  }
  if (away != nullptr) {
    for (Step* step : steps) hold(*step, "waits until " + away->pod + " is back");
    steps.clear();
    if (away->returned) steps.push_back(away);
    if (away->returned && away->held.empty()) hold(*away, "waits for the advisor to see it back");
  } else {
    for (Step* step : steps) {
      if (!is_ruled_ || step->held.empty()) hold(*step, "waits for the advisor's leave to restart");
    }
  }
  if (steps.empty()) {
    next_ms_ = 0;
    return;
  }
  if (!asked_.empty()) return;
  if (now.mono_ms < next_ms_) {
    ask_at_ = next_ms_;
    return;
  }
  ask(away != nullptr, steps, service, out);
}

void AdviceDesk::ask(bool has_come_back, const std::vector<Step*>& steps, const spec::ServiceSpec& service,
                     Effects& out) {
  effect::Advise question;
  question.id = ++last_question_;
  question.has_come_back = asked_back_ = has_come_back;
  asked_.clear();
  const auto add = [&](const spec::PodSpec& pod, int32_t index) {
    effect::AdviceMember member = describe(pod, index, tasks_);
    const bool is_candidate =
        std::any_of(steps.begin(), steps.end(), [&](const Step* step) { return step->pod == member.pod; });
    if (is_candidate) {
      member.flags |= OSTLER_ADVICE_MEMBER_CANDIDATE;
      asked_.push_back(member.pod);
    }
    question.members.push_back(std::move(member));
  };
  for (const spec::PodSpec& pod : service.pods) {
    for (int32_t index = 0; index < pod.count; ++index) add(pod, index);
    // Those that are to be decommissioned are members until they are gone.
    for (const auto& [key, of_pod] : tasks_.by_pod()) {
      if (key.first == pod.type && key.second >= pod.count && !of_pod.empty()) add(pod, key.second);
    }
  }
  if (!asked_.empty()) out.push_back(std::move(question));
}

void AdviceDesk::answered(const Advice& advice, Now now) {
  if (advice.question != last_question_ || asked_.empty()) return;
  std::map<std::string, std::pair<bool, std::string>> by_pod;
  for (size_t i = 0; i < asked_.size() && i < advice.rulings.size(); ++i)
    by_pod[asked_[i]] = advice.rulings[i];
  asked_.clear();
  next_ms_ = now.mono_ms + settings_.advice_retry_ms;
  is_ruled_ = true;

  Step* away = planner_.find_out();
  if ((away != nullptr) != asked_back_) return;  // an operator's command came between
  if (away != nullptr) {
    const auto ruling = by_pod.find(away->pod);
    if (!away->returned || ruling == by_pod.end()) return;
    hold(*away, ruling->second.first ? std::string() : ruling->second.second);
    if (!ruling->second.first) return;
    away->out = false;
    is_ruled_ = false;
    next_ms_ = 0;
    planner_.touch(away->pod_type, away->pod_index);
    return;
  }
  const std::vector<Step*> working = planner_.working();
  const std::vector<Step*> steps = wanting(working);
  const auto may_go = [&](const Step* step) {
    const auto ruling = by_pod.find(step->pod);
    return ruling != by_pod.end() && ruling->second.first;
  };
  for (Step* step : steps) {
    const auto ruling = by_pod.find(step->pod);
    if (ruling != by_pod.end()) hold(*step, ruling->second.second);
  }
  auto chosen = std::find_if(steps.begin(), steps.end(), may_go);
  Step* next = chosen == steps.end() ? nullptr : *chosen;
  // Where nothing may go down, what takes nothing down goes first: a missing member is
  // launched before another one is restarted.
  for (size_t i = 0; i < working.size() && next == nullptr; ++i) {
    if (!takes_down(*working[i])) continue;
    for (Step* mate : planner_.could_go_instead(*working[i])) {
      if (next == nullptr && !takes_down(*mate)) next = mate;
    }
  }
  if (next == nullptr) return;
  next->out = true;
  next->only_launches = !takes_down(*next);  // what it launches is taken down only with a leave of its own
  next->held.clear();
  is_ruled_ = false;
  next_ms_ = 0;
  planner_.touch(next->pod_type, next->pod_index);
}

}  // namespace ostler::core
