// Puts together why each step waits: what the plans say, what the looks at offers found
// and what blocks above placement.
#pragma once

#include <memory>
#include <vector>

#include "core/planner.h"
#include "core/snapshot.h"
#include "core/task_table.h"
#include "core/why_board.h"

namespace ostler::core {

struct WhyInput {
  const std::vector<PlanView>& views;  // of `plans`; none where nothing is to be shown
  const std::vector<const Plan*>& plans;
  const TaskTable& tasks;
  const WhyBoard& board;
  bool subscribed;
  bool suppressed;
  const std::string& revive_wait;  // of offers; empty: none
  size_t unreconciled;
  Now now;
};

// "plan 'deploy' is interrupted; continue it to go on", and the same of the phase and the
// step: what only an operator ends.
std::vector<std::string> interruptions(const Plan& plan, const Phase& phase, const Step& step);

std::shared_ptr<const WhyPicture> build_why(const WhyInput& input);

}  // namespace ostler::core
