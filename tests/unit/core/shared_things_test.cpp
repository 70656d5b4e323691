// Steps whose tasks cannot be launched together: an error that a person must end, and not a
// launch that kills itself again and again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "backup_spec.h"
#include "engine_driver.h"

namespace ostler::core::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

void expect_error(spec::ServiceSpec service, const std::string& text) {
  EngineDriver driver(std::move(service));
  driver.subscribe();
  driver.offer({big_offer(1)});
  driver.advance(60'000);
  driver.offer({big_offer(1)});
  EXPECT_THAT(driver.launched(), IsEmpty());
  EXPECT_THAT(driver.killed(), IsEmpty());
  const auto snapshot = driver.engine().snapshot();
  const PlanView& plan = *snapshot->plan("deploy");
  EXPECT_EQ(plan.status, Status::kError);
  EXPECT_EQ(plan.phases[0].steps[0].status, Status::kError);
  EXPECT_THAT(plan.phases[0].steps[0].errors, ElementsAre(text));
  EXPECT_EQ(plan.phases[0].steps[0].message, text);
}

TEST(SharedThings, AStepWhoseTasksShareAResourceSetIsInError) {
  spec::ServiceSpec service = sample_spec(spec::Strategy::kSerial, 1);
  service.pods[0].tasks[1].resource_set = "server-resource-set";
  expect_error(service,
               "its tasks share the resource set 'server-resource-set', so they cannot be launched together; "
               "give them steps of their own");
}

TEST(SharedThings, AStepWhoseTasksShareADnsPrefixIsInError) {
  spec::ServiceSpec service = sample_spec(spec::Strategy::kSerial, 1);
  for (spec::TaskSpec& task : service.pods[0].tasks) task.discovery.emplace().prefix = "zk";
  expect_error(service,
               "its tasks share the prefix 'zk', so they cannot be launched together; give them steps of "
               "their own");
}

// Both were sent with one ACCEPT, and Mesos refused the second: TASK_ERROR and a back-off.
TEST(SharedThings, StepsOfTheirOwnTakeTurnsWithTheSetAlsoInAParallelPhase) {
  spec::ServiceSpec spec = with_backup();
  spec::TaskSpec restore = *spec.pods[0].task("backup");
  restore.name = "restore";
  spec.pods[0].tasks.push_back(restore);
  spec::PhaseSpec& phase = spec.plans.back().phases[0];
  phase.strategy = spec::Strategy::kParallel;
  phase.steps = {{0, {"backup"}}, {0, {"restore"}}};
  EngineDriver driver(spec);
  driver.subscribe();
  driver.offer({big_offer(1), big_offer(2), big_offer(3)});
  for (const char* pod : {"zookeeper-0", "zookeeper-1", "zookeeper-2"}) driver.ready(pod);
  driver.command(command::PlanStart{"backup", {}});
  driver.calls.clear();
  driver.relaunch("zookeeper-0");
  EXPECT_THAT(driver.launched(), ElementsAre("zookeeper-0-backup"));
  driver.update("zookeeper-0-backup", mesos::TaskState::kFinished);
  driver.calls.clear();
  driver.relaunch("zookeeper-0");
  EXPECT_THAT(driver.launched(), ElementsAre("zookeeper-0-restore"));
}

}  // namespace
}  // namespace ostler::core::test
