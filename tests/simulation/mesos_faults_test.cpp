// The faults of Mesos, one scenario each (README.md lists which test is for which).
#include <algorithm>

#include "simulation/scenario.h"

namespace ostler::simulation {
namespace {

RunSetup with(std::vector<Fault> faults) {
  RunSetup setup;
  setup.faults = std::move(faults);
  return setup;
}

TEST(MesosFaults, F8_MasterFailsOverAndDoesNotKnowTheAgentsYet) {
  for (const uint32_t replicated : {0U, 1U}) {
    Scenario s;
    ASSERT_TRUE(s.rests());
    s.forget_calls();
    s.fault(FaultKind::kMasterFailover, 60'000, replicated);
    ASSERT_TRUE(s.passes(50'000)) << "reconciliation is answered with TASK_UNKNOWN, or not at all";
    ASSERT_TRUE(s.rests());
    EXPECT_EQ(s.launches, 0);
    EXPECT_EQ(s.kills, 0);
  }
}

TEST(MesosFaults, F9_TheFrameworkIdOutlivesLeaderAndProcess) {
  Scenario s;
  ASSERT_TRUE(s.rests());
  const std::string id = s.world.scheduler()->framework_id;
  s.fault(FaultKind::kMasterFailover, 1000);
  s.fault(FaultKind::kStop);
  ASSERT_TRUE(s.rests());
  EXPECT_EQ(s.world.scheduler()->framework_id, id);
  EXPECT_EQ(s.world.master().frameworks().size(), 1U) << "no ghost";
}

TEST(MesosFaults, F10_AnEventWithHundredsOfOffers) {
  RunSetup setup;
  setup.agents = 300;
  Scenario s(setup);
  EXPECT_TRUE(s.rests());
}

TEST(MesosFaults, F11_UpdatesComeTwiceLateAndAfterARelaunch) {
  std::vector<Fault> faults;
  for (int64_t n = 1; n <= 12; ++n) faults.push_back({FaultKind::kUpdateTwice, n, 900 * n, 0});
  faults.push_back({FaultKind::kUpdateLate, 13, 20'000, 0});
  faults.push_back({FaultKind::kTaskFails, 5'000, 0, 0});
  Scenario s(with(faults));
  EXPECT_TRUE(s.rests());
}

TEST(MesosFaults, F12_OffersAreRescindedWhileTheyAreOnTheirWay) {
  Scenario s(with({{FaultKind::kStreamSlow, 10, 8'000, 0}}));
  for (uint32_t agent = 0; agent < 4; ++agent) s.fault(FaultKind::kOffersRescinded, 0, agent);
  ASSERT_TRUE(s.passes(4'000));
  for (uint32_t agent = 0; agent < 4; ++agent) s.fault(FaultKind::kOffersRescinded, 0, agent);
  EXPECT_TRUE(s.rests());
}

TEST(MesosFaults, F13_AnUnreachableTaskThatComesBackIsAdopted) {
  Scenario s;
  ASSERT_TRUE(s.rests());
  s.forget_calls();
  s.fault(FaultKind::kAgentAway, 300'000, 0);
  ASSERT_TRUE(s.passes(200'000));
  EXPECT_EQ(s.running("-server"), 3) << "it runs on, unseen";
  ASSERT_TRUE(s.passes(200'000));
  ASSERT_TRUE(s.rests());
  EXPECT_EQ(s.launches, 0);
  EXPECT_EQ(s.kills, 0);
}

TEST(MesosFaults, F13_AnAgentThatReturnsUnderANewIdGetsItsPodBackWithItsVolumes) {
  Scenario s;
  ASSERT_TRUE(s.rests());
  const auto volumes = s.volumes();
  s.fault(FaultKind::kAgentNewId, 0, 0);
  ASSERT_TRUE(s.passes(1'200'000));
  EXPECT_EQ(s.volumes(), volumes);
  EXPECT_EQ(s.running("-server"), 3);
  ASSERT_TRUE(s.rests());
}

TEST(MesosFaults, F14_ALaunchThatIsDroppedDuringDeployIsRepeated) {
  for (const uint32_t operation : {2U, 3U}) {
    Scenario s(with({{FaultKind::kOperationsRefused, 1, 0, operation}}));
    ASSERT_TRUE(s.rests());
    EXPECT_GT(s.launches, 6);
  }
}

TEST(MesosFaults, F15_ARestartWithTheSameConfigurationKillsNothing) {
  Scenario s;
  // Also in the middle of the deployment.
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(s.passes(2'500));
    s.fault(FaultKind::kStop);
  }
  ASSERT_TRUE(s.rests());
  s.fault(FaultKind::kStop);
  ASSERT_TRUE(s.rests());
  EXPECT_EQ(s.kills, 0);
  EXPECT_EQ(s.launches, 6);
}

TEST(MesosFaults, F16_ARemovedFrameworkIsSaidClearlyAndNothingIsForgotten) {
  Scenario s;
  ASSERT_TRUE(s.rests());
  const std::string id = s.world.scheduler()->framework_id;
  const auto before = s.world.store().nodes();
  s.world.master().handle(1'000'000 + s.world.elapsed_ms(), id, mesos::call::Teardown{});
  ASSERT_TRUE(s.passes(20'000));
  ASSERT_FALSE(s.world.exits().empty());
  EXPECT_THAT(s.world.exits().back().second, ::testing::HasSubstr("Framework has been removed"));
  EXPECT_THAT(s.world.exits().back().second, ::testing::HasSubstr("uninstall the service"));
  EXPECT_TRUE(s.world.store().find("/FrameworkID") != nullptr);
  EXPECT_EQ(s.world.store().nodes().size(), before.size());
}

// The master keeps in mind what it removed until it fails over itself.
TEST(MesosFaults, F16_AFrameworkThatWasAwayForTooLongLosesItsTasksAndKeepsItsVolumes) {
  RunSetup setup;
  setup.failover_timeout_s = 60;
  Scenario s(setup);
  ASSERT_TRUE(s.rests());
  const auto volumes = s.volumes();
  s.forget_calls();
  s.fault(FaultKind::kFrameworkRemoved, 120'000, 0);
  ASSERT_TRUE(s.passes(110'000));
  EXPECT_EQ(s.running("-server"), 0);
  EXPECT_TRUE(s.world.exits().empty());
  ASSERT_TRUE(s.passes(60'000));
  EXPECT_TRUE(s.world.is_removed());
  EXPECT_THAT(s.world.exits().back().second,
              ::testing::HasSubstr("away for longer than its failover timeout"));
  EXPECT_EQ(s.launches, 0);
  EXPECT_EQ(s.volumes(), volumes);
  EXPECT_TRUE(s.world.store().find("/FrameworkID") != nullptr);

  s.fault(FaultKind::kMasterFailover, 1000, 1);
  ASSERT_TRUE(s.passes(120'000));
  ASSERT_TRUE(s.rests());
  EXPECT_FALSE(s.world.is_removed());
  EXPECT_EQ(s.running("-server"), 3);
  EXPECT_EQ(s.volumes(), volumes);
}

TEST(MesosFaults, F17_AnAcceptThatIsPartlyAppliedLeavesNoLeak) {
  for (const uint32_t operation : {0U, 1U, 2U}) {
    for (const int64_t accept : {1, 2, 3}) {
      Scenario s(with({{FaultKind::kOperationsRefused, accept, 0, operation}}));
      EXPECT_TRUE(s.rests()) << "operation " << operation << " of ACCEPT " << accept;
    }
  }
}

// A reservation that nobody holds any more was kept for ever: once the plan was complete,
// no offer showed it.
TEST(MesosFaults, F17_AnUnreserveThatIsRefusedIsRepeatedAlsoWhenThePlanIsComplete) {
  for (const int64_t accept : {4, 5, 6}) {
    Scenario s(with({{FaultKind::kOperationsRefused, accept, 0, 0}}));
    ASSERT_TRUE(s.rests());
    s.flip(4);  // another port
    ASSERT_TRUE(s.passes(5'000));
    EXPECT_TRUE(s.rests()) << "ACCEPT " << accept;
  }
}

// Everything on an agent that is reserved, and not by us.
int64_t foreign_milli(const World& world) {
  int64_t sum = 0;
  const auto count = [&](const std::vector<mesos::Resource>& resources) {
    for (const mesos::Resource& r : resources) {
      if (r.reservations.empty()) continue;
      const mesos::Reservation& outer = r.reservations.back();
      if (!outer.is_dynamic || outer.principal == "other") sum += r.milli;
    }
  };
  for (const auto& agent : world.master().agents()) count(agent->available);
  for (const auto& [id, offer] : world.master().offers()) count(offer.resources);
  return sum;
}

TEST(MesosFaults, F18_F19_WhatOthersReservedInOurRoleAndStaticallyStaysTheirs) {
  RunSetup setup;
  setup.is_shared = true;
  Scenario s(setup);
  const int64_t before = foreign_milli(s.world);
  EXPECT_GT(before, 0);
  ASSERT_TRUE(s.rests());
  s.flip(5);
  ASSERT_TRUE(s.rests());
  EXPECT_EQ(foreign_milli(s.world), before);
}

TEST(MesosFaults, F21_WhatRanOnADecommissionedAgentIsReplacedElsewhere) {
  Scenario s;
  ASSERT_TRUE(s.rests());
  s.fault(FaultKind::kAgentGone, 0, 0);
  ASSERT_TRUE(s.passes(600'000));
  EXPECT_EQ(s.running("-server"), 3) << "an operator said that the agent and its volumes are gone for good";
}

TEST(MesosFaults, F21_NothingNewGoesToAnAgentThatIsAboutToLeave) {
  Scenario s;
  s.fault(FaultKind::kMaintenance, 600'000, 0);
  ASSERT_TRUE(s.rests(300'000));
  EXPECT_TRUE(s.world.master().agents()[0]->tasks.empty());
  EXPECT_EQ(s.running("-server"), 3);
}

TEST(MesosFaults, F21_APodStaysOnAnAgentInMaintenanceAndComesBackWithIt) {
  Scenario s;
  ASSERT_TRUE(s.rests());
  const auto volumes = s.volumes();
  s.forget_calls();
  uint32_t used = 0;
  while (s.world.master().agents()[used]->tasks.empty()) ++used;
  s.fault(FaultKind::kMaintenance, 200'000, used + 8);
  ASSERT_TRUE(s.passes(90'000));
  EXPECT_EQ(s.running("-server"), 3) << "it is declined, and nothing moves";
  EXPECT_EQ(s.declined_inverse_offers, 1);
  ASSERT_TRUE(s.passes(20'000));
  EXPECT_EQ(s.running("-server"), 2);
  ASSERT_TRUE(s.passes(120'000));
  ASSERT_TRUE(s.rests());
  EXPECT_EQ(s.running("-server"), 3);
  EXPECT_EQ(s.volumes(), volumes);
  EXPECT_EQ(s.kills, 0);
}

// Mesos tells of the tasks that it knows to be there, and nothing of those that had ended: a
// step that waited to launch them again there did so for ever.
TEST(MesosFaults, F21_WhatHadEndedOnADecommissionedAgentIsReplacedElsewhereToo) {
  Scenario s;
  ASSERT_TRUE(s.rests());
  s.fault(FaultKind::kCrashLoop, 0, 12);
  s.fault(FaultKind::kExecutorFails, 0, 0);
  ASSERT_TRUE(s.passes(60'000));
  uint32_t idle = 0;  // a server's, which waits for the next attempt
  for (uint32_t i = 0; i < s.world.master().agents().size(); ++i) {
    const cluster::Agent& agent = *s.world.master().agents()[i];
    const auto is_live = [](const auto& one) { return one.second.live(); };
    if (!agent.volumes.empty() && std::none_of(agent.tasks.begin(), agent.tasks.end(), is_live)) idle = i;
  }
  ASSERT_EQ(s.running("-server"), 2) << s.picture();
  ASSERT_FALSE(s.world.master().agents()[idle]->volumes.empty());
  s.fault(FaultKind::kAgentGone, 0, idle);
  ASSERT_TRUE(s.passes(1'800'000));
  EXPECT_EQ(s.running("-server"), 3) << s.picture();
  EXPECT_THAT(s.picture(), ::testing::Not(::testing::HasSubstr("recovery")));
}

TEST(MesosFaults, F22_WithNothingToBeHadItWaitsAndWakesUpAgain) {
  RunSetup setup;
  Scenario s(setup);
  s.fault(FaultKind::kRivalHoards, 900'000);
  ASSERT_TRUE(s.passes(800'000));
  ASSERT_TRUE(s.rests());
  // At rest it wants no offers; a configuration that needs more revives them.
  s.forget_calls();
  s.flip(2);
  ASSERT_TRUE(s.rests());
  EXPECT_EQ(s.launches, 6);
}

}  // namespace
}  // namespace ostler::simulation
