// What an operator did to a plan, as the JSON of Plans/<name>.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "core/plan_control.h"

namespace ostler::store {

std::string plan_control_text(const core::PlanControl& control);
// kDataLoss: what is wrong and where.
Result<core::PlanControl> plan_control_from_text(std::string_view text);

}  // namespace ostler::store
