// Steps of one's own and what two plans may do at the same time: the SDK's simulation of
// custom steps and its cases of DefaultPlanCoordinatorTest.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "backup_spec.h"
#include "core/footprint.h"

namespace ostler::core::test {
namespace {

using mesos::TaskState;
using spec::Strategy;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;
using Names = std::vector<std::string>;

// Two instances of a pod of three tasks, each a step of its own but as `steps` says.
spec::ServiceSpec custom(Strategy strategy, const std::vector<spec::StepSpec>& steps) {
  spec::ServiceSpec service = sample_spec();
  spec::PodSpec& pod = service.pods[0];
  pod.type = "hello";
  pod.count = 2;
  pod.placement.clear();
  pod.tasks.clear();
  pod.resource_sets.clear();
  for (const char* name : {"first", "second", "third"}) {
    spec::ResourceSet set;
    set.id = std::string(name) + "-resource-set";
    set.cpus_milli = 100;
    set.memory_mb = 32;
    pod.resource_sets.push_back(set);
    spec::TaskSpec task;
    task.name = name;
    task.cmd = "run";
    task.resource_set = set.id;
    pod.tasks.push_back(task);
  }
  spec::PhaseSpec& phase = service.plans[0].phases[0];
  phase.pod = "hello";
  phase.strategy = strategy;
  phase.has_custom_steps = true;
  phase.steps = steps;
  return service;
}

// Offers each instance's agent again and again, and lets all that is launched run: what was
// launched in each round, until nothing is.
std::vector<Names> rounds(EngineDriver& driver) {
  std::vector<Names> out;
  driver.subscribe();
  for (int i = 0; i < 10; ++i) {
    std::vector<FakeOffer> offers = {big_offer(1), big_offer(2)};
    for (const char* pod : {"hello-0", "hello-1"}) {
      const auto task = driver.stored.tasks.find(std::string(pod) + "-first");
      if (task == driver.stored.tasks.end()) continue;
      FakeOffer& home = offers[task->second.launch->task->agent_id == "S1" ? 0 : 1];
      for (const mesos::Resource& one : driver.resources_of(pod)) home.resources.push_back(one);
    }
    driver.calls.clear();
    driver.offer(offers);
    const Names launched = driver.launched();
    if (launched.empty()) break;
    for (const std::string& task : launched) driver.update(task, TaskState::kRunning);
    out.push_back(launched);
  }
  return out;
}

TEST(CustomSteps, OfASerialPhaseGoInTheOrderOfTheFile) {
  EngineDriver driver(
      custom(Strategy::kSerial,
             {{0, {"first"}}, {0, {"second", "third"}}, {1, {"third"}}, {1, {"first"}}, {1, {"second"}}}));
  EXPECT_THAT(rounds(driver),
              ElementsAre(Names{"hello-0-first"}, Names{"hello-0-second", "hello-0-third"},
                          Names{"hello-1-third"}, Names{"hello-1-first"}, Names{"hello-1-second"}));
  EXPECT_EQ(driver.engine().snapshot()->plan("deploy")->status, Status::kComplete);
}

// `parallel` in the file; instances side by side, the steps of each in their order.
TEST(CustomSteps, OfAParallelPhaseKeepTheirOrderWithinAnInstance) {
  EngineDriver driver(
      custom(Strategy::kDependency,
             {{0, {"first"}}, {0, {"second"}}, {0, {"third"}}, {1, {"first", "second", "third"}}}));
  EXPECT_THAT(rounds(driver),
              ElementsAre(Names{"hello-0-first", "hello-1-first", "hello-1-second", "hello-1-third"},
                          Names{"hello-0-second"}, Names{"hello-0-third"}));
}

TEST(CustomSteps, LeaveOutWhatTheyDoNotName) {
  EngineDriver driver(custom(Strategy::kSerial, {{0, {"first"}}, {1, {"first", "third"}}}));
  EXPECT_THAT(rounds(driver), ElementsAre(Names{"hello-0-first"}, Names{"hello-1-first", "hello-1-third"}));
  EXPECT_EQ(driver.engine().snapshot()->plan("deploy")->status, Status::kComplete);
}

// The whole footprint is taken at the first launch, on one agent, and later steps of the
// pod find it there and join the executor that runs.
TEST(CustomSteps, LaunchIntoWhatTheFirstOfThemReserved) {
  EngineDriver driver(custom(Strategy::kSerial, {{0, {"first"}}, {0, {"second"}}}));
  driver.subscribe();
  driver.offer({big_offer(1)});
  ASSERT_THAT(driver.launched(), ElementsAre("hello-0-first"));
  const LaunchRecord& waiting = *driver.stored.tasks.at("hello-0-second").launch;
  EXPECT_EQ(waiting.task->task_id, "") << "reserved, not launched";
  EXPECT_EQ(waiting.task->agent_id, "S1");
  driver.update("hello-0-first", TaskState::kRunning);
  driver.calls.clear();
  FakeOffer rest = {"O-rest", "S1", "10.0.0.1", {}};
  for (const Holding& one : waiting.holdings) {
    if (!is_executor_key(one.key)) rest.resources.push_back(one.resource);  // those are in use
  }
  FakeOffer elsewhere = big_offer(2);
  driver.offer({elsewhere, rest});
  EXPECT_THAT(driver.launched(), ElementsAre("hello-0-second"));
  const auto accepts = driver.calls_of<mesos::call::Accept>();
  ASSERT_EQ(accepts.size(), 1U);
  EXPECT_THAT(accepts[0].offer_ids, ElementsAre("O-rest"));
  ASSERT_EQ(accepts[0].operations.size(), 1U) << "nothing is reserved again";
  EXPECT_EQ(accepts[0].operations[0].executor->executor_id,
            driver.stored.tasks.at("hello-0-first").launch->executor->executor_id);
}

// The file is refused (tests/unit/spec/data/rejected/references.yml); one that an older
// store may have had is passed by.
TEST(CustomSteps, OneThatNamesNoTaskOfItsPodHasNothingToDo) {
  EngineDriver driver(custom(Strategy::kSerial, {{0, {"nobody"}}, {0, {"first"}}}));
  EXPECT_THAT(rounds(driver), ElementsAre(Names{"hello-0-first"}));
}

// A plan "roll" of the same shape as the deployment, and the backup's.
spec::ServiceSpec with_two_plans() {
  spec::ServiceSpec service = with_backup();
  service.plans[1].phases[0].strategy = Strategy::kParallel;
  service.plans.push_back(service.plans[0]);
  service.plans.back().name = "roll";
  return service;
}

Names phase_steps(EngineDriver& driver, const std::string& plan) {
  Names out;
  const auto snapshot = driver.engine().snapshot();
  for (const StepView& step : snapshot->plan(plan)->phases[0].steps)
    out.push_back(std::string(to_string(step.status)));
  return out;
}

TEST(Coordinator, TheEarlierPlanWorksOnATaskThatTwoPlansWant) {
  EngineDriver driver = deployed_driver(with_two_plans());
  ASSERT_TRUE(driver.command(command::PlanStart{"roll", {}}).ok());
  ASSERT_TRUE(driver.command(command::PlanRestart{{"deploy", {}, {}}}).ok());
  EXPECT_EQ(driver.killed().size(), 6U) << "each once, not by either plan";
  for (const char* pod : {"zookeeper-0", "zookeeper-1", "zookeeper-2"}) {
    driver.update(std::string(pod) + "-server", TaskState::kKilled);
    driver.update(std::string(pod) + "-metrics", TaskState::kKilled);
  }
  driver.calls.clear();
  driver.relaunch("zookeeper-1");
  EXPECT_THAT(driver.launched(), ElementsAre("zookeeper-1-server", "zookeeper-1-metrics"));
  driver.ready("zookeeper-1");
  EXPECT_THAT(phase_steps(driver, "deploy"), ElementsAre("PREPARED", "COMPLETE", "PREPARED"));
  EXPECT_THAT(phase_steps(driver, "roll"), ElementsAre("PENDING", "COMPLETE", "PENDING"))
      << "the same launch is what it wanted";
}

TEST(Coordinator, PlansWorkTogetherOnDifferentInstances) {
  EngineDriver driver = deployed_driver(with_two_plans());
  ASSERT_TRUE(
      driver.command(command::PlanRestart{{"deploy", "node-deploy", "zookeeper-0:[server, metrics]"}}).ok());
  ASSERT_TRUE(driver.command(command::PlanStart{"backup", {}}).ok());
  driver.update("zookeeper-0-server", TaskState::kKilled);
  driver.update("zookeeper-0-metrics", TaskState::kKilled);
  driver.calls.clear();
  std::vector<FakeOffer> offers;
  for (const char* pod : {"zookeeper-0", "zookeeper-1"}) {
    const std::string server = std::string(pod) + "-server";
    offers.push_back({"O-" + std::string(pod), driver.agent_of(server),
                      driver.stored.tasks.at(server).launch->hostname, driver.resources_of(pod)});
  }
  driver.offer(offers);
  EXPECT_THAT(driver.launched(),
              UnorderedElementsAre("zookeeper-0-server", "zookeeper-0-metrics", "zookeeper-1-backup"))
      << "zookeeper-0's backup comes when its executor runs";
}

TEST(Coordinator, AnInterruptedPlanKeepsNobodyAway) {
  EngineDriver driver = deployed_driver(with_two_plans());
  ASSERT_TRUE(driver.command(command::PlanStart{"roll", {}}).ok());
  ASSERT_TRUE(driver.command(command::PlanInterrupt{{"roll", {}, {}}}).ok());
  driver.update("zookeeper-2-server", TaskState::kKilled);
  driver.update("zookeeper-2-metrics", TaskState::kKilled);
  EXPECT_EQ(driver.engine().snapshot()->plan("recovery")->phases.size(), 1U);
  driver.calls.clear();
  driver.relaunch("zookeeper-2");
  EXPECT_THAT(driver.launched(), ElementsAre("zookeeper-2-server", "zookeeper-2-metrics"));
}

TEST(Coordinator, ShowsPlansInTheOrderInWhichTheyComeFirst) {
  spec::ServiceSpec smaller = with_two_plans();
  smaller.pods[0].count = 2;
  smaller.pods[0].allow_decommission = true;
  for (spec::PlanSpec& plan : smaller.plans) plan.phases[0].steps.pop_back();
  EngineDriver driver = deployed_driver(with_two_plans());
  const auto names = [&] {
    Names out;
    const auto snapshot = driver.engine().snapshot();
    for (const PlanView& plan : snapshot->plans) out.push_back(plan.name);
    return out;
  };
  EXPECT_THAT(names(), ElementsAre("deploy", "recovery", "backup", "roll"));
  driver.restart_with(smaller);
  EXPECT_THAT(names(), ElementsAre("deploy", "recovery", "decommission", "backup", "roll"));
}

}  // namespace
}  // namespace ostler::core::test
