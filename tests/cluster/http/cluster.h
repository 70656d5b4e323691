// The model in real time: puts the Master behind a lock, gives it the clock, and
// carries out what it wants: events go to streams, tasks to the Runner (or to the
// simulated tasks).
//
// [any-thread] throughout. Owns a thread for the model's timers.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "cluster/agent/runner.h"
#include "cluster/http/event_json.h"
#include "cluster/http/stream.h"
#include "cluster/model/simulated_tasks.h"

namespace ostler::cluster {

class Cluster {
 public:
  struct Options {
    Master::Options model;
    std::vector<AgentSpec> agents;
    uint64_t seed = 0;  // 0: random identifiers
    int64_t heartbeat_ms = 15'000;
    std::string region;  // the master's own fault domain
    std::string zone;
    bool simulate = false;
    int64_t task_delay_ms = 0;  // of simulated tasks
    Runner::Options runner;
  };
  // `processes` may be null when tasks are simulated.
  Cluster(Options options, std::unique_ptr<ProcessHost> processes);
  ~Cluster();
  // Ends every stream and every task, and waits for that. Calls after it change nothing
  // on the agents.
  void stop();

  struct Subscription {
    std::string stream_id;
    std::shared_ptr<Stream> stream;
  };
  Subscription subscribe(Master::Subscribe request);
  void stream_closed(const std::string& stream_id);

  // Runs `use(master, now_ms)` under the lock, timers first and outputs after.
  template <typename Use>
  auto with(Use use) {
    const std::lock_guard lock(mutex_);
    const auto now = now_ms();
    master_.advance(now);
    if constexpr (std::is_void_v<decltype(use(master_, now))>) {
      use(master_, now);
      carry_out(now);
    } else {
      auto result = use(master_, now);
      carry_out(now);
      return result;
    }
  }

  // Ends all streams, as a dying or a hanging master would.
  void cut_streams();
  void stall_streams();
  // No call is answered until this long has passed (the master is down).
  void set_down_for(int64_t ms);
  bool is_down() const;

  // Dead tasks, on the agents' side. False: no such thing.
  bool signal_task(const std::string& task_id, int signal_number);
  bool kill_executor(const std::string& executor_id);
  // Cuts the agent off and kills all its tasks, like a power failure.
  bool kill_host(const std::string& agent_id);

  std::map<std::string, Runner::Facts> task_facts() const;
  MasterFacts facts() const;
  void set_port(int port) { port_ = port; }
  const Options& options() const { return options_; }

 private:
  int64_t now_ms() const;
  void carry_out(int64_t now);
  void carry_out_one(int64_t now, Output& output);
  void run_timers();
  void report(const Master::TaskReport& report);

  const Options options_;
  const std::unique_ptr<IdSource> ids_;
  const int64_t started_wall_ms_;
  const int64_t started_steady_ms_;
  std::atomic<int> port_{0};
  std::atomic<int64_t> down_until_ms_{0};

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  Master master_;
  SimulatedTasks simulated_;
  std::map<std::string, std::shared_ptr<Stream>> streams_;
  std::unique_ptr<Runner> runner_;  // null: simulated, or stopped
  std::thread timers_;
};

}  // namespace ostler::cluster
