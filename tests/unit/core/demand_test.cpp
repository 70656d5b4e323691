// When offers are asked for and how long they are declined: the SDK's cases of
// ReviveManagerTest, TokenBucketTest, WorkSetTrackerTest and OfferProcessorTest.
#include "core/demand.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "backup_spec.h"
#include "deployed_service.h"
#include "engine_driver.h"

namespace ostler::core::test {
namespace {

using mesos::TaskState;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// One role, subscribed, and its calls as words: "revive" or "suppress".
class Wishes {
 public:
  explicit Wishes(Settings settings = {}) : settings_(std::move(settings)), demand_(settings_) {
    demand_.set_roles({"r"});
    demand_.subscribed(now_);
  }
  Demand& demand() { return demand_; }
  void wait(int64_t ms) { now_.mono_ms += ms; }

  std::vector<std::string> work(const std::vector<std::string>& items, bool is_new = false) {
    std::vector<DemandItem> list;
    for (const std::string& item : items) list.push_back({"r", item, is_new});
    Effects out;
    demand_.update(list, now_, out);
    std::vector<std::string> words;
    throttled_ = false;
    for (const Effect& effect : out) {
      if (const auto* call = std::get_if<effect::Call>(&effect)) {
        if (std::holds_alternative<mesos::call::Revive>(call->call)) words.push_back("revive");
        if (std::holds_alternative<mesos::call::Suppress>(call->call)) words.push_back("suppress");
      } else if (const auto* metric = std::get_if<effect::Metric>(&effect)) {
        throttled_ |= metric->name == "revives.throttles";
      }
    }
    return words;
  }
  std::vector<std::string> new_work() { return work({"step"}, true); }
  // Something new that earlier declines hide.
  std::vector<std::string> hidden_work() {
    demand_.declined_long();
    return new_work();
  }
  bool throttled() const { return throttled_; }

