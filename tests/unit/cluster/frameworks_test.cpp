// Subscriptions as a real master handles them.
#include "world.h"

namespace ostler::cluster {
namespace {

TEST(Frameworks, AnIdTheMasterNeverSawIsAccepted) {
  World world;
  world.subscribe(world.request("11111111-0001"));
  EXPECT_EQ(world.framework_id, "11111111-0001");
}

TEST(Frameworks, AnIdThatWasTornDownIsRefusedForEver) {
  World world;
  world.subscribe();
  world.call(mesos::call::Teardown{});
  ASSERT_EQ(world.ended.size(), 1u);
  EXPECT_FALSE(world.ended[0].cut);
  EXPECT_THAT(world.errors(), IsEmpty());
  world.subscribe(world.request(world.framework_id));
  EXPECT_THAT(world.errors(), ElementsAre("Framework has been removed"));
}

TEST(Frameworks, ASecondSubscriberTakesOver) {
  World world;
  world.subscribe();
  const auto old_stream = world.stream_id;
  world.forget();
  world.subscribe(world.request(world.framework_id));
  ASSERT_THAT(world.errors(), ElementsAre("Framework failed over"));
  EXPECT_EQ(world.streams.front(), old_stream);
  EXPECT_EQ(world.ended.front().stream_id, old_stream);
  const auto refused = world.master.refusal(world.framework_id, old_stream);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 400);
  EXPECT_FALSE(world.master.refusal(world.framework_id, world.stream_id));
  EXPECT_EQ(world.offers.size(), 1u) << "what the first subscriber held is offered to the second";
}

TEST(Frameworks, ACallWithoutASubscriberIsForbidden) {
  World world;
  world.subscribe();
  world.master.stream_closed(world.now, world.stream_id);
  const auto refused = world.master.refusal(world.framework_id, world.stream_id);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 403);
  EXPECT_EQ(refused->text, "Framework is not subscribed");
}

TEST(Frameworks, TheFailoverTimeoutRemovesAFrameworkAndKillsItsTasks) {
  World world;
  auto wanted = world.request();
  wanted.info.failover_timeout_s = 2;
  world.subscribe(wanted);
  world.run_task();
  world.master.stream_closed(world.now, world.stream_id);
  world.pass(1999);
  EXPECT_THAT(world.kills, IsEmpty());
  world.pass(1);
  ASSERT_EQ(world.kills.size(), 1u);
  EXPECT_EQ(world.kills[0].task_id, "t__1");
  world.subscribe(world.request(world.framework_id));
  EXPECT_THAT(world.errors(), ElementsAre("Framework has been removed"));
}

TEST(Frameworks, ComingBackInTimeKeepsTheFramework) {
  World world;
  auto wanted = world.request();
  wanted.info.failover_timeout_s = 2;
  world.subscribe(wanted);
  world.master.stream_closed(world.now, world.stream_id);
  world.pass(1500);
  wanted.info.id = world.framework_id;
  world.subscribe(wanted);
  world.pass(5000);
  EXPECT_TRUE(world.master.frameworks().contains(world.framework_id));
}

// Its timer went with it; the new one counts subscriptions from the beginning, too.
TEST(Frameworks, TheFailoverTimeoutOfAnEarlierMasterRemovesNobody) {
  World world;
  auto wanted = world.request();
  wanted.info.failover_timeout_s = 2;
  world.subscribe(wanted);
  world.master.stream_closed(world.now, world.stream_id);
  world.master.restart(world.now, false, 0);
  wanted.info.id = world.framework_id;
  world.subscribe(wanted);
  world.pass(5000);
  EXPECT_TRUE(world.master.frameworks().contains(world.framework_id));
}

TEST(Frameworks, ThePrincipalCannotBeChanged) {
  World world;
  world.subscribe();
  auto other = world.request(world.framework_id);
  other.info.principal = "other";
  world.subscribe(other);
  EXPECT_THAT(world.errors(), ElementsAre("Changing framework's principal is not allowed."));
  EXPECT_TRUE(world.master.frameworks().at(world.framework_id).is_connected) << "the first subscriber stays";
}

TEST(Frameworks, BadRolesAndTimeoutsEndInAnErrorEvent) {
  const auto error_of = [](auto change) {
    World world;
    auto wanted = world.request();
    change(wanted);
    world.subscribe(wanted);
    return world.errors().empty() ? std::string("accepted") : world.errors().front();
  };
  EXPECT_EQ(error_of([](auto& w) { w.info.roles = {"/a"}; }),
            "'FrameworkInfo.roles' contains invalid role: Role '/a' cannot start with a slash");
  EXPECT_EQ(error_of([](auto& w) {
              w.info.roles = {"a", "a"};
            }),
            "'FrameworkInfo.roles' contains duplicate items: { a }");
  EXPECT_EQ(error_of([](auto& w) { w.legacy_role = "a"; }),
            "'FrameworkInfo.role' must not be set when the framework is MULTI_ROLE capable");
  EXPECT_EQ(error_of([](auto& w) { w.info.capabilities.clear(); }),
            "'FrameworkInfo.roles' must not be set when the framework is not MULTI_ROLE capable");
  EXPECT_EQ(error_of([](auto& w) { w.info.failover_timeout_s = 1e30; }),
            "The framework failover_timeout (1e+30) is invalid");
  EXPECT_EQ(error_of([](auto& w) { w.info.failover_timeout_s = -1; }), "accepted");
}

TEST(Frameworks, ATornDownFrameworkLeavesItsReservationsBehind) {
  World world;
  world.subscribe();
  world.accept({World::operation(Type::kReserve, {World::reserved(World::scalar("cpus", 1000))})});
  world.call(mesos::call::Teardown{});
  world.forget();
  world.subscribe();
  EXPECT_THAT(
      world.offered(),
      ::testing::HasSubstr("cpus(allocated: role)(reservations: [(DYNAMIC,role,p,{resource_id: r1})]):1"));
}

}  // namespace
}  // namespace ostler::cluster
