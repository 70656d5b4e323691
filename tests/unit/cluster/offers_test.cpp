// Offers, filters, suppress and revive as a real master handles them.
#include "world.h"

namespace ostler::cluster {
namespace {

using mesos::call::Decline;
using mesos::call::Revive;
using mesos::call::Suppress;

// When the declined offer comes again, in ms, at rounds of 1 s.
int64_t again_after(double refuse_s) {
  World world;
  world.subscribe();
  const auto id = world.offers.at(0).id;
  world.forget();
  world.call(Decline{{id}, refuse_s});
  const auto from = world.now;
  while (world.offers.empty() && world.now - from < 20'000) world.pass(10);
  return world.now - from;
}

TEST(Offers, ComeAtOnceAfterSubscribing) {
  World world({}, 3);
  world.subscribe();
  EXPECT_EQ(world.offers.size(), 3u);
  ASSERT_TRUE(std::holds_alternative<event::Subscribed>(world.events.at(0)));
  ASSERT_TRUE(std::holds_alternative<event::Offers>(world.events.at(1)));
}

TEST(Offers, ADeclinedOfferStaysAwayForItsFilter) {
  EXPECT_THAT(again_after(5), ::testing::AllOf(::testing::Ge(5000), ::testing::Le(6000)));
  EXPECT_THAT(again_after(3), ::testing::AllOf(::testing::Ge(3000), ::testing::Le(4000)));
}
TEST(Offers, ARefusalOfZeroComesAgainInTheNextRound) { EXPECT_LE(again_after(0), 1000); }
TEST(Offers, ANegativeRefusalCountsAsFiveSeconds) { EXPECT_THAT(again_after(-5), ::testing::Ge(5000)); }
TEST(Offers, AHugeRefusalIsForEver) { EXPECT_EQ(again_after(1e12), 20'000); }

TEST(Offers, AHeldOfferIsNotRepeatedAndNotRescinded) {
  World world;
  world.subscribe();
  world.forget();
  world.pass(10'000);
  EXPECT_THAT(world.events, IsEmpty());
}

TEST(Offers, ABiggerOfferThanTheDeclinedOneComesThroughTheFilter) {
  World world;
  world.subscribe();
  world.run_task();
  world.pass(1000);
  ASSERT_EQ(world.offers.size(), 1u);
  const auto id = world.offers[0].id;
  world.forget();
  world.call(Decline{{id}, 3600});
  world.pass(3000);
  ASSERT_THAT(world.offers, IsEmpty());
  world.report("t__1", TaskState::kFinished);  // The task's resources are free again.
  world.pass(1100);
  ASSERT_EQ(world.offers.size(), 1u);
  EXPECT_EQ(total_milli(world.offers[0].resources, "cpus"), 4000);
}

TEST(Offers, ReviveClearsFiltersAndOffersAtOnce) {
  World world;
  world.subscribe();
  world.call(Decline{{world.offers.at(0).id}, 3600});
  world.forget();
  world.call(Revive{});
  EXPECT_EQ(world.offers.size(), 1u);
}

TEST(Offers, SuppressStopsNewOffersButKeepsTheOutstandingOnes) {
  World world;
  world.subscribe();
  const auto held = world.offers.at(0);
  world.forget();
  world.call(Suppress{});
  world.pass(3000);
  EXPECT_THAT(world.events, IsEmpty()) << "nothing is rescinded";
  world.call(mesos::call::Accept{{held.id}, {world.group({"t__1"})}, 0});
  EXPECT_EQ(world.starts.size(), 1u) << "a held offer may still be accepted";
  world.pass(3000);
  EXPECT_THAT(world.offers, IsEmpty());
}

TEST(Offers, RolesAreSuppressedOneByOne) {
  World world({}, 1);
  auto wanted = world.request();
  wanted.info.roles = {"r-a", "r-b"};
  wanted.suppressed_roles = {"r-b"};
  world.subscribe(wanted);
  ASSERT_EQ(world.offers.size(), 1u);
  EXPECT_EQ(world.offers[0].role, "r-a");
  world.call(Decline{{world.offers[0].id}, 3600});
  world.forget();
  world.call(Revive{{"nope"}});
  EXPECT_THAT(world.offers, IsEmpty()) << "a role that is not subscribed changes nothing";
  world.call(Revive{{"r-b"}});
  ASSERT_EQ(world.offers.size(), 1u);
  EXPECT_EQ(world.offers[0].role, "r-b");
}

TEST(Offers, WhatAnAcceptLeavesCountsAsDeclined) {
  World world;
  world.subscribe();
  world.accept({world.group({"t__1"})}, 5);
  world.forget();
  world.pass(4900);
  EXPECT_THAT(world.offers, IsEmpty());
  world.pass(1200);
  ASSERT_EQ(world.offers.size(), 1u);
  EXPECT_EQ(total_milli(world.offers[0].resources, "cpus"), 3400);
  EXPECT_THAT(world.offers[0].executor_ids, ElementsAre("e1"));
}

TEST(Offers, ReservedResourcesGoToTheirRoleOnly) {
  World world;
  world.subscribe();
  world.accept({World::operation(Type::kReserve, {World::reserved(World::scalar("cpus", 1000))})});
  world.call(Suppress{});
  world.forget();
  auto other = world.request();
  other.info.roles = {"other"};
  world.subscribe(other);
  ASSERT_EQ(world.offers.size(), 1u);
  EXPECT_EQ(total_milli(world.offers[0].resources, "cpus"), 3000);
}

TEST(Offers, AreSharedBetweenFrameworks) {
  World world({}, 2);
  world.subscribe();
  world.call(Decline{{world.offers.at(1).id}, 0});
  const auto first = world.framework_id;
  world.forget();
  world.subscribe();
  ASSERT_EQ(world.offers.size(), 1u) << "a held offer is not taken away";
  EXPECT_NE(world.offers[0].framework_id, first);
}

TEST(Offers, LessThanAHundredthCpuAnd32MegabytesIsNotOffered) {
  World world;
  world.subscribe();
  auto group = world.group({"t__1"});
  group.tasks[0].change([](mesos::TaskInfo& task) {
    task.resources = {World::scalar("cpus", 3895), World::scalar("mem", 8'140'000)};
  });
  world.accept({group});
  world.forget();
  world.pass(3000);
  EXPECT_THAT(world.offers, IsEmpty()) << "only disk and ports are left";
}

TEST(Offers, RescindedJustBeforeTheirAcceptDropTheLaunch) {
  World world;
  world.subscribe();
  world.master.rescind_accepted(1);
  world.accept({world.group({"t__1"})});
  EXPECT_EQ(world.all<event::Rescind>().size(), 1u);
  ASSERT_EQ(world.all<event::Update>().size(), 1u);
  EXPECT_EQ(world.all<event::Update>()[0].status.state, mesos::TaskState::kDropped);
  EXPECT_EQ(world.all<event::Update>()[0].status.reason, "REASON_INVALID_OFFERS");
}

}  // namespace
}  // namespace ostler::cluster
