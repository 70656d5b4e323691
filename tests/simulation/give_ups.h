// Which pods are given up, and on whose word: what that costs is their data.
//
// Looks at what a process decides to store. An operator may have asked for it, or given the
// pod's agent up; all else must be the replacement policy's doing, and so only what was lost
// for the policy's time, while no other pod is being replaced or coming up, and not sooner than
// the policy's delay after the one before.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/records.h"
#include "mesos/event.h"
#include "simulation/store.h"

namespace ostler::simulation {

class GiveUps {
 public:
  explicit GiveUps(const Store& store) : store_(store) {}

  void set_policy(const std::optional<spec::ReplacementPolicy>& policy) { policy_ = policy; }
  // A process begins: it knows what is stored, and not how long something has been lost.
  void begins(int64_t now_ms);
  // A process is told what became of a task.
  void heard(const mesos::TaskStatus& status, int64_t now_ms);

  struct Decision {
    std::set<std::string> by_policy;  // pod instances that are given up
    std::string violation;            // empty: there is none
  };
  // A process is about to store this. `is_wanted` says of a launch whether it was given up
  // before, or an operator wants that.
  template <typename Wanted>
  Decision decides(const std::vector<core::Change>& changes, int64_t now_ms, Wanted&& is_wanted) {
    Decision out;
    std::set<std::string> known;
    for (const bool is_launched : {true, false}) {
      // What was not launched yet has no id to be known by; its pod's other tasks tell.
      std::set<std::string> pods;
      for (const core::Change& change : changes) {
        const auto* put = std::get_if<core::change::PutLaunch>(&change);
        if (put == nullptr || !put->launch->permanently_failed) continue;
        const std::string pod = pod_of(*put->launch);
        if (put->launch->task->task_id.empty() == is_launched || known.contains(pod)) continue;
        pods.insert(pod);
        if (!is_wanted(*put->launch) && out.by_policy.insert(pod).second) judge(pod, now_ms, out.violation);
      }
      known.merge(pods);
    }
    if (policy_) note(changes);
    return out;
  }

 private:
  static std::string pod_of(const core::LaunchRecord& launch);
  void judge(const std::string& pod, int64_t now_ms, std::string& violation);
  void note(const std::vector<core::Change>& changes);
  // Another pod that is being replaced, or of which something is not up yet; or none.
  std::string busy_besides(const std::string& pod) const;
  // Since when one of its tasks has been lost at least.
  std::optional<int64_t> lost_since(const std::string& pod) const;

  const Store& store_;
  std::optional<spec::ReplacementPolicy> policy_;
  std::map<std::string, int64_t> lost_;  // task ids, and since when a process could know it
  std::set<std::string> ended_;          // of those, for ever: an older word may come after the last
  // What is stored, or about to be, as the process knows it.
  std::map<std::string, core::StoredState::Task> tasks_;
  int64_t begun_ms_ = 0;
  std::optional<int64_t> last_ms_;  // of the policy's last decision
};

}  // namespace ostler::simulation
