// Real processes, started and killed through the Runner.
#include "cluster/agent/runner.h"

#include <gmock/gmock.h>
#include <signal.h>

#include <condition_variable>
#include <mutex>

#include "folder.h"

namespace ostler::cluster {
namespace {

using mesos::TaskState;

class RunnerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto processes = ProcessHost::start();
    ASSERT_TRUE(processes) << processes.error().text();
    helper_ = (*processes)->helper_pid();
    runner_ = std::make_unique<Runner>(Runner::Options{folder_.path.string(), "", "tld"},
                                       std::move(*processes), [this](const Master::TaskReport& report) {
                                         const std::lock_guard lock(mutex_);
                                         reports_.push_back(report);
                                         changed_.notify_all();
                                       });
  }

  // The first report that `wanted` likes; fails after 20 s.
  template <typename Wanted>
  Master::TaskReport await(Wanted wanted) {
    std::unique_lock lock(mutex_);
    Master::TaskReport found;
    const auto there = [&] {
      for (const auto& report : reports_) {
        if (!wanted(report)) continue;
        found = report;
        return true;
      }
      return false;
    };
    EXPECT_TRUE(changed_.wait_for(lock, std::chrono::seconds(20), there)) << "no such report";
    return found;
  }
  Master::TaskReport await(TaskState state) {
    return await([&](const auto& report) { return report.state == state; });
  }
  Master::TaskReport await_end() {
    return await([](const auto& report) { return mesos::is_terminal(report.state); });
  }
  std::string output() const {
    return Folder::read(folder_.path / "S0/executors/e1/runs/x1/tasks/t__1/stdout");
  }

  Folder folder_;
  pid_t helper_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Master::TaskReport> reports_;
  std::unique_ptr<Runner> runner_;
};

TEST_F(RunnerTest, ReportsStartingRunningFinishedInOrder) {
  runner_->start(make_start("echo hello"));
  EXPECT_EQ(await_end().message, "Command exited with status 0");
  const std::lock_guard lock(mutex_);
  ASSERT_EQ(reports_.size(), 3u);
  EXPECT_EQ(reports_[0].state, TaskState::kStarting);
  EXPECT_EQ(reports_[1].state, TaskState::kRunning);
  EXPECT_EQ(reports_[2].state, TaskState::kFinished);
  EXPECT_EQ(output(), "hello\n");
}

TEST_F(RunnerTest, ReportsTheExitCodeOfAFailure) {
  runner_->start(make_start("exit 7"));
  const auto end = await_end();
  EXPECT_EQ(end.state, TaskState::kFailed);
  EXPECT_EQ(end.message, "Command exited with status 7");
}

TEST_F(RunnerTest, AKilledTaskGetsSigtermFirst) {
  runner_->start(make_start("sleep 1000"));
  await(TaskState::kRunning);
  runner_->kill({"S0", "F", "t__1", 10'000});
  const auto end = await_end();
  EXPECT_EQ(end.state, TaskState::kKilled);
  EXPECT_EQ(end.message, "Command terminated with signal Terminated");
}

TEST_F(RunnerTest, ATaskThatIgnoresSigtermIsKilledAfterItsGrace) {
  runner_->start(make_start("trap '' TERM; echo ready; while :; do sleep 1; done"));
  await(TaskState::kRunning);
  while (output().empty()) std::this_thread::yield();  // The trap is set.
  runner_->kill({"S0", "F", "t__1", 50});
  EXPECT_EQ(await_end().message, "Command terminated with signal Killed");
}

TEST_F(RunnerTest, ASignalFromOutsideFailsTheTask) {
  runner_->start(make_start("sleep 1000"));
  await(TaskState::kRunning);
  runner_->signal_task("t__1", SIGKILL);
  const auto end = await_end();
  EXPECT_EQ(end.state, TaskState::kFailed);
  EXPECT_EQ(end.message, "Command terminated with signal Killed");
}

TEST_F(RunnerTest, AFailedFetchIsALaunchFailure) {
  auto start = make_start("true");
  mesos::TaskInfo task = start.task;
  task.command.uris.emplace_back().value = "/no/such/file";
  start.task = task;
  runner_->start(start);
  const auto end = await_end();
  EXPECT_EQ(end.state, TaskState::kFailed);
  EXPECT_EQ(end.reason, "REASON_CONTAINER_LAUNCH_FAILED");
  EXPECT_EQ(end.source, "SOURCE_AGENT");
  EXPECT_EQ(end.message, "Failed to launch container: Failed to fetch '/no/such/file': no such file");
}

TEST_F(RunnerTest, AnUnknownUserIsALaunchFailure) {
  auto start = make_start("true");
  mesos::TaskInfo task = start.task;
  task.command.user = "no-such-user";
  start.task = task;
  runner_->start(start);
  EXPECT_EQ(await_end().message, "Failed to launch container: No such user 'no-such-user'");
}

TEST_F(RunnerTest, ChecksRunInTheSandboxWithTheTasksEnvironment) {
  auto start = make_start("sleep 1000");
  mesos::TaskInfo task = start.task;
  task.command.environment = {{"WORD", "magic", ""}};
  task.check.emplace();
  task.check->command.value = "test \"$WORD\" = magic && test \"$PWD\" = \"$MESOS_SANDBOX\"";
  start.task = task;
  runner_->start(start);
  const auto checked =
      await([](const auto& report) { return report.reason == "REASON_TASK_CHECK_STATUS_UPDATED"; });
  EXPECT_EQ(checked.check_exit_code, 0);
}

TEST_F(RunnerTest, RepeatedHealthFailureKillsTheTask) {
  auto start = make_start("sleep 1000");
  mesos::TaskInfo task = start.task;
  task.health_check.emplace();
  task.health_check->command.value = "exit 1";
  task.health_check->interval_s = 0.02;
  task.health_check->consecutive_failures = 2;
  start.task = task;
  runner_->start(start);
  const auto end = await_end();
  EXPECT_EQ(end.state, TaskState::kKilled);
  EXPECT_EQ(end.healthy, false);
}

TEST_F(RunnerTest, NothingOfATaskSurvivesIt) {
  runner_->start(make_start("sleep 1000 & echo $!"));
  await_end();
  const pid_t left = std::atoi(output().c_str());
  ASSERT_GT(left, 0);
  // The helper kills the session before it reports; the kernel may still be at it.
  while (::kill(left, 0) == 0) std::this_thread::yield();
}

TEST_F(RunnerTest, EverythingDiesWithTheRunner) {
  // In a session of its own, which the end of the task alone would not reach.
  runner_->start(make_start("setsid sleep 1000 & echo $!; wait"));
  await(TaskState::kRunning);
  while (output().empty()) std::this_thread::yield();
  const pid_t child = std::atoi(output().c_str());
  runner_.reset();
  EXPECT_NE(::kill(child, 0), 0);
  EXPECT_NE(::kill(helper_, 0), 0);
}

TEST_F(RunnerTest, ADeadExecutorTakesItsTasksWithoutAReport) {
  runner_->start(make_start("sleep 1000"));
  await(TaskState::kRunning);
  std::atomic<bool> dead{false};
  runner_->kill_executor("S0", "e1", [&] { dead = true; });
  while (!dead) std::this_thread::yield();
  EXPECT_THAT(runner_->facts(), ::testing::IsEmpty());
  const std::lock_guard lock(mutex_);
  EXPECT_FALSE(mesos::is_terminal(reports_.back().state));
}

}  // namespace
}  // namespace ostler::cluster
