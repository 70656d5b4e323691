// The whole product on this machine, with a stop-watch: a local Mesos, the scheduler and
// the three ZooKeeper servers that it deploys. The demo shows it; the benchmarks time it.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "harness/cluster.h"
#include "harness/ensemble.h"
#include "harness/scheduler.h"

namespace ostler::harness {

// What was measured; -1 before it was.
struct Figures {
  double cluster_ready_ms = -1;  // from the start of ostler-cluster until it serves
  double subscribed_ms = -1;     // from the start of `ostler run` to SUBSCRIBED
  double deploy_s = -1;          // from the start of `ostler run` to a complete plan
  double write_read_ms = -1;     // a znode through one server, back through another
  double idle_mib = -1;          // resident memory of `ostler run` afterwards

  nlohmann::json to_json() const;
};

class Deployment {
 public:
  struct Options {
    Installation installation;
    std::string folder;  // work files, logs and state; must exist
    Ports ports{1140, 1240, 1340};
    int api_port = 8080;  // when it is free
    // Asked while something is waited for, every 20 ms, with the plan when it is known.
    // False ends the wait with HarnessError "interrupted".
    std::function<bool(const nlohmann::json* plan)> progress;
  };

  explicit Deployment(Options options);

  // The steps, in this order. Each throws HarnessError when it does not work out.
  void start_cluster();
  void start_scheduler();  // also again, after it ended
  void wait_subscribed();
  void wait_deployed();
  void write_and_read();
  void measure_memory();

  Cluster& cluster() { return *cluster_; }
  Scheduler& scheduler() { return *scheduler_; }
  const Figures& figures() const { return figures_; }
  // The servers' addresses and who leads, leader first.
  std::vector<ServerState> members();

 private:
  void wait(const std::string& what, const std::function<bool()>& is_true);

  Options options_;
  Figures figures_;
  Environment service_;
  std::unique_ptr<Cluster> cluster_;
  std::unique_ptr<Scheduler> scheduler_;
  std::chrono::steady_clock::time_point scheduler_started_;
  std::chrono::system_clock::time_point scheduler_started_wall_;
};

}  // namespace ostler::harness
