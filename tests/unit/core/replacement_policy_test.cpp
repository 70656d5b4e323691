// Pods that are given up by themselves: what that may be decided on, and what holds it up.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "backup_spec.h"
#include "deployed_service.h"

namespace ostler::core::test {
namespace {

using mesos::TaskState;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr const char* kPods[] = {"zookeeper-0", "zookeeper-1", "zookeeper-2"};
constexpr int64_t kTimeoutMs = 1'200'000, kDelayMs = 240'000;

EngineDriver deployed(spec::ServiceSpec spec = sample_spec(spec::Strategy::kParallel)) {
  spec.replacement_policy = spec::ReplacementPolicy{kTimeoutMs / 1000, kDelayMs / 1000};
  EngineDriver driver(std::move(spec));
  driver.subscribe();
  driver.offer({big_offer(1), big_offer(2), big_offer(3)});
  for (const char* pod : kPods) driver.ready(pod);
  driver.calls.clear();
  return driver;
}

void lose(EngineDriver& driver, const std::string& pod) {
  driver.update(pod + "-server", TaskState::kUnreachable, {}, "SOURCE_MASTER");
  driver.update(pod + "-metrics", TaskState::kUnreachable, {}, "SOURCE_MASTER");
}

void pass(EngineDriver& driver, int64_t ms) {
  for (; ms > 0; ms -= 5000) driver.advance(std::min<int64_t>(ms, 5000));
}

std::vector<std::string> given_up(const EngineDriver& driver) {
  std::vector<std::string> out;
  for (const char* pod : kPods) {
    if (driver.stored.tasks.at(std::string(pod) + "-server").launch->permanently_failed) out.push_back(pod);
  }
  return out;
}

TEST(ReplacementPolicy, GivesAPodUpAfterItsTimeAndReplacesIt) {
  EngineDriver driver = deployed();
  lose(driver, "zookeeper-0");
  pass(driver, kTimeoutMs - 10'000);
  EXPECT_THAT(given_up(driver), IsEmpty());
  pass(driver, 20'000);
  EXPECT_THAT(given_up(driver), ElementsAre("zookeeper-0"));
  driver.offer({big_offer(5)});
  EXPECT_EQ(driver.launched().size(), 2U);
}

// The process that was away cannot know how long it was; to begin anew costs time, not data.
TEST(ReplacementPolicy, BeginsAnewWithTheProcess) {
  EngineDriver driver = deployed();
  lose(driver, "zookeeper-0");
  pass(driver, kTimeoutMs - 10'000);
  driver.restart();
  driver.subscribe();
  driver.ready("zookeeper-1");
  driver.ready("zookeeper-2");
  lose(driver, "zookeeper-0");
  pass(driver, kTimeoutMs - 10'000);
  EXPECT_THAT(given_up(driver), IsEmpty());
  pass(driver, 20'000);
  EXPECT_THAT(given_up(driver), ElementsAre("zookeeper-0"));
}

TEST(ReplacementPolicy, BelievesNeitherAnAgentsClockNorAJumpOfOurs) {
  EngineDriver driver = deployed();
  mesos::TaskStatus status;
  status.task_id = driver.task_id("zookeeper-0-server");
  status.state = TaskState::kFailed;
  status.agent_id = "S1";
  status.uuid = "u";
  status.timestamp_s = static_cast<double>(driver.now.unix_ms - 2 * kTimeoutMs) / 1000;
  driver.event(mesos::event::Update{status});
  driver.now.unix_ms += 2 * kTimeoutMs;
  pass(driver, 60'000);
  EXPECT_THAT(given_up(driver), IsEmpty());
}

TEST(ReplacementPolicy, DoesNotCountWhileAnOperatorHoldsTheRecovery) {
  EngineDriver driver = deployed();
  driver.update("zookeeper-0-server", TaskState::kLost);
  driver.update("zookeeper-0-metrics", TaskState::kLost);
  ASSERT_TRUE(driver.command(command::PlanInterrupt{{"recovery", {}, {}}}).ok());
  pass(driver, 2 * kTimeoutMs);
  EXPECT_THAT(given_up(driver), IsEmpty());
  ASSERT_TRUE(driver.command(command::PlanContinue{{"recovery", {}, {}}}).ok());
  pass(driver, kTimeoutMs - 10'000);
  EXPECT_THAT(given_up(driver), IsEmpty()) << "it is to have its time then";
  pass(driver, 20'000);
  EXPECT_THAT(given_up(driver), ElementsAre("zookeeper-0"));
}

// It looks only every few seconds, and what was back for less is back all the same.
TEST(ReplacementPolicy, WhatWasBackForAMomentIsLostAnew) {
  for (const bool is_relaunched : {false, true}) {
    EngineDriver driver = deployed();
    if (is_relaunched) {
      die(driver, "zookeeper-0", TaskState::kFailed);
    } else {
      lose(driver, "zookeeper-0");
    }
    pass(driver, kTimeoutMs - 20'000);
    if (is_relaunched) driver.relaunch("zookeeper-0");
    driver.ready("zookeeper-0");
    if (is_relaunched) {
      die(driver, "zookeeper-0", TaskState::kLost);
    } else {
      lose(driver, "zookeeper-0");
    }
    pass(driver, kTimeoutMs - 10'000);
    EXPECT_THAT(given_up(driver), IsEmpty()) << is_relaunched;
    pass(driver, 30'000);
    EXPECT_THAT(given_up(driver), ElementsAre("zookeeper-0")) << is_relaunched;
  }
}

// The process that gave the last one up may be gone.
TEST(ReplacementPolicy, HoldsItsDelayAcrossARestart) {
  spec::ServiceSpec spec = sample_spec(spec::Strategy::kParallel);
  spec.replacement_policy = spec::ReplacementPolicy{60, 600};
  EngineDriver driver = deployed_driver(std::move(spec));
  lose(driver, "zookeeper-0");
  lose(driver, "zookeeper-1");
  pass(driver, 600'000);
  ASSERT_THAT(given_up(driver), ElementsAre("zookeeper-0"));
  driver.offer({big_offer(5)});
  driver.ready("zookeeper-0");
  driver.restart();
  driver.subscribe();
  for (const char* pod : {"zookeeper-0", "zookeeper-2"}) driver.ready(pod);
  lose(driver, "zookeeper-1");
  pass(driver, 590'000);
  EXPECT_THAT(given_up(driver), IsEmpty());
  pass(driver, 20'000);
  EXPECT_THAT(given_up(driver), ElementsAre("zookeeper-1"));
}

// A partition takes all away at once; their data must not go at once, too.
TEST(ReplacementPolicy, GivesUpOneInstanceOfATypeAfterTheOther) {
  EngineDriver driver = deployed();
  for (const char* pod : kPods) lose(driver, pod);
  pass(driver, 2 * kTimeoutMs);
  EXPECT_THAT(given_up(driver), ElementsAre("zookeeper-0"));
  driver.offer({big_offer(5)});
  pass(driver, 2 * kTimeoutMs);
  EXPECT_THAT(given_up(driver), IsEmpty()) << "it has to get its data from the others";
  driver.ready("zookeeper-0");
  EXPECT_THAT(given_up(driver), IsEmpty());
  pass(driver, 10'000);
  EXPECT_THAT(given_up(driver), ElementsAre("zookeeper-1"));
}

// It will never be up, and the others must not wait for that.
TEST(ReplacementPolicy, LeavesWhatIsDecommissionedAlone) {
  EngineDriver driver = deployed();
  lose(driver, "zookeeper-2");
  spec::ServiceSpec smaller = sample_spec(spec::Strategy::kParallel, 2);
  smaller.pods[0].allow_decommission = true;
  smaller.replacement_policy = spec::ReplacementPolicy{kTimeoutMs / 1000, kDelayMs / 1000};
  driver.restart_with(smaller);
  driver.subscribe();
  for (const char* pod : {"zookeeper-0", "zookeeper-1"}) driver.ready(pod);
  lose(driver, "zookeeper-2");
  pass(driver, 2 * kTimeoutMs);
  EXPECT_THAT(given_up(driver), IsEmpty());
  lose(driver, "zookeeper-1");
  pass(driver, 2 * kTimeoutMs);
  EXPECT_THAT(given_up(driver), ElementsAre("zookeeper-1"));
}

// A backup that failed is no reason to give the data up that it was to save.
TEST(ReplacementPolicy, LooksOnlyAtTasksThatAreToRun) {
  EngineDriver driver = deployed(with_backup());
  ASSERT_TRUE(driver.command(command::PlanStart{"backup", {}}).ok());
  FakeOffer offer = big_offer(1);
  offer.agent_id = driver.agent_of("zookeeper-0-server");
  for (const auto& resource : driver.resources_of("zookeeper-0")) offer.resources.push_back(resource);
  driver.offer({offer});
  ASSERT_TRUE(driver.stored.tasks.contains("zookeeper-0-backup"));
  driver.update("zookeeper-0-backup", TaskState::kFailed);
  ASSERT_TRUE(driver.command(command::PlanInterrupt{{"backup", {}, {}}}).ok());
  pass(driver, 2 * kTimeoutMs);
  EXPECT_THAT(given_up(driver), IsEmpty());
}

}  // namespace
}  // namespace ostler::core::test
