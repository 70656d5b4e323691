// Calls that the master did not take, and what the simulation found about them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine_driver.h"

namespace ostler::core::test {
namespace {

using mesos::TaskState;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(LostCalls, ALostDeclineIsSaidAgainSoThatTheAgentIsOfferedAgain) {
  EngineDriver driver(sample_spec());
  driver.subscribe();
  driver.offer({big_offer(1), big_offer(2)});
  const auto declines = driver.calls_of<mesos::call::Decline>();
  ASSERT_THAT(declines, SizeIs(1));
  driver.calls.clear();
  driver.event(mesos::event::CallRejected{declines.front(), 0, "connection reset"});
  EXPECT_THAT(driver.calls_of<mesos::call::Decline>(), IsEmpty()) << "not at once: the master may refuse all";
  ASSERT_TRUE(driver.engine().wake_at());
  driver.advance(1000);
  const auto again = driver.calls_of<mesos::call::Decline>();
  ASSERT_THAT(again, SizeIs(1));
  EXPECT_EQ(again.front().offer_ids, declines.front().offer_ids);
}

TEST(LostCalls, TheOffersOfALostAcceptAreGivenBack) {
  EngineDriver driver(sample_spec());
  driver.subscribe();
  driver.offer({big_offer(1)});
  const auto accept = driver.calls_of<mesos::call::Accept>().front();
  driver.calls.clear();
  driver.event(mesos::event::CallRejected{accept, 503, "Service Unavailable"});
  const auto declines = driver.calls_of<mesos::call::Decline>();
  ASSERT_THAT(declines, SizeIs(1));
  EXPECT_EQ(declines.front().offer_ids, mesos::Ids(accept.offer_ids));
}

// Were it the other way round, Mesos could say that there is no such task, take the ACCEPT
// then, and the pod would run twice.
TEST(LostCalls, AnAcceptThatMayStillComeIsMadeVoidBeforeItsTasksAreAskedFor) {
  EngineDriver driver(sample_spec());
  driver.subscribe();
  driver.offer({big_offer(1)});
  const auto accept = driver.calls_of<mesos::call::Accept>().front();
  driver.calls.clear();
  driver.event(mesos::event::CallRejected{accept, 0, "timed out"});
  ASSERT_THAT(driver.calls, SizeIs(2));
  EXPECT_TRUE(std::holds_alternative<mesos::call::Decline>(driver.calls[0]));
  EXPECT_TRUE(std::holds_alternative<mesos::call::Reconcile>(driver.calls[1]));
}

TEST(LostCalls, OffersThatEndedWithTheStreamAreNotDeclined) {
  EngineDriver driver(sample_spec());
  driver.subscribe();
  driver.offer({big_offer(1), big_offer(2)});
  driver.event(mesos::event::CallRejected{driver.calls_of<mesos::call::Decline>().front(), 0, "reset"});
  driver.event(mesos::event::Disconnected{"reset"});
  driver.subscribe();
  driver.calls.clear();
  driver.advance(1000);
  EXPECT_THAT(driver.calls_of<mesos::call::Decline>(), IsEmpty());
}

TEST(LostCalls, ALostReviveIsSaidAgain) {
  EngineDriver driver(sample_spec());
  driver.subscribe();
  driver.offer({big_offer(1), big_offer(2)});
  driver.ready("zookeeper-0");
  const auto revives = driver.calls_of<mesos::call::Revive>();
  ASSERT_THAT(revives, SizeIs(1));
  driver.calls.clear();
  driver.event(mesos::event::CallRejected{revives.front(), 0, "connection reset"});
  driver.advance(driver.settings.revive_interval_ms);
  EXPECT_THAT(driver.calls_of<mesos::call::Revive>(), SizeIs(1));
}

// It may have come after the REVIVE that followed it, and then hides its agents for an hour.
TEST(LostCalls, ALongDeclineThatMayHaveComeLateIsFollowedByARevive) {
  for (const int32_t http_status : {0, 503}) {
    EngineDriver driver(sample_spec());
    driver.subscribe();
    driver.offer({big_offer(1), big_offer(2)});
    const auto declines = driver.calls_of<mesos::call::Decline>();
    ASSERT_THAT(declines, SizeIs(1));
    ASSERT_EQ(declines.front().refuse_s, driver.settings.refuse_long_s);
    driver.event(mesos::event::CallRejected{declines.front(), http_status, "timed out"});
    driver.calls.clear();
    driver.advance(1000);
    ASSERT_THAT(driver.calls, SizeIs(http_status == 0 ? 2 : 1)) << http_status;
    EXPECT_TRUE(std::holds_alternative<mesos::call::Decline>(driver.calls.front()));
    EXPECT_EQ(driver.calls_of<mesos::call::Revive>().size(), http_status == 0 ? 1U : 0U);
  }
}

TEST(LostCalls, ASuppressThatMayComeAfterAReviveIsMadeGood) {
  EngineDriver driver(sample_spec(spec::Strategy::kSerial, 1));
  driver.subscribe();
  driver.offer({big_offer(1)});
  driver.ready("zookeeper-0");
  driver.advance(driver.settings.sweep_soon_ms + driver.settings.sweep_window_ms);
  const auto suppresses = driver.calls_of<mesos::call::Suppress>();
  ASSERT_FALSE(suppresses.empty());
  driver.event(mesos::event::CallRejected{suppresses.back(), 0, "timed out"});
  driver.advance(60'000);
  driver.update("zookeeper-0-server", TaskState::kFailed);
  driver.update("zookeeper-0-metrics", TaskState::kKilled);
  driver.calls.clear();
  driver.advance(29'000);
  EXPECT_THAT(driver.calls_of<mesos::call::Revive>(), IsEmpty());
  driver.advance(1'000);
  EXPECT_THAT(driver.calls_of<mesos::call::Revive>(), SizeIs(1));
  driver.advance(60'000);
  EXPECT_THAT(driver.calls_of<mesos::call::Revive>(), SizeIs(1)) << "once is enough";
}

// The store was away: what an operator ended before the stream broke was carried out when
// the next stream was there.
TEST(LostCalls, ASuppressThatWentOutOnTheNextStreamIsMadeGood) {
  EngineDriver driver(sample_spec());
  driver.subscribe();
  driver.offer({big_offer(1)});
  driver.command(command::PlanInterrupt{{"deploy", {}, {}}});
  driver.update("zookeeper-0-server", TaskState::kRunning, 0);
  driver.update("zookeeper-0-metrics", TaskState::kRunning);
  driver.advance(driver.settings.sweep_window_ms);
  ASSERT_FALSE(driver.calls_of<mesos::call::Suppress>().empty());
  driver.event(mesos::event::Disconnected{"reset"});
  driver.calls.clear();
  driver.subscribe();
  driver.command(command::PlanContinue{{"deploy", {}, {}}});
  EXPECT_FALSE(driver.calls_of<mesos::call::Revive>().empty());
}

// It was believed to be starting until the next implicit reconciliation, an hour later.
TEST(LateUpdates, ARunningTaskDoesNotGoBackToStarting) {
  EngineDriver driver(sample_spec(spec::Strategy::kParallel, 1));
  driver.subscribe();
  driver.offer({big_offer(1)});
  driver.update("zookeeper-0-server", TaskState::kStarting);
  driver.ready("zookeeper-0");
  ASSERT_THAT(driver.step_statuses(), ElementsAre("COMPLETE"));
  driver.calls.clear();
  driver.update("zookeeper-0-server", TaskState::kStarting);
  EXPECT_EQ(driver.stored.tasks.at("zookeeper-0-server").status->state, TaskState::kRunning);
  EXPECT_THAT(driver.calls_of<mesos::call::Acknowledge>(), SizeIs(1))
      << "or the agent would repeat it for ever";
}

// The core asked to be woken at once, for ever, when one task's back-off was over while
// another's of the same pod was not.
TEST(BackOff, IsNotWaitedForOnceItIsOver) {
  EngineDriver driver(sample_spec(spec::Strategy::kParallel, 1));
  driver.subscribe();
  driver.offer({big_offer(1)});
  const auto relaunch = [&] {
    FakeOffer offer = big_offer(1);
    for (const mesos::Resource& resource : driver.resources_of("zookeeper-0"))
      offer.resources.push_back(resource);
    driver.offer({offer});
  };
  for (int i = 0; i < 3; ++i) {
    driver.update("zookeeper-0-metrics", TaskState::kFailed);
    driver.update("zookeeper-0-server", TaskState::kFailed);
    if (i < 2) {
      driver.advance(10'000);
      relaunch();
    }
    driver.advance(300);
  }
  for (int i = 0; i < 100 && driver.engine().wake_at(); ++i) {
    const int64_t wake = *driver.engine().wake_at();
    ASSERT_GT(wake, driver.now.mono_ms) << "it would be woken again at once";
    driver.advance(std::min<int64_t>(wake - driver.now.mono_ms, 100));
  }
}

}  // namespace
}  // namespace ostler::core::test
