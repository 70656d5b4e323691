// Asks Mesos what became of agents that steps wait for.
//
// What ended is launched anew on its own agent, where its volumes are. When an operator gives
// an agent up (MARK_AGENT_GONE), Mesos says so of the tasks that it knows to be there, and not
// of those that had ended before: a step that waits to launch them again would wait for ever.
// But whoever asks for such a task together with the agent's id is told
// TASK_GONE_BY_OPERATOR. So a step that waits asks: at once when Mesos removes the agent, which it
// also does with one that is merely away, and else after two minutes, since an agent that is
// there offers what it holds every few seconds; then less and less often, as long as it waits.
// Nothing waits for the answer.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "core/effect.h"
#include "core/plan.h"
#include "core/settings.h"
#include "core/task_table.h"

namespace ostler::core {

class AgentInquiry {
 public:
  explicit AgentInquiry(const Settings& settings) : settings_(settings) {}

  void subscribed() { connected_ = true; }
  void disconnected() { connected_ = false; }
  // Mesos removed that agent.
  void removed(const std::string& agent_id) { removed_.insert(agent_id); }

  // For all steps under way, one after the other: begin(), look() at each, ask().
  void begin() {
    next_ms_ = kNever;
    ask_.clear();
  }
  // `waits`: it wants an offer of the agent that has what it needs.
  void look(Step& step, bool waits, const TaskTable& tasks, Now now);
  void ask(Effects& out);

  std::optional<int64_t> wake_at() const;

 private:
  static constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

  const Settings& settings_;
  bool connected_ = false;
  std::set<std::string> removed_;           // since the last round
  std::map<std::string, std::string> ask_;  // task id -> agent id
  int64_t next_ms_ = kNever;
};

}  // namespace ostler::core
