// The inside of Runner: its thread, its queue, its timers and the tasks it has.
#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <map>
#include <mutex>
#include <thread>

#include "cluster/agent/checker.h"
#include "cluster/agent/hosts_file.h"
#include "cluster/agent/runner.h"
#include "cluster/agent/sandbox.h"

namespace ostler::cluster {

// The clock of timers and checks.
inline int64_t steady_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

class Runner::Loop {
 public:
  Loop(Options options, std::unique_ptr<ProcessHost> processes, Report report);
  ~Loop();

  // [any-thread] Runs `work` on the loop's thread, in order.
  void post(std::function<void()> work);
  std::map<std::string, Facts> facts() const;

  // The rest: loop thread only.
  void start(const output::StartTask& task);
  void kill(const output::KillTask& kill);
  void remove_volume(const output::RemoveVolume& volume);
  void signal_task(const std::string& task_id, int signal_number);
  void kill_executor(const std::string& agent_id, const std::string& executor_id, std::function<void()> dead);

 private:
  struct Probe {
    Checker checker;
    uint64_t process = 0;  // 0: not running now
    bool timed_out = false;
  };
  struct Live {
    output::StartTask start;
    SandboxPaths paths;
    std::thread fetcher;
    std::atomic<bool> cancelled{false};
    uint64_t process = 0;
    pid_t pid = 0;
    bool killing = false;
    bool is_unhealthy = false;
    // Set: says nothing when it ends, but calls this.
    std::function<void()> silent_end;
    std::vector<std::unique_ptr<Probe>> probes;
  };
  using Key = std::pair<std::string, std::string>;  // framework id, task id
  using Handle = std::weak_ptr<Live>;

  void run();
  void run_due();
  void at(int64_t when_ms, std::function<void()> timer);
  void on_news(const ProcessNews& news);
  void fetched(const std::shared_ptr<Live>& live, const Result<void>& result);
  void spawn(const std::shared_ptr<Live>& live);
  void began(const std::shared_ptr<Live>& live, pid_t pid);
  void end_process(const std::shared_ptr<Live>& live, int wait_status);
  void launch_failed(const std::shared_ptr<Live>& live, const std::string& why);
  void finish(const std::shared_ptr<Live>& live, mesos::TaskState state, std::string message,
              std::string reason, const char* source);
  void probe(const std::shared_ptr<Live>& live, Probe& probe);
  void probe_ended(const std::shared_ptr<Live>& live, Probe& probe, std::optional<int> wait_status);
  void begin_kill(const std::shared_ptr<Live>& live, int64_t grace_ms);
  Master::TaskReport make_report(const Live& live, mesos::TaskState state) const;
  void remember_facts(const Live& live);

  const Options options_;
  const std::unique_ptr<ProcessHost> processes_;
  const Report report_;
  HostsFile hosts_;
  const int wake_fd_;

  mutable std::mutex mutex_;
  std::deque<std::function<void()>> queue_;  // guarded by mutex_
  std::map<std::string, Facts> facts_;       // guarded by mutex_
  std::atomic<bool> stopping_{false};

  std::map<Key, std::shared_ptr<Live>> live_;
  std::map<uint64_t, std::pair<Handle, Probe*>> owners_;  // by process; no probe: the task itself
  std::multimap<int64_t, std::function<void()>> timers_;
  uint64_t next_process_ = 0;
  std::thread thread_;
};

}  // namespace ostler::cluster
