#include "core/plan_commands.h"

#include <algorithm>

#include "base/uuid.h"
#include "core/names.h"

namespace ostler::core {
namespace {

using Outcome = Answer::Outcome;

Answer already() { return {Outcome::kAlready, "Command has already been reported or completed", {}, {}}; }
Answer received(std::string what) { return {Outcome::kDone, "Received cmd: " + std::move(what), {}, {}}; }
Answer not_found(const char* thing, const std::string& name) {
  return {Outcome::kNotFound, std::string(thing) + " " + name + " not found", {}, {}};
}

template <typename Part>
bool is_called(const Part& part, const std::string& text) {
  return is_uuid(text) ? part.id == text : part.name == text;
}

std::vector<Phase*> phases_of(Plan& plan, const std::string& text) {
  std::vector<Phase*> out;
  for (Phase& phase : plan.phases) {
    if (is_called(phase, text)) out.push_back(&phase);
  }
  return out;
}

// The parts of a plan that a target means; `answer` is set where there are none.
struct Parts {
  std::vector<Phase*> phases;  // empty: the whole plan
  Step* step = nullptr;
  std::optional<Answer> answer;
};

Parts parts_of(Plan& plan, const command::Target& target) {
  Parts out;
  if (target.step && !target.phase) {
    out.answer = Answer{Outcome::kInvalid, "Missing phase", {}, {}};
    return out;
  }
  if (!target.phase) return out;
  out.phases = phases_of(plan, *target.phase);
  if (out.phases.empty()) {
    out.answer = not_found("Phase", *target.phase);
    return out;
  }
  if (!target.step) return out;
  std::vector<Step*> steps;
  for (Step& step : out.phases.front()->steps) {
    if (is_called(step, *target.step)) steps.push_back(&step);
  }
  if (steps.size() != 1) {
    out.answer = not_found("Step", *target.step);
  } else {
    out.step = steps.front();
  }
  return out;
}

bool is_running(Status status) {
  return status == Status::kInProgress || status == Status::kPrepared || status == Status::kStarting ||
         status == Status::kStarted;
}
bool is_over(Status status) { return status == Status::kComplete; }

// Lets one canary go, or takes the interrupt back.
void proceed(Phase& phase) {
  const auto held = std::find_if(phase.canaries.begin(), phase.canaries.end(),
                                 [&](uint32_t i) { return phase.steps[i].interrupted; });
  if (!phase.interrupted && held != phase.canaries.end()) {
    phase.steps[*held].interrupted = false;
    return;
  }
  phase.interrupted = false;
  // Single steps that were interrupted go on with their phase.
  for (size_t i = 0; i < phase.steps.size(); ++i) {
    const bool is_one = std::find(phase.canaries.begin(), phase.canaries.end(), i) != phase.canaries.end();
    if (!is_one) phase.steps[i].interrupted = false;
  }
}

void begin_again(Step& step, const TaskTable& tasks) {
  step.forced = false;
  step.complete = false;
  step.prepared = false;
  step.out = false;  // an advisor's leave was for the launch before
  step.returned = false;
  step.superseded.clear();
  for (const std::string& name : step.names) {
    const Task* task = tasks.find(name);
    if (task != nullptr && task->launched()) step.superseded.insert(task->task_id());
  }
  step.status = Status::kPending;
}

void begin_again(Phase& phase, const TaskTable& tasks) {
  for (Step& step : phase.steps) begin_again(step, tasks);
}

bool runs_once(const Step& step, const std::string& task, const spec::ServiceSpec& target) {
  const spec::PodSpec* pod = target.pod(step.pod_type);
  const spec::TaskSpec* spec = pod == nullptr ? nullptr : pod->task(task);
  return spec != nullptr && spec->goal != spec::Goal::kRunning;
}

// A run of a plan of one's own. Tasks that run for ever are launched anew with what it has to
// say; of those that run once, which of them are its own says the run, and one that still
// runs for something else is waited for (step_status.h).
void begin_run(Plan& plan, const TaskTable& tasks, const spec::ServiceSpec& target, IdSource& ids) {
  plan.run = ids.uuid();
  for (Phase& phase : plan.phases) {
    for (Step& step : phase.steps) {
      const std::set<std::string> stopped = step.superseded;  // by `plan stop`, or a restart
      begin_again(step, tasks);
      for (size_t i = 0; i < step.tasks.size(); ++i) {
        const Task* task = tasks.find(step.names[i]);
        if (task != nullptr && task->launched() && runs_once(step, step.tasks[i], target) &&
            !stopped.contains(task->task_id()))
          step.superseded.erase(task->task_id());
      }
    }
  }
}

// What is to be forgotten when all else is done is forgotten, whatever of that is given up: the
// framework and the state at the end of an uninstall, and the record of a task that is decommissioned,
// which would keep its reservations from being given back when their agent returns.
void complete(Step& step) {
  if (step.kind == StepKind::kDeregister || step.kind == StepKind::kErase) return;
  step.forced = true;
  step.complete = true;
  step.interrupted = false;
  step.superseded.clear();
  step.launch.clear();
  step.kill.clear();
  step.status = Status::kComplete;
  step.message.clear();
}

std::string describe(const char* what, const Plan& plan, const command::Target& target) {
  return std::string(what) + " for Plan: " + plan.name + ", Phase: " + target.phase.value_or("null") +
         ", Step: " + target.step.value_or("null");
}

}  // namespace

bool is_variable_name(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; };
  return !name.empty() && letter(name.front()) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

// Of a plan of one's own that is under way, the same start again is none: whoever did not hear the answer
// says it again. With other parameters it is, from the beginning. The SDK gives those to what is
// still to be launched, and tells nobody which steps ran with which.
Answer start_plan(Plan& plan, const std::map<std::string, std::string>& parameters, const TaskTable& tasks,
                  const spec::ServiceSpec& target, IdSource& ids) {
  std::string list;
  for (const auto& [name, value] : parameters) list += (list.empty() ? "" : ", ") + name + "=" + value;
  const bool is_over_now = is_over(status_of(plan));
  const bool was_never_started = plan.run.empty() && plan.interrupted;
  const bool is_new_run = plan.is_own && (is_over_now || was_never_started || plan.parameters != parameters);
  plan.parameters = parameters;
  if (is_new_run) {
    begin_run(plan, tasks, target, ids);
  } else if (is_over_now) {
    for (Phase& phase : plan.phases) begin_again(phase, tasks);
  }
  plan.interrupted = false;
  return received("start " + plan.name + " with parameters: {" + list + "}");
}

Answer stop_plan(Plan& plan, const TaskTable& tasks) {
  plan.interrupted = true;
  for (Phase& phase : plan.phases) begin_again(phase, tasks);
  return received("stop");
}

Answer interrupt(Plan& plan, const command::Target& target) {
  const Parts parts = parts_of(plan, target);
  if (parts.answer) return *parts.answer;
  if (parts.step != nullptr) {
    if (parts.step->interrupted || is_over(parts.step->status)) return already();
    parts.step->interrupted = true;
  } else if (!parts.phases.empty()) {
    const auto idle = [](const Phase* phase) { return phase->interrupted || is_over(status_of(*phase)); };
    if (std::all_of(parts.phases.begin(), parts.phases.end(), idle)) return already();
    for (Phase* phase : parts.phases) phase->interrupted = true;
  } else {
    if (plan.interrupted || is_over(status_of(plan))) return already();
    plan.interrupted = true;
  }
  return received("interrupt");
}

Answer proceed(Plan& plan, const command::Target& target) {
  const Parts parts = parts_of(plan, target);
  if (parts.answer) return *parts.answer;
  if (parts.step != nullptr) {
    if (!parts.step->interrupted) return already();
    parts.step->interrupted = false;
    return received("continue");
  }
  if (!parts.phases.empty()) {
    const auto all = [&](bool (*is)(Status)) {
      return std::all_of(parts.phases.begin(), parts.phases.end(),
                         [&](const Phase* phase) { return is(status_of(*phase)); });
    };
    if (all(is_running) || all(is_over)) return already();
    for (Phase* phase : parts.phases) proceed(*phase);
    return received("continue");
  }
  const Status status = status_of(plan);
  if (is_running(status) || is_over(status)) return already();
  if (plan.interrupted) {
    plan.interrupted = false;
    return received("continue");
  }
  // The plan itself is not held: so the phase in it that its strategy waits for is.
  for (Phase& phase : plan.phases) {
    if (status_of(phase) != Status::kWaiting) continue;
    proceed(phase);
    if (plan.strategy == spec::Strategy::kSerial) break;
  }
  return received("continue");
}

Answer force_complete(Plan& plan, const command::Target& target) {
  const Parts parts = parts_of(plan, target);
  if (parts.answer) return *parts.answer;
  if (parts.step != nullptr) {
    if (is_over(parts.step->status)) return already();
    if (parts.step->kind == StepKind::kDeregister)
      return {
          Outcome::kInvalid, "The framework is removed by itself once nothing else is left to do", {}, {}};
    complete(*parts.step);
  } else if (!parts.phases.empty()) {
    Phase& phase = *parts.phases.front();
    if (is_over(status_of(phase))) return already();
    for (Step& step : phase.steps) complete(step);
  } else {
    if (is_over(status_of(plan))) return already();
    for (Phase& phase : plan.phases) {
      for (Step& step : phase.steps) complete(step);
    }
  }
  return received(describe("forceComplete", plan, target));
}

Answer restart(Plan& plan, const command::Target& target, const TaskTable& tasks) {
  const Parts parts = parts_of(plan, target);
  if (parts.answer) return *parts.answer;
  if (parts.step != nullptr) {
    if (parts.step->status == Status::kPending) return already();
    parts.step->interrupted = false;
    begin_again(*parts.step, tasks);
  } else if (!parts.phases.empty()) {
    Phase& phase = *parts.phases.front();
    if (status_of(phase) == Status::kPending) return already();
    phase.interrupted = false;
    begin_again(phase, tasks);
  } else {
    if (status_of(plan) == Status::kPending) return already();
    plan.interrupted = false;
    for (Phase& phase : plan.phases) begin_again(phase, tasks);
  }
  return received(describe("restart", plan, target));
}

}  // namespace ostler::core
