#include "simulation/liveness.h"

#include "core/claim.h"
#include "simulation/world.h"

namespace ostler::simulation {
namespace {

constexpr std::string_view kPlanOpen = "plan ";
constexpr std::string_view kLeak = "reservation ";

// What a step that does not know why it waits is shown to wait for.
std::string shown_message(const core::Engine& engine, const std::string& step_id) {
  const auto snapshot = engine.snapshot();
  for (const core::PlanView& plan : snapshot->plans) {
    for (const core::PhaseView& phase : plan.phases) {
      for (const core::StepView& step : phase.steps) {
        if (step.id == step_id) return step.message;
      }
    }
  }
  return {};
}

// Every step that is not complete says why.
std::string open_step(const core::Engine& engine, bool must_complete) {
  for (const core::Plan* plan : engine.planner().plans()) {
    for (const core::Phase& phase : plan->phases) {
      for (const core::Step& step : phase.steps) {
        if (step.status == core::Status::kComplete) continue;
        const std::string message = step.message.empty() ? shown_message(engine, step.id) : step.message;
        if (!must_complete && !message.empty()) continue;
        return std::string(kPlanOpen) + plan->name + ": " + step.name + " is " +
               std::string(core::to_string(step.status)) + ": " + message;
      }
    }
  }
  return {};
}

// Adds the reservation's id; with a framework's id only when it is that one's.
void collect(const mesos::Resource& resource, const std::string& framework_id,
             std::vector<std::string>& out) {
  if (resource.reservations.empty()) return;
  for (const auto& [key, value] : resource.reservations.back().labels) {
    if (key == "framework_id" && !framework_id.empty() && value != framework_id) return;
    if (key == "framework_id" && value == "another-framework") return;  // service.cpp
  }
  const std::string id(core::resource_id_of(resource));
  if (!id.empty()) out.push_back(id);
}

// Every reservation of ours that an agent holds is one that some task of ours holds.
std::string leak(const World& world, const core::Engine& engine) {
  std::vector<std::string> ids;
  const std::string& framework_id = engine.framework_id();
  for (const auto& agent : world.master().agents()) {
    if (agent->standing == cluster::Standing::kGone) continue;
    for (const mesos::Resource& r : agent->available) collect(r, framework_id, ids);
    for (const auto& [key, task] : agent->tasks) {
      if (!task.live()) continue;
      for (const mesos::Resource& r : task.resources) collect(r, framework_id, ids);
    }
    for (const auto& [key, executor] : agent->executors) {
      for (const mesos::Resource& r : executor.resources) collect(r, framework_id, ids);
    }
  }
  for (const auto& [id, offer] : world.master().offers()) {
    for (const mesos::Resource& r : offer.resources) collect(r, framework_id, ids);
  }
  for (const std::string& id : ids) {
    if (!engine.tasks().holds(id)) return std::string(kLeak) + id + " is held for nothing";
  }
  return {};
}

// The core's picture of the tasks is the truth.
std::string wrong_picture(const World& world, const core::Engine& engine) {
  for (const auto& agent : world.master().agents()) {
    for (const auto& [key, task] : agent->tasks) {
      if (key.first != engine.framework_id() || !task.live()) continue;
      const core::Task* known = engine.tasks().find(task.info->name);
      if (known == nullptr || !known->launched() || known->task_id() != task.info->task_id)
        return "task " + task.info->task_id + " runs, but the core knows nothing of it";
      if (task.state == mesos::TaskState::kRunning && known->state() != mesos::TaskState::kRunning &&
          agent->standing == cluster::Standing::kRegistered) {
        return "task " + task.info->task_id + " runs, but the core believes it is " +
               std::string(mesos::to_string(known->state()));
      }
    }
  }
  for (const auto& [name, known] : engine.tasks().all()) {
    if (!known.live() || known.state() != mesos::TaskState::kRunning) continue;
    const cluster::Agent* agent = world.master().agent(known.launch->task->agent_id);
    if (agent == nullptr || !agent->tasks.contains({engine.framework_id(), known.task_id()}))
      return "task " + known.task_id() + " does not run, but the core believes it does";
  }
  return {};
}

// Nothing of the service is left, except what was given up.
std::string remains(const World& world, const core::Engine& engine) {
  if (std::string open = open_step(engine, true); !open.empty()) return open;
  if (engine.wants_mesos()) return "the uninstall is complete, but the framework is not removed";
  // Who was removed cannot give anything back.
  if (world.has_lost_agents() || world.was_removed()) return {};
  for (const auto& agent : world.master().agents()) {
    std::vector<std::string> ids;
    for (const mesos::Resource& r : agent->available) collect(r, {}, ids);
    if (!ids.empty()) return std::string(kLeak) + ids.front() + " is left after the uninstall";
    for (const auto& [key, task] : agent->tasks) {
      if (task.live()) return "task " + key.second + " lives on after the uninstall";
    }
  }
  return {};
}

}  // namespace

std::string unrest(const World& world) {
  // Each start ends with the same instruction then; what is stored stays for the uninstall.
  if (world.is_removed() && !world.is_uninstall) {
    if (world.exits().back().second.find("uninstall the service") == std::string::npos)
      return "the framework is removed, and nobody is told what to do";
    return world.store().find("/FrameworkID") == nullptr ? "the framework is removed and forgotten" : "";
  }
  const Scheduler* scheduler = world.scheduler();
  if (scheduler == nullptr || scheduler->engine() == nullptr || !scheduler->is_running())
    return "the scheduler does not run";
  if (world.is_uninstall) return remains(world, *scheduler->engine());
  if (!world.is_subscribed()) return "the scheduler is not subscribed";
  const core::Engine& engine = *scheduler->engine();
  if (std::string open = open_step(engine, world.has_room()); !open.empty()) return open;
  if (std::string wrong = wrong_picture(world, engine); !wrong.empty()) return wrong;
  return leak(world, engine);
}

int broken_liveness_rule(const std::string& unrest) {
  if (unrest.starts_with(kPlanOpen)) return 7;
  return unrest.starts_with(kLeak) ? 9 : 8;
}

}  // namespace ostler::simulation
