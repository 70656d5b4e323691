// Restart, replace, pause and resume of a pod, and pods that have to go elsewhere.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "deployed_service.h"

namespace ostler::core::test {
namespace {

using mesos::TaskState;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;
using Outcome = Answer::Outcome;

constexpr const char* kPods[] = {"zookeeper-0", "zookeeper-1", "zookeeper-2"};

std::vector<std::string> unreserved(const EngineDriver& driver) {
  std::vector<std::string> ids;
  for (const auto& accept : driver.calls_of<mesos::call::Accept>()) {
    for (const auto& op : accept.operations) {
      if (op.type != mesos::Operation::Type::kUnreserve) continue;
      for (const auto& resource : op.resources) ids.emplace_back(resource_id_of(resource));
    }
  }
  return ids;
}

StepView step(EngineDriver& driver, const std::string& plan, size_t at) {
  const auto snapshot = driver.engine().snapshot();
  std::vector<StepView> steps;
  for (const PhaseView& phase : snapshot->plan(plan)->phases) {
    for (const StepView& one : phase.steps) steps.push_back(one);
  }
  return steps.at(at);
}

TEST(PodCommands, RestartLaunchesEverythingAnewInPlaceAlsoAfterACrash) {
  EngineDriver driver = deployed_driver();
  const std::string before = driver.task_id("zookeeper-1-server");
  const std::string volume = driver.resources_of("zookeeper-1").at(0).name;
  driver.crash_after_effects = 1;  // the mark is stored, the kills are not sent
  const Answer answer = driver.command(command::PodRestart{"zookeeper-1"});
  EXPECT_EQ(answer.pod, "zookeeper-1");
  EXPECT_THAT(answer.tasks, ElementsAre("zookeeper-1-metrics", "zookeeper-1-server"));
  EXPECT_THAT(driver.killed(), IsEmpty());
  driver.crash_after_effects = -1;
  driver.restart();
  driver.subscribe();
  for (const char* pod : kPods) driver.ready(pod);
  EXPECT_THAT(driver.killed(), UnorderedElementsAre(driver.task_id("zookeeper-1-server"),
                                                    driver.task_id("zookeeper-1-metrics")));
  die(driver, "zookeeper-1");
  driver.offer({own_offer(driver, "zookeeper-1")});
  EXPECT_THAT(driver.launched(), ElementsAre("zookeeper-1-server", "zookeeper-1-metrics"));
  EXPECT_NE(driver.task_id("zookeeper-1-server"), before);
  EXPECT_THAT(unreserved(driver), IsEmpty());
  driver.ready("zookeeper-1");
  driver.calls.clear();
  driver.advance(60000);
  EXPECT_THAT(driver.killed(), IsEmpty()) << "once is enough";
  EXPECT_EQ(driver.engine().snapshot()->plan("recovery")->status, Status::kComplete);
}

TEST(PodCommands, NameThePodThatDoesNotExist) {
  EngineDriver driver = deployed_driver();
  EXPECT_EQ(driver.command(command::PodRestart{"zookeeper-9"}).message, "Pod zookeeper-9 not found");
  EXPECT_EQ(driver.command(command::PodReplace{"x"}).outcome, Outcome::kNotFound);
  const Answer task = driver.command(command::PodPause{"zookeeper-0", {"server", "nope"}});
  EXPECT_EQ(task.outcome, Outcome::kNotFound);
  EXPECT_EQ(task.message, "Task nope of pod zookeeper-0 not found");
  EXPECT_THAT(driver.killed(), IsEmpty());
}

TEST(PodCommands, ReplaceGoesElsewhereWithNewVolumesAndGivesTheOldOnesBack) {
  EngineDriver driver = deployed_driver();
  const std::vector<mesos::Resource> old = driver.resources_of("zookeeper-1");
  const std::string old_agent = driver.agent_of("zookeeper-1-server");
  FakeOffer old_offer = own_offer(driver, "zookeeper-1");
  driver.command(command::PodReplace{"zookeeper-1"});
  EXPECT_THAT(driver.killed(), SizeIs(2));
  die(driver, "zookeeper-1");
  driver.offer({big_offer(4)});
  EXPECT_THAT(driver.launched(), ElementsAre("zookeeper-1-server", "zookeeper-1-metrics"));
  EXPECT_EQ(driver.agent_of("zookeeper-1-server"), "S4");
  driver.ready("zookeeper-1");
  EXPECT_THAT(driver.calls_of<mesos::call::Suppress>(), IsEmpty()) << "the old agent's offer is waited for";

  driver.restart();
  driver.subscribe();
  for (const char* pod : kPods) driver.ready(pod);
  driver.offer({old_offer});
  EXPECT_THAT(unreserved(driver), SizeIs(old.size()));
  driver.advance(36'000);
  FakeOffer after = big_offer(1);
  after.agent_id = old_agent;
  driver.offer({after});
  EXPECT_THAT(driver.stored.tasks.at("zookeeper-1-server").launch->leftovers, IsEmpty());
  EXPECT_THAT(driver.calls_of<mesos::call::Suppress>(), SizeIs(1));
}

TEST(PodCommands, ReplaceMayComeBackToTheSameAgentOnceThatIsFree) {
  EngineDriver driver = deployed_driver(sample_spec(spec::Strategy::kParallel, 3));
  driver.command(command::PodReplace{"zookeeper-1"});
  const std::vector<mesos::Resource> old = driver.resources_of("zookeeper-1");
  FakeOffer full = own_offer(driver, "zookeeper-1");
  die(driver, "zookeeper-1");
  full.resources.erase(full.resources.begin(), full.resources.begin() + 4);  // nothing but what it held
  driver.offer({full});
  EXPECT_THAT(driver.launched(), IsEmpty());
  EXPECT_THAT(unreserved(driver), SizeIs(old.size()));
  FakeOffer free = big_offer(2);
  free.agent_id = full.agent_id;
  free.hostname = full.hostname;
  driver.advance(36'000);
  driver.offer({free});
  EXPECT_THAT(driver.launched(), SizeIs(2));
}

TEST(PodCommands, AReplacedPodKeepsOthersFromItsHostUntilItIsDead) {
  EngineDriver driver = deployed_driver(sample_spec(spec::Strategy::kParallel));
  const std::string host = driver.stored.tasks.at("zookeeper-0-server").launch->hostname;
  driver.command(command::PodReplace{"zookeeper-0"});
  driver.update("zookeeper-0-server", TaskState::kKilled);
  driver.command(command::PodReplace{"zookeeper-1"});
  die(driver, "zookeeper-1");
  FakeOffer offer = big_offer(1);
  offer.agent_id = driver.agent_of("zookeeper-0-server");
  offer.hostname = host;
  driver.offer({offer});
  EXPECT_THAT(driver.launched(), IsEmpty()) << "zookeeper-0-metrics still runs there";
  driver.update("zookeeper-0-metrics", TaskState::kKilled);
  driver.advance(36'000);
  driver.offer({offer});
  EXPECT_THAT(driver.launched(), SizeIs(2));
}

TEST(PodCommands, PausedTasksRunThePauseCommandUntilTheyAreResumed) {
  EngineDriver driver = deployed_driver();
  const Answer answer = driver.command(command::PodPause{"zookeeper-2", {}});
  EXPECT_THAT(answer.tasks, ElementsAre("zookeeper-2-metrics", "zookeeper-2-server"));
  const auto status = [&](const std::string& task) {
    const auto snapshot = driver.engine().snapshot();
    for (const PodInstanceView& pod : snapshot->pods) {
      for (const TaskView& view : pod.tasks) {
        if (view.name == task) return view.status;
      }
    }
    return std::string("none");
  };
  EXPECT_EQ(status("zookeeper-2-server"), "PAUSING");
  driver.restart();
  driver.subscribe();
  for (const char* pod : kPods) driver.ready(pod);
  EXPECT_THAT(driver.killed(), SizeIs(2)) << "it is still to be paused";
  die(driver, "zookeeper-2");
  driver.offer({own_offer(driver, "zookeeper-2")});
  const mesos::TaskInfo& paused = driver.stored.tasks.at("zookeeper-2-server").launch->task;
  EXPECT_EQ(paused.command.value, driver.settings.pause_command);
  EXPECT_EQ(paused.check->command.value, "exit 1");
  driver.update("zookeeper-2-server", TaskState::kRunning, 1);
  driver.update("zookeeper-2-metrics", TaskState::kRunning, 1);
  EXPECT_EQ(status("zookeeper-2-server"), "PAUSED");
  for (const bool is_after_restart : {false, true}) {
    if (is_after_restart) {
      driver.restart();
      driver.subscribe();
    }
    EXPECT_EQ(step(driver, "recovery", 0).display_status, "PAUSED") << is_after_restart;
    EXPECT_EQ(step(driver, "recovery", 0).message,
              "zookeeper-2-server is paused on 10.0.0.3 until it is resumed");
  }
  driver.update("zookeeper-2-server", TaskState::kRunning, 1);
  driver.update("zookeeper-2-metrics", TaskState::kRunning, 1);
  for (const char* pod : {"zookeeper-0", "zookeeper-1"}) driver.ready(pod);

  driver.calls.clear();
  driver.command(command::PodResume{"zookeeper-2", {"server", "zookeeper-2-metrics"}});
  EXPECT_THAT(driver.killed(), SizeIs(2));
  EXPECT_EQ(status("zookeeper-2-server"), "STARTING");
  die(driver, "zookeeper-2");
  driver.offer({own_offer(driver, "zookeeper-2")});
  EXPECT_EQ(driver.stored.tasks.at("zookeeper-2-server").launch->task->command.value, "run server");
  driver.ready("zookeeper-2");
  EXPECT_EQ(driver.engine().snapshot()->health.code, 200);
}

TEST(PodCommands, OneNamedTaskIsPausedWithoutTheOthers) {
  EngineDriver driver = deployed_driver();
  const Answer answer = driver.command(command::PodPause{"zookeeper-2", {"metrics"}});
  EXPECT_THAT(answer.tasks, ElementsAre("zookeeper-2-metrics"));
  EXPECT_THAT(driver.killed(), ElementsAre(driver.task_id("zookeeper-2-metrics")));
}

TEST(PodCommands, ATaskWhoseAgentAnOperatorGaveUpIsReplaced) {
  EngineDriver driver = deployed_driver();
  for (const char* task : {"zookeeper-0-server", "zookeeper-0-metrics"})
    driver.update(task, TaskState::kGoneByOperator, {}, "SOURCE_MASTER");
  driver.offer({big_offer(5)});
  EXPECT_THAT(driver.launched(), ElementsAre("zookeeper-0-server", "zookeeper-0-metrics"));
  EXPECT_EQ(driver.agent_of("zookeeper-0-server"), "S5");
}

TEST(PodCommands, AnUnreachableTaskIsAdoptedWhenItComesBackAndReplacedOnRequest) {
  EngineDriver driver = deployed_driver();
  die(driver, "zookeeper-0", TaskState::kUnreachable);
  driver.offer({big_offer(5)});
  EXPECT_THAT(driver.launched(), IsEmpty());
  driver.ready("zookeeper-0");
  EXPECT_THAT(driver.killed(), IsEmpty());

  die(driver, "zookeeper-0", TaskState::kUnreachable);
  const std::string old = driver.task_id("zookeeper-0-server");
  driver.command(command::PodReplace{"zookeeper-0"});
  driver.offer({big_offer(5)});
  EXPECT_THAT(driver.launched(), ElementsAre("zookeeper-0-server", "zookeeper-0-metrics"));
  driver.update_id(old, TaskState::kRunning);
  EXPECT_THAT(driver.killed(), ElementsAre(old)) << "back too late";
}

TEST(PodCommands, ACrashLoopBacksOffAndSaysWhenItGoesOnAlsoAfterARestart) {
  EngineDriver driver = deployed_driver();
  const auto crash = [&] {
    driver.update("zookeeper-0-server", TaskState::kFailed);
    driver.update("zookeeper-0-metrics", TaskState::kKilled);
  };
  crash();
  driver.offer({own_offer(driver, "zookeeper-0")});
  EXPECT_THAT(driver.launched(), SizeIs(2)) << "the first time at once";
  driver.calls.clear();
  crash();
  EXPECT_EQ(
      step(driver, "recovery", 0).message,
      "zookeeper-0-server ended with TASK_FAILED; failure 2 in a row, next attempt at 2023-11-14T22:13:21Z");
  EXPECT_EQ(driver.engine().snapshot()->plan("recovery")->status, Status::kDelayed);
  driver.restart();
  driver.subscribe();
  driver.ready("zookeeper-1");
  driver.ready("zookeeper-2");
  EXPECT_EQ(
      step(driver, "recovery", 0).message,
      "zookeeper-0-server ended with TASK_FAILED; failure 2 in a row, next attempt at 2023-11-14T22:13:21Z");
  driver.offer({own_offer(driver, "zookeeper-0")});
  EXPECT_THAT(driver.launched(), IsEmpty());
  driver.command(command::PodRestart{"zookeeper-0"});
  driver.offer({own_offer(driver, "zookeeper-0")});
  EXPECT_THAT(driver.launched(), SizeIs(2)) << "whoever restarts it does not want to wait";
}

// A master that has just started does not know the tasks of an agent that it offers.
TEST(PodReplace, DoesNotUseAnAgentOnWhichTheOldTasksMayStillRun) {
  EngineDriver driver(sample_spec(spec::Strategy::kSerial, 1));
  driver.subscribe();
  driver.offer({big_offer(1)});
  driver.ready("zookeeper-0");
  driver.command(command::PodReplace{"zookeeper-0"});
  driver.update("zookeeper-0-server", TaskState::kUnreachable, {}, "SOURCE_MASTER");
  driver.update("zookeeper-0-metrics", TaskState::kUnreachable, {}, "SOURCE_MASTER");
  driver.calls.clear();
  FakeOffer same = big_offer(1);
  same.id = "O-same-agent";
  driver.offer({same});
  EXPECT_THAT(driver.launched(), IsEmpty());
  const auto declined = driver.calls_of<mesos::call::Decline>();
  ASSERT_EQ(declined.size(), 1U);
  EXPECT_LT(declined[0].refuse_s, 60) << "its tasks may be seen any moment";
  driver.offer({big_offer(2)});
  EXPECT_EQ(driver.launched().size(), 2U);
  EXPECT_EQ(driver.agent_of("zookeeper-0-server"), "S2");
}

// Placement counts by the records, and none tells of the old tasks any more.
TEST(PodReplace, ItsOldAgentTakesNoOtherPodBeforeTheOldTasksAreDead) {
  EngineDriver driver = deployed_driver();
  const std::string server = driver.task_id("zookeeper-0-server");
  const std::string metrics = driver.task_id("zookeeper-0-metrics");
  ASSERT_EQ(driver.agent_of("zookeeper-0-server"), "S1");
  driver.command(command::PodReplace{"zookeeper-0"});
  die(driver, "zookeeper-0", TaskState::kUnreachable);
  driver.offer({big_offer(5)});
  ASSERT_EQ(driver.agent_of("zookeeper-0-server"), "S5");
  driver.ready("zookeeper-0");
  driver.update_id(server, TaskState::kRunning);  // its agent is back
  driver.update_id(metrics, TaskState::kRunning);

  driver.command(command::PodReplace{"zookeeper-1"});
  die(driver, "zookeeper-1");
  driver.calls.clear();
  FakeOffer same = big_offer(1);
  same.id = "O-same-agent";
  driver.offer({same});
  driver.update_id(server, TaskState::kKilled);
  same.id = "O-same-agent-without-server";
  driver.offer({same});
  EXPECT_THAT(driver.launched(), IsEmpty());
  driver.update_id(metrics, TaskState::kKilled);
  same.id = "O-same-agent-again";
  driver.offer({same});
  EXPECT_THAT(driver.launched(), SizeIs(2));
  EXPECT_EQ(driver.agent_of("zookeeper-1-server"), "S1");
}

}  // namespace
}  // namespace ostler::core::test
