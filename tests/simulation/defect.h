// Planted defects: what a bug in the scheduler would do, to prove that the simulation
// sees it.
//
// They sit between the real core and the simulated world and bend what goes in or comes
// out, so no product code knows of them. One a run; kNone costs nothing.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/uuid.h"
#include "core/engine.h"

namespace ostler::simulation {

enum class Defect : uint8_t {
  kNone,
  kSkipWriteAhead,      // calls first, then the store
  kForgetDeclines,      // no DECLINE is ever sent
  kReuseTaskIds,        // the same identifiers after each start
  kNeverAcknowledge,    // status updates
  kUnknownIsLost,       // TASK_UNKNOWN taken for a death
  kUnreachableIsLost,   // TASK_UNREACHABLE taken for a death
  kForgetFrameworkId,   // it is not stored
  kForgetStatuses,      // no status is stored
  kNeverReconcile,      // RECONCILE is not sent
  kKillOnce,            // a KILL is not repeated
  kNeverRevive,         // REVIVE is not sent
  kKillAtStart,         // a start kills what runs
  kTrustLostCommits,    // an unavailable store is taken for a successful write
  kKeepWritingUnowned,  // the loss of ownership is ignored
  kSkipLock,            // the state is used without owning it
  kDestroyVolumes,      // every offered volume of ours is destroyed
  kTouchForeign,        // every offered reservation is given back
  kIgnorePlacement,     // two nodes on one host
  kForgetHoldings,      // a start forgets what is reserved
  kForgetTarget,        // a start forgets the target, so any configuration will do
  kForgetPauses,        // what an operator paused is not stored
  kOverruleAdvisor,     // whatever it says, the step begins
  kForgetPlans,         // what an operator did to a plan is not stored
  kReplaceEarly,        // the replacement policy does not wait for what may come back
  kReplaceInARow,       // nor between two
  kCount,
};
std::string_view to_string(Defect defect);

class Planted {
 public:
  explicit Planted(Defect defect) : defect_(defect) {}

  bool saves_late() const { return defect_ == Defect::kSkipWriteAhead; }
  bool ignores_fence() const { return defect_ == Defect::kKeepWritingUnowned; }
  bool skips_lock() const { return defect_ == Defect::kSkipLock; }
  bool trusts(Code code) const {
    return (defect_ == Defect::kTrustLostCommits && code == Code::kUnavailable) ||
           (defect_ == Defect::kKeepWritingUnowned && code == Code::kFailedPrecondition);
  }
  // What the process makes of the service.
  std::shared_ptr<const spec::ServiceSpec> read(std::shared_ptr<const spec::ServiceSpec> service) const;
  // What was loaded.
  void loaded(core::StoredState& state) {
    if (defect_ != Defect::kNone) bend(state);
  }
  // Whether the event reaches the core; may change it.
  bool hears(mesos::Event& event) {
    if (defect_ != Defect::kNone) bend(event);
    return true;
  }
  void hears(core::Advice& advice) const {
    if (defect_ != Defect::kOverruleAdvisor) return;
    for (auto& [goes, why] : advice.rulings) goes = true;
  }
  // What the core wants to do.
  void acted(const core::Engine& engine, core::Effects& effects) {
    if (defect_ != Defect::kNone) bend(engine, effects);
  }

 private:
  void bend(core::StoredState& state);
  void bend(mesos::Event& event);
  void bend(const core::Engine& engine, core::Effects& effects);
  // Whether the call is to be left out.
  bool drops(const mesos::Call& call);

  const Defect defect_;
  std::vector<mesos::Resource> offered_volumes_, offered_reservations_;
  std::string offer_id_;
  std::map<std::string, int> kills_;
  bool has_started_ = false;
};

// The identifiers a process makes.
class PlantedIds final : public IdSource {
 public:
  PlantedIds(IdSource& ids, Defect defect) : ids_(ids), repeats_(defect == Defect::kReuseTaskIds) {}
  uint64_t next_u64() override { return repeats_ ? same_.next_u64() : ids_.next_u64(); }

 private:
  IdSource& ids_;
  const bool repeats_;
  SeededIds same_{7};
};

}  // namespace ostler::simulation
