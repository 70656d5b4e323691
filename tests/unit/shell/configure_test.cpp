// What Mesos is told about the framework, and the core about the environment.
#include "shell/configure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/core/engine_driver.h"

namespace ostler::shell {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;

std::vector<std::string> capabilities(const spec::ServiceSpec& service, bool allow_region_awareness = true) {
  spec::SchedulerEnvironment env;
  env.allow_region_awareness = allow_region_awareness;
  EXPECT_EQ(settings_of(service, env, 0).is_region_aware,
            ::testing::Value(framework_of(service, env, "").capabilities, Contains("REGION_AWARE")))
      << "the core must know what was asked for";
  return framework_of(service, env, "").capabilities;
}

TEST(Configure, AsksForWhatEveryServiceNeeds) {
  EXPECT_THAT(capabilities(core::test::sample_spec()),
              ElementsAre("MULTI_ROLE", "RESERVATION_REFINEMENT", "PARTITION_AWARE"));
}

TEST(Configure, AsksForGpusOnlyWhereSomePodWantsThem) {
  spec::ServiceSpec service = core::test::sample_spec();
  service.pods[0].resource_sets[1].gpus_milli = 1000;
  EXPECT_THAT(capabilities(service), Contains("GPU_RESOURCES"));
}

TEST(Configure, AsksForOtherRegionsOnlyWhereOneIsNamed) {
  spec::ServiceSpec named = core::test::sample_spec();
  named.pods[0].placement = {{"hostname", "UNIQUE"}, {"@region", "IS", "north"}};
  EXPECT_THAT(capabilities(named), Contains("REGION_AWARE"));
  EXPECT_THAT(capabilities(named, false), Not(Contains("REGION_AWARE"))) << "ALLOW_REGION_AWARENESS=false";

  spec::ServiceSpec whole = core::test::sample_spec();
  whole.region = "north";  // SERVICE_REGION
  EXPECT_THAT(capabilities(whole), Contains("REGION_AWARE"));
  EXPECT_THAT(capabilities(whole, false), Not(Contains("REGION_AWARE")));
}

TEST(Configure, SubscribesOnceForEachRole) {
  spec::ServiceSpec service = core::test::sample_spec();
  EXPECT_THAT(framework_of(service, {}, "").roles, ElementsAre("zk-role"));
  for (int i = 0; i < 2; ++i) {
    service.pods.push_back(service.pods[0]);
    service.pods.back().pre_reserved_role = "slave_public";
  }
  EXPECT_THAT(framework_of(service, {}, "").roles, ElementsAre("zk-role", "slave_public/zk-role"));
}

TEST(Configure, KeepsTheRoleOfARemovedPodWhileSomethingIsHeldOfIt) {
  EXPECT_THAT(framework_of(core::test::sample_spec(), {}, "F1", {"slave_public/zk-role", "zk-role"}).roles,
              ElementsAre("zk-role", "slave_public/zk-role"));
}

TEST(Configure, KeepsItsIdAndOutlivesItsSchedulerForTwoWeeks) {
  const mesos::FrameworkInfo framework = framework_of(core::test::sample_spec(), {}, "F1");
  EXPECT_EQ(framework.id, "F1");
  EXPECT_EQ(framework.name, "zk");
  EXPECT_EQ(framework.principal, "zk-principal");
  EXPECT_EQ(framework.failover_timeout_s, 1209600);
  EXPECT_TRUE(framework.checkpoint);
}

}  // namespace
}  // namespace ostler::shell
