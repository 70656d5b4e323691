// A task leaves a pod that stays: its process ends, what it alone held is given back, and
// it comes back in no plan. Its fellows go on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine_driver.h"

namespace ostler::core::test {
namespace {

using mesos::TaskState;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

spec::ServiceSpec without(const std::string& task, bool allow = false) {
  spec::ServiceSpec spec = sample_spec(spec::Strategy::kParallel);
  spec::PodSpec& pod = spec.pods[0];
  pod.allow_decommission = allow;
  std::erase_if(pod.tasks, [&](const spec::TaskSpec& one) { return one.name == task; });
  std::erase_if(pod.resource_sets,
                [&](const spec::ResourceSet& one) { return one.id == task + "-resource-set"; });
  for (spec::StepSpec& step : spec.plans[0].phases[0].steps) step.tasks = {pod.tasks[0].name};
  return spec;
}

EngineDriver removed_metrics() {
  EngineDriver driver = deployed_driver();
  driver.restart_with(without("metrics"));
  driver.subscribe();
  for (const char* pod : {"zookeeper-0", "zookeeper-1", "zookeeper-2"}) driver.ready(pod);
  return driver;
}

std::vector<std::string> decommission(EngineDriver& driver) {
  std::vector<std::string> out;
  const auto snapshot = driver.engine().snapshot();
  const PlanView* plan = snapshot->plan("decommission");
  if (plan == nullptr) return out;
  for (const PhaseView& phase : plan->phases)
    out.push_back(phase.name + " " + std::string(to_string(phase.status)));
  return out;
}

// What one resource set holds, as its agent offers it once nobody uses it.
FakeOffer set_offer(const EngineDriver& driver, const std::string& task, const std::string& set) {
  FakeOffer offer = big_offer(1);
  offer.agent_id = driver.agent_of(task);
  for (const Holding& holding : driver.stored.tasks.at(task).launch->holdings) {
    if (holding.key.starts_with(set + "/")) offer.resources.push_back(holding.resource);
  }
  return offer;
}

TEST(RemovedTask, IsKilledGivesItsResourcesBackAndIsForgotten) {
  EngineDriver driver = removed_metrics();
  EXPECT_THAT(driver.killed(), ElementsAre(driver.task_id("zookeeper-0-metrics")))
      << "one pod after the other, and no server";
  EXPECT_THAT(decommission(driver),
              ElementsAre("zookeeper-0:[metrics] STARTING", "zookeeper-1:[metrics] STARTING",
                          "zookeeper-2:[metrics] STARTING"));
  EXPECT_THAT(driver.step_statuses(), ElementsAre("COMPLETE", "COMPLETE", "COMPLETE"));

  driver.update("zookeeper-0-metrics", TaskState::kKilled);
  const FakeOffer held = set_offer(driver, "zookeeper-0-metrics", "metrics-resource-set");
  ASSERT_THAT(held.resources, testing::Not(IsEmpty()));
  driver.calls.clear();
  driver.offer({held});
  size_t unreserved = 0;
  for (const auto& accept : driver.calls_of<mesos::call::Accept>()) {
    for (const mesos::Operation& operation : accept.operations) {
      ASSERT_EQ(operation.type, mesos::Operation::Type::kUnreserve);
      unreserved += operation.resources.size();
    }
  }
  const size_t of_metrics = std::count_if(held.resources.begin(), held.resources.end(),
                                          [](const auto& one) { return !resource_id_of(one).empty(); });
  EXPECT_EQ(unreserved, of_metrics);

  driver.advance(36'000);
  FakeOffer free = big_offer(1);
  free.agent_id = held.agent_id;
  driver.offer({free});
  EXPECT_FALSE(driver.stored.tasks.contains("zookeeper-0-metrics"));
  EXPECT_TRUE(driver.stored.tasks.contains("zookeeper-0-server"));
  EXPECT_THAT(driver.engine().snapshot()->plan("recovery")->phases, IsEmpty());
}

TEST(RemovedTask, DoesNotComeBackWhenItFails) {
  EngineDriver driver = removed_metrics();
  driver.update("zookeeper-2-metrics", TaskState::kFailed);
  driver.advance(120000);
  driver.offer({big_offer(4)});
  EXPECT_THAT(driver.launched(), IsEmpty());
  EXPECT_THAT(driver.engine().snapshot()->plan("recovery")->phases, IsEmpty());
}

TEST(RemovedTask, IsStillRemovedAfterACrashOfTheScheduler) {
  EngineDriver driver = removed_metrics();
  driver.update("zookeeper-0-metrics", TaskState::kKilled);
  driver.restart();
  driver.subscribe();
  for (const char* pod : {"zookeeper-0", "zookeeper-1", "zookeeper-2"})
    driver.update(std::string(pod) + "-server", TaskState::kRunning, 0);
  for (const char* pod : {"zookeeper-1", "zookeeper-2"})
    driver.update(std::string(pod) + "-metrics", TaskState::kRunning);
  EXPECT_THAT(decommission(driver), SizeIs(3));
  EXPECT_THAT(driver.launched(), IsEmpty());
}

TEST(RemovedTask, WithVolumesGoesOnlyWhereThePodAllowsIt) {
  EngineDriver driver = deployed_driver();
  driver.restart_with(without("server"));
  const auto snapshot = driver.engine().snapshot();
  ASSERT_THAT(snapshot->plan("deploy")->errors, SizeIs(1));
  EXPECT_THAT(snapshot->plan("deploy")->errors[0],
              HasSubstr("Removing task 'server' of pod 'zookeeper' would destroy its volumes. Set "
                        "allow-decommission of the pod to agree, or put the task back to proceed"));
  driver.restart_with(without("server", true));
  EXPECT_THAT(driver.engine().snapshot()->plan("deploy")->errors, IsEmpty());
  EXPECT_THAT(decommission(driver), SizeIs(3));
}

}  // namespace
}  // namespace ostler::core::test
