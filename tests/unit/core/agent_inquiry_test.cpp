// Agents that an operator gave up after the tasks on them had ended: Mesos tells only who asks.
#include "core/agent_inquiry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "backup_spec.h"
#include "deployed_service.h"

namespace ostler::core::test {
namespace {

using mesos::TaskState;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;
using Question = std::pair<std::string, std::string>;  // task id, agent id

constexpr int64_t kFirstMs = 120'000;

// What was asked about single tasks since the last time.
std::vector<Question> inquiries(EngineDriver& driver) {
  std::vector<Question> out;
  for (const auto& one : driver.calls_of<mesos::call::Reconcile>())
    out.insert(out.end(), one.tasks.begin(), one.tasks.end());
  driver.calls.clear();
  return out;
}

// zookeeper-0 failed on S1 and waits to be launched there again.
EngineDriver waiting() {
  EngineDriver driver = deployed_driver();
  die(driver, "zookeeper-0", TaskState::kFailed);
  driver.calls.clear();
  return driver;
}

void answer(EngineDriver& driver, TaskState state, const std::string& task = "zookeeper-0-metrics") {
  driver.update(task, state, {}, "SOURCE_MASTER");
}

bool is_given_up(const EngineDriver& driver, const std::string& pod = "zookeeper-0") {
  return driver.stored.tasks.at(pod + "-server").launch->permanently_failed;
}

TEST(AgentInquiry, AsksWhatBecameOfAnAgentThatAStepWaitsForMoreAndMoreSeldom) {
  EngineDriver driver = waiting();
  const Question question{driver.task_id("zookeeper-0-metrics"), "S1"};
  for (const int64_t minutes : {2, 4, 8, 15, 15}) {
    driver.advance(minutes * 60'000 - 1);
    EXPECT_THAT(inquiries(driver), IsEmpty()) << minutes;
    driver.advance(1);
    EXPECT_THAT(inquiries(driver), ElementsAre(question)) << minutes;
    answer(driver, TaskState::kGone);  // the agent is there
  }
  driver.relaunch("zookeeper-0");
  driver.ready("zookeeper-0");
  driver.calls.clear();
  driver.advance(1'000'000);
  EXPECT_THAT(inquiries(driver), IsEmpty());
}

TEST(AgentInquiry, WhatEndedOnAnAgentThatAnOperatorGaveUpIsReplacedElsewhere) {
  for (const TaskState end : {TaskState::kFailed, TaskState::kKilled, TaskState::kFinished, TaskState::kError,
                              TaskState::kLost, TaskState::kGone, TaskState::kDropped}) {
    EngineDriver driver = deployed_driver();
    die(driver, "zookeeper-0", end);
    driver.offer({big_offer(5)});
    EXPECT_THAT(driver.launched(), IsEmpty()) << "its volume is on S1";
    answer(driver, TaskState::kGoneByOperator);
    ASSERT_TRUE(is_given_up(driver)) << mesos::to_string(end);
    driver.offer({big_offer(5)});
    EXPECT_THAT(driver.launched(), ElementsAre("zookeeper-0-server", "zookeeper-0-metrics"));
    EXPECT_EQ(driver.agent_of("zookeeper-0-server"), "S5");
  }
}

TEST(AgentInquiry, AsksAtOnceWhenMesosRemovesTheAgent) {
  EngineDriver driver = waiting();
  driver.event(mesos::event::Failure{"S2", {}, 0});
  EXPECT_THAT(inquiries(driver), IsEmpty()) << "nothing waits for that one";
  driver.event(mesos::event::Failure{"S1", {}, 0});
  EXPECT_THAT(inquiries(driver), ElementsAre(Pair(driver.task_id("zookeeper-0-metrics"), "S1")));
  driver.advance(kFirstMs - 1);
  EXPECT_THAT(inquiries(driver), IsEmpty()) << "once";
}

TEST(AgentInquiry, NothingButTheMastersWordOfItsOwnAgentGivesAPodUp) {
  EngineDriver driver = waiting();
  for (const TaskState state :
       {TaskState::kUnreachable, TaskState::kUnknown, TaskState::kGone, TaskState::kLost, TaskState::kFailed})
    answer(driver, state);
  EXPECT_FALSE(is_given_up(driver)) << "that agent is there, or may come back";
  driver.update("zookeeper-0-metrics", TaskState::kGoneByOperator, {}, "SOURCE_EXECUTOR");
  EXPECT_FALSE(is_given_up(driver)) << "an executor knows nothing of operators";
  mesos::TaskStatus status;
  status.task_id = driver.task_id("zookeeper-0-metrics");
  status.state = TaskState::kGoneByOperator;
  status.source = "SOURCE_MASTER";
  status.agent_id = "S0";
  driver.event(mesos::event::Update{status});
  EXPECT_FALSE(is_given_up(driver)) << "its agent had another id before";
  answer(driver, TaskState::kGoneByOperator);
  EXPECT_TRUE(is_given_up(driver));
}

TEST(AgentInquiry, AnExecutorThatSaysSoOfATaskThatRunsCostsNoData) {
  EngineDriver driver = deployed_driver();
  die(driver, "zookeeper-0", TaskState::kGoneByOperator);
  EXPECT_FALSE(is_given_up(driver));
  driver.relaunch("zookeeper-0");
  EXPECT_THAT(driver.launched(), ElementsAre("zookeeper-0-server", "zookeeper-0-metrics"));
}

// The store holds that the last task is gone, and not yet that its pod is to be replaced.
TEST(AgentInquiry, AProcessThatDiedInTheMiddleOfTheNewsIsFollowedByOneThatAsks) {
  EngineDriver driver = deployed_driver();
  driver.update("zookeeper-0-metrics", TaskState::kFailed);
  driver.crash_after_effects = 1;
  answer(driver, TaskState::kGoneByOperator, "zookeeper-0-server");
  driver.crash_after_effects = -1;
  ASSERT_EQ(driver.stored.tasks.at("zookeeper-0-server").status->state, TaskState::kGoneByOperator);
  ASSERT_FALSE(is_given_up(driver));
  driver.restart();
  driver.subscribe();
  for (const char* pod : {"zookeeper-1", "zookeeper-2"}) driver.ready(pod);
  driver.calls.clear();
  driver.advance(kFirstMs);
  ASSERT_THAT(inquiries(driver), ElementsAre(Pair(driver.task_id("zookeeper-0-metrics"), "S1")));
  answer(driver, TaskState::kGoneByOperator);
  EXPECT_TRUE(is_given_up(driver));
}

TEST(AgentInquiry, AsksAgainAfterTheStreamBroke) {
  EngineDriver driver = waiting();
  driver.event(mesos::event::Disconnected{"test"});
  driver.advance(kFirstMs);
  EXPECT_THAT(inquiries(driver), IsEmpty()) << "nobody would hear it";
  driver.subscribe();
  EXPECT_THAT(inquiries(driver), ::testing::Contains(Pair(driver.task_id("zookeeper-0-metrics"), "S1")));
}

TEST(AgentInquiry, ABackOffIsNoReasonToAsk) {
  EngineDriver driver = deployed_driver();
  driver.update("zookeeper-0-metrics", TaskState::kFailed);
  driver.relaunch("zookeeper-0");
  driver.update("zookeeper-0-metrics", TaskState::kFailed);
  driver.update("zookeeper-0-metrics", TaskState::kFailed);
  for (int i = 0; i < 12; ++i) {
    driver.relaunch("zookeeper-0");
    driver.update("zookeeper-0-metrics", TaskState::kFailed);
    driver.advance(1000);
  }
  EXPECT_THAT(inquiries(driver), IsEmpty());
}

TEST(AgentInquiry, WhatIsNotLaunchedYetHasNoAgentToAskFor) {
  EngineDriver driver(sample_spec());
  driver.subscribe();
  driver.calls.clear();
  driver.advance(1'000'000);
  EXPECT_THAT(inquiries(driver), IsEmpty());
}

// Replaced while its agent was merely away: what it left there was waited for.
TEST(AgentInquiry, WhatIsLeftOverOnAnAgentThatAnOperatorGaveUpIsForgotten) {
  EngineDriver driver = deployed_driver();
  const std::string old = driver.task_id("zookeeper-0-server");
  die(driver, "zookeeper-0", TaskState::kUnreachable);
  ASSERT_TRUE(driver.command(command::PodReplace{"zookeeper-0"}).ok());
  driver.offer({big_offer(5)});
  const auto left_over = [&] {
    size_t sum = 0;
    for (const char* task : {"zookeeper-0-server", "zookeeper-0-metrics"})
      sum += driver.stored.tasks.at(task).launch->leftovers.size();
    return sum;
  };
  ASSERT_GT(left_over(), 0U);
  driver.update_id(old, TaskState::kGoneByOperator);
  EXPECT_GT(left_over(), 0U) << "an executor";
  driver.update_id(old, TaskState::kGoneByOperator, {}, "SOURCE_MASTER");
  EXPECT_EQ(left_over(), 0U);
  EXPECT_FALSE(is_given_up(driver)) << "it is on S5 now";
}

// Nobody has to say that what is reserved there is to be abandoned.
TEST(AgentInquiry, AnUninstallDoesNotWaitForAnAgentThatAnOperatorGaveUp) {
  for (const bool ends_before : {true, false}) {
    EngineDriver driver(sample_spec(spec::Strategy::kSerial, 1));
    driver.subscribe();
    driver.offer({big_offer(1)});
    driver.ready("zookeeper-0");
    driver.settings.uninstall = true;
    driver.restart();
    driver.subscribe();
    driver.ready("zookeeper-0");
    if (ends_before) {
      die(driver, "zookeeper-0");
      driver.calls.clear();
      driver.advance(kFirstMs);
      EXPECT_THAT(inquiries(driver), ElementsAre(Pair(driver.task_id("zookeeper-0-metrics"), "S1")));
    }
    EXPECT_THAT(driver.calls_of<mesos::call::Teardown>(), IsEmpty());
    answer(driver, TaskState::kGoneByOperator);
    if (!ends_before) answer(driver, TaskState::kGoneByOperator, "zookeeper-0-server");
    EXPECT_EQ(driver.calls_of<mesos::call::Teardown>().size(), 1U) << ends_before;
  }
}

}  // namespace
}  // namespace ostler::core::test
