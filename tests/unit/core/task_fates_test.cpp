// What Mesos says became of a task, early, late or not at all, and what follows from it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "deployed_service.h"

namespace ostler::core::test {
namespace {

using mesos::TaskState;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(TaskFates, DoesNotRelaunchWhatMesosMerelyDoesNotKnowYet) {
  EngineDriver driver = deployed_driver();
  driver.restart();
  driver.subscribe();
  driver.update("zookeeper-0-server", TaskState::kUnknown, {}, "SOURCE_MASTER");
  driver.advance(600000);
  driver.offer({big_offer(1), big_offer(2), big_offer(3)});
  EXPECT_THAT(driver.launched(), IsEmpty());
  driver.ready("zookeeper-0");
  EXPECT_THAT(driver.killed(), IsEmpty());
}

// Its volume was given back as one that belongs to nothing: the process that heard of the
// launch died before it could store that it had worked.
TEST(TaskFates, ATaskThatFailedWhileTheSchedulerWasDownKeepsItsVolume) {
  EngineDriver driver(sample_spec(spec::Strategy::kSerial, 1));
  driver.subscribe();
  driver.offer({big_offer(1)});
  driver.restart();
  driver.subscribe();
  driver.update("zookeeper-0-server", TaskState::kFailed, {}, "SOURCE_MASTER");
  driver.update("zookeeper-0-metrics", TaskState::kFailed, {}, "SOURCE_MASTER");
  driver.offer({big_offer(2)});
  EXPECT_THAT(driver.launched(), IsEmpty()) << "its volume is on S1";
  driver.relaunch("zookeeper-0");
  EXPECT_THAT(driver.launched(), SizeIs(2));
}

TEST(TaskFates, WhatEndedIsNotUnreachable) {
  for (const TaskState end : {TaskState::kDropped, TaskState::kGone, TaskState::kLost, TaskState::kFailed}) {
    EngineDriver driver = deployed_driver();
    driver.update("zookeeper-0-server", end, {}, "SOURCE_MASTER");
    driver.update("zookeeper-0-server", TaskState::kUnreachable, {}, "SOURCE_MASTER");
    EXPECT_TRUE(driver.engine().tasks().find("zookeeper-0-server")->dead()) << mesos::to_string(end);
    driver.calls.clear();
    driver.advance(60'000);
    EXPECT_THAT(driver.calls_of<mesos::call::Reconcile>(), IsEmpty()) << mesos::to_string(end);
  }
}

TEST(TaskFates, AdoptsATaskWhoseAgentComesBack) {
  EngineDriver driver = deployed_driver();
  driver.update("zookeeper-0-server", TaskState::kUnreachable, {}, "SOURCE_MASTER");
  driver.advance(3600000);
  driver.offer({big_offer(1), big_offer(2), big_offer(3)});
  EXPECT_THAT(driver.launched(), IsEmpty());
  driver.update("zookeeper-0-server", TaskState::kRunning, {}, "SOURCE_MASTER");
  EXPECT_THAT(driver.killed(), IsEmpty());
  EXPECT_TRUE(driver.engine().tasks().find("zookeeper-0-server")->live());
}

// Of an agent that is back Mesos only tells what it has: a task whose launch never reached
// it would stay unreachable for ever.
TEST(TaskFates, AsksForAnUnreachableTaskUntilItIsKnownWhatBecameOfIt) {
  EngineDriver driver = deployed_driver();
  driver.update("zookeeper-0-server", TaskState::kUnreachable, {}, "SOURCE_MASTER");
  driver.calls.clear();
  driver.advance(30'000);
  const auto asked = driver.calls_of<mesos::call::Reconcile>();
  ASSERT_THAT(asked, SizeIs(1));
  ASSERT_THAT(asked[0].tasks, SizeIs(1));
  EXPECT_EQ(asked[0].tasks[0].first, driver.task_id("zookeeper-0-server"));
  driver.update("zookeeper-0-server", TaskState::kGone, {}, "SOURCE_MASTER");
  driver.calls.clear();
  driver.advance(60'000);
  EXPECT_THAT(driver.calls_of<mesos::call::Reconcile>(), IsEmpty());
  EXPECT_EQ(driver.engine().snapshot()->plan("recovery")->phases.size(), 1U);
}

TEST(TaskFates, KillsATaskThatTheStoreDoesNotKnow) {
  EngineDriver driver = deployed_driver();
  driver.update_id("zk__zookeeper-0-server__old", TaskState::kRunning);
  EXPECT_THAT(driver.killed(), ElementsAre("zk__zookeeper-0-server__old"));
  EXPECT_THAT(driver.calls_of<mesos::call::Acknowledge>(), SizeIs(1));
  driver.advance(5000);
  EXPECT_THAT(driver.killed(), SizeIs(2)) << "until it is dead";
  driver.update_id("zk__zookeeper-0-server__old", TaskState::kKilled);
  driver.advance(5000);
  EXPECT_THAT(driver.killed(), SizeIs(2));
}

TEST(TaskFates, KillsAnUnknownTaskAgainOnlyWhenItsAgentIsBack) {
  const std::string old = "zk__zookeeper-0-server__old";
  EngineDriver driver = deployed_driver();
  driver.update_id(old, TaskState::kRunning);
  driver.update_id(old, TaskState::kUnreachable, {}, "SOURCE_MASTER");
  driver.calls.clear();
  driver.advance(3600000);
  EXPECT_THAT(driver.killed(), IsEmpty()) << "nobody would hear it";
  driver.update_id(old, TaskState::kRunning, {}, "SOURCE_MASTER");
  EXPECT_THAT(driver.killed(), ElementsAre(old));
}

TEST(TaskFates, AcknowledgesOnlyWhatHasAUuidAndAfterStoringIt) {
  EngineDriver driver = deployed_driver();
  driver.update("zookeeper-0-server", TaskState::kRunning, {}, "SOURCE_MASTER");
  EXPECT_THAT(driver.calls_of<mesos::call::Acknowledge>(), IsEmpty());
  driver.crash_after_effects = 1;
  driver.update("zookeeper-0-metrics", TaskState::kFailed);
  EXPECT_EQ(driver.stored.tasks.at("zookeeper-0-metrics").status->state, TaskState::kFailed);
  EXPECT_THAT(driver.calls_of<mesos::call::Acknowledge>(), IsEmpty())
      << "died in between: Mesos sends it again";
}

}  // namespace
}  // namespace ostler::core::test
