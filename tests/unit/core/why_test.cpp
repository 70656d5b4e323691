// Why a step waits, as the engine and the board behind it tell it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine_driver.h"

namespace ostler::core::test {
namespace {

using mesos::TaskState;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr size_t kCpus = 2, kMem = 3, kPlacement = 8;

FakeOffer small_offer(int agent, double cpus, double mem) {
  FakeOffer offer = big_offer(agent);
  offer.resources[0] = scalar("cpus", cpus);
  offer.resources[1] = scalar("mem", mem);
  return offer;
}

const WhyStep* step_of(const Snapshot& snapshot, const std::string& pod) {
  for (const WhyStep& step : snapshot.why->steps) {
    if (step.pod == pod) return &step;
  }
  return nullptr;
}

TEST(Why, CountsEveryReasonOfEveryAgentSeenSoFar) {
  EngineDriver driver(sample_spec(spec::Strategy::kSerial, 1));
  driver.subscribe();
  driver.offer({small_offer(1, 0.5, 128), small_offer(2, 4, 128)});
  driver.offer({small_offer(3, 4, 256)});
  const auto snapshot = driver.engine().snapshot();
  const WhyStep* step = step_of(*snapshot, "zookeeper-0");
  ASSERT_NE(step, nullptr);
  EXPECT_EQ(step->sentence, "0 of 3 agents fit zookeeper-0: 1 short of cpus, 3 short of memory");
  EXPECT_EQ(step->agents, 3u);
  EXPECT_EQ(step->counts[kCpus], 1u);
  EXPECT_EQ(step->counts[kMem], 3u);
  EXPECT_EQ(step->status, "PREPARED");
  EXPECT_EQ(step->plan, "deploy");
  EXPECT_THAT(step->blockers, IsEmpty());
}

TEST(Why, AnAgentThatChangedCountsOnceAndAsItIsNow) {
  EngineDriver driver(sample_spec(spec::Strategy::kSerial, 1));
  driver.subscribe();
  driver.offer({small_offer(1, 0.5, 128)});
  driver.offer({small_offer(1, 0.5, 8192)});
  const auto snapshot = driver.engine().snapshot();
  EXPECT_EQ(step_of(*snapshot, "zookeeper-0")->sentence, "0 of 1 agent fits zookeeper-0: 1 short of cpus");
}

TEST(Why, ARemovedAgentCountsNoMore) {
  EngineDriver driver(sample_spec(spec::Strategy::kSerial, 1));
  driver.subscribe();
  driver.offer({small_offer(1, 0.5, 8192), small_offer(2, 4, 128)});
  driver.event(mesos::event::Failure{"S1", "", 0});
  driver.offer({small_offer(2, 4, 128)});
  const auto snapshot = driver.engine().snapshot();
  EXPECT_EQ(step_of(*snapshot, "zookeeper-0")->sentence, "0 of 1 agent fits zookeeper-0: 1 short of memory");
}

TEST(Why, SaysWhichAgentsAlreadyRunAPodOfThatType) {
  EngineDriver driver(sample_spec(spec::Strategy::kParallel, 3));
  driver.subscribe();
  driver.offer({big_offer(1), big_offer(2)});
  driver.offer({big_offer(1), big_offer(2), small_offer(3, 4, 16)});
  const auto snapshot = driver.engine().snapshot();
  const WhyStep* step = step_of(*snapshot, "zookeeper-2");
  ASSERT_NE(step, nullptr);
  EXPECT_EQ(step->sentence,
            "0 of 3 agents fit zookeeper-2: 1 short of memory, 2 already run a zookeeper pod");
  EXPECT_EQ(step->counts[kPlacement], 2u);
}

// The nearest of all agents seen, also when it came in another batch than the last.
TEST(Why, NamesTheNearestFitOfAllBatches) {
  class Explaining final : public Judge {
   public:
    Result<uint64_t> compile(std::string_view) override { return uint64_t{1}; }
    void release(uint64_t) override {}
    Result<void> evaluate(const ostler_round_t& round, std::vector<ostler_verdict_t>& verdicts) override {
      verdicts.clear();
      for (uint32_t o = 0; o < round.offers.count; ++o) {
        const auto* offer = OSTLER_AT(ostler_offer_t, round.offers, o);
        const bool is_near = mesos::view(offer->agent_id) == "near";
        verdicts.push_back({OSTLER_REASON_MEM, is_near ? -0.1 : -0.9});
      }
      return {};
    }
    std::string explain(const ostler_round_t& round, uint32_t, uint32_t o) override {
      return "[\"" + std::string(mesos::view(OSTLER_AT(ostler_offer_t, round.offers, o)->agent_id)) + "\"]";
    }
  } judge;
  const auto batch = [](const std::string& agent) {
    FakeOffer offer = big_offer(1);
    offer.agent_id = offer.hostname = agent;
    return offers_event({offer}).batch;
  };
  WhyBoard board;
  const auto look = [&](const mesos::OfferBatch& offers, int64_t ms) {
    board.offered(offers, {ms, ms});
    ostler_round_t round{};
    round.offers = {offers.offers.data(), static_cast<uint32_t>(offers.size()), sizeof(ostler_offer_t)};
    std::vector<ostler_verdict_t> verdicts;
    ASSERT_TRUE(judge.evaluate(round, verdicts).ok());
    board.judged("s", "zk-0", verdicts.data(),
                 [&](const auto& o) { return judge.explain(round, 0, o.front()); });
  };
  const auto far = batch("far"), near = batch("near"), third = batch("third");
  look(far, 1'000);
  look(near, 10'000);
  look(third, 20'000);
  WhyStep step;
  board.describe("s", step);
  ASSERT_TRUE(step.nearest.has_value());
  EXPECT_EQ(step.nearest->hostname, "near");
  EXPECT_EQ(step.nearest->reasons_json, "[\"near\"]");
  EXPECT_EQ(step.agents, 3u);

  board.agent_removed("third");
  board.describe("s", step);
  EXPECT_TRUE(step.nearest.has_value()) << "another agent went";
  board.agent_removed("near");
  board.describe("s", step);
  EXPECT_FALSE(step.nearest.has_value()) << "it is gone";
}

// What an agent has can come in several offers, and a judge that sees one would miss the rest.
TEST(Why, ExplainsTheNearestOfferWithTheOthersOfItsAgent) {
  std::vector<FakeOffer> offers;
  for (const int agent : {1, 2, 1, 3, 1}) offers.push_back(small_offer(agent, 0.5, 8192));
  const mesos::OfferBatch batch = offers_event(offers).batch;
  std::vector<ostler_verdict_t> verdicts(batch.size(), {OSTLER_REASON_CPUS, -1});
  verdicts[2].score = -0.5;
  WhyBoard board;
  board.offered(batch, {1'000, 1'000});
  std::vector<uint32_t> explained;
  board.judged("s", "zk-0", verdicts.data(), [&](const std::vector<uint32_t>& of_agent) {
    explained = of_agent;
    return std::string("[]");
  });
  EXPECT_THAT(explained, testing::ElementsAre(2, 0, 4));
}

// Half of what is kept at most, twice: it was forgotten with every event.
TEST(Why, RemembersFortyThousandAgentsFromEventToEvent) {
  std::vector<FakeOffer> offers;
  for (int agent = 0; agent < 40'000; ++agent) offers.push_back(small_offer(agent, 0.5, 8192));
  const mesos::OfferBatch batch = offers_event(offers).batch;
  const std::vector<ostler_verdict_t> verdicts(batch.size(), {OSTLER_REASON_CPUS, -1});
  WhyBoard board;
  for (const int64_t ms : {60'000, 120'000, 180'000}) {
    board.offered(batch, {ms, ms});
    board.judged("s", "zk-0", verdicts.data(), [](const auto&) { return std::string("[]"); });
  }
  WhyStep step;
  board.describe("s", step);
  EXPECT_EQ(step.agents, 40'000u);
  EXPECT_THAT(step.minutes, SizeIs(3));
}

TEST(Why, RemembersHowItWasMinuteByMinute) {
  EngineDriver driver(sample_spec(spec::Strategy::kSerial, 1));
  driver.now.unix_ms = 1'700'000'040'000;  // a full minute
  driver.subscribe();
  driver.offer({small_offer(1, 0.5, 8192)});
  driver.advance(180'000);
  driver.offer({small_offer(1, 4, 128)});
  const auto snapshot = driver.engine().snapshot();
  const WhyStep* step = step_of(*snapshot, "zookeeper-0");
  ASSERT_THAT(step->minutes, SizeIs(2));
  EXPECT_EQ(step->minutes[0].from_unix_ms, 1'700'000'040'000);
  EXPECT_EQ(step->minutes[0].counts[kCpus], 1u);
  EXPECT_EQ(step->minutes[1].from_unix_ms, 1'700'000'220'000);
  EXPECT_EQ(step->minutes[1].counts[kCpus], 0u);
  EXPECT_EQ(step->minutes[1].counts[kMem], 1u);
  EXPECT_THAT(step->hours, SizeIs(1));
}

TEST(Why, SaysThatAnotherStepComesFirst) {
  EngineDriver driver(sample_spec());
  driver.subscribe();
  const auto snapshot = driver.engine().snapshot();
  const WhyStep* step = step_of(*snapshot, "zookeeper-1");
  EXPECT_THAT(step->blockers, ElementsAre("waits for zookeeper-0:[server, metrics]"));
  EXPECT_EQ(step->sentence, "waits for zookeeper-0:[server, metrics]");
}

// An agent that was looked at before hid that nobody goes on.
TEST(Why, AnInterruptionIsToldAlsoAfterALookAtOffers) {
  EngineDriver driver(sample_spec(spec::Strategy::kSerial, 1));
  driver.subscribe();
  driver.offer({small_offer(1, 0.5, 8192)});
  ASSERT_THAT(step_of(*driver.engine().snapshot(), "zookeeper-0")->blockers, IsEmpty());
  driver.command(command::PlanInterrupt{{"deploy", "node-deploy", {}}});
  driver.command(command::PlanInterrupt{{"deploy", "node-deploy", "zookeeper-0:[server, metrics]"}});
  driver.command(command::PlanInterrupt{{"deploy", {}, {}}});
  EXPECT_THAT(step_of(*driver.engine().snapshot(), "zookeeper-0")->blockers,
              ElementsAre("plan 'deploy' is interrupted; continue it to go on",
                          "phase 'node-deploy' is interrupted; continue it to go on",
                          "step is interrupted; continue it to go on",
                          "offers are suppressed, because nothing could be done with them"));
}

TEST(Why, ABackOffIsToldAlsoAfterALookAtOffers) {
  EngineDriver driver(sample_spec(spec::Strategy::kSerial, 1));
  driver.settings.backoff_always = true;
  driver.restart();
  driver.subscribe();
  driver.offer({small_offer(1, 0.5, 8192)});
  driver.offer({big_offer(1)});
  driver.update("zookeeper-0-server", TaskState::kFailed);
  driver.update("zookeeper-0-metrics", TaskState::kFailed);
  const auto snapshot = driver.engine().snapshot();
  const WhyStep* step = step_of(*snapshot, "zookeeper-0");
  ASSERT_NE(step, nullptr);
  ASSERT_EQ(step->status, "DELAYED");
  EXPECT_NE(step->looked_unix_ms, 0);
  EXPECT_THAT(step->blockers, ElementsAre(step->sentence));
}

// "already run a zookeeper pod" would be untrue of an agent of another region.
TEST(Why, DoesNotBlameAPodWhereTheRegionMayBeIt) {
  EngineDriver driver(sample_spec(spec::Strategy::kParallel, 2));
  driver.settings.is_region_aware = true;
  driver.restart();
  driver.subscribe();
  driver.offer({big_offer(1)});
  EXPECT_EQ(step_of(*driver.engine().snapshot(), "zookeeper-1")->sentence,
            "0 of 1 agent fits zookeeper-1: 1 excluded by placement");
}

TEST(Why, SaysThatAReviveWaitsForItsRateLimit) {
  EngineDriver driver(sample_spec(spec::Strategy::kSerial, 3));
  driver.now.unix_ms = 1'700'000'040'000;
  driver.subscribe();
  driver.offer({big_offer(1), big_offer(2), big_offer(3)});
  driver.ready("zookeeper-0");  // a REVIVE for zookeeper-1
  driver.offer({big_offer(2), big_offer(3)});
  driver.advance(1000);
  driver.ready("zookeeper-1");
  EXPECT_THAT(driver.calls_of<mesos::call::Revive>(), SizeIs(1));
  EXPECT_THAT(
      step_of(*driver.engine().snapshot(), "zookeeper-2")->blockers,
      Contains("agents that were declined for long are offered again after a REVIVE, which its rate "
               "limit allows at 2023-11-14T22:14:05Z (zk-role: zookeeper-2:[server, metrics] is new)"));
  driver.advance(4000);
  EXPECT_THAT(driver.calls_of<mesos::call::Revive>(), SizeIs(2));
  EXPECT_THAT(step_of(*driver.engine().snapshot(), "zookeeper-2")->blockers, IsEmpty());
}

TEST(Why, SaysThatThereIsNoSubscription) {
  EngineDriver driver(sample_spec(spec::Strategy::kSerial, 1));
  const auto snapshot = driver.engine().snapshot();
  EXPECT_THAT(step_of(*snapshot, "zookeeper-0")->blockers,
              ElementsAre("the scheduler is not subscribed to Mesos, so nothing is offered"));
}

TEST(Why, NamesTheAgentThatHoldsTheVolumeAndIsNotOffered) {
  EngineDriver driver(sample_spec(spec::Strategy::kSerial, 1));
  driver.subscribe();
  driver.offer({big_offer(1)});
  driver.ready("zookeeper-0");
  driver.update("zookeeper-0-server", TaskState::kFailed);
  driver.update("zookeeper-0-metrics", TaskState::kFailed);
  driver.advance(700'000);
  const auto snapshot = driver.engine().snapshot();
  const WhyStep* step = step_of(*snapshot, "zookeeper-0");
  ASSERT_NE(step, nullptr);
  EXPECT_EQ(step->plan, "recovery");
  EXPECT_THAT(step->blockers, Contains("agent 10.0.0.1, which holds its volume, was last offered at "
                                       "2023-11-14T22:13:20Z"));
  ASSERT_THAT(snapshot->why->silent_agents, SizeIs(1));
  EXPECT_THAT(snapshot->why->silent_agents[0].pods, ElementsAre("zookeeper-0"));
}

TEST(Why, NamesAnUnreachableAgentThoughNoStepWaitsForIt) {
  EngineDriver driver(sample_spec(spec::Strategy::kSerial, 1));
  driver.subscribe();
  driver.offer({big_offer(1)});
  driver.ready("zookeeper-0");
  driver.update("zookeeper-0-server", TaskState::kUnreachable, {}, "SOURCE_MASTER");
  driver.advance(700'000);
  const auto snapshot = driver.engine().snapshot();
  ASSERT_THAT(snapshot->why->silent_agents, SizeIs(1));
  EXPECT_EQ(snapshot->why->silent_agents[0].hostname, "10.0.0.1");
}

TEST(Why, DistinguishesOurOwnDeclinesFromSilence) {
  EngineDriver driver(sample_spec(spec::Strategy::kSerial, 1));
  driver.settings.sweep_soon_ms = driver.settings.sweep_period_ms;  // it would take the decline back
  driver.restart();
  driver.subscribe();
  driver.offer({small_offer(1, 0.5, 8192)});
  driver.advance(700'000);
  auto snapshot = driver.engine().snapshot();
  EXPECT_EQ(snapshot->why->declined_agents, 1u) << "for an hour, by us";
  EXPECT_THAT(snapshot->why->silent_agents, IsEmpty());
  driver.advance(3'600'000);
  snapshot = driver.engine().snapshot();
  EXPECT_EQ(snapshot->why->declined_agents, 0u);
  EXPECT_THAT(snapshot->why->silent_agents, SizeIs(1));
}

TEST(Why, KeepsTheTotalsOfTheSdk) {
  EngineDriver driver(sample_spec(spec::Strategy::kSerial, 1));
  driver.subscribe();
  driver.offer({small_offer(1, 0.5, 128)});
  driver.offer({big_offer(2)});
  const auto snapshot = driver.engine().snapshot();
  const WhyPicture& why = *snapshot->why;
  EXPECT_EQ(why.accepted, 1u);
  EXPECT_EQ(why.rejected, 1u);
  EXPECT_EQ(why.failures[kCpus], 1u);
  EXPECT_EQ(why.rejected_agents.at("10.0.0.1"), 1u);
  ASSERT_THAT(why.outcomes, SizeIs(2));
  EXPECT_FALSE(why.outcomes[0].passed);
  EXPECT_EQ(why.outcomes[0].explanation, "short of cpus, short of memory");
  EXPECT_TRUE(why.outcomes[1].passed);
  EXPECT_EQ(why.outcomes[1].hostname, "10.0.0.2");
}

// The board must not grow with agents that come once and never again.
TEST(Why, ForgetsRatherThanGrowsWithoutEnd) {
  WhyBoard board;
  for (int round = 0; round < 80; ++round) {
    std::vector<FakeOffer> offers;
    for (int i = 0; i < 1000; ++i)
      offers.push_back({"o", "agent-" + std::to_string(round * 1000 + i), "h", {}});
    const auto event = offers_event(offers);
    board.offered(event.batch, {round, round});
  }
  EXPECT_LE(board.agents(), 65536u);
}

}  // namespace
}  // namespace ostler::core::test
