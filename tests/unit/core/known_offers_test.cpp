// What is kept of offers for telling people whether a change would fit.
#include "core/known_offers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_mesos.h"

namespace ostler::core {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

mesos::OfferBatch batch_of(size_t offers) {
  mesos::OfferBatch batch;
  batch.offers.resize(offers);
  return batch;
}

TEST(KnownOffers, TheNewestComesFirstWithItsTimeAndWhatWasUsed) {
  KnownOffers known;
  known.keep(batch_of(1), {"S1"}, {10, 0});
  known.keep(batch_of(2), {}, {20, 0});
  ASSERT_THAT(known.batches(), SizeIs(2));
  EXPECT_EQ(known.batches()[0].mono_ms, 20);
  EXPECT_EQ(known.batches()[0].batch.size(), 2U);
  EXPECT_THAT(known.batches()[0].stale_agents, IsEmpty());
  EXPECT_EQ(known.batches()[1].mono_ms, 10);
  EXPECT_THAT(known.batches()[1].stale_agents, ElementsAre("S1"));
}

TEST(KnownOffers, KeepsWhatAnOfferSays) {
  KnownOffers known;
  known.keep(std::move(test::offers_event({test::big_offer(7)}).batch), {}, {1, 0});
  const mesos::OfferBatch& batch = known.batches().front().batch;
  EXPECT_EQ(mesos::view(batch.offers[0].agent_id), "S7");
  EXPECT_EQ(mesos::view(batch.offers[0].hostname), "10.0.0.7");
}

TEST(KnownOffers, AnAgentThatIsGoneIsStaleInEveryBatch) {
  KnownOffers known;
  known.keep(batch_of(1), {"S1"}, {1, 0});
  known.keep(batch_of(1), {}, {2, 0});
  known.forget_agent("S2");
  EXPECT_THAT(known.batches()[0].stale_agents, ElementsAre("S2"));
  EXPECT_THAT(known.batches()[1].stale_agents, ElementsAre("S1", "S2"));
  known.keep(batch_of(1), {}, {3, 0});
  EXPECT_THAT(known.batches()[0].stale_agents, IsEmpty()) << "it was offered after that";
}

TEST(KnownOffers, OfManySmallBatchesTheLast32AreKept) {
  KnownOffers known;
  for (int64_t n = 1; n <= 100; ++n) known.keep(batch_of(1), {}, {n, 0});
  ASSERT_THAT(known.batches(), SizeIs(32));
  EXPECT_EQ(known.batches().front().mono_ms, 100);
  EXPECT_EQ(known.batches().back().mono_ms, 69);
}

TEST(KnownOffers, OfLargeBatchesAsManyAsHave10000OffersAndAlwaysTheLast) {
  KnownOffers known;
  for (int64_t n = 1; n <= 5; ++n) known.keep(batch_of(4000), {}, {n, 0});
  ASSERT_THAT(known.batches(), SizeIs(2)) << "a third would be 12000";
  known.keep(batch_of(50000), {}, {6, 0});
  ASSERT_THAT(known.batches(), SizeIs(1));
  EXPECT_EQ(known.batches().front().mono_ms, 6);
  known.keep(batch_of(10), {}, {7, 0});
  ASSERT_THAT(known.batches(), SizeIs(1)) << "the large one went";
  EXPECT_EQ(known.batches().front().mono_ms, 7);
}

TEST(KnownOffers, ForgettingAllForgetsTheirNumber) {
  KnownOffers known;
  known.keep(batch_of(9999), {}, {1, 0});
  known.forget_all();
  EXPECT_THAT(known.batches(), IsEmpty());
  known.keep(batch_of(5000), {}, {2, 0});
  known.keep(batch_of(5000), {}, {3, 0});
  EXPECT_THAT(known.batches(), SizeIs(2));
}

}  // namespace
}  // namespace ostler::core
