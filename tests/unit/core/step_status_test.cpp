// What the tasks' states make of a step, and which of them are recovered: the SDK's cases
// of DeploymentStepTest, DefaultStepFactoryTest, TaskUtilsTest and
// DefaultRecoveryPlanManagerTest.
#include "core/step_status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "backup_spec.h"

namespace ostler::core::test {
namespace {

using mesos::TaskState;
using spec::Goal;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Now kNow{1'000'000, 1'700'000'000'000};

// A step of two tasks and how their states read.
class TwoTasks {
 public:
  TwoTasks() {
    spec_.pods[0].tasks[0].readiness_check.reset();
    put("server", TaskState::kRunning);
    put("metrics", TaskState::kRunning);
  }
  spec::TaskSpec& server() { return spec_.pods[0].tasks[0]; }

  void put(const std::string& task, TaskState state, const std::string& config = "now",
           std::optional<int32_t> exit_code = {}) {
    auto launch = std::make_shared<LaunchRecord>();
    launch->pod_type = "zookeeper";
    launch->task_spec = task;
    launch->config_id = config;
    launch->hostname = "h1";
    mesos::TaskInfo info;
    info.task_id = "zk__zookeeper-0-" + task + "__1";
    if (spec_.pods[0].task(task)->readiness_check) info.check.emplace();
    launch->task = std::move(info);
    tasks_.set_launch("zookeeper-0-" + task, launch);
    mesos::TaskStatus status;
    status.state = state;
    status.check_exit_code = exit_code;
    tasks_.at("zookeeper-0-" + task).status = status;
  }
  void forget(const std::string& task) { tasks_.erase("zookeeper-0-" + task); }
  Task& task(const std::string& name) { return tasks_.at("zookeeper-0-" + name); }

  StepState state(bool prepared = false) {
    Step step = launch_step("zookeeper", 0, {"server", "metrics"});
    step.prepared = prepared;
    return evaluate_step(step, {"now", &spec_, &spec_.pods[0]}, tasks_, kNow);
  }
  std::string status(bool prepared = false) { return std::string(to_string(state(prepared).status)); }

