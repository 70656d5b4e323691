// How long a task that keeps failing waits: the SDK's cases of ExponentialBackoffTest, with
// its own numbers where they are set and with ours.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/footprint.h"
#include "engine_driver.h"

namespace ostler::core::test {
namespace {

using mesos::TaskState;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr const char* kTask = "zookeeper-0-metrics";

EngineDriver with_settings(const Settings& settings) {
  EngineDriver driver(sample_spec(spec::Strategy::kParallel, 1));
  driver.settings = settings;
  driver.restart();
  driver.subscribe();
  driver.offer({big_offer(1)});
  driver.ready("zookeeper-0");
  return driver;
}

FakeOffer home(const EngineDriver& driver) {
  FakeOffer offer{"O-home", driver.agent_of(kTask), "10.0.0.1", {}};
  for (const Holding& one : driver.stored.tasks.at(kTask).launch->holdings) {
    if (!is_executor_key(one.key)) offer.resources.push_back(one.resource);
  }
  return offer;
}

int64_t delay_ms(const EngineDriver& driver) {
  const Backoff& backoff = driver.stored.tasks.at(kTask).backoff;
  return backoff.not_before_unix_ms == 0 ? 0 : backoff.not_before_unix_ms - driver.now.unix_ms;
}

// The delays of so many failures in a row, each of which is sat out.
std::vector<int64_t> delays(EngineDriver& driver, int failures) {
  std::vector<int64_t> out;
  for (int i = 0; i < failures; ++i) {
    driver.update(kTask, TaskState::kFailed);
    out.push_back(delay_ms(driver));
    driver.calls.clear();
    if (out.back() > 0) {
      driver.advance(out.back() - 1);
      driver.offer({home(driver)});
      EXPECT_THAT(driver.launched(), IsEmpty()) << "failure " << i + 1;
      driver.advance(1);
    }
    driver.offer({home(driver)});
    EXPECT_THAT(driver.launched(), SizeIs(1)) << "failure " << i + 1;
  }
  return out;
}

// Unlike the SDK, which without ENABLE_BACKOFF launches a crashing task at once for ever.
TEST(BackOff, TheFirstRelaunchIsAtOnceAndThenEachWaitsTwiceAsLong) {
  EngineDriver driver = with_settings({});
  EXPECT_THAT(delays(driver, 11),
              ElementsAre(0, 1000, 2000, 4000, 8000, 16'000, 32'000, 64'000, 128'000, 256'000, 300'000));
}

TEST(BackOff, WithTheNumbersOfTheSdkItWaitsAsTheSdkDoes) {
  Settings settings;
  settings.backoff_always = true;
  settings.backoff_initial_ms = 60'000;
  settings.backoff_factor = 1.15;
  settings.backoff_max_ms = 300'000;
  EngineDriver driver = with_settings(settings);
  const std::vector<int64_t> all = delays(driver, 14);
  EXPECT_EQ(all[0], 60'000);
  EXPECT_EQ(all[1], 69'000);
  EXPECT_NEAR(static_cast<double>(all[2]), 79'350, 1);
  EXPECT_EQ(all[12], 300'000);
  EXPECT_EQ(all[13], 300'000);
}

// Unlike the SDK, which forgets as soon as the task is ready: a crash loop that comes up for
// a moment each time is one all the same.
TEST(BackOff, IsForgottenOnlyAfterTenGoodMinutes) {
  EngineDriver driver = with_settings({});
  delays(driver, 3);
  driver.update(kTask, TaskState::kRunning);
  driver.advance(599'000);
  driver.update(kTask, TaskState::kFailed);
  EXPECT_EQ(delay_ms(driver), 4000);
  driver.advance(4000);
  driver.offer({home(driver)});
  driver.update(kTask, TaskState::kRunning);
  driver.advance(600'000);
  driver.update(kTask, TaskState::kFailed);
  EXPECT_EQ(delay_ms(driver), 0);
}

TEST(BackOff, EndsWhenAnOperatorAsksForTheTask) {
  for (const Command& command :
       {Command{command::PodRestart{"zookeeper-0"}}, Command{command::PodReplace{"zookeeper-0"}}}) {
    EngineDriver driver = with_settings({});
    delays(driver, 4);
    driver.update(kTask, TaskState::kFailed);
    ASSERT_GT(delay_ms(driver), 0);
    ASSERT_TRUE(driver.command(command).ok());
    EXPECT_EQ(delay_ms(driver), 0);
    EXPECT_EQ(driver.stored.tasks.at(kTask).backoff.failures, 0U);
  }
}

// What says nothing about the task is no reason to wait.
TEST(BackOff, CountsOnlyEndsThatAreTheTasksOwn) {
  EngineDriver driver = with_settings({});
  for (int i = 0; i < 4; ++i) {
    driver.update(kTask, TaskState::kLost, {}, "SOURCE_MASTER");
    EXPECT_EQ(delay_ms(driver), 0);
    driver.calls.clear();
    driver.offer({home(driver)});
    EXPECT_THAT(driver.launched(), SizeIs(1));
  }
}

TEST(BackOff, OfOneTaskDelaysNoOther) {
  EngineDriver driver = deployed_driver();
  const auto fail = [&](const std::string& pod) {
    driver.update(pod + "-server", TaskState::kFailed);
    driver.update(pod + "-metrics", TaskState::kKilled);
  };
  fail("zookeeper-0");
  driver.relaunch("zookeeper-0");
  fail("zookeeper-0");
  fail("zookeeper-1");
  driver.calls.clear();
  driver.relaunch("zookeeper-0");
  EXPECT_THAT(driver.launched(), IsEmpty());
  driver.relaunch("zookeeper-1");
  EXPECT_THAT(driver.launched(), ElementsAre("zookeeper-1-server", "zookeeper-1-metrics"));
}

}  // namespace
}  // namespace ostler::core::test
