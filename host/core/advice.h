// Asks an advisor before a running pod instance is taken down, and after it came back.
//
// Only where a plugin of kind "advisor" is loaded (ostler/draft/advisor.h). Then one pod
// instance is out at a time, whatever the strategies say: a step waits with its `held`
// reason until the advisor lets it go; it is then `out`, and COMPLETE only when the
// advisor has seen it back. In a serial phase another step may go first. Nothing of this
// is stored: a new process asks anew.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/effect.h"
#include "core/killer.h"
#include "core/planner.h"
#include "core/settings.h"
#include "core/task_table.h"

namespace ostler::core {

// The answer to an effect::Advise: for each candidate, in order, whether it may go and why.
struct Advice {
  uint64_t question = 0;
  std::vector<std::pair<bool, std::string>> rulings;
};

// True when the step's kills take a task down that its pod does not go on without.
bool takes_down_essential(const Step& step, const StepConfig& config, const TaskTable& tasks);

class AdviceDesk {
 public:
  // All must outlive it.
  AdviceDesk(const Settings& settings, Planner& planner, const TaskTable& tasks, const Killer& killer)
      : settings_(settings), planner_(planner), tasks_(tasks), killer_(killer) {}

  // True when the step may kill what it has to kill: it takes nothing essential down, or
  // the advisor agreed.
  bool may_kill(const Step& step) const;

  // An operator takes this pod instance down whatever the advisor says, with a command that comes
  // before the next tick.
  void overrule(const std::string& pod) {
    if (settings_.has_advisor) overruled_.insert(pod);
  }

  // Holds steps back and asks as necessary. Touches what it changed.
  void tick(const spec::ServiceSpec& service, Now now, Effects& out);
  void answered(const Advice& advice, Now now);
  // When to ask again (mono).
  std::optional<int64_t> wake_at() const { return ask_at_; }

 private:
  bool takes_down(const Step& step) const;
  // Something that it takes down cannot be reached now. It may be what the ensemble lacks when it is
  // back, whatever was true before: so it is asked about then, and not killed until then.
  bool is_away(const Step& step) const;
  // All that its pod does not go on without is ready, and is not about to die.
  bool serves(const Step& step) const;
  void hold(Step& step, std::string why);
  std::vector<Step*> wanting(const std::vector<Step*>& working);
  void ask(bool has_come_back, const std::vector<Step*>& steps, const spec::ServiceSpec& service,
           Effects& out);

  const Settings& settings_;
  Planner& planner_;
  const TaskTable& tasks_;
  const Killer& killer_;
  uint64_t last_question_ = 0;
  std::set<std::string> overruled_;  // pod instances
  std::vector<std::string> asked_;   // pod instances of the open question; empty: none is open
  bool asked_back_ = false;          // whether they have come back; else whether they may go
  int64_t next_ms_ = 0;              // not earlier (mono)
  bool is_ruled_ = false;            // what steps are held for is the advisor's word
  std::optional<int64_t> ask_at_;
};

}  // namespace ostler::core
