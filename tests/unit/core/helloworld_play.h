// The small language of the helloworld tests: a play sends what Mesos and operators say, and
// after each line it may be asked what that led to. One hello (no readiness check), two
// worlds (a readiness check, a host of their own), each with an essential server and a
// sidecar.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "engine_driver.h"

namespace ostler::core::test {

using Names = std::vector<std::string>;

inline spec::PodSpec hello_pod(const std::string& type, int32_t count) {
  spec::PodSpec pod = sample_spec().pods[0];
  pod.type = type;
  pod.count = count;
  pod.tasks[1].name = "sidecar";
  return pod;
}

inline spec::ServiceSpec helloworld(int32_t worlds = 2, const std::string& world_cmd = "run world") {
  spec::ServiceSpec service = sample_spec();
  spec::PodSpec hello = hello_pod("hello", 1), world = hello_pod("world", worlds);
  hello.placement.clear();
  hello.tasks[0].readiness_check.reset();
  hello.resource_sets[0].ports.clear();
  world.allow_decommission = true;
  world.tasks[0].cmd = world_cmd;
  service.pods = {hello, world};
  service.plans[0].phases.clear();
  for (const spec::PodSpec& one : service.pods) {
    spec::PhaseSpec phase;
    phase.name = one.type + "-deploy";
    phase.pod = one.type;
    for (int32_t i = 0; i < one.count; ++i) phase.steps.push_back({i, {"server", "sidecar"}});
    service.plans[0].phases.push_back(phase);
  }
  return service;
}

// Sends what Mesos says; each expectation is about what the last of these led to.
class Play {
 public:
  explicit Play(spec::ServiceSpec spec = helloworld()) : driver_(std::move(spec)) {}

  Play& registers() {
    return sends([&] { driver_.subscribe(); });
  }
  Play& restarts() {
    return sends([&] { driver_.restart(); }).registers();
  }
  Play& restarts_with(spec::ServiceSpec spec) {
    return sends([&] { driver_.restart_with(std::move(spec)); }).registers();
  }
  Play& offers(int host) {
    return sends([&] { driver_.offer({big_offer(host)}); });
  }
  // What a pod instance holds, and nothing else.
  Play& offers_own(const std::string& pod) {
    return sends([&] {
      const auto& launch = *driver_.stored.tasks.at(pod + "-server").launch;
      driver_.offer({{"own-" + std::to_string(++own_), launch.task->agent_id, launch.hostname,
                      driver_.resources_of(pod)}});
    });
  }
  Play& runs(const std::string& task) {
    return sends([&] { driver_.update(task, mesos::TaskState::kRunning); });
  }
  Play& checked(const std::string& task, int exit_code) {
    return sends([&] { driver_.update(task, mesos::TaskState::kRunning, exit_code); });
  }
  Play& ends(const std::string& task, mesos::TaskState state = mesos::TaskState::kFailed) {
    return sends([&] { driver_.update(task, state); });
  }
  Play& says_of(const std::string& task_id, mesos::TaskState state) {
    return sends([&] { driver_.update_id(task_id, state); });
  }
  Play& waits(int64_t ms) {
    return sends([&] { driver_.advance(ms); });
  }
  Play& tells(const Command& command) {
    return sends([&] { driver_.command(command); });
  }
  // hello-0, world-0 and world-1 run, on the hosts 1, 2 and 3.
  Play& is_deployed() {
    registers().offers(1);
    both_run("hello-0").waits(5000).offers(2);
    both_run("world-0").waits(5000).offers(3);
    both_run("world-1");
    return *this;
  }
  Play& both_run(const std::string& pod) {
    runs(pod + "-sidecar");
    return pod.starts_with("world") ? checked(pod + "-server", 0) : runs(pod + "-server");
  }

  Play& expect_launches(const Names& tasks) {
    EXPECT_EQ(driver_.launched(), tasks);
    return *this;
  }
  Play& expect_kills(const Names& tasks) {
    Names killed;
    for (const std::string& id : driver_.killed()) killed.emplace_back(task_name_of_id(id));
    EXPECT_THAT(killed, ::testing::UnorderedElementsAreArray(tasks));
    return *this;
  }
  Play& expect_kill_of_id(const std::string& id) {
    EXPECT_THAT(driver_.killed(), ::testing::ElementsAre(id));
    return *this;
  }
  Play& expect_declined() {
    EXPECT_THAT(driver_.calls_of<mesos::call::Accept>(), ::testing::IsEmpty());
    EXPECT_EQ(driver_.calls_of<mesos::call::Decline>().size(), 1U);
    return *this;
  }
  // So many times since the last expectation of this kind.
  Play& expect_revives(size_t count) {
    EXPECT_EQ(std::exchange(revives_, 0) + driver_.calls_of<mesos::call::Revive>().size(), count);
    return *this;
  }
  Play& expect_suppresses(size_t count) {
    EXPECT_EQ(std::exchange(suppresses_, 0) + driver_.calls_of<mesos::call::Suppress>().size(), count);
    return *this;
  }
  Play& expect_steps(const Names& statuses) {
    EXPECT_EQ(driver_.step_statuses(), statuses);
    return *this;
  }
  Play& expect_plan(const std::string& plan, Status status) {
    const auto snapshot = driver_.engine().snapshot();
    const PlanView* found = snapshot->plan(plan);
    EXPECT_EQ(found == nullptr ? "no such plan" : to_string(found->status), to_string(status)) << plan;
    return *this;
  }
  // The phases of a plan, and the steps of its first one, as "name STATUS".
  Names phases(const std::string& plan) {
    Names out;
    const auto snapshot = driver_.engine().snapshot();
    for (const PhaseView& phase : snapshot->plan(plan)->phases)
      out.push_back(phase.name + " " + std::string(to_string(phase.status)));
    return out;
  }
  Names first_steps(const std::string& plan) {
    Names out;
    const auto snapshot = driver_.engine().snapshot();
    for (const StepView& step : snapshot->plan(plan)->phases.at(0).steps)
      out.push_back(step.name + " " + std::string(to_string(step.status)));
    return out;
  }
  // Of a task that runs: the command of the configuration that it was made from.
  std::string command_of(const std::string& task) const {
    return driver_.stored.tasks.at(task).launch->task->command.value;
  }
  std::string id(const std::string& task) const { return driver_.task_id(task); }
  EngineDriver& driver() { return driver_; }

 private:
  template <typename Send>
  Play& sends(Send send) {
    revives_ += driver_.calls_of<mesos::call::Revive>().size();
    suppresses_ += driver_.calls_of<mesos::call::Suppress>().size();
    driver_.calls.clear();
    send();
    return *this;
  }

  EngineDriver driver_;
  int own_ = 0;
  size_t revives_ = 0, suppresses_ = 0;
};

}  // namespace ostler::core::test
