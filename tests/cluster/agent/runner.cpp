// The loop of Runner and its public face; what happens to a task is in runner_task.cpp.
#include "cluster/agent/runner.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "base/log.h"
#include "cluster/agent/runner_loop.h"

namespace ostler::cluster {

Runner::Loop::Loop(Options options, std::unique_ptr<ProcessHost> processes, Report report)
    : options_(std::move(options)),
      processes_(std::move(processes)),
      report_(std::move(report)),
      hosts_(options_.hosts_file, options_.tld),
      wake_fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      thread_([this] { run(); }) {}

Runner::Loop::~Loop() {
  stopping_ = true;
  post([] {});
  thread_.join();
  for (auto& [key, live] : live_) {
    live->cancelled = true;
    if (live->fetcher.joinable()) live->fetcher.join();
  }
  ::close(wake_fd_);
}

void Runner::Loop::post(std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(work));
  }
  const uint64_t one = 1;
  [[maybe_unused]] const auto n = ::write(wake_fd_, &one, sizeof one);
}

void Runner::Loop::at(int64_t when_ms, std::function<void()> timer) {
  timers_.emplace(when_ms, std::move(timer));
}

void Runner::Loop::run_due() {
  while (!timers_.empty() && timers_.begin()->first <= steady_ms()) {
    const auto timer = std::move(timers_.begin()->second);
    timers_.erase(timers_.begin());
    timer();
  }
}

void Runner::Loop::run() {
  ::pthread_setname_np(::pthread_self(), "runner");
  while (!stopping_) {
    int timeout = -1;
    if (!timers_.empty()) {
      timeout = static_cast<int>(std::clamp<int64_t>(timers_.begin()->first - steady_ms(), 0, 60'000));
    }
    pollfd waiting[2] = {{wake_fd_, POLLIN, 0}, {processes_->is_lost() ? -1 : processes_->fd(), POLLIN, 0}};
    ::poll(waiting, 2, timeout);
    if (stopping_) return;
    std::deque<std::function<void()>> work;
    {
      uint64_t ignored = 0;
      [[maybe_unused]] const auto n = ::read(wake_fd_, &ignored, sizeof ignored);
      const std::lock_guard lock(mutex_);
      work.swap(queue_);
    }
    for (const auto& one : work) one();
    if (!processes_->is_lost()) {
      for (const auto& news : processes_->read()) on_news(news);
      if (processes_->is_lost()) {
        log::error("the helper process is gone and with it every task");
        while (!live_.empty()) {
          const auto live = live_.begin()->second;
          finish(live, mesos::TaskState::kFailed, "The helper process of ostler-cluster died",
                 "REASON_EXECUTOR_TERMINATED", "SOURCE_AGENT");
        }
      }
    }
    run_due();
  }
}

std::map<std::string, Runner::Facts> Runner::Loop::facts() const {
  const std::lock_guard lock(mutex_);
  return facts_;
}

void Runner::Loop::remember_facts(const Live& live) {
  const std::lock_guard lock(mutex_);
  facts_[live.start.task->task_id] = {live.pid, live.paths.task.string()};
}

Runner::Runner(Options options, std::unique_ptr<ProcessHost> processes, Report report)
    : loop_(std::make_unique<Loop>(std::move(options), std::move(processes), std::move(report))) {}
Runner::~Runner() = default;

void Runner::start(output::StartTask task) {
  loop_->post([loop = loop_.get(), task = std::move(task)] { loop->start(task); });
}
void Runner::kill(output::KillTask kill) {
  loop_->post([loop = loop_.get(), kill = std::move(kill)] { loop->kill(kill); });
}
void Runner::remove_volume(output::RemoveVolume volume) {
  loop_->post([loop = loop_.get(), volume = std::move(volume)] { loop->remove_volume(volume); });
}
void Runner::signal_task(const std::string& task_id, int signal_number) {
  loop_->post([loop = loop_.get(), task_id, signal_number] { loop->signal_task(task_id, signal_number); });
}
void Runner::kill_executor(const std::string& agent_id, const std::string& executor_id,
                           std::function<void()> dead) {
  loop_->post([loop = loop_.get(), agent_id, executor_id, dead = std::move(dead)] {
    loop->kill_executor(agent_id, executor_id, dead);
  });
}
std::map<std::string, Runner::Facts> Runner::facts() const { return loop_->facts(); }

}  // namespace ostler::cluster
