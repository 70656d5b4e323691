// Starts of plans of one's own: whoever starts a plan gets a run of its tasks with the parameters
// he gave, whatever else runs them now or has run them before.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "backup_spec.h"
#include "deployed_service.h"

namespace ostler::core::test {
namespace {

using mesos::TaskState;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Parameters = std::map<std::string, std::string>;

// "backup" and "archive" launch the same task, each instance after the other.
EngineDriver two_plans() {
  spec::ServiceSpec spec = with_backup();
  spec::PlanSpec archive = spec.plans.back();
  archive.name = "archive";
  spec.plans.push_back(archive);
  return deployed_driver(std::move(spec));
}

bool start(EngineDriver& driver, const std::string& plan, const Parameters& parameters) {
  return driver.command(command::PlanStart{plan, parameters}).ok();
}

// Offers what `pod` may use, and says what was launched on it for which target.
std::vector<std::string> offered(EngineDriver& driver, const std::string& pod) {
  driver.calls.clear();
  driver.offer({own_offer(driver, pod)});
  std::vector<std::string> out;
  for (const std::string& name : driver.launched()) {
    std::string target = "?";
    for (const auto& variable : driver.stored.tasks.at(name).launch->task->command.environment) {
      if (variable.name == "TARGET") target = variable.value;
    }
    out.push_back(name + " to " + target);
  }
  return out;
}

std::string status(EngineDriver& driver, const std::string& plan, size_t step) {
  const auto snapshot = driver.engine().snapshot();
  return std::string(to_string(snapshot->plan(plan)->phases[0].steps[step].status));
}
std::string message(EngineDriver& driver, const std::string& plan, size_t step) {
  return driver.engine().snapshot()->plan(plan)->phases[0].steps[step].message;
}
void run(EngineDriver& driver, const std::string& pod) {
  driver.update(pod + "-backup", TaskState::kRunning);
}
void finish(EngineDriver& driver, const std::string& pod) {
  driver.update(pod + "-backup", TaskState::kFinished);
}
void come_back(EngineDriver& driver) {
  driver.restart();
  driver.subscribe();
  for (const char* pod : {"zookeeper-0", "zookeeper-1", "zookeeper-2"}) driver.ready(pod);
}

TEST(PlanRuns, AStartWhileAnotherPlanRunsTheSameTaskWaitsForItsEndAndThenRunsIt) {
  for (const bool has_restart : {false, true}) {
    EngineDriver driver = two_plans();
    ASSERT_TRUE(start(driver, "backup", {{"TARGET", "s3"}}));
    ASSERT_THAT(offered(driver, "zookeeper-0"), ElementsAre("zookeeper-0-backup to s3"));
    run(driver, "zookeeper-0");
    driver.calls.clear();
    ASSERT_TRUE(start(driver, "archive", {{"TARGET", "tape"}}));
    EXPECT_EQ(status(driver, "archive", 0), "PENDING");
    EXPECT_EQ(message(driver, "archive", 0),
              "zookeeper-0-backup still runs on 10.0.0.1 for an earlier start of a plan; it is launched "
              "for this one when that has ended, or at once after a stop of this plan and another start");
    EXPECT_THAT(driver.killed(), IsEmpty());
    if (has_restart) come_back(driver);
    EXPECT_THAT(offered(driver, "zookeeper-0"), IsEmpty());
    finish(driver, "zookeeper-0");
    EXPECT_EQ(status(driver, "backup", 0), "COMPLETE");
    EXPECT_EQ(status(driver, "archive", 0), "PENDING");
    EXPECT_THAT(offered(driver, "zookeeper-0"), ElementsAre("zookeeper-0-backup to tape"));
    run(driver, "zookeeper-0");
    finish(driver, "zookeeper-0");
    EXPECT_EQ(status(driver, "archive", 0), "COMPLETE");
    EXPECT_EQ(status(driver, "backup", 0), "COMPLETE");
    EXPECT_THAT(driver.killed(), IsEmpty());
  }
}

// As its message promises.
TEST(PlanRuns, AStopAndAnotherStartEndWhatIsWaitedFor) {
  EngineDriver driver = two_plans();
  ASSERT_TRUE(start(driver, "backup", {{"TARGET", "s3"}}));
  ASSERT_THAT(offered(driver, "zookeeper-0"), ElementsAre("zookeeper-0-backup to s3"));
  run(driver, "zookeeper-0");
  const std::string first = driver.task_id("zookeeper-0-backup");
  driver.command(command::PlanForceComplete{{"backup", {}, {}}});
  driver.calls.clear();
  ASSERT_TRUE(start(driver, "backup", {{"TARGET", "tape"}}));
  driver.command(command::PlanStop{"backup"});
  EXPECT_THAT(driver.killed(), IsEmpty());
  ASSERT_TRUE(start(driver, "backup", {{"TARGET", "tape"}}));
  EXPECT_THAT(driver.killed(), ElementsAre(first));
  driver.update("zookeeper-0-backup", TaskState::kKilled);
  EXPECT_THAT(offered(driver, "zookeeper-0"), ElementsAre("zookeeper-0-backup to tape"));
}

TEST(PlanRuns, AStartWithOtherParametersWhileItRunsRunsItOnceMoreFromTheBeginning) {
  EngineDriver driver = two_plans();
  ASSERT_TRUE(start(driver, "backup", {{"TARGET", "s3"}}));
  ASSERT_THAT(offered(driver, "zookeeper-0"), ElementsAre("zookeeper-0-backup to s3"));
  finish(driver, "zookeeper-0");
  ASSERT_THAT(offered(driver, "zookeeper-1"), ElementsAre("zookeeper-1-backup to s3"));
  run(driver, "zookeeper-1");
  driver.calls.clear();
  ASSERT_TRUE(start(driver, "backup", {{"TARGET", "tape"}}));
  EXPECT_EQ(status(driver, "backup", 0), "PENDING") << "that was another run";
  EXPECT_THAT(driver.killed(), IsEmpty()) << "a start ends nothing";
  EXPECT_THAT(offered(driver, "zookeeper-0"), ElementsAre("zookeeper-0-backup to tape"));
  finish(driver, "zookeeper-0");
  EXPECT_THAT(offered(driver, "zookeeper-1"), IsEmpty());
  finish(driver, "zookeeper-1");
  EXPECT_THAT(offered(driver, "zookeeper-1"), ElementsAre("zookeeper-1-backup to tape"));
  finish(driver, "zookeeper-1");
  EXPECT_EQ(status(driver, "backup", 1), "COMPLETE");
}

// A client that did not hear the answer says it again.
TEST(PlanRuns, TheSameStartWhileItRunsIsNotAnotherOne) {
  EngineDriver driver = two_plans();
  ASSERT_TRUE(start(driver, "backup", {{"TARGET", "s3"}}));
  ASSERT_THAT(offered(driver, "zookeeper-0"), ElementsAre("zookeeper-0-backup to s3"));
  finish(driver, "zookeeper-0");
  ASSERT_TRUE(start(driver, "backup", {{"TARGET", "s3"}}));
  EXPECT_EQ(status(driver, "backup", 0), "COMPLETE");
  ASSERT_TRUE(driver.command(command::PlanInterrupt{{"backup", {}, {}}}).ok());
  ASSERT_TRUE(start(driver, "backup", {{"TARGET", "s3"}}));
  EXPECT_EQ(status(driver, "backup", 0), "COMPLETE") << "it goes on";
  EXPECT_THAT(offered(driver, "zookeeper-1"), ElementsAre("zookeeper-1-backup to s3"));
}

// What tells that a step is done is overwritten when another plan launches the task.
TEST(PlanRuns, WhatAnotherPlanRunsLaterTakesNothingBackAlsoAfterARestart) {
  EngineDriver driver = two_plans();
  ASSERT_TRUE(start(driver, "backup", {{"TARGET", "s3"}}));
  for (const char* pod : {"zookeeper-0", "zookeeper-1", "zookeeper-2"}) {
    ASSERT_EQ(offered(driver, pod).size(), 1U);
    finish(driver, pod);
  }
  ASSERT_TRUE(start(driver, "archive", {{"TARGET", "tape"}}));
  ASSERT_THAT(offered(driver, "zookeeper-0"), ElementsAre("zookeeper-0-backup to tape"));
  driver.update("zookeeper-0-backup", TaskState::kFailed);
  come_back(driver);
  EXPECT_EQ(driver.engine().snapshot()->plan("backup")->status, Status::kComplete);
  EXPECT_NE(status(driver, "archive", 0), "COMPLETE");
  EXPECT_THAT(offered(driver, "zookeeper-0"), ElementsAre("zookeeper-0-backup to tape"));
  EXPECT_EQ(driver.engine().snapshot()->plan("backup")->status, Status::kComplete);
}

TEST(PlanRuns, ARunGoesOnWhereItWasAfterARestart) {
  EngineDriver driver = two_plans();
  ASSERT_TRUE(start(driver, "backup", {{"TARGET", "s3"}}));
  ASSERT_EQ(offered(driver, "zookeeper-0").size(), 1U);
  finish(driver, "zookeeper-0");
  ASSERT_EQ(offered(driver, "zookeeper-1").size(), 1U);
  run(driver, "zookeeper-1");
  come_back(driver);
  driver.update("zookeeper-1-backup", TaskState::kRunning);
  EXPECT_EQ(status(driver, "backup", 0), "COMPLETE");
  EXPECT_EQ(status(driver, "backup", 1), "STARTED");
  EXPECT_THAT(driver.killed(), IsEmpty());
  finish(driver, "zookeeper-1");
  EXPECT_EQ(status(driver, "backup", 1), "COMPLETE");
}

TEST(PlanRuns, AStopAndAStartEndWhatRunsAndLaunchItAnew) {
  EngineDriver driver = two_plans();
  ASSERT_TRUE(start(driver, "backup", {{"TARGET", "s3"}}));
  ASSERT_EQ(offered(driver, "zookeeper-0").size(), 1U);
  run(driver, "zookeeper-0");
  const std::string first = driver.task_id("zookeeper-0-backup");
  driver.calls.clear();
  ASSERT_TRUE(driver.command(command::PlanStop{"backup"}).ok());
  EXPECT_THAT(driver.killed(), IsEmpty());
  ASSERT_TRUE(start(driver, "backup", {{"TARGET", "tape"}}));
  EXPECT_THAT(driver.killed(), ElementsAre(first)) << "who stopped it wants its end";
  driver.update("zookeeper-0-backup", TaskState::kKilled);
  EXPECT_THAT(offered(driver, "zookeeper-0"), ElementsAre("zookeeper-0-backup to tape"));
}

// One that failed, and waits for its next attempt, is nobody's run.
TEST(PlanRuns, AStartDoesNotWaitForTheNextAttemptOfAnEarlierOne) {
  EngineDriver driver = two_plans();
  ASSERT_TRUE(start(driver, "backup", {{"TARGET", "s3"}}));
  ASSERT_EQ(offered(driver, "zookeeper-0").size(), 1U);
  driver.update("zookeeper-0-backup", TaskState::kFailed);
  ASSERT_TRUE(start(driver, "backup", {{"TARGET", "tape"}}));
  EXPECT_THAT(message(driver, "backup", 0),
              ::testing::StartsWith("zookeeper-0-backup is to be launched for the start of its plan"));
  EXPECT_THAT(offered(driver, "zookeeper-0"), ElementsAre("zookeeper-0-backup to tape"));
}

}  // namespace
}  // namespace ostler::core::test
