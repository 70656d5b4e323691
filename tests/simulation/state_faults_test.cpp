// The faults of the state, of processes and of operators, one scenario each (README.md
// lists which test is for which).
#include "base/exit_code.h"
#include "simulation/scenario.h"
#include "simulation/service.h"

namespace ostler::simulation {
namespace {

RunSetup with(std::vector<Fault> faults) {
  RunSetup setup;
  setup.faults = std::move(faults);
  return setup;
}

TEST(StateFaults, F1_TheStateOfAnEarlierInstallationHarmsNoVolume) {
  RunSetup setup;
  setup.agents = 7;
  Scenario s(setup);
  ASSERT_TRUE(s.rests());
  const auto theirs = s.volumes();
  // Installed anew under the same name, while the first one's tasks and volumes still exist.
  s.world.store().clear();
  s.fault(FaultKind::kStop);
  ASSERT_TRUE(s.rests());
  const auto all = s.volumes();
  EXPECT_EQ(all.size(), 6U);
  for (const std::string& volume : theirs) EXPECT_TRUE(all.contains(volume));
}

TEST(StateFaults, F2_LateNewsOfAnEarlierConfigurationKillsNothing) {
  std::vector<Fault> faults;
  for (int64_t n = 20; n < 40; ++n) faults.push_back({FaultKind::kUpdateLate, n, 400 * n, 0});
  Scenario s(with(faults));
  ASSERT_TRUE(s.rests());
  const auto volumes = s.volumes();
  s.flip(2);
  ASSERT_TRUE(s.passes(6'000));
  s.flip(0);
  ASSERT_TRUE(s.rests());
  EXPECT_EQ(s.volumes(), volumes);
}

TEST(StateFaults, F3_ItConvergesAfterACrashAtEveryEffectOfADeployment) {
  Scenario clean;
  ASSERT_TRUE(clean.rests());
  for (int64_t n = 1; n <= clean.world.counts().effects; ++n) {
    Scenario s(with({{FaultKind::kCrash, n, 0, 0}}));
    ASSERT_TRUE(s.rests()) << "crash before effect " << n;
    EXPECT_EQ(s.world.counts().starts, 2);
  }
  for (int64_t n = 1; n <= clean.world.counts().commits; ++n) {
    Scenario s(with({{FaultKind::kCrashAfterCommit, n, 0, 0}}));
    ASSERT_TRUE(s.rests()) << "crash after commit " << n;
  }
}

TEST(StateFaults, F3_ItConvergesAfterACrashAtEveryEffectOfAnUpdate) {
  int64_t first = 0, last = 0;
  {
    Scenario clean;
    ASSERT_TRUE(clean.rests());
    first = clean.world.counts().effects;
    clean.flip(2);
    ASSERT_TRUE(clean.passes(5'000));
    ASSERT_TRUE(clean.rests());
    last = clean.world.counts().effects;
  }
  for (int64_t n = first + 1; n <= last; ++n) {
    Scenario s(with({{FaultKind::kCrash, n, 0, 0}}));
    ASSERT_TRUE(s.rests());
    s.flip(2);
    ASSERT_TRUE(s.passes(5'000)) << "crash before effect " << n;
    ASSERT_TRUE(s.rests()) << "crash before effect " << n;
    EXPECT_EQ(s.volumes().size(), 3U);
  }
}

TEST(StateFaults, F4_AConfigurationThatChangesBackWhileTheSchedulerIsDownKillsNothing) {
  Scenario s;
  ASSERT_TRUE(s.rests());
  s.forget_calls();
  s.flip(1);
  ASSERT_TRUE(s.world.run_until([&] { return s.world.scheduler() != nullptr; }));
  s.flip(0);  // before it did anything but store the new target
  ASSERT_TRUE(s.rests());
  EXPECT_EQ(s.kills, 0);
  EXPECT_EQ(s.launches, 0);
}

TEST(StateFaults, F5_AHalfDoneReleaseIsFinishedOrTakenBack) {
  for (const uint32_t operation : {0U, 1U, 2U}) {
    Scenario s(with({{FaultKind::kOperationsRefused, 4, 0, operation}, {FaultKind::kCallLost, 60, 0, 0}}));
    ASSERT_TRUE(s.rests());
    s.flip(5);  // gives CPUs back
    ASSERT_TRUE(s.passes(8'000));
    s.flip(0);  // and takes them again
    EXPECT_TRUE(s.rests());
  }
}

TEST(StateFaults, F6_ARejectedConfigurationChangesNothingAndAGoodOneRecovers) {
  for (const uint32_t bad : {kRejected, kRejected + 1}) {
    Scenario s;
    ASSERT_TRUE(s.rests());
    const std::string target = s.target();
    s.forget_calls();
    s.flip(bad);
    ASSERT_TRUE(s.passes(60'000));
    EXPECT_EQ(s.target(), target);
    EXPECT_EQ(s.kills + s.launches, 0);
    EXPECT_EQ(s.running("-server"), 3);
    s.flip(1);
    ASSERT_TRUE(s.rests());
    EXPECT_NE(s.target(), target);
  }
}

TEST(StateFaults, F7_AConfigurationThatCannotRunTakesDownOneNodeAndNoMore) {
  Scenario s;
  ASSERT_TRUE(s.rests());
  s.fault(FaultKind::kCrashLoop, 0, 1000);
  s.flip(1);
  for (int i = 0; i < 300; ++i) {
    ASSERT_TRUE(s.passes(1'000));
    ASSERT_GE(s.running("-server"), 2);
  }
}

TEST(StateFaults, F20_AnUninstallSaysWhichAgentItWaitsForAndCanGiveItUp) {
  Scenario s;
  ASSERT_TRUE(s.rests());
  s.fault(FaultKind::kAgentAway, 86'400'000, 0);
  ASSERT_TRUE(s.passes(100'000));
  s.world.uninstall();
  s.fault(FaultKind::kStop);
  ASSERT_TRUE(s.passes(600'000));
  EXPECT_EQ(s.volumes().size(), 1U) << "all but what is on the agent that is away";
  EXPECT_THAT(s.picture(), ::testing::HasSubstr("10.0.0.1"));
  s.world.command(core::command::UninstallAbandon{});
  ASSERT_TRUE(s.passes(60'000));
  EXPECT_EQ(s.world.store().find("/Tasks/zookeeper-0-server/TaskInfo"), nullptr);
  EXPECT_EQ(s.world.store().find("/FrameworkID"), nullptr);
}

TEST(StateFaults, F23_ASecondSchedulerSaysNothingWritesNothingAndEnds) {
  Scenario s;
  ASSERT_TRUE(s.rests());
  ASSERT_TRUE(s.passes(140'000));  // between two looks of the first one for leftovers
  s.forget_calls();
  const auto before = s.world.store().nodes();
  s.fault(FaultKind::kSecondStarts);
  ASSERT_TRUE(s.passes(60'000));
  EXPECT_EQ(s.calls, 0);
  EXPECT_EQ(s.world.store().nodes(), before);
  EXPECT_FALSE(s.world.has_second()) << "after 30 s it gives up";
}

TEST(StateFaults, F23_AHolderThatSleptThroughItsSessionEndsBeforeItSaysAnything) {
  Scenario s;
  ASSERT_TRUE(s.rests());
  s.fault(FaultKind::kPause, 40'000);
  s.fault(FaultKind::kSecondStarts);
  ASSERT_TRUE(s.passes(39'000));
  const auto owner = s.world.store().owner();
  EXPECT_EQ(owner, s.world.scheduler()->number()) << "the second has taken over";
  ASSERT_TRUE(s.rests());
  EXPECT_EQ(s.world.store().owner(), owner);
}

TEST(StateFaults, F24_TheStateCannotBeReachedForTenMinutes) {
  Scenario s;
  ASSERT_TRUE(s.passes(3'000));
  s.fault(FaultKind::kStoreAway, 600'000);
  ASSERT_TRUE(s.passes(600'000));
  EXPECT_TRUE(s.rests());
}

TEST(StateFaults, F24_ACommitWhoseOutcomeIsUnknownIsRepeated) {
  Scenario clean;
  ASSERT_TRUE(clean.rests());
  for (int64_t n = 1; n <= clean.world.counts().commits; ++n) {
    for (const FaultKind kind : {FaultKind::kCommitUnknown, FaultKind::kCommitFails}) {
      Scenario s(with({{kind, n, 0, 3}}));
      ASSERT_TRUE(s.rests()) << to_text({kind, n, 0, 3});
      EXPECT_EQ(s.world.counts().starts, 1);
    }
  }
}

TEST(StateFaults, F24_ACommitThatIsTooLargeForTheStateIsSplit) {
  RunSetup setup;
  setup.max_commit_bytes = 24'000;
  setup.is_parallel = true;
  Scenario s(setup);
  ASSERT_TRUE(s.rests());
  s.flip(2);
  EXPECT_TRUE(s.rests());
}

TEST(StateFaults, F24_ADamagedRecordEndsTheStartAndIsNamed) {
  Scenario s;
  ASSERT_TRUE(s.rests());
  s.forget_calls();
  s.world.store().put("/Tasks/zookeeper-0-server/TaskInfo", "{\"task\":");
  s.fault(FaultKind::kStop);
  ASSERT_TRUE(s.passes(10'000));
  ASSERT_GE(s.world.exits().size(), 2U);
  EXPECT_EQ(s.world.exits().back().first, kExitInitialization);
  EXPECT_THAT(s.world.exits().back().second, ::testing::HasSubstr("/Tasks/zookeeper-0-server/TaskInfo"));
  EXPECT_EQ(s.calls, 0);
}

TEST(StateFaults, F25_ClocksJumpAndProcessesAreAskedToEndInTheMiddle) {
  Scenario s;
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(s.passes(1'300));
    s.fault(FaultKind::kClockJumps, 0, i % 2 ? 1 : 0);
    s.fault(FaultKind::kStop);
  }
  ASSERT_TRUE(s.rests());
  EXPECT_EQ(s.kills, 0);
}

}  // namespace
}  // namespace ostler::simulation
