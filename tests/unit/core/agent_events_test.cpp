// Agents that come back as others, go into maintenance, or are away for a while.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine_driver.h"

namespace ostler::core::test {
namespace {

using mesos::TaskState;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

EngineDriver deployed() {
  EngineDriver driver(sample_spec(spec::Strategy::kSerial, 1));
  driver.subscribe();
  driver.offer({big_offer(1)});
  driver.ready("zookeeper-0");
  driver.calls.clear();
  return driver;
}

TEST(AgentEvents, AnAgentThatReturnsUnderANewIdGetsItsPodBackWithItsVolume) {
  EngineDriver driver = deployed();
  const auto held = driver.resources_of("zookeeper-0");
  const auto volume = driver.stored.tasks.at("zookeeper-0-server").launch->holdings;
  FakeOffer offer = big_offer(1);
  offer.agent_id = "S99";
  offer.resources.insert(offer.resources.end(), held.begin(), held.end());
  driver.offer({offer});
  EXPECT_THAT(driver.launched(), UnorderedElementsAre("zookeeper-0-server", "zookeeper-0-metrics"));
  EXPECT_EQ(driver.agent_of("zookeeper-0-server"), "S99");
  for (const auto& accept : driver.calls_of<mesos::call::Accept>()) {
    for (const auto& operation : accept.operations)
      EXPECT_EQ(operation.type, mesos::Operation::Type::kLaunchGroup) << "with what it held";
  }
}

TEST(AgentEvents, TheStoreKnowsTheNewIdBeforeAnythingIsLaunchedThere) {
  EngineDriver driver = deployed();
  const auto held = driver.resources_of("zookeeper-0");
  FakeOffer offer{"O-new", "S99", "10.0.0.1", held};  // too little to launch anything
  offer.resources.pop_back();
  driver.offer({offer});
  EXPECT_THAT(driver.launched(), IsEmpty());
  EXPECT_EQ(driver.agent_of("zookeeper-0-server"), "S99");
  EXPECT_EQ(driver.stored.tasks.at("zookeeper-0-server").status->state, TaskState::kGone);
}

// Until its old id is missed, the master goes on to tell of what ran under it.
TEST(AgentEvents, WhatIsSaidOfItsOldIdBringsNothingBackToLife) {
  EngineDriver driver = deployed();
  driver.offer({{"O-new", "S99", "10.0.0.1", driver.resources_of("zookeeper-0")}});
  ASSERT_EQ(driver.agent_of("zookeeper-0-server"), "S99");
  const std::string fresh = driver.task_id("zookeeper-0-metrics");
  driver.update_id(fresh, TaskState::kDropped, {}, "SOURCE_MASTER");
  driver.update_id(fresh, TaskState::kRunning, {}, "SOURCE_MASTER");  // on S1, as all in this test
  EXPECT_TRUE(driver.engine().tasks().find("zookeeper-0-metrics")->dead());
}

TEST(AgentEvents, ATaskThatWasUnreachableForAWhileIsNeitherKilledNorLaunchedTwice) {
  EngineDriver driver = deployed();
  driver.update("zookeeper-0-server", TaskState::kUnreachable, {}, "SOURCE_MASTER");
  driver.offer({big_offer(2), big_offer(3)});
  driver.update("zookeeper-0-server", TaskState::kRunning, 0, "SOURCE_MASTER");
  EXPECT_THAT(driver.launched(), IsEmpty());
  EXPECT_THAT(driver.killed(), IsEmpty());
}

TEST(AgentEvents, WantsOffersAgainAndAgainWhileAnAgentIsAway) {
  EngineDriver driver = deployed();
  driver.advance(driver.settings.sweep_window_ms);
  driver.update("zookeeper-0-server", TaskState::kUnreachable, {}, "SOURCE_MASTER");
  for (int round = 0; round < 3; ++round) {
    driver.calls.clear();
    driver.advance(driver.settings.sweep_soon_ms);
    EXPECT_THAT(driver.calls_of<mesos::call::Revive>(), SizeIs(1)) << "it may be back under a new id";
    driver.advance(driver.settings.sweep_window_ms);
  }
  driver.update("zookeeper-0-server", TaskState::kRunning, 0, "SOURCE_MASTER");
  driver.advance(driver.settings.sweep_soon_ms);
  driver.advance(driver.settings.sweep_window_ms);
  driver.calls.clear();
  driver.advance(driver.settings.sweep_soon_ms * 4);
  EXPECT_THAT(driver.calls_of<mesos::call::Revive>(), IsEmpty());
}

// Once a minute for hours would use up the revives that a recovery needs.
TEST(AgentEvents, LooksMoreRarelyForAnAgentThatStaysAway) {
  EngineDriver driver = deployed();
  driver.advance(driver.settings.sweep_window_ms);
  driver.update("zookeeper-0-server", TaskState::kUnreachable, {}, "SOURCE_MASTER");
  driver.calls.clear();
  for (int64_t left_ms = 6 * 3'600'000; left_ms > 0; left_ms -= 10'000) driver.advance(10'000);
  const size_t revives = driver.calls_of<mesos::call::Revive>().size();
  EXPECT_GT(revives, 15U + 20U);
  EXPECT_LT(revives, 84U) << "what comes in again in that time";
}

TEST(AgentEvents, DeclinesToLeaveAnAgentByItself) {
  EngineDriver driver = deployed();
  driver.event(mesos::event::InverseOffers{{"I1"}, {"S1"}});
  const auto declined = driver.calls_of<mesos::call::DeclineInverseOffers>();
  ASSERT_THAT(declined, SizeIs(1));
  EXPECT_THAT(declined[0].inverse_offer_ids, ElementsAre("I1"));
  EXPECT_THAT(driver.killed(), IsEmpty());
}

}  // namespace
}  // namespace ostler::core::test
