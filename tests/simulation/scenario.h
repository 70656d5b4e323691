// A few words for scenarios: a world without random faults, and what was said in it.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "simulation/liveness.h"
#include "simulation/world.h"

namespace ostler::simulation {

// GoogleTest has a member of that name.
using RunSetup = Setup;

class Scenario {
 public:
  explicit Scenario(Setup setup = {}) : world(prepared(std::move(setup))) {
    world.on_call = [this](const mesos::Call& call) { note(call); };
  }

  // Until every plan is complete and nothing leaks.
  ::testing::AssertionResult rests(int64_t limit_ms = 3'600'000) {
    std::string open = "it did not begin";
    for (int64_t left = limit_ms; left > 0; left -= 1000) {
      if (!world.run_for(1000)) break;
      open = unrest(world);
      if (open.empty()) return ::testing::AssertionSuccess();
    }
    if (world.watch().violation()) return broken();
    return ::testing::AssertionFailure() << open;
  }
  // Time passes and no rule is broken.
  ::testing::AssertionResult passes(int64_t ms) {
    return world.run_for(ms) ? ::testing::AssertionSuccess() : broken();
  }
  void forget_calls() { kills = launches = declines = declined_inverse_offers = revives = calls = 0; }
  void fault(FaultKind kind, int64_t length_ms = 0, uint32_t which = 0) {
    world.inject({kind, 0, length_ms, which});
  }
  // Stops the scheduler; its next start has that variant of the service.
  void flip(uint32_t variant) { fault(FaultKind::kConfigFlip, 0, variant); }
  std::string target() const {
    const std::string* target = world.store().find("/ConfigTarget");
    return target == nullptr ? std::string() : *target;
  }
  // What a person would see: open steps with their messages, and the health.
  std::string picture() const {
    if (world.scheduler() == nullptr || world.scheduler()->engine() == nullptr) return "no scheduler";
    const auto snapshot = world.scheduler()->engine()->snapshot();
    std::string text = "health " + std::to_string(snapshot->health.code);
    for (const std::string& reason : snapshot->health.reasons) text += "\n" + reason;
    for (const core::PlanView& plan : snapshot->plans) {
      for (const core::PhaseView& phase : plan.phases) {
        for (const core::StepView& step : phase.steps) {
          if (step.status != core::Status::kComplete)
            text += "\n" + plan.name + ": " + step.name + " " + std::string(to_string(step.status)) + ": " +
                    step.message;
        }
      }
    }
    for (const core::PodInstanceView& pod : snapshot->pods) {
      for (const core::TaskView& task : pod.tasks) {
        if (task.last_status && task.last_status->state != mesos::TaskState::kRunning)
          text += "\n" + task.name + " " + std::string(to_string(task.last_status->state));
      }
    }
    return text;
  }
  // How many tasks of that name's ending run, in truth.
  int running(std::string_view ending) const {
    int count = 0;
    for (const auto& agent : world.master().agents()) {
      for (const auto& [key, task] : agent->tasks)
        count += task.state == mesos::TaskState::kRunning && task.info->name.ends_with(ending);
    }
    return count;
  }
  std::set<std::string> volumes() const {
    std::set<std::string> all;
    for (const auto& agent : world.master().agents())
      all.insert(agent->volumes.begin(), agent->volumes.end());
    return all;
  }

  World world;
  int kills = 0, launches = 0, declines = 0, declined_inverse_offers = 0, revives = 0, calls = 0;

 private:
  static Setup prepared(Setup setup) {
    if (setup.seed == 0) setup.seed = 1;
    return setup;
  }
  ::testing::AssertionResult broken() const {
    return ::testing::AssertionFailure()
           << "rule " << world.watch().violation()->rule << ": " << world.watch().violation()->text;
  }
  void note(const mesos::Call& call) {
    ++calls;
    kills += std::holds_alternative<mesos::call::Kill>(call);
    declines += std::holds_alternative<mesos::call::Decline>(call);
    declined_inverse_offers += std::holds_alternative<mesos::call::DeclineInverseOffers>(call);
    revives += std::holds_alternative<mesos::call::Revive>(call);
    if (const auto* accept = std::get_if<mesos::call::Accept>(&call)) {
      for (const mesos::Operation& operation : accept->operations) launches += !operation.tasks.empty();
    }
  }
};

}  // namespace ostler::simulation
