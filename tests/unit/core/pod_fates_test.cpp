// Pods that several steps launch, and pods that nobody can reach: what is replaced or fails
// comes back whole, and who waits for what is away says so.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "backup_spec.h"
#include "core/health.h"
#include "deployed_service.h"

namespace ostler::core::test {
namespace {

using mesos::TaskState;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

// The server in one step and the metrics task, which the pod cannot do without, in the next.
EngineDriver in_two_steps() {
  spec::ServiceSpec service = sample_spec(spec::Strategy::kSerial, 1);
  service.pods[0].tasks[1].essential = true;
  spec::PhaseSpec& phase = service.plans[0].phases[0];
  phase.has_custom_steps = true;
  phase.steps = {{0, {"server"}}, {0, {"metrics"}}};
  EngineDriver driver(std::move(service));
  driver.subscribe();
  driver.offer({big_offer(1)});
  driver.update("zookeeper-0-server", TaskState::kRunning, 0);
  driver.offer({own_offer(driver, "zookeeper-0")});
  EXPECT_THAT(driver.launched(), ElementsAre("zookeeper-0-server", "zookeeper-0-metrics"));
  driver.calls.clear();
  return driver;
}

TEST(PodFates, AReplacedPodComesBackWholeWhicheverStepWorksOnIt) {
  EngineDriver driver = in_two_steps();
  ASSERT_TRUE(driver.command(command::PodReplace{"zookeeper-0"}).ok());
  die(driver, "zookeeper-0");
  driver.calls.clear();
  driver.offer({big_offer(2)});
  EXPECT_THAT(driver.launched(), UnorderedElementsAre("zookeeper-0-server", "zookeeper-0-metrics"));
  driver.ready("zookeeper-0");
  EXPECT_THAT(driver.step_statuses(), ElementsAre("COMPLETE", "COMPLETE"));
}

// The step may wait for just what has failed: its readiness check asks the server.
TEST(PodFates, WhatFailedIsNotKeptWaitingForALaterStepOfItsPod) {
  EngineDriver driver = in_two_steps();
  driver.update("zookeeper-0-server", TaskState::kFailed);
  driver.offer({own_offer(driver, "zookeeper-0")});
  EXPECT_THAT(driver.launched(), Contains("zookeeper-0-server"));
  driver.ready("zookeeper-0");
  EXPECT_THAT(driver.step_statuses(), ElementsAre("COMPLETE", "COMPLETE"));
}

void say_unknown(EngineDriver& driver, const std::string& pod) {
  for (const char* task : {"-server", "-metrics"})
    driver.update(pod + task, TaskState::kUnknown, {}, "SOURCE_MASTER");
}

// A master that forgot the agent in a fail-over will never say that it is unreachable.
TEST(PodFates, AReplacedPodThatNoMasterKnowsIsNotWaitedForForEver) {
  EngineDriver driver = deployed_driver();
  say_unknown(driver, "zookeeper-0");
  ASSERT_TRUE(driver.command(command::PodReplace{"zookeeper-0"}).ok());
  driver.advance(60'000);
  driver.calls.clear();
  driver.offer({big_offer(5)});
  EXPECT_THAT(driver.launched(), IsEmpty()) << "its agent may register again";
  driver.advance(kUnknownTimeoutMs);
  say_unknown(driver, "zookeeper-0");
  driver.offer({big_offer(5)});
  EXPECT_THAT(driver.launched(), UnorderedElementsAre("zookeeper-0-server", "zookeeper-0-metrics"));
}

TEST(PodFates, WhoIsToDieAndCannotBeReachedIsToldMoreAndMoreRarely) {
  EngineDriver driver = deployed_driver();
  ASSERT_TRUE(driver.command(command::PodRestart{"zookeeper-0"}).ok());
  const std::string server = driver.task_id("zookeeper-0-server");
  size_t asked = 0;
  for (int64_t passed_ms = 0; passed_ms < 3'600'000; passed_ms += 5000) {
    driver.calls.clear();
    driver.advance(5000);
    const std::vector<std::string> killed = driver.killed();
    if (std::find(killed.begin(), killed.end(), server) == killed.end()) continue;
    ++asked;
    say_unknown(driver, "zookeeper-0");
  }
  EXPECT_GE(asked, 55U);
  EXPECT_LE(asked, 75U) << "once a minute, and a little more at first";
  driver.calls.clear();
  driver.update("zookeeper-0-server", TaskState::kRunning, 0, "SOURCE_MASTER");
  driver.advance(1);
  EXPECT_THAT(driver.killed(), ElementsAre(server)) << "its agent is back";
}

TEST(PodFates, AStepThatWaitsForATaskThatCannotBeReachedSaysSo) {
  EngineDriver driver = deployed_driver();
  driver.update("zookeeper-0-server", TaskState::kUnreachable, {}, "SOURCE_MASTER");
  ASSERT_TRUE(driver.command(command::PodRestart{"zookeeper-0"}).ok());
  const auto snapshot = driver.engine().snapshot();
  EXPECT_THAT(
      snapshot->plan("recovery")->phases.at(0).steps.at(0).message,
      HasSubstr("waits for zookeeper-0-server to end, whose agent 10.0.0.1 cannot be reached: until that is "
                "back, or until `pod replace zookeeper-0` gives up what is there"));
}

// The next process makes its recovery anew from what is stored of the tasks.
TEST(PodFates, ARestartOfTheRecoverySurvivesOneOfTheScheduler) {
  EngineDriver driver = deployed_driver();
  die(driver, "zookeeper-0", TaskState::kFailed);
  driver.relaunch("zookeeper-0");
  driver.ready("zookeeper-0");
  const std::string server = driver.task_id("zookeeper-0-server");
  ASSERT_TRUE(driver.command(command::PlanRestart{{"recovery", {}, {}}}).ok());
  driver.restart();
  driver.subscribe();
  for (const char* pod : {"zookeeper-0", "zookeeper-1", "zookeeper-2"}) driver.ready(pod);
  EXPECT_THAT(driver.killed(), Contains(server));
}

TEST(PodFates, AnAgentWithLeftoversThatIsGoneForGoodIsAskedForAndForgotten) {
  EngineDriver driver = deployed_driver();
  const std::string agent = driver.agent_of("zookeeper-0-server");
  for (const char* task : {"zookeeper-0-server", "zookeeper-0-metrics"})
    driver.update(task, TaskState::kUnreachable, {}, "SOURCE_MASTER");
  ASSERT_TRUE(driver.command(command::PodReplace{"zookeeper-0"}).ok());
  driver.offer({big_offer(5)});
  driver.ready("zookeeper-0");
  ASSERT_THAT(driver.stored.tasks.at("zookeeper-0-server").launch->leftovers, Not(IsEmpty()));
  std::string asked;
  for (int round = 0; round < 300 && asked.empty(); ++round) {
    driver.calls.clear();
    driver.advance(5000);
    for (const auto& call : driver.calls_of<mesos::call::Reconcile>()) {
      for (const auto& [task, where] : call.tasks) asked = where == agent ? task : asked;
    }
  }
  ASSERT_NE(asked, "");
  ASSERT_EQ(agent, "S1");  // of which the driver's updates are
  driver.update_id(asked, TaskState::kGoneByOperator, {}, "SOURCE_MASTER");
  EXPECT_THAT(driver.stored.tasks.at("zookeeper-0-server").launch->leftovers, IsEmpty());
}

using Ports = std::vector<spec::PortSpec>;

// A deployed node with these ports, changed to those and down; what it reserves anew when
// what it has is offered, and nothing where it is not launched.
std::optional<size_t> reserved_for_change(const Ports& before, const Ports& after) {
  spec::ServiceSpec service = sample_spec(spec::Strategy::kParallel, 1);
  service.pods[0].resource_sets[0].ports = before;
  EngineDriver driver(service);
  driver.subscribe();
  driver.offer({big_offer(1)});
  driver.ready("zookeeper-0");
  service.pods[0].resource_sets[0].ports = after;
  driver.restart_with(service);
  driver.subscribe();
  driver.ready("zookeeper-0");
  die(driver, "zookeeper-0");
  driver.calls.clear();
  driver.relaunch("zookeeper-0");
  if (driver.launched().empty()) return std::nullopt;
  size_t reserved = 0;
  for (const auto& accept : driver.calls_of<mesos::call::Accept>()) {
    for (const mesos::Operation& operation : accept.operations)
      reserved += operation.type == mesos::Operation::Type::kReserve;
  }
  return reserved;
}

spec::PortSpec fixed_port(const std::string& name, uint16_t number) {
  return {name, number, "PORT_" + name, false, {}, 0, {}};
}

TEST(PodFates, APortThatIsRenamedOrExchangedIsTheOneThatThePodHas) {
  const spec::PortSpec a = fixed_port("a", 1140), b = fixed_port("b", 1141);
  EXPECT_EQ(reserved_for_change({a}, {fixed_port("z", 1140)}), 0U);
  EXPECT_EQ(reserved_for_change({a, b}, {fixed_port("a", 1141), fixed_port("b", 1140)}), 0U);
  EXPECT_EQ(reserved_for_change({a}, {fixed_port("a", 1150)}), std::nullopt) << "the offer has no such port";
}

// Some backends must name each thing that they delete, and take only so much at once.
TEST(PodFates, AnUninstallDeletesTheTasksOneByOne) {
  EngineDriver driver = deployed_driver();
  driver.crash_after_effects = 3;
  driver.event(mesos::event::Error{"Framework has been removed"});
  EXPECT_EQ(driver.stored.tasks.size(), 6U) << "no uninstall was asked for";
  driver.crash_after_effects = -1;
  driver.settings.uninstall = true;
  driver.restart();
  driver.subscribe();
  driver.crash_after_effects = 3;
  driver.event(mesos::event::Error{"Framework has been removed"});
  EXPECT_EQ(driver.stored.tasks.size(), 3U);
  driver.crash_after_effects = -1;
  driver.restart();
  driver.subscribe();
  driver.event(mesos::event::Error{"Framework has been removed"});
  EXPECT_THAT(driver.stored.tasks, IsEmpty());
}

// A helper that crashes again and again costs the ensemble nothing.
TEST(PodFates, WhatIsEssentialDoesNotWaitForTheBackOffOfWhatIsNot) {
  EngineDriver driver = deployed_driver();
  for (int i = 0; i < 4; ++i) {
    driver.update("zookeeper-0-metrics", TaskState::kFailed);
    for (int second = 0; second < 100; ++second) driver.advance(1000);
    driver.offer({own_offer(driver, "zookeeper-0")});
    driver.update("zookeeper-0-metrics", TaskState::kRunning);
  }
  driver.update("zookeeper-0-metrics", TaskState::kFailed);
  driver.update("zookeeper-0-server", TaskState::kFailed);
  driver.calls.clear();
  driver.offer({own_offer(driver, "zookeeper-0")});
  EXPECT_THAT(driver.launched(), ElementsAre("zookeeper-0-server"));
  driver.update("zookeeper-0-server", TaskState::kRunning, 0);
  driver.calls.clear();
  for (int second = 0; second < 400; ++second) driver.advance(1000);
  driver.offer({own_offer(driver, "zookeeper-0")});
  EXPECT_THAT(driver.launched(), ElementsAre("zookeeper-0-metrics"));
}

TEST(PodFates, ATaskThatRunsOnceIsPausedAndResumedWhileItRuns) {
  EngineDriver driver = deployed_driver(with_backup());
  ASSERT_TRUE(driver.command(command::PodPause{"zookeeper-0", {"server"}}).ok());
  ASSERT_TRUE(driver.command(command::PodResume{"zookeeper-0", {"server"}}).ok());
  ASSERT_TRUE(driver.command(command::PlanStart{"backup", {}}).ok());
  driver.offer({big_offer(1), big_offer(2), big_offer(3)});
  for (const char* agent : {"zookeeper-0", "zookeeper-1", "zookeeper-2"})
    driver.offer({own_offer(driver, agent)});
  driver.update("zookeeper-0-backup", TaskState::kRunning);
  driver.calls.clear();
  ASSERT_TRUE(driver.command(command::PodPause{"zookeeper-0", {"backup"}}).ok());
  EXPECT_THAT(driver.killed(), ElementsAre(driver.task_id("zookeeper-0-backup")));
  driver.update("zookeeper-0-backup", TaskState::kKilled);
  driver.offer({own_offer(driver, "zookeeper-0")});
  EXPECT_EQ(driver.stored.tasks.at("zookeeper-0-backup").launch->task->command.value,
            driver.settings.pause_command);
  driver.update("zookeeper-0-backup", TaskState::kRunning, 1);
  driver.calls.clear();
  ASSERT_TRUE(driver.command(command::PodResume{"zookeeper-0", {"backup"}}).ok());
  EXPECT_THAT(driver.killed(), ElementsAre(driver.task_id("zookeeper-0-backup")));
  driver.update("zookeeper-0-backup", TaskState::kKilled);
  driver.offer({own_offer(driver, "zookeeper-0")});
  EXPECT_EQ(driver.stored.tasks.at("zookeeper-0-backup").launch->task->command.value, "run backup");
}

}  // namespace
}  // namespace ostler::core::test
