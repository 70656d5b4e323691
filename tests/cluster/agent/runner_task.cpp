// One task from its start to its end: sandbox, fetching, process, checks, kill.
#include <pwd.h>
#include <signal.h>
#include <sys/wait.h>

#include <chrono>
#include <cstring>

#include "base/log.h"
#include "cluster/agent/fetcher.h"
#include "cluster/agent/runner_loop.h"

namespace ostler::cluster {
namespace {

using mesos::TaskState;

// As Mesos words it.
std::string describe(int wait_status) {
  if (WIFEXITED(wait_status)) return "Command exited with status " + std::to_string(WEXITSTATUS(wait_status));
  return std::string("Command terminated with signal ") + ::strsignal(WTERMSIG(wait_status));
}

ProcessSpec shell(const mesos::CommandInfo& command, Environment environment, const SandboxPaths& paths,
                  const std::string& out, const std::string& err) {
  return {{"/bin/sh", "-c", command.value},
          std::move(environment),
          paths.task.string(),
          (paths.task / out).string(),
          (paths.task / err).string()};
}

bool is_known_user(const std::string& user) { return user.empty() || ::getpwnam(user.c_str()) != nullptr; }

}  // namespace

Master::TaskReport Runner::Loop::make_report(const Live& live, TaskState state) const {
  Master::TaskReport report;
  report.agent_id = live.start.agent_id;
  report.framework_id = live.start.framework_id;
  report.task_id = live.start.task->task_id;
  report.state = state;
  return report;
}

void Runner::Loop::start(const output::StartTask& task) {
  auto live = std::make_shared<Live>();
  live->start = task;
  live_[{task.framework_id, task.task->task_id}] = live;
  report_(make_report(*live, TaskState::kStarting));
  if (!is_known_user(task.task->command.user)) {
    launch_failed(live, "No such user '" + task.task->command.user + "'");
    return;
  }
  auto paths = prepare_sandbox(options_.root, task);
  if (!paths) {
    launch_failed(live, paths.error().message);
    return;
  }
  live->paths = *paths;
  remember_facts(*live);
  if (task.task->command.uris.empty()) {
    spawn(live);
    return;
  }
  live->fetcher = std::thread([this, live] {
    auto result = fetch_all(live->start.task->command.uris, live->paths.task, live->cancelled);
    post([this, live, result = std::move(result)] { fetched(live, result); });
  });
}

void Runner::Loop::fetched(const std::shared_ptr<Live>& live, const Result<void>& result) {
  live->fetcher.join();
  if (live->killing) {
    finish(live, TaskState::kKilled, "Command was killed before it started", {}, "SOURCE_EXECUTOR");
  } else if (!result) {
    launch_failed(live, result.error().message);
  } else {
    spawn(live);
  }
}

void Runner::Loop::spawn(const std::shared_ptr<Live>& live) {
  live->process = ++next_process_;
  owners_[live->process] = {live, nullptr};
  hosts_.task_started(live->start);
  const auto& command = live->start.task->command;
  processes_->spawn(live->process,
                    shell(command, task_environment(live->start, live->paths, command, options_.hosts_file),
                          live->paths, "stdout", "stderr"));
}

void Runner::Loop::on_news(const ProcessNews& news) {
  const auto found = owners_.find(news.id);
  if (found == owners_.end()) return;
  const auto live = found->second.first.lock();
  auto* probe = found->second.second;
  if (news.kind != ProcessNews::Kind::kStarted) owners_.erase(found);
  if (live == nullptr) return;  // A check that outlived its task.
  switch (news.kind) {
    case ProcessNews::Kind::kStarted:
      if (probe == nullptr) began(live, news.pid);
      break;
    case ProcessNews::Kind::kFailed:
      if (probe == nullptr) {
        launch_failed(live, news.error);
      } else {
        probe_ended(live, *probe, std::nullopt);
      }
      break;
    case ProcessNews::Kind::kExited:
      if (probe == nullptr) {
        end_process(live, news.status);
      } else {
        probe_ended(live, *probe, news.status);
      }
      break;
  }
}

void Runner::Loop::began(const std::shared_ptr<Live>& live, pid_t pid) {
  live->pid = pid;
  remember_facts(*live);
  report_(make_report(*live, TaskState::kRunning));
  const auto& task = *live->start.task;
  if (task.check)
    live->probes.push_back(std::make_unique<Probe>(Probe{Checker(*task.check, false), 0, false}));
  if (task.health_check)
    live->probes.push_back(std::make_unique<Probe>(Probe{Checker(*task.health_check, true), 0, false}));
  for (const auto& one : live->probes) {
    at(one->checker.started(steady_ms()), [this, handle = Handle(live), at_probe = one.get()] {
      if (const auto still = handle.lock()) probe(still, *at_probe);
    });
  }
}

void Runner::Loop::probe(const std::shared_ptr<Live>& live, Probe& probe) {
  if (live->killing || probe.process != 0) return;
  const auto process = ++next_process_;
  probe.process = process;
  probe.timed_out = false;
  owners_[process] = {live, &probe};
  const auto& command = probe.checker.command();
  const std::string log = probe.checker.is_health() ? "health-check.log" : "check.log";
  processes_->spawn(process,
                    shell(command, task_environment(live->start, live->paths, command, options_.hosts_file),
                          live->paths, log, log));
  if (probe.checker.timeout_ms() <= 0) return;
  at(steady_ms() + probe.checker.timeout_ms(), [this, handle = Handle(live), at_probe = &probe, process] {
    const auto still = handle.lock();
    if (still == nullptr || at_probe->process != process) return;
    at_probe->timed_out = true;
    processes_->signal(process, SIGKILL);
  });
}

void Runner::Loop::probe_ended(const std::shared_ptr<Live>& live, Probe& probe,
                               std::optional<int> wait_status) {
  probe.process = 0;
  if (probe.timed_out) wait_status.reset();
  if (live->killing) return;
  const auto verdict = probe.checker.finished(steady_ms(), wait_status);
  if (verdict.tell) {
    auto report = make_report(*live, TaskState::kRunning);
    if (probe.checker.is_health()) {
      report.reason = "REASON_TASK_HEALTH_CHECK_STATUS_UPDATED";
      report.healthy = verdict.healthy;
    } else {
      report.reason = "REASON_TASK_CHECK_STATUS_UPDATED";
      report.check_exit_code = verdict.exit_code;
      report.clears_check = !verdict.exit_code.has_value();
    }
    report_(report);
  }
  if (verdict.kill) {
    live->is_unhealthy = true;
    const auto& grace_s = live->start.task->kill_grace_s;
    begin_kill(live, grace_s ? static_cast<int64_t>(*grace_s * 1000) : 5000);
    return;
  }
  at(verdict.next_ms, [this, handle = Handle(live), at_probe = &probe] {
    if (const auto still = handle.lock()) this->probe(still, *at_probe);
  });
}

void Runner::Loop::kill(const output::KillTask& kill) {
  const auto found = live_.find({kill.framework_id, kill.task_id});
  if (found != live_.end()) begin_kill(found->second, kill.grace_ms);
}

void Runner::Loop::begin_kill(const std::shared_ptr<Live>& live, int64_t grace_ms) {
  if (!live->killing) {
    live->killing = true;
    live->cancelled = true;
    if (live->process != 0) processes_->signal(live->process, SIGTERM);
    for (const auto& one : live->probes) {
      if (one->process != 0) processes_->signal(one->process, SIGKILL);
    }
  }
  at(steady_ms() + grace_ms, [this, handle = Handle(live)] {
    const auto still = handle.lock();
    if (still != nullptr && still->process != 0) processes_->signal(still->process, SIGKILL);
  });
}

void Runner::Loop::signal_task(const std::string& task_id, int signal_number) {
  for (const auto& [key, live] : live_) {
    if (key.second == task_id && live->process != 0) processes_->signal(live->process, signal_number);
  }
}

void Runner::Loop::kill_executor(const std::string& agent_id, const std::string& executor_id,
                                 std::function<void()> dead) {
  auto left = std::make_shared<size_t>(1);
  const auto one_less = [left, dead = std::move(dead)] {
    if (--*left == 0) dead();
  };
  for (const auto& [key, live] : live_) {
    const auto& start = live->start;
    if (start.agent_id != agent_id || (!executor_id.empty() && start.executor->executor_id != executor_id))
      continue;
    ++*left;
    live->silent_end = one_less;
    begin_kill(live, 0);
  }
  one_less();
}

void Runner::Loop::end_process(const std::shared_ptr<Live>& live, int wait_status) {
  auto state = TaskState::kFailed;
  if (live->killing) {
    state = TaskState::kKilled;
  } else if (WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == 0) {
    state = TaskState::kFinished;
  }
  finish(live, state, describe(wait_status), {}, "SOURCE_EXECUTOR");
}

void Runner::Loop::launch_failed(const std::shared_ptr<Live>& live, const std::string& why) {
  finish(live, TaskState::kFailed, "Failed to launch container: " + why, "REASON_CONTAINER_LAUNCH_FAILED",
         "SOURCE_AGENT");
}

void Runner::Loop::finish(const std::shared_ptr<Live>& live, TaskState state, std::string message,
                          std::string reason, const char* source) {
  const auto& task_id = live->start.task->task_id;
  for (const auto& one : live->probes) {
    if (one->process != 0) processes_->signal(one->process, SIGKILL);
  }
  live->cancelled = true;
  if (live->fetcher.joinable()) live->fetcher.join();
  hosts_.task_ended(live->start.framework_id, task_id);
  live_.erase({live->start.framework_id, task_id});
  {
    const std::lock_guard lock(mutex_);
    facts_.erase(task_id);
  }
  if (live->silent_end) {
    live->silent_end();
    return;
  }
  auto report = make_report(*live, state);
  report.message = std::move(message);
  report.reason = std::move(reason);
  report.source = source;
  if (live->is_unhealthy) report.healthy = false;
  report_(report);
}

void Runner::Loop::remove_volume(const output::RemoveVolume& volume) {
  std::error_code failed;
  std::filesystem::remove_all(volume_path(options_.root, volume.agent_id, volume.persistence_id), failed);
  if (failed)
    log::warning("cannot remove a volume", {{"id", volume.persistence_id}, {"error", failed.message()}});
}

}  // namespace ostler::cluster
