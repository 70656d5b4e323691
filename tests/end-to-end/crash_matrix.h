// The crash matrix: one operation again and again on real servers, and each time the
// scheduler is killed with -9 one moment later.
//
// A moment is before or after the n-th commit to the store, or before or after the n-th call
// that reaches Mesos, counted from the beginning of the operation. How many there are is
// found out on the way: a kind of moment is over when the operation ends before its n comes.
// OSTLER_CRASH_MATRIX=full walks through all of them; without it a few spread ones are tried.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <string>

#include "service_test.h"

namespace ostler::harness {

struct Moment {
  enum class Kind { kBeforeCommit, kAfterCommit, kBeforeCall, kAfterCall } kind = Kind::kBeforeCommit;
  int number = 1;
};
std::string to_string(const Moment& moment);  // "after commit 3"

// The moments of one operation, one after the other.
class Moments {
 public:
  // `sample`: those of the short run.
  explicit Moments(std::deque<Moment> sample);

  // Nothing: it is over.
  std::optional<Moment> next() const;
  // What became of next().
  void tried(bool was_reached);
  int reached() const { return reached_; }

 private:
  const bool is_full_;
  std::deque<Moment> left_;
  int reached_ = 0;
};

class CrashMatrix : public ServiceTest {
 protected:
  CrashMatrix();

  // The scheduler's state is in a ZooKeeper server; its plugin waits for moments.
  void prepare();
  // One cell: `begin` starts the operation, the scheduler is killed at the moment (none: not
  // at all) and started again, and `is_done` becomes true. `ask_again` follows a start when an
  // operator got no answer. False: the operation ended before the moment came.
  struct Operation {
    std::function<void(const std::function<void()>& arm_calls)> begin;
    std::function<bool()> is_done;
    std::function<void()> ask_again = [] {};
  };
  bool run(const Operation& operation, const std::optional<Moment>& moment);

  // How often the tasks' processes were started since the last time this was asked.
  std::map<std::string, int> new_runs();
  // Persistence ids on the agents, those of one server's task, and task ids of all but that pod.
  std::set<std::string> volumes() const;
  std::set<std::string> volumes_of(const std::string& task) const;
  // The ensemble serves, holds what it was told last, and nothing is reserved, running or
  // known beyond that. `is_new`: there is nothing it could still hold.
  void expect_healthy(bool is_new);
  // Nothing of the service is left anywhere.
  void expect_gone();
  // "  deploy: 52 moments", for whoever reads the output.
  void report(const std::string& operation, const Moments& moments);

 private:
  void arm_commits(const std::optional<Moment>& moment);
  void arm_calls(const std::optional<Moment>& moment);
  void disarm();

  std::map<std::string, int> runs_;
  int cell_ = 0;
  std::string written_;
};

}  // namespace ostler::harness
