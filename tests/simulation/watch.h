// The safety rules of the design, checked from outside after every step.
//
// It knows the truth of the model (what really runs, what the store really holds) and
// sees every call and every change of a volume; it believes nothing the core says. The
// first broken rule is kept; the run ends with it.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cluster/model/master.h"
#include "core/command.h"
#include "simulation/give_ups.h"
#include "simulation/store.h"

namespace ostler::simulation {

// A broken rule. `rule` is its number in the design's list; 0 is for what no rule has
// to say: the world of the simulation itself, or a process that spins.
struct Violation {
  int rule = 0;
  std::string text;
};

// What the runs of the service's own plan are counted in.
inline constexpr const char* kRunVariable = "PLAN_RUN";

class Watch {
 public:
  Watch(const Store& store, const cluster::Master& master)
      : store_(store), master_(master), give_ups_(store) {}

  // A process sends this. `is_owner`: it owns the state.
  void call(const mesos::Call& call, bool is_owner, const std::string& framework_id);
  // An agent runs a task from now on, in the model's truth.
  void started(const cluster::output::StartTask& task);
  void destroyed(const cluster::output::RemoveVolume& volume);
  // After every step.
  void look();
  // The service has that replacement policy.
  void set_policy(const std::optional<spec::ReplacementPolicy>& policy) { give_ups_.set_policy(policy); }
  // A process begins; it is told what became of a task; it has decided to store this.
  void begins(int64_t now_ms) { give_ups_.begins(now_ms); }
  void heard(const mesos::TaskStatus& status, int64_t now_ms);
  void decides(const std::vector<core::Change>& changes, int64_t now_ms);
  // An operator said that an agent is gone: its data counts as lost, also where the same
  // machine is back under another id; and what lives on there may have a double.
  void agent_given_up(const std::string& agent_id) { given_up_.insert(agent_id); }
  // An operator had tasks restarted: those that there are now, all or of a pod instance. With
  // one of them goes what is beside it in its pod.
  void allow_kills_of_all();
  void allow_kills_of(const std::string& pod);
  // The same, and it may be given up and its volumes destroyed; while its agent is away a new one
  // may live beside each of its tasks.
  void allow_replacement_of(const std::string& pod);
  // The same, for good: no advisor is asked.
  void allow_departure_of(const std::string& pod);
  // There is an advisor, and it lets only these pod instances be taken down now.
  void grant(std::set<std::string> pods) { granted_ = std::move(pods); }
  // Its word on one that is out: until it is back, it may be restarted once more.
  void seen_back(const std::string& pod, bool is_back) {
    if (is_back) granted_->erase(pod);
    if (!is_back) granted_->insert(pod);
  }
  // The service is uninstalled.
  void allow_removal() { removal_allowed_ = true; }

  // The same of the tasks of the service's own plan.
  void allow_kills_of_own_plan();
  // An operator was told that its n-th start is done: what is launched from now on knows it,
  // until the target changes (0), for which nothing that was done to a plan holds.
  void plan_started(uint32_t run) { plan_run_ = run; }

  // An operator is told that this is done.
  void answered(const core::Command& command);

  void report(int rule, std::string text);
  const std::optional<Violation>& violation() const { return violation_; }

 private:
  void accept(const mesos::call::Accept& accept, const std::string& framework_id);
  void kill(const mesos::call::Kill& kill);
  void note_unseen(const std::string& name, int64_t now_ms);
  // Whether somebody wanted that the old one of two is not waited for.
  bool is_replaced_unseen(const std::string& audit_text) const;
  // Some launch record holds, or will hold, it.
  bool is_stored(std::string_view resource_id, std::string_view persistence_id) const;

  const Store& store_;
  const cluster::Master& master_;
  GiveUps give_ups_;
  std::map<std::string, std::string> used_volumes_;         // and the agent on which a task ran on it
  std::set<std::string> given_up_;                          // agents
  std::set<std::string> may_be_killed_, departing_;         // task ids
  std::set<std::string> may_be_destroyed_;                  // persistence ids
  std::set<std::pair<std::string, std::string>> replaced_;  // tasks by name and id, which may be empty
  std::set<std::string> unseen_;                            // task ids, of what was replaced
  std::map<std::string, int64_t> away_until_;     // task ids, and when a process heard of them again
  std::set<std::string> dying_;                   // task ids: a KILL was sent
  std::optional<std::set<std::string>> granted_;  // pod instances
  uint32_t plan_run_ = 0;
  bool removal_allowed_ = false;
  uint64_t seen_violations_ = 0;
  std::optional<Violation> violation_;
};

}  // namespace ostler::simulation
