// Wait statuses here are exit codes shifted left by 8, as waitpid gives them.
#include "cluster/agent/checker.h"

#include <gtest/gtest.h>

namespace ostler::cluster {
namespace {

constexpr int kFails = 1 << 8;
constexpr int kSucceeds = 0;

mesos::Check check() {
  mesos::Check made;
  made.delay_s = 2;
  made.interval_s = 3;
  made.grace_period_s = 10;
  made.consecutive_failures = 2;
  return made;
}

TEST(Checker, WaitsForItsDelayAndThenItsInterval) {
  Checker checker(check(), false);
  EXPECT_EQ(checker.started(1000), 3000);
  EXPECT_EQ(checker.finished(3500, kSucceeds).next_ms, 6500);
}

TEST(Checker, ACheckTellsOnlyChanges) {
  Checker checker(check(), false);
  checker.started(0);
  const auto first = checker.finished(1, kFails);
  EXPECT_TRUE(first.tell);
  EXPECT_EQ(first.exit_code, 1);
  EXPECT_FALSE(checker.finished(2, kFails).tell);
  EXPECT_TRUE(checker.finished(3, kSucceeds).tell);
}

TEST(Checker, ACheckThatTimesOutHasNoResult) {
  Checker checker(check(), false);
  checker.started(0);
  EXPECT_FALSE(checker.finished(1, std::nullopt).tell) << "there was none before";
  checker.finished(2, kSucceeds);
  const auto lost = checker.finished(3, std::nullopt);
  EXPECT_TRUE(lost.tell);
  EXPECT_FALSE(lost.exit_code);
}

TEST(Checker, HealthFailuresCountAfterTheGracePeriod) {
  Checker checker(check(), true);
  checker.started(0);
  EXPECT_FALSE(checker.finished(9'999, kFails).tell);
  const auto first = checker.finished(10'000, kFails);
  EXPECT_TRUE(first.tell);
  EXPECT_FALSE(first.kill);
  const auto second = checker.finished(13'000, kFails);
  EXPECT_TRUE(second.tell);
  EXPECT_TRUE(second.kill);
}

TEST(Checker, OnceHealthyTheGracePeriodIsOver) {
  Checker checker(check(), true);
  checker.started(0);
  EXPECT_TRUE(checker.finished(100, kSucceeds).healthy);
  EXPECT_FALSE(checker.finished(200, kSucceeds).tell) << "nothing new";
  EXPECT_TRUE(checker.finished(300, kFails).tell);
  EXPECT_TRUE(checker.finished(400, kSucceeds).tell) << "healthy again";
  checker.finished(500, kFails);
  EXPECT_TRUE(checker.finished(600, kFails).kill) << "two in a row";
}

}  // namespace
}  // namespace ostler::cluster
