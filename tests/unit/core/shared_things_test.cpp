// What tasks of one pod share. A step whose tasks cannot be launched together is an error
// that a person must end, and not a launch that kills itself again and again; and the
// records of tasks that share reservations tell the same of them.
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

// A task that runs once prepares what the server then uses: one resource set, two steps.
spec::ServiceSpec with_setup(uint16_t port) {
  spec::ServiceSpec service = sample_spec(spec::Strategy::kSerial, 1);
  spec::PodSpec& pod = service.pods[0];
  pod.resource_sets[0].ports[0].port = port;
  spec::TaskSpec setup;
  setup.name = "setup";
  setup.goal = spec::Goal::kOnce;
  setup.cmd = "run setup";
  setup.resource_set = pod.resource_sets[0].id;
  pod.tasks.push_back(setup);
  spec::PhaseSpec& phase = service.plans[0].phases[0];
  phase.has_custom_steps = true;
  phase.steps = {{0, {"setup"}}, {0, {"server", "metrics"}}};
  return service;
}

// What its agent offers: all that is held of the pod by the word of that task's record.
FakeOffer held_by(const EngineDriver& driver, const std::string& task) {
  FakeOffer offer{"O-" + driver.task_id(task), driver.agent_of(task), "10.0.0.1", {ports(1200, 1300)}};
  std::set<std::string> seen;
  for (const std::string& name : {task, std::string("zookeeper-0-metrics")}) {
    for (const Holding& one : driver.stored.tasks.at(name).launch->holdings) {
      if (seen.emplace(resource_id_of(one.resource)).second) offer.resources.push_back(one.resource);
    }
  }
  return offer;
}

// dcos-commons thread 2720: the records of tasks that share a set drifted apart, and the
// pod waited for ever for a port that it had given back itself.
TEST(SharedThings, APortThatChangesIsNotLookedForUnderItsOldReservation) {
  EngineDriver driver(with_setup(1140));
  driver.subscribe();
  driver.offer({big_offer(1)});
  EXPECT_THAT(driver.launched(), ElementsAre("zookeeper-0-setup"));
  driver.update("zookeeper-0-setup", mesos::TaskState::kRunning);
  driver.update("zookeeper-0-setup", mesos::TaskState::kFinished);
  driver.calls.clear();
  driver.offer({held_by(driver, "zookeeper-0-setup")});
  ASSERT_THAT(driver.launched(), ElementsAre("zookeeper-0-server", "zookeeper-0-metrics"));
  driver.ready("zookeeper-0");

  driver.restart_with(with_setup(1240));
  driver.subscribe();
  driver.ready("zookeeper-0");
  for (const std::string& id : driver.killed()) driver.update_id(id, mesos::TaskState::kKilled);
  driver.calls.clear();
  driver.offer({held_by(driver, "zookeeper-0-server")});
  ASSERT_THAT(driver.launched(), ElementsAre("zookeeper-0-server", "zookeeper-0-metrics"));
  driver.ready("zookeeper-0");
  driver.update("zookeeper-0-server", mesos::TaskState::kFailed);
  driver.update("zookeeper-0-metrics", mesos::TaskState::kKilled);
  driver.calls.clear();
  driver.offer({held_by(driver, "zookeeper-0-server")});
  EXPECT_THAT(driver.launched(), ElementsAre("zookeeper-0-server", "zookeeper-0-metrics"));

  // Nor is it waited for when all is given back.
  driver.settings.uninstall = true;
  driver.restart();
  const auto snapshot = driver.engine().snapshot();
  for (const PhaseView& phase : snapshot->plan("deploy")->phases) {
    if (!phase.name.starts_with("unreserve")) continue;
    EXPECT_EQ(phase.steps.size(), 9U) << "3 of the executor, 4 of the server, 2 of metrics";
  }
}

// The ids of the whole pod's reservations were sent twice.
TEST(SharedThings, AStepDoesNotJoinAPodOfWhichNothingIsKnownToExist) {
  EngineDriver driver(with_backup());
  driver.subscribe();
  driver.offer({big_offer(1), big_offer(2), big_offer(3)});
  driver.command(command::PlanStart{"backup", {}});
  driver.calls.clear();
  FakeOffer more = big_offer(1);
  more.id = "O-more";
  driver.offer({more});
  EXPECT_THAT(driver.launched(), IsEmpty());
  EXPECT_EQ(driver.engine().snapshot()->plan("backup")->phases[0].steps[0].message,
            "waits until Mesos has said whether the launch of zookeeper-0-metrics worked");
  driver.update("zookeeper-0-server", mesos::TaskState::kStarting);
  driver.update("zookeeper-0-metrics", mesos::TaskState::kStarting);
  driver.relaunch("zookeeper-0");
  EXPECT_THAT(driver.launched(), ElementsAre("zookeeper-0-backup"));
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