 private:
  spec::ServiceSpec spec_ = sample_spec();
  TaskTable tasks_;
};

TEST(StepStatus, IsThatOfTheTaskThatIsBehindMost) {
  TwoTasks step;
  EXPECT_EQ(step.status(), "COMPLETE");
  step.put("metrics", TaskState::kStarting);
  EXPECT_EQ(step.status(), "STARTING");
  step.put("server", TaskState::kFailed);
  EXPECT_EQ(step.status(), "PENDING");
  EXPECT_EQ(step.status(true), "PENDING") << "metrics, which runs, is in the way";
  step.put("metrics", TaskState::kKilled);
  EXPECT_EQ(step.status(true), "PREPARED");
  step.task("server").not_before_ms = kNow.mono_ms + 1000;
  EXPECT_EQ(step.status(true), "DELAYED");
}

TEST(StepStatus, OfATaskThatIsToRunFollowsItsState) {
  const std::pair<TaskState, const char*> cases[] = {
      {TaskState::kStaging, "STARTING"},
      {TaskState::kStarting, "STARTING"},
      {TaskState::kRunning, "COMPLETE"},
      {TaskState::kError, "PENDING"},
      {TaskState::kFailed, "PENDING"},
      {TaskState::kKilled, "PENDING"},
      {TaskState::kFinished, "PENDING"},
      {TaskState::kLost, "PENDING"},
      {TaskState::kGone, "PENDING"},
      {TaskState::kDropped, "PENDING"},
      {TaskState::kGoneByOperator, "PENDING"},
      // Unlike the SDK, which has these two PENDING and so launches the task again: one that
      // is being killed has not ended, and one on an agent that is away may run on.
      {TaskState::kKilling, "STARTING"},
      {TaskState::kUnreachable, "STARTING"},
      // Unlike the SDK, which passes it over and may stay at COMPLETE.
      {TaskState::kUnknown, "STARTING"},
  };
  for (const auto& [state, expected] : cases) {
    TwoTasks step;
    step.put("server", state);
    EXPECT_EQ(step.status(), expected) << mesos::to_string(state);
    const bool is_launched_again = std::string(expected) == "PENDING";
    EXPECT_EQ(!step.state().launch.empty(), is_launched_again) << mesos::to_string(state);
  }
}

TEST(StepStatus, WaitsForTheReadinessCheckWhereThereIsOne) {
  TwoTasks step;
  step.server().readiness_check = spec::ReadinessCheck{"ready", 5, 0, 5};
  step.put("server", TaskState::kRunning);
  EXPECT_EQ(step.status(), "STARTED");
  EXPECT_EQ(step.state().message,
            "zookeeper-0-server runs on h1, waits for its readiness check (no result yet)");
  step.put("server", TaskState::kRunning, "now", 1);
  EXPECT_EQ(step.status(), "STARTED");
  EXPECT_THAT(step.state().launch, IsEmpty());
  step.put("server", TaskState::kRunning, "now", 0);
  EXPECT_EQ(step.status(), "COMPLETE");
}

TEST(StepStatus, OfATaskThatIsToFinishIsCompleteWhenItHas) {
  for (const Goal goal : {Goal::kFinish, Goal::kOnce}) {
    TwoTasks step;
    step.server().goal = goal;
    EXPECT_EQ(step.status(), "STARTED") << "it runs";
    step.put("server", TaskState::kFinished);
    EXPECT_EQ(step.status(), "COMPLETE");
    step.put("server", TaskState::kFailed);
    EXPECT_EQ(step.status(), "PENDING");
    step.put("server", TaskState::kStaging);
    EXPECT_EQ(step.status(), "STARTING");
  }
}

TEST(StepStatus, AnotherConfigurationMakesAllWorkAnewButWhatWasToBeDoneOnce) {
  const std::pair<Goal, const char*> cases[] = {
      {Goal::kRunning, "PENDING"}, {Goal::kFinish, "PENDING"}, {Goal::kOnce, "COMPLETE"}};
  for (const auto& [goal, expected] : cases) {
    TwoTasks step;
    step.server().goal = goal;
    step.put("server", goal == Goal::kRunning ? TaskState::kRunning : TaskState::kFinished, "before");
    EXPECT_EQ(step.status(), expected);
  }
  TwoTasks step;
  step.server().goal = Goal::kOnce;
  step.put("server", TaskState::kFailed, "before");
  EXPECT_EQ(step.status(), "PENDING") << "it was not done";
}

// The SDK overlooks a task that was never launched if another one of its step was.
TEST(StepStatus, ATaskThatWasNeverLaunchedIsMissed) {
  TwoTasks step;
  step.forget("metrics");
  EXPECT_EQ(step.status(), "PENDING");
  EXPECT_THAT(step.state().launch, ElementsAre("metrics"));
  EXPECT_THAT(step.state().kill, IsEmpty());
}

TEST(StepStatus, AnEssentialTaskTakesTheOthersOfItsStepWithIt) {
  TwoTasks step;
  step.put("metrics", TaskState::kFailed);
  EXPECT_THAT(step.state().launch, ElementsAre("metrics"));
  EXPECT_THAT(step.state().kill, IsEmpty());
  step.put("metrics", TaskState::kRunning);
  step.put("server", TaskState::kFailed);
  EXPECT_THAT(step.state().launch, ElementsAre("server", "metrics"));
  EXPECT_THAT(step.state().kill, ElementsAre("zookeeper-0-metrics")) << "not what is dead already";
}

TEST(StepStatus, ACompleteStepLeavesLaterFailuresToTheRecovery) {
  EngineDriver driver = deployed_driver();
  driver.update("zookeeper-0-metrics", TaskState::kFailed);
  EXPECT_THAT(driver.step_statuses(), ElementsAre("COMPLETE", "COMPLETE", "COMPLETE"));
  EXPECT_EQ(driver.engine().snapshot()->plan("recovery")->phases.size(), 1U);
}

std::vector<std::string> recovery_phases(EngineDriver& driver) {
  std::vector<std::string> out;
  const auto snapshot = driver.engine().snapshot();
  for (const PhaseView& phase : snapshot->plan("recovery")->phases) out.push_back(phase.name);
  return out;
}

TEST(Recovery, IsNeededAfterEveryEndAndBeforeNone) {
  for (const TaskState state :
       {TaskState::kError, TaskState::kFailed, TaskState::kKilled, TaskState::kFinished, TaskState::kLost,
        TaskState::kGone, TaskState::kDropped, TaskState::kGoneByOperator}) {
    EngineDriver driver = deployed_driver();
    const bool is_given_up = state == TaskState::kGoneByOperator;
    driver.update("zookeeper-0-server", state, {}, is_given_up ? "SOURCE_MASTER" : "SOURCE_EXECUTOR");
    EXPECT_THAT(recovery_phases(driver), ElementsAre("zookeeper-0:[server, metrics]"))
        << mesos::to_string(state);
    EXPECT_EQ(driver.stored.tasks.at("zookeeper-0-metrics").launch->permanently_failed, is_given_up);
  }
  for (const TaskState state : {TaskState::kRunning, TaskState::kKilling, TaskState::kUnknown,
                                // Unlike the SDK, which kills it when its agent is back.
                                TaskState::kUnreachable}) {
    EngineDriver driver = deployed_driver();
    driver.update("zookeeper-0-server", state);
    EXPECT_THAT(recovery_phases(driver), IsEmpty()) << mesos::to_string(state);
    EXPECT_THAT(driver.killed(), IsEmpty());
  }
}

TEST(Recovery, HasOnePhaseForAllThatFailsInAPod) {
  EngineDriver driver = deployed_driver();
  driver.update("zookeeper-0-metrics", TaskState::kFailed);
  EXPECT_THAT(recovery_phases(driver), ElementsAre("zookeeper-0:[metrics]"));
  driver.update("zookeeper-0-server", TaskState::kFailed);
  EXPECT_THAT(recovery_phases(driver), ElementsAre("zookeeper-0:[server, metrics]"));
  driver.update("zookeeper-1-server", TaskState::kFailed);
  driver.update("zookeeper-1-metrics", TaskState::kFailed);
  EXPECT_THAT(recovery_phases(driver),
              ElementsAre("zookeeper-0:[server, metrics]", "zookeeper-1:[server, metrics]"));
}

TEST(Recovery, LaunchesNothingWhereItsAgentOffersTooLittle) {
  EngineDriver driver = deployed_driver();
  driver.update("zookeeper-0-server", TaskState::kFailed);
  driver.update("zookeeper-0-metrics", TaskState::kKilled);
  std::vector<mesos::Resource> part = driver.resources_of("zookeeper-0");
  part.pop_back();
  driver.calls.clear();
  driver.offer({{"O-part", driver.agent_of("zookeeper-0-server"), "10.0.0.1", part}});
  EXPECT_THAT(driver.launched(), IsEmpty());
  driver.relaunch("zookeeper-0");
  EXPECT_THAT(driver.launched(), ElementsAre("zookeeper-0-server", "zookeeper-0-metrics"));
}

TEST(Recovery, LeavesTasksAloneThatAreToFinish) {
  EngineDriver driver = deployed_driver(with_backup());
  driver.command(command::PlanStart{"backup", {}});
  FakeOffer offer = big_offer(1);
  offer.agent_id = driver.agent_of("zookeeper-0-server");
  for (const auto& resource : driver.resources_of("zookeeper-0")) offer.resources.push_back(resource);
  driver.offer({offer});
  ASSERT_THAT(driver.launched(), ElementsAre("zookeeper-0-backup"));
  driver.update("zookeeper-0-backup", TaskState::kFailed);
  EXPECT_THAT(recovery_phases(driver), IsEmpty()) << "its own plan does it again";
}

}  // namespace
}  // namespace ostler::core::test
