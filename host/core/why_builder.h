// Puts together why each step waits: what the plans say, what the looks at offers found
// and what blocks above placement.
#pragma once

#include <memory>
#include <vector>

#include "core/snapshot.h"
#include "core/task_table.h"
#include "core/why_board.h"

namespace ostler::core {

struct WhyInput {
  const std::vector<PlanView>& plans;
  const TaskTable& tasks;
  const WhyBoard& board;
  bool subscribed;
  bool suppressed;
  size_t unreconciled;
  Now now;
};

std::shared_ptr<const WhyPicture> build_why(const WhyInput& input);

}  // namespace ostler::core
