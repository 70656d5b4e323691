// /v1/health's code where tasks are there and do not serve.
#include "core/health.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "engine_driver.h"

namespace ostler::core {
namespace {

using mesos::TaskState;
using test::big_offer;
using test::EngineDriver;
using test::sample_spec;
using ::testing::Contains;

EngineDriver deployed_nodes(int32_t count) {
  EngineDriver driver(sample_spec(spec::Strategy::kParallel, count));
  driver.subscribe();
  for (int32_t i = 0; i < count; ++i) driver.offer({big_offer(i + 1)});
  for (int32_t i = 0; i < count; ++i) driver.ready("zookeeper-" + std::to_string(i));
  return driver;
}

TEST(HealthCode, IsDegradedWhileTheOnlyServerCannotBeReached) {
  EngineDriver driver = deployed_nodes(1);
  EXPECT_EQ(driver.engine().snapshot()->health.code, 200);
  driver.update("zookeeper-0-server", TaskState::kUnreachable, {}, "SOURCE_MASTER");
  const Health health = driver.engine().snapshot()->health;
  EXPECT_EQ(health.code, 206);
  EXPECT_THAT(health.reasons, Contains("degraded: 0 of 1 zookeeper serve"));
  EXPECT_THAT(health.reasons,
              Contains("zookeeper-0-server: agent 10.0.0.1 is unreachable; the task is taken back when it "
                       "returns, or moved by `pod replace zookeeper-0`"));
  driver.update("zookeeper-0-server", TaskState::kRunning, 0);
  EXPECT_EQ(driver.engine().snapshot()->health.code, 200);
}

TEST(HealthCode, IsDegradedWhereMostServeAndRecoveringWhereFewDo) {
  EngineDriver driver = deployed_nodes(3);
  driver.update("zookeeper-0-server", TaskState::kFailed);
  EXPECT_EQ(driver.engine().snapshot()->health.code, 206);
  driver.update("zookeeper-1-server", TaskState::kFailed);
  EXPECT_EQ(driver.engine().snapshot()->health.code, 203) << "the SDK's code: a recovery step is PENDING";
}

// Which plan has the paused pod is another after a restart; how the service is, is not.
TEST(HealthCode, OfAPausedServerIsTheSameForTheNextProcess) {
  EngineDriver driver = deployed_nodes(3);
  driver.command(command::PodPause{"zookeeper-1", {"server"}});
  driver.update("zookeeper-1-server", TaskState::kKilled);
  driver.update("zookeeper-1-metrics", TaskState::kKilled);
  driver.relaunch("zookeeper-1");
  driver.update("zookeeper-1-server", TaskState::kRunning);
  driver.update("zookeeper-1-metrics", TaskState::kRunning);
  EXPECT_EQ(driver.engine().snapshot()->health.code, 206);
  driver.restart();
  driver.subscribe();
  for (const char* pod : {"zookeeper-0", "zookeeper-2"}) driver.ready(pod);
  driver.update("zookeeper-1-server", TaskState::kRunning);
  driver.update("zookeeper-1-metrics", TaskState::kRunning);
  EXPECT_EQ(driver.engine().snapshot()->health.code, 206);
}

// "Waits for a person" says nothing of a server that is gone in the meantime.
TEST(HealthCode, IsDegradedAlsoWhileTheDeploymentWaitsForItsOperator) {
  EngineDriver driver(sample_spec(spec::Strategy::kSerial, 4));
  driver.subscribe();
  for (int32_t i = 0; i < 3; ++i) {
    driver.offer({big_offer(i + 1)});
    driver.ready("zookeeper-" + std::to_string(i));
  }
  driver.command(command::PlanInterrupt{{"deploy", {}, {}}});
  EXPECT_EQ(driver.engine().snapshot()->health.code, 204) << "the fourth is not missed: the SDK's code";
  driver.update("zookeeper-1-server", TaskState::kUnreachable, {}, "SOURCE_MASTER");
  const Health health = driver.engine().snapshot()->health;
  EXPECT_EQ(health.code, 206);
  EXPECT_THAT(health.reasons, Contains("degraded: 2 of 3 zookeeper serve"));
}

TEST(HealthCode, CountsNoPodThatOnlyAPlanOfOnesOwnWillLaunch) {
  spec::ServiceSpec service = sample_spec(spec::Strategy::kParallel, 1);
  service.pods.push_back(service.pods[0]);
  service.pods[1].type = "backup";
  EngineDriver driver(service);
  driver.subscribe();
  driver.offer({big_offer(1)});
  driver.ready("zookeeper-0");
  EXPECT_EQ(driver.engine().snapshot()->health.code, 200);
}

// A rolling change takes nodes down by intent, also where a person lets it go step by step.
TEST(HealthCode, IsNotDegradedWhileACanaryIsRestarted) {
  EngineDriver driver = deployed_nodes(3);
  spec::ServiceSpec changed = sample_spec(spec::Strategy::kSerialCanary, 3);
  changed.pods[0].tasks[0].env["NEW"] = "1";
  driver.restart_with(changed);
  driver.subscribe();
  for (const char* pod : {"zookeeper-0", "zookeeper-1", "zookeeper-2"}) driver.ready(pod);
  ASSERT_TRUE(driver.command(command::PlanContinue{{"deploy", {}, {}}}).ok());
  driver.update("zookeeper-0-server", TaskState::kKilled);
  driver.update("zookeeper-0-metrics", TaskState::kKilled);
  driver.relaunch("zookeeper-0");
  EXPECT_EQ(driver.engine().snapshot()->health.code, kDeployingPending) << "the SDK's code";
}

// The reference page and `ostler health` have a name and a meaning for each.
TEST(HealthCode, HasANameAndAnExplanation) {
  std::set<int32_t> codes;
  for (const HealthText& one : health_texts()) {
    EXPECT_TRUE(codes.insert(one.code).second) << one.name << " is there twice";
    EXPECT_EQ(health_name(one.code), one.name);
    EXPECT_FALSE(one.about.empty()) << one.name;
  }
  for (const int32_t code : {200, 202, 203, 204, 205, 206, 207, 208, 318, 320, 321, 500, 503})
    EXPECT_TRUE(codes.contains(code)) << code;
  EXPECT_EQ(health_name(418), "");
}

}  // namespace
}  // namespace ostler::core
