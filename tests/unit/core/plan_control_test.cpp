// Operators and plans: what they ask for, and that it outlives the process.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "backup_spec.h"
#include "deployed_service.h"

namespace ostler::core::test {
namespace {

using mesos::TaskState;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;
using Outcome = Answer::Outcome;

std::vector<FakeOffer> three() { return {big_offer(1), big_offer(2), big_offer(3)}; }
command::Target deploy_plan() { return {"deploy", {}, {}}; }

std::string plan_status(EngineDriver& driver, const std::string& plan) {
  return std::string(to_string(driver.engine().snapshot()->plan(plan)->status));
}

TEST(PlanControl, AnInterruptedPlanBeginsNothingAlsoAfterARestart) {
  EngineDriver driver(sample_spec());
  driver.subscribe();
  driver.offer(three());
  EXPECT_EQ(driver.command(command::PlanInterrupt{deploy_plan()}).message, "Received cmd: interrupt");
  driver.ready("zookeeper-0");
  EXPECT_EQ(plan_status(driver, "deploy"), "WAITING");
  driver.restart();
  driver.subscribe();
  driver.ready("zookeeper-0");
  driver.offer(three());
  EXPECT_THAT(driver.launched(), IsEmpty());
  EXPECT_EQ(plan_status(driver, "deploy"), "WAITING");
  EXPECT_EQ(driver.command(command::PlanInterrupt{deploy_plan()}).outcome, Outcome::kAlready);

  EXPECT_EQ(driver.command(command::PlanContinue{deploy_plan()}).outcome, Outcome::kDone);
  driver.offer({big_offer(2)});
  EXPECT_THAT(driver.launched(), ElementsAre("zookeeper-1-server", "zookeeper-1-metrics"));
}

TEST(PlanControl, NamesWhatItDoesNotFind) {
  EngineDriver driver(sample_spec());
  EXPECT_EQ(driver.command(command::PlanInterrupt{{"nope", {}, {}}}).message, "Plan nope not found");
  EXPECT_EQ(driver.command(command::PlanInterrupt{{"deploy", "nope", {}}}).message, "Phase nope not found");
  EXPECT_EQ(driver.command(command::PlanRestart{{"deploy", "node-deploy", "x"}}).message, "Step x not found");
  const Answer no_phase = driver.command(command::PlanRestart{{"deploy", {}, "x"}});
  EXPECT_EQ(no_phase.outcome, Outcome::kInvalid);
  EXPECT_EQ(no_phase.message, "Missing phase");
}

TEST(PlanControl, AForcedStepIsCompleteAndStaysSo) {
  EngineDriver driver(sample_spec());
  driver.subscribe();
  const Answer answer =
      driver.command(command::PlanForceComplete{{"deploy", "node-deploy", "zookeeper-0:[server, metrics]"}});
  EXPECT_EQ(answer.message,
            "Received cmd: forceComplete for Plan: deploy, Phase: node-deploy, Step: "
            "zookeeper-0:[server, metrics]");
  EXPECT_THAT(driver.step_statuses(), ElementsAre("COMPLETE", "PENDING", "PENDING"));
  driver.restart();
  driver.subscribe();
  EXPECT_THAT(driver.step_statuses(), ElementsAre("COMPLETE", "PENDING", "PENDING"));
  driver.offer(three());
  EXPECT_THAT(driver.launched(), ElementsAre("zookeeper-1-server", "zookeeper-1-metrics"));
}

TEST(PlanControl, ARestartedStepIsDoneAgainOnceAlsoWhenTheProcessDiesBetween) {
  EngineDriver driver = deployed_driver(sample_spec(spec::Strategy::kParallel));
  const std::string before = driver.task_id("zookeeper-1-server");
  driver.command(command::PlanRestart{{"deploy", "node-deploy", "zookeeper-1:[server, metrics]"}});
  EXPECT_THAT(driver.killed(), SizeIs(2));
  driver.restart();
  driver.subscribe();
  for (const char* pod : {"zookeeper-0", "zookeeper-1", "zookeeper-2"}) driver.ready(pod);
  EXPECT_THAT(driver.killed(), SizeIs(2)) << "it is still to be restarted";
  driver.update("zookeeper-1-server", TaskState::kKilled);
  driver.update("zookeeper-1-metrics", TaskState::kKilled);
  FakeOffer offer = big_offer(2);
  offer.agent_id = driver.agent_of("zookeeper-1-server");
  const auto held = driver.resources_of("zookeeper-1");
  offer.resources.insert(offer.resources.end(), held.begin(), held.end());
  driver.offer({offer});
  EXPECT_THAT(driver.launched(), ElementsAre("zookeeper-1-server", "zookeeper-1-metrics"));
  EXPECT_NE(driver.task_id("zookeeper-1-server"), before);
  driver.ready("zookeeper-1");
  driver.calls.clear();
  driver.restart();
  driver.subscribe();
  for (const char* pod : {"zookeeper-0", "zookeeper-1", "zookeeper-2"}) driver.ready(pod);
  EXPECT_THAT(driver.killed(), IsEmpty());
  EXPECT_EQ(plan_status(driver, "deploy"), "COMPLETE");
}

TEST(PlanControl, CanariesAreLetGoOneByOneAlsoAcrossARestart) {
  EngineDriver driver(sample_spec(spec::Strategy::kSerialCanary, 4));
  driver.subscribe();
  driver.offer({big_offer(1), big_offer(2), big_offer(3), big_offer(4)});
  EXPECT_THAT(driver.launched(), IsEmpty());
  EXPECT_THAT(driver.step_statuses(), ElementsAre("WAITING", "WAITING", "PENDING", "PENDING"));
  EXPECT_EQ(plan_status(driver, "deploy"), "WAITING");

  EXPECT_TRUE(driver.command(command::PlanContinue{deploy_plan()}).ok());
  driver.offer({big_offer(1)});
  driver.ready("zookeeper-0");
  EXPECT_THAT(driver.step_statuses(), ElementsAre("COMPLETE", "WAITING", "PENDING", "PENDING"));

  driver.restart();
  driver.subscribe();
  driver.ready("zookeeper-0");
  EXPECT_THAT(driver.step_statuses(), ElementsAre("COMPLETE", "WAITING", "PENDING", "PENDING"))
      << "the next pending step is no canary";
  EXPECT_TRUE(driver.command(command::PlanContinue{{"deploy", "node-deploy", {}}}).ok());
  driver.offer({big_offer(2)});
  driver.ready("zookeeper-1");
  driver.offer({big_offer(3)});
  driver.ready("zookeeper-2");
  driver.offer({big_offer(4)});
  driver.ready("zookeeper-3");
  EXPECT_EQ(plan_status(driver, "deploy"), "COMPLETE");
}

TEST(PlanControl, APlanOfOnesOwnWaitsUntilItIsStartedAndGetsItsParameters) {
  EngineDriver driver = deployed_driver(with_backup());
  EXPECT_EQ(plan_status(driver, "deploy"), "COMPLETE");
  EXPECT_EQ(plan_status(driver, "backup"), "WAITING");
  EXPECT_EQ(driver.command(command::PlanStart{"backup", {{"1X", "y"}}}).message,
            "Couldn't parse parameters: 1X is not a valid environment variable name");
  EXPECT_EQ(driver.command(command::PlanStart{"backup", {{"TARGET", "s3"}}}).message,
            "Received cmd: start backup with parameters: {TARGET=s3}");
  driver.restart();
  driver.subscribe();
  for (const char* pod : {"zookeeper-0", "zookeeper-1", "zookeeper-2"}) driver.ready(pod);
  FakeOffer offer = big_offer(1);
  offer.agent_id = driver.agent_of("zookeeper-0-server");
  for (const auto& resource : driver.resources_of("zookeeper-0")) offer.resources.push_back(resource);
  driver.offer({offer});
  ASSERT_THAT(driver.launched(), ElementsAre("zookeeper-0-backup"));
  const auto& env = driver.stored.tasks.at("zookeeper-0-backup").launch->task->command.environment;
  EXPECT_TRUE(std::any_of(env.begin(), env.end(),
                          [](const auto& v) { return v.name == "TARGET" && v.value == "s3"; }));
  driver.update("zookeeper-0-backup", TaskState::kRunning);
  EXPECT_THAT(driver.killed(), IsEmpty()) << "the server goes on beside it";
  driver.update("zookeeper-0-backup", TaskState::kFinished);
  EXPECT_EQ(driver.engine().snapshot()->plan("backup")->phases[0].steps[0].status, Status::kComplete);
  EXPECT_EQ(plan_status(driver, "backup"), "IN_PROGRESS");
}

TEST(PlanControl, ARecoveryAndAPlanDoNotWorkOnTheSameTasks) {
  spec::ServiceSpec spec = sample_spec(spec::Strategy::kParallel);
  spec::PlanSpec again = spec.plans[0];
  again.name = "roll";
  spec.plans.push_back(again);
  EngineDriver driver = deployed_driver(std::move(spec));
  driver.command(command::PlanStart{"roll", {}});  // complete, so it begins again
  EXPECT_THAT(driver.killed(), SizeIs(6));
  driver.update("zookeeper-0-server", TaskState::kKilled);
  EXPECT_THAT(driver.engine().snapshot()->plan("recovery")->phases, IsEmpty())
      << "the plan that killed it launches it, with its parameters";
}

TEST(PlanControl, StopSetsThePlanBackAndLetsTheTasksRun) {
  EngineDriver driver = deployed_driver(sample_spec(spec::Strategy::kParallel));
  EXPECT_EQ(driver.command(command::PlanStop{"deploy"}).message, "Received cmd: stop");
  EXPECT_EQ(plan_status(driver, "deploy"), "WAITING");
  EXPECT_THAT(driver.killed(), IsEmpty());
}

TEST(PlanControl, AStepThatWasInterruptedWhileItStartedGoesOnWithItsPlan) {
  EngineDriver driver(sample_spec());
  driver.subscribe();
  driver.offer(three());
  const command::Target step{"deploy", "node-deploy", "zookeeper-0:[server, metrics]"};
  ASSERT_TRUE(driver.command(command::PlanInterrupt{step}).ok());
  EXPECT_EQ(plan_status(driver, "deploy"), "WAITING");
  driver.update("zookeeper-0-server", TaskState::kFailed);
  driver.update("zookeeper-0-metrics", TaskState::kFailed);
  ASSERT_TRUE(driver.command(command::PlanContinue{deploy_plan()}).ok());
  EXPECT_NE(plan_status(driver, "deploy"), "WAITING");
}

// The phase of a recovery comes and goes, and the interrupt with it.
TEST(PlanControl, AnInterruptedRecoveryOfAPodThatIsBackDoesNotHoldItsNextOne) {
  EngineDriver driver = deployed_driver(sample_spec(spec::Strategy::kParallel));
  const auto fail = [&] {
    driver.update("zookeeper-0-server", TaskState::kFailed);
    driver.update("zookeeper-0-metrics", TaskState::kFailed);
  };
  fail();
  const command::Target phase{"recovery", "zookeeper-0:[server, metrics]", {}};
  ASSERT_TRUE(driver.command(command::PlanInterrupt{phase}).ok());
  spec::ServiceSpec changed = sample_spec(spec::Strategy::kParallel);
  changed.pods[0].tasks[0].env["NEW"] = "1";
  driver.restart_with(changed);
  driver.subscribe();
  for (const char* pod : {"zookeeper-1", "zookeeper-2"}) {
    driver.ready(pod);
    driver.relaunch(pod);
    driver.ready(pod);
  }
  driver.relaunch("zookeeper-0");  // by the deploy plan
  driver.ready("zookeeper-0");
  driver.advance(3'600'000);
  fail();
  EXPECT_NE(plan_status(driver, "recovery"), "WAITING");
}

// Its tasks may still live on an agent that is away, but there is nothing to join.
TEST(PlanControl, NoOtherPlanPlacesAPodThatIsBeingReplaced) {
  EngineDriver driver = deployed_driver(with_backup());
  ASSERT_TRUE(driver.command(command::PlanStart{"backup", {}}).ok());
  ASSERT_TRUE(driver.command(command::PodReplace{"zookeeper-0"}).ok());
  driver.update("zookeeper-0-server", TaskState::kUnreachable, {}, "SOURCE_MASTER");
  driver.update("zookeeper-0-metrics", TaskState::kUnreachable, {}, "SOURCE_MASTER");
  driver.calls.clear();
  driver.offer({big_offer(5), big_offer(6)});
  EXPECT_THAT(driver.launched(), UnorderedElementsAre("zookeeper-0-server", "zookeeper-0-metrics"));
}

// The plan of updates takes the place of the deployment's, once that is complete.
TEST(PlanControl, AnUpdatePlanServesAllButTheFirstDeployment) {
  const auto with_update = [](const char* cmd) {
    spec::ServiceSpec spec = sample_spec(spec::Strategy::kParallel);
    spec.pods[0].tasks[0].cmd = cmd;
    spec::PlanSpec update = spec.plans[0];
    update.name = "update";
    update.phases[0].name = "node-update";
    update.phases[0].strategy = spec::Strategy::kSerial;
    spec.plans.push_back(update);
    return spec;
  };
  const auto phase = [](EngineDriver& driver) {
    const auto snapshot = driver.engine().snapshot();
    return snapshot->plan("deploy")->phases[0].name;
  };
  EngineDriver driver(with_update("run one"));
  EXPECT_EQ(phase(driver), "node-deploy");
  driver.subscribe();
  driver.offer(three());
  EXPECT_EQ(driver.launched().size(), 6U) << "in parallel";
  driver.restart();
  EXPECT_EQ(phase(driver), "node-deploy") << "it was not complete";
  driver.subscribe();
  for (const char* pod : {"zookeeper-0", "zookeeper-1", "zookeeper-2"}) driver.ready(pod);
  driver.restart_with(with_update("run another"));
  EXPECT_EQ(phase(driver), "node-update");
  driver.subscribe();
  for (const char* pod : {"zookeeper-0", "zookeeper-1", "zookeeper-2"}) driver.ready(pod);
  EXPECT_THAT(driver.killed(), ::testing::Not(IsEmpty()));
  EXPECT_THAT(driver.killed(), ::testing::Each(::testing::HasSubstr("__zookeeper-0-"))) << "one by one";
  EXPECT_EQ(driver.engine().snapshot()->plan("update"), nullptr);
}

// A roll-out that goes through a pod in two phases: what failed in between must not get
// its old configuration again, which nobody would notice.
TEST(PlanControl, ARecoveryNeverTakesATaskBackToAnOlderConfiguration) {
  const auto in_two_phases = [](const std::string& cmd) {
    spec::ServiceSpec spec = sample_spec(spec::Strategy::kSerial, 1);
    std::swap(spec.pods[0].tasks[0], spec.pods[0].tasks[1]);  // metrics come first in the file
    for (spec::TaskSpec& task : spec.pods[0].tasks) task.cmd = cmd + " " + task.name;
    spec::PhaseSpec& servers = spec.plans[0].phases[0];
    servers.name = "servers";
    servers.has_custom_steps = true;
    spec::PhaseSpec metrics = servers;
    metrics.name = "metrics";
    servers.steps = {{0, {"server"}}};
    metrics.steps = {{0, {"metrics"}}};
    spec.plans[0].phases.push_back(metrics);
    return spec;
  };
  EngineDriver driver(in_two_phases("old"));
  driver.subscribe();
  driver.offer({big_offer(1)});
  driver.ready("zookeeper-0");
  driver.relaunch("zookeeper-0");
  driver.ready("zookeeper-0");
  ASSERT_EQ(plan_status(driver, "deploy"), "COMPLETE");
  ASSERT_TRUE(driver.stored.tasks.contains("zookeeper-0-metrics"));

  driver.restart_with(in_two_phases("new"));
  ASSERT_TRUE(driver.command(command::PlanInterrupt{{"deploy", "metrics", {}}}).ok());
  driver.subscribe();
  driver.ready("zookeeper-0");
  driver.update("zookeeper-0-server", TaskState::kKilled);
  driver.relaunch("zookeeper-0");
  const auto command_of = [&](const std::string& task) {
    return driver.stored.tasks.at(task).launch->task->command.value;
  };
  ASSERT_EQ(command_of("zookeeper-0-server"), "new server");
  ASSERT_EQ(command_of("zookeeper-0-metrics"), "old metrics");
  driver.ready("zookeeper-0");

  driver.update("zookeeper-0-server", TaskState::kFailed);
  driver.update("zookeeper-0-metrics", TaskState::kKilled);
  driver.advance(3'600'000);
  driver.relaunch("zookeeper-0");
  EXPECT_EQ(command_of("zookeeper-0-server"), "new server");
}

// What was deployed once is the recovery's business in every process, so an interrupt of it holds.
TEST(PlanControl, AnInterruptedRecoveryIsHeldAlsoAfterARestart) {
  EngineDriver driver = deployed_driver();
  die(driver, "zookeeper-1", TaskState::kFailed);
  const command::Target recovery{"recovery", {}, {}};
  ASSERT_TRUE(driver.command(command::PlanInterrupt{recovery}).ok());
  driver.restart();
  driver.subscribe();
  driver.ready("zookeeper-0");
  driver.ready("zookeeper-2");
  driver.relaunch("zookeeper-1");
  EXPECT_THAT(driver.launched(), IsEmpty());
  EXPECT_EQ(plan_status(driver, "deploy"), "COMPLETE");
  EXPECT_EQ(plan_status(driver, "recovery"), "WAITING");
  ASSERT_TRUE(driver.command(command::PlanContinue{recovery}).ok());
  driver.relaunch("zookeeper-1");
  EXPECT_THAT(driver.launched(), SizeIs(2));
}

// Whoever waits for the recovery of a pod goes on when it is ready, whatever process launched it.
TEST(PlanControl, ARecoveryThatIsUnderWayIsCompleteOnlyWhenThePodIsReadyAlsoAfterARestart) {
  EngineDriver driver = deployed_driver();
  die(driver, "zookeeper-1", TaskState::kFailed);
  driver.relaunch("zookeeper-1");
  driver.restart();
  driver.subscribe();
  for (const char* pod : {"zookeeper-0", "zookeeper-2"}) driver.ready(pod);
  EXPECT_NE(plan_status(driver, "recovery"), "COMPLETE");
  driver.ready("zookeeper-1");
  EXPECT_EQ(plan_status(driver, "recovery"), "COMPLETE");
  EXPECT_EQ(plan_status(driver, "deploy"), "COMPLETE");
}

TEST(PlanControl, WhatWasDeployedIsBegunAgainByAnOperatorAlsoAcrossARestart) {
  EngineDriver driver = deployed_driver();
  ASSERT_TRUE(driver.command(command::PlanRestart{deploy_plan()}).ok());
  driver.restart();
  driver.subscribe();
  for (const char* pod : {"zookeeper-0", "zookeeper-1", "zookeeper-2"}) driver.ready(pod);
  EXPECT_THAT(driver.killed(), SizeIs(6));
  EXPECT_NE(plan_status(driver, "deploy"), "COMPLETE");
}

}  // namespace
}  // namespace ostler::core::test
