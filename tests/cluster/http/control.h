// The control API, under /control: looking into the cluster and breaking it.
// tests/cluster/README.md lists the calls.
#pragma once

#include <sys/types.h>

#include <condition_variable>
#include <nlohmann/json_fwd.hpp>

#include "cluster/http/cluster.h"
#include "cluster/http/server.h"

namespace ostler::cluster {

// [any-thread]
class Control {
 public:
  explicit Control(Cluster& cluster) : cluster_(cluster) {}

  HttpAnswer handle(const HttpRequest& request);

  // Whether this call is to be lost; then the status to answer with (202 pretends that
  // nothing is wrong). Counts down.
  std::optional<int> dropped_call(const std::string& type);

  // Counts a scheduler call that reached the master, whatever becomes of it.
  void count_call(const std::string& type);

  // Around each scheduler call: where /control/kill named this one, kills that process
  // before or after it is carried out. True: the call is to be lost.
  bool kills_before_call();
  void kill_after_call();

  // POST /control/shutdown was called.
  bool wants_shutdown() const { return shutdown_; }

 private:
  struct Drop {
    uint64_t count = 0;
    int status = 202;
  };
  HttpAnswer post(const std::string& what, const std::string& name, const std::string& verb,
                  const nlohmann::json& body);
  HttpAnswer agent(const std::string& name, const std::string& verb, const nlohmann::json& body);
  HttpAnswer master(const std::string& verb, const nlohmann::json& body);
  HttpAnswer drop(const nlohmann::json& body);
  HttpAnswer kill(const nlohmann::json& body);
  HttpAnswer updates(const nlohmann::json& body);
  HttpAnswer refuse(const nlohmann::json& body);

  Cluster& cluster_;
  std::mutex mutex_;
  // A process that dies around the call that makes calls_left 0.
  struct Kill {
    pid_t pid = 0;
    uint64_t calls_left = 0;  // 0: none
    bool after = false;
  };

  std::map<std::string, Drop> drops_;  // by call type
  Kill kill_;
  std::map<std::string, uint64_t> calls_;        // by call type
  std::map<std::string, int64_t> last_call_ms_;  // when the last of each type came, Unix time
  std::atomic<bool> shutdown_{false};
};

// The whole state as JSON (GET /control/state).
nlohmann::json state_json(Cluster& cluster);

}  // namespace ostler::cluster
