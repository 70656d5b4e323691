// The scenarios that the SDK's own simulation plays with its helloworld service
// (java-sdk-engine.md, 12.3), in the same style: what is sent, and what is expected for it.
//
// One hello (no readiness check), two worlds (a readiness check, a host of their own), each
// with an essential server and a sidecar. Where we want something else than the SDK does,
// a line that begins with "Unlike the SDK" says what and why. Scenarios that are not here:
// shrinking and invalid configurations in validators_test.cpp, canaries and custom plans in
// plan_control_test.cpp, uninstall in teardown_test.cpp, example files in tests/unit/spec.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine_driver.h"

namespace ostler::core::test {
namespace {

using mesos::TaskState;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;
using Names = std::vector<std::string>;

spec::PodSpec pod(const std::string& type, int32_t count) {
  spec::PodSpec pod = sample_spec().pods[0];
  pod.type = type;
  pod.count = count;
  pod.tasks[1].name = "sidecar";
  return pod;
}

spec::ServiceSpec helloworld(int32_t worlds = 2, const std::string& world_cmd = "run world") {
  spec::ServiceSpec service = sample_spec();
  spec::PodSpec hello = pod("hello", 1), world = pod("world", worlds);
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
    return sends([&] { driver_.update(task, TaskState::kRunning); });
  }
  Play& checked(const std::string& task, int exit_code) {
    return sends([&] { driver_.update(task, TaskState::kRunning, exit_code); });
  }
  Play& ends(const std::string& task, TaskState state = TaskState::kFailed) {
    return sends([&] { driver_.update(task, state); });
  }
  Play& says_of(const std::string& task_id, TaskState state) {
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
    EXPECT_THAT(driver_.killed(), ElementsAre(id));
    return *this;
  }
  Play& expect_declined() {
    EXPECT_THAT(driver_.calls_of<mesos::call::Accept>(), IsEmpty());
    EXPECT_EQ(driver_.calls_of<mesos::call::Decline>().size(), 1U);
    return *this;
  }
  // So many times since the last expectation of this kind.
  Play& expect_revives(size_t count) {
    EXPECT_EQ(std::exchange(revives_, 0) + driver_.calls_of<mesos::call::Revive>().size(), count);
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
  std::string id(const std::string& task) const { return driver_.task_id(task); }
  EngineDriver& driver() { return driver_; }

 private:
  template <typename Send>
  Play& sends(Send send) {
    revives_ += driver_.calls_of<mesos::call::Revive>().size();
    driver_.calls.clear();
    send();
    return *this;
  }

  EngineDriver driver_;
  int own_ = 0;
  size_t revives_ = 0;
};

TEST(HelloWorld, IsDeployedPodByPod) {
  Play play;
  play.registers();
  EXPECT_EQ(play.driver().calls_of<mesos::call::Reconcile>().size(), 1U);
  play.offers(1).expect_launches({"hello-0-server", "hello-0-sidecar"});
  play.offers(2).expect_declined();
  play.runs("hello-0-sidecar").expect_steps({"STARTING", "PENDING", "PENDING"});
  play.runs("hello-0-server").expect_steps({"COMPLETE", "PENDING", "PENDING"});
  play.expect_revives(1);
  play.offers(2).expect_launches({"world-0-server", "world-0-sidecar"});
  // Running is not enough where there is a readiness check.
  play.runs("world-0-sidecar").runs("world-0-server").expect_steps({"COMPLETE", "STARTED", "PENDING"});
  play.checked("world-0-server", 1).expect_steps({"COMPLETE", "STARTED", "PENDING"});
  play.checked("world-0-server", 0).expect_steps({"COMPLETE", "COMPLETE", "PENDING"});
  play.waits(5000).expect_revives(1);  // the least time between two of them
  play.offers(2).expect_declined();    // a host of its own
  play.offers(3).expect_launches({"world-1-server", "world-1-sidecar"});
  play.both_run("world-1").expect_plan("deploy", Status::kComplete);
  play.expect_plan("recovery", Status::kComplete);
  play.offers(4).expect_declined();
}

TEST(HelloWorld, AStepThatWasUnderWayAtARestartIsAdopted) {
  Play play;
  play.registers().offers(1);
  play.both_run("hello-0").waits(5000).offers(2);
  play.runs("world-0-sidecar").runs("world-0-server");
  const std::string before = play.id("world-0-server");
  // Unlike the SDK, which kills such a task once and launches it again: a restart with the
  // same configuration kills nothing.
  play.restarts().both_run("hello-0");
  play.runs("world-0-sidecar").runs("world-0-server").expect_kills({});
  play.expect_steps({"COMPLETE", "STARTED", "PENDING"});
  play.checked("world-0-server", 0).expect_steps({"COMPLETE", "COMPLETE", "PENDING"});
  EXPECT_EQ(play.id("world-0-server"), before);
}

TEST(HelloWorld, AnEssentialTaskTakesItsPodWithItAndASidecarDoesNot) {
  Play play;
  play.is_deployed();
  play.ends("world-0-server").expect_kills({"world-0-sidecar"});  // only what is alive
  play.ends("world-0-sidecar", TaskState::kKilled);
  play.offers(4).expect_declined();  // in place, or not at all
  play.offers_own("world-0").expect_launches({"world-0-server", "world-0-sidecar"});
  play.both_run("world-0").expect_plan("recovery", Status::kComplete);

  play.ends("world-1-sidecar").expect_kills({});
  play.offers(4).expect_declined();
  play.offers_own("world-1").expect_launches({"world-1-sidecar"});
  play.runs("world-1-sidecar").expect_plan("recovery", Status::kComplete);
}

TEST(HelloWorld, AZombieIsKilledAndItsNamesakeIsNot) {
  Play play;
  play.is_deployed();
  const std::string zombie = "zk__world-0-server__00000000-0000-4000-8000-000000000000";
  play.says_of(zombie, TaskState::kRunning).expect_kill_of_id(zombie);
  play.expect_steps({"COMPLETE", "COMPLETE", "COMPLETE"});
}

TEST(HelloWorld, WorldsThatAreTooManyGoHighestFirst) {
  Play play;
  play.is_deployed();
  play.restarts_with(helloworld(0));
  for (const char* pod : {"hello-0", "world-0", "world-1"}) play.both_run(pod);
  play.expect_plan("decommission", Status::kStarting).expect_plan("deploy", Status::kComplete);
  const auto left = [&](const std::string& pod) {
    return play.driver().stored.tasks.contains(pod + "-server");
  };
  play.ends("world-1-server", TaskState::kKilled).ends("world-1-sidecar", TaskState::kKilled);
  play.offers_own("hello-0");
  EXPECT_TRUE(left("world-1")) << "another pod's resources are no step forward";
  const auto give_back = [&](const std::string& pod, int host) {
    play.offers_own(pod);
    // Unlike the SDK, which takes an UNRESERVE for done once it was sent: what a later offer
    // of the agent lacks, or the agent's word, tells.
    play.waits(36'000).offers(host);
  };
  give_back("world-1", 3);
  EXPECT_FALSE(left("world-1"));
  EXPECT_TRUE(left("world-0"));
  play.ends("world-0-server", TaskState::kKilled).ends("world-0-sidecar", TaskState::kKilled);
  give_back("world-0", 2);
  EXPECT_FALSE(left("world-0"));
  EXPECT_TRUE(left("hello-0"));
}

TEST(HelloWorld, AReplacementOfARecoveringPodGoesElsewhere) {
  Play play;
  play.is_deployed();
  play.ends("world-0-server").ends("world-0-sidecar", TaskState::kKilled);
  play.offers(4).expect_declined();
  play.tells(command::PodReplace{"world-0"}).waits(5000);
  play.offers(4).expect_launches({"world-0-server", "world-0-sidecar"});
  const auto snapshot = play.driver().engine().snapshot();
  EXPECT_EQ(snapshot->plan("recovery")->phases.size(), 1U) << "one phase, whatever it became";
}

TEST(HelloWorld, APodThatFailsDuringAnUpdateComesBackInItsTurn) {
  Play play;
  play.is_deployed();
  const std::string before = play.id("world-0-server");
  play.restarts_with(helloworld(2, "run world --new"));
  for (const char* pod : {"hello-0", "world-0", "world-1"}) play.both_run(pod);
  EXPECT_EQ(play.id("world-0-server"), before);
  // The first in line is the update's: with its new configuration.
  play.ends("world-0-server", TaskState::kKilled).ends("world-0-sidecar", TaskState::kKilled);
  // Another one is the recovery's: with its old one first, and later rolled as all.
  play.ends("world-1-server").expect_kills({"world-1-sidecar"});
  play.ends("world-1-sidecar", TaskState::kKilled);
  const auto command_of = [&](const std::string& task) {
    return play.driver()
        .stored.configs.at(play.driver().stored.tasks.at(task).launch->config_id)
        ->pod("world")
        ->tasks[0]
        .cmd;
  };
  play.offers_own("world-1").expect_launches({"world-1-server", "world-1-sidecar"});
  EXPECT_EQ(command_of("world-1-server"), "run world");
  play.both_run("world-1").offers_own("world-0").expect_launches({"world-0-server", "world-0-sidecar"});
  EXPECT_EQ(command_of("world-0-server"), "run world --new");
  play.both_run("world-0").expect_kills({"world-1-server", "world-1-sidecar"});
}

}  // namespace
}  // namespace ostler::core::test