 private:
  Settings settings_;
  Now now_{1'000'000, 0};
  Demand demand_;
  bool throttled_ = false;
};

TEST(Demand, ASubscriptionBringsAllOffersByItself) {
  Wishes wishes;
  // Unlike the SDK, which revives for all new work: nothing was declined yet.
  EXPECT_THAT(wishes.new_work(), IsEmpty());
  EXPECT_FALSE(wishes.demand().is_suppressed());
}

TEST(Demand, NewWorkThatDeclinesHideRevives) {
  Wishes wishes;
  EXPECT_THAT(wishes.hidden_work(), ElementsAre("revive"));
  wishes.wait(5000);
  wishes.demand().declined_long();
  EXPECT_THAT(wishes.work({"step"}), IsEmpty()) << "the same work as before";
  EXPECT_THAT(wishes.new_work(), ElementsAre("revive"));
  wishes.wait(5000);
  EXPECT_THAT(wishes.new_work(), IsEmpty()) << "no decline since";
}

TEST(Demand, SuppressesOnceWhenThereIsNothingToDo) {
  Wishes wishes;
  wishes.new_work();
  EXPECT_THAT(wishes.work({}), ElementsAre("suppress"));
  EXPECT_TRUE(wishes.demand().is_suppressed());
  EXPECT_THAT(wishes.work({}), IsEmpty());
  EXPECT_THAT(wishes.work({"step"}), ElementsAre("revive")) << "also for work that is not new";
  EXPECT_FALSE(wishes.demand().is_suppressed());
  EXPECT_THAT(wishes.work({}), ElementsAre("suppress"));
}

TEST(Demand, SuppressesAgainAfterASubscription) {
  Wishes wishes;
  wishes.work({});
  wishes.demand().disconnected();
  EXPECT_THAT(wishes.work({}), IsEmpty());
  wishes.demand().subscribed({2'000'000, 0});
  EXPECT_THAT(wishes.work({}), ElementsAre("suppress")) << "it made Mesos forget";
}

TEST(Demand, NeverSuppressesWhereThatIsDisabled) {
  Settings settings;
  settings.never_suppress = true;
  Wishes wishes(settings);
  EXPECT_THAT(wishes.work({}), IsEmpty());
  EXPECT_FALSE(wishes.demand().is_suppressed());
}

TEST(Demand, LeavesFiveSecondsBetweenTwoRevives) {
  Wishes wishes;
  ASSERT_THAT(wishes.hidden_work(), ElementsAre("revive"));
  wishes.wait(4999);
  EXPECT_THAT(wishes.hidden_work(), IsEmpty());
  EXPECT_TRUE(wishes.throttled());
  EXPECT_EQ(wishes.demand().wake_at(), 1'005'000);
  wishes.wait(1);
  EXPECT_THAT(wishes.work({"step"}), ElementsAre("revive")) << "what was asked for is not forgotten";
  EXPECT_FALSE(wishes.demand().wake_at());
}

TEST(Demand, DropsAWishThatIsOverBeforeItWasSaid) {
  Wishes wishes;
  ASSERT_THAT(wishes.hidden_work(), ElementsAre("revive"));
  ASSERT_THAT(wishes.hidden_work(), IsEmpty());
  EXPECT_THAT(wishes.work({}), ElementsAre("suppress"));
  wishes.wait(5000);
  EXPECT_THAT(wishes.work({}), IsEmpty());
}

TEST(Demand, ABurstOfRevivesIsLimitedAndRefills) {
  Settings settings;
  settings.revive_burst = 3;
  settings.revive_interval_ms = 10;
  Wishes wishes(settings);
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(wishes.hidden_work(), ElementsAre("revive")) << i;
    wishes.wait(10);
  }
  EXPECT_THAT(wishes.hidden_work(), IsEmpty());
  EXPECT_TRUE(wishes.throttled());
  EXPECT_EQ(wishes.demand().wake_at(), 1'256'000);
  wishes.wait(256'000 - 30);
  EXPECT_THAT(wishes.work({"step"}), ElementsAre("revive"));
  EXPECT_THAT(wishes.hidden_work(), IsEmpty()) << "one each 256 s";
  wishes.wait(10 * 256'000);
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(wishes.hidden_work(), ElementsAre("revive")) << i;
    wishes.wait(10);
  }
  EXPECT_THAT(wishes.hidden_work(), IsEmpty()) << "never more than the bucket holds";
}

double refused_for(const EngineDriver& driver) {
  const auto declines = driver.calls_of<mesos::call::Decline>();
  EXPECT_THAT(declines, SizeIs(1));
  return declines.empty() ? -1 : declines[0].refuse_s;
}

TEST(Declines, AreShortWhileTasksAreReconciledAndLongForWhatNothingWants) {
  EngineDriver driver = deployed_driver();
  driver.offer({big_offer(4)});
  EXPECT_EQ(refused_for(driver), 3600) << "idle";
  driver.restart();
  driver.subscribe();
  driver.offer({big_offer(4)});
  EXPECT_EQ(refused_for(driver), 5) << "not ready";

  EngineDriver serial(sample_spec());
  serial.subscribe();
  serial.offer({big_offer(1), big_offer(2)});
  EXPECT_EQ(refused_for(serial), 3600) << "the one that was not used";
  ASSERT_THAT(serial.calls_of<mesos::call::Accept>(), SizeIs(1));
  EXPECT_EQ(serial.calls_of<mesos::call::Accept>()[0].refuse_s, 1) << "and the rest of the one that was";
}

// What a finished task leaves lying stays reserved for its next run. Nothing wants it now: while
// a long roll-out went on elsewhere, it was offered and declined every five seconds.
TEST(Declines, AreLongForWhatAPodHoldsThatNoStepWorksOn) {
  EngineDriver driver(with_backup());
  driver.subscribe();
  driver.offer({big_offer(1), big_offer(2), big_offer(3)});
  for (const char* pod : {"zookeeper-0", "zookeeper-1", "zookeeper-2"}) driver.ready(pod);
  const std::vector<mesos::Resource> held = driver.resources_of("zookeeper-0");
  die(driver, "zookeeper-1");
  driver.calls.clear();
  const FakeOffer unwanted{"O-held", driver.agent_of("zookeeper-0-server"), "10.0.0.1", {held[0]}};
  driver.offer({unwanted});
  EXPECT_EQ(refused_for(driver), 3600) << "zookeeper-0 has nothing to do";

  driver.calls.clear();
  FakeOffer part = own_offer(driver, "zookeeper-1");
  part.resources = {driver.resources_of("zookeeper-1")[0]};
  driver.offer({part});
  EXPECT_EQ(refused_for(driver), 5) << "zookeeper-1 waits for the rest of its own";
}

// One batch: one offer is used, one holds a leftover, and one is good for nothing.
TEST(Declines, EachOfferOfABatchIsDealtWithByItself) {
  EngineDriver driver(sample_spec(spec::Strategy::kSerial, 2));
  driver.subscribe();
  driver.offer({big_offer(1)});
  const std::vector<mesos::Resource> lost = driver.resources_of("zookeeper-0");
  for (const char* task : {"zookeeper-0-server", "zookeeper-0-metrics"})
    driver.update(task, TaskState::kGone, {}, "SOURCE_MASTER");
  driver.offer({big_offer(2)});  // launched anew, elsewhere
  driver.ready("zookeeper-0");
  driver.calls.clear();
  driver.offer({{"O-left", "S1", "10.0.0.1", lost}, big_offer(3), {"O-bare", "S4", "10.0.0.4", {}}});
  const auto accepts = driver.calls_of<mesos::call::Accept>();
  ASSERT_THAT(accepts, SizeIs(2));
  EXPECT_EQ(driver.agent_of("zookeeper-1-server"), "S3");
  size_t cleaned = 0;
  for (const auto& accept : accepts) {
    if (accept.operations[0].type != mesos::Operation::Type::kDestroy) continue;
    EXPECT_THAT(accept.offer_ids, ElementsAre("O-left"));
    cleaned = accept.operations.size() - 1;
  }
  EXPECT_EQ(cleaned, lost.size());
  ASSERT_THAT(driver.calls_of<mesos::call::Decline>(), SizeIs(1));
  EXPECT_EQ(driver.calls_of<mesos::call::Decline>()[0].offer_ids,
            mesos::Ids(std::vector<std::string>{"O-bare"}));
}

}  // namespace
}  // namespace ostler::core::test
