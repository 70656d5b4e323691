// Agents that are to go away: nothing new is placed there.
#include "core/maintenance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine_driver.h"

namespace ostler::core {
namespace {

using test::big_offer;
using test::EngineDriver;
using test::sample_spec;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int64_t kHourMs = 3'600'000;

// Offers of which the first's agent is away between these times, relative to now.
mesos::event::Offers offers_before_maintenance(const EngineDriver& driver,
                                               const std::vector<test::FakeOffer>& offers, int64_t from_ms,
                                               int64_t until_ms) {
  mesos::event::Offers event = test::offers_event(offers);
  event.batch.unavailable.push_back({0, driver.now.unix_ms + from_ms, driver.now.unix_ms + until_ms});
  return event;
}

TEST(Maintenance, NothingNewGoesToAnAgentThatIsAboutToLeave) {
  EngineDriver driver(sample_spec(spec::Strategy::kSerial, 1));
  driver.subscribe();
  driver.event(offers_before_maintenance(driver, {big_offer(1)}, kHourMs / 2, 2 * kHourMs));
  EXPECT_THAT(driver.launched(), IsEmpty());
  EXPECT_EQ(driver.engine().snapshot()->plan("deploy")->phases[0].steps[0].message,
            "0 of 1 agent fits zookeeper-0: 1 soon in maintenance");
  driver.event(offers_before_maintenance(driver, {big_offer(1), big_offer(2)}, -kHourMs, kHourMs));
  EXPECT_EQ(driver.agent_of("zookeeper-0-server"), "S2") << "the other one stays";
}

TEST(Maintenance, WhatIsFarAwayOrOverIsOfNoConcern) {
  for (const auto& [from_ms, until_ms] :
       {std::pair(2 * kHourMs, 3 * kHourMs), std::pair(-2 * kHourMs, -kHourMs)}) {
    EngineDriver driver(sample_spec(spec::Strategy::kSerial, 1));
    driver.subscribe();
    driver.event(offers_before_maintenance(driver, {big_offer(1)}, from_ms, until_ms));
    EXPECT_EQ(driver.launched().size(), 2U) << from_ms;
  }
}

TEST(Maintenance, APodThatHasItsVolumeThereIsLaunchedAgainWhereItIs) {
  EngineDriver driver(sample_spec(spec::Strategy::kSerial, 1));
  driver.subscribe();
  driver.offer({big_offer(1)});
  driver.ready("zookeeper-0");
  driver.update("zookeeper-0-server", mesos::TaskState::kFailed);
  driver.update("zookeeper-0-metrics", mesos::TaskState::kKilled);
  driver.calls.clear();
  const test::FakeOffer home{"O-home", "S1", "10.0.0.1", driver.resources_of("zookeeper-0")};
  driver.event(offers_before_maintenance(driver, {home}, kHourMs / 2, 2 * kHourMs));
  EXPECT_THAT(driver.launched(), ElementsAre("zookeeper-0-server", "zookeeper-0-metrics"));
}

// Declined for the usual hour, an agent would stay hidden long after it can be used again, be it
// that its maintenance is over or was called off.
TEST(Maintenance, OffersAreDeclinedForNoLongerThanItLastsAndForSomeMinutesAtMost) {
  EngineDriver driver(sample_spec(spec::Strategy::kSerial, 1));
  driver.subscribe();
  mesos::event::Offers event =
      offers_before_maintenance(driver, {big_offer(1), big_offer(2), big_offer(3)}, -kHourMs, 200'000);
  event.batch.unavailable.push_back({1, driver.now.unix_ms, driver.now.unix_ms + 2 * kHourMs});
  event.batch.unavailable.push_back({2, driver.now.unix_ms, driver.now.unix_ms + 1000});
  driver.event(std::move(event));
  std::map<double, size_t> declined;  // seconds, offers
  for (const mesos::Call& call : driver.calls) {
    if (const auto* decline = std::get_if<mesos::call::Decline>(&call))
      declined[decline->refuse_s] += decline->offer_ids.size();
  }
  EXPECT_EQ(declined, (std::map<double, size_t>{{5, 1}, {200, 1}, {300, 1}}));
}

TEST(Maintenance, CountsForEveryOfferOfTheAgentAndSaysWhen) {
  mesos::event::Offers event = test::offers_event({big_offer(1), big_offer(2), big_offer(1)});
  const Now now{0, 1'700'000'000'000};
  event.batch.unavailable.push_back({2, now.unix_ms + 90'000, now.unix_ms + kHourMs});
  const Maintenance maintenance(event.batch, now);
  std::vector<ostler_verdict_t> row = {{0, 0.5}, {0, 0.5}, {OSTLER_REASON_MEM, -0.5}};
  maintenance.refuse(row);
  EXPECT_EQ(row[0].reasons, kMaintenanceReason);
  EXPECT_EQ(row[0].score, -1);
  EXPECT_EQ(row[1].reasons, 0U);
  EXPECT_EQ(row[2].reasons, kMaintenanceReason | OSTLER_REASON_MEM);
  EXPECT_EQ(row[2].score, -1.5);
  EXPECT_EQ(maintenance.explain(0, "[]"),
            R"([{"reason":"MAINTENANCE","message":"the agent goes into maintenance in 2 minutes"}])");
  EXPECT_EQ(maintenance.explain(1, "[]"), "[]");
  EXPECT_EQ(maintenance.explain(2, R"([{"reason":"MEM"}])"),
            R"([{"reason":"MEM"},{"reason":"MAINTENANCE","message":)"
            R"("the agent goes into maintenance in 2 minutes"}])");
}

}  // namespace
}  // namespace ostler::core
