// What an operator's commands do to a plan: changes of the plan alone, without effects.
//
// Whoever calls stores control_of(plan) afterwards. Answers, and the cases in which
// nothing is done, are the SDK's (java-sdk-spec-api-state.md, 7.1).
#pragma once

#include <map>
#include <string>

#include "base/uuid.h"
#include "core/command.h"
#include "core/plan.h"
#include "core/task_table.h"

namespace ostler::core {

Answer start_plan(Plan& plan, const std::map<std::string, std::string>& parameters, const TaskTable& tasks,
                  const spec::ServiceSpec& target, IdSource& ids);
Answer stop_plan(Plan& plan, const TaskTable& tasks);
// Of a target only phase and step count: the plan is given.
Answer interrupt(Plan& plan, const command::Target& target);
Answer proceed(Plan& plan, const command::Target& target);
Answer force_complete(Plan& plan, const command::Target& target);
Answer restart(Plan& plan, const command::Target& target, const TaskTable& tasks);

// True for the name of an environment variable.
bool is_variable_name(std::string_view name);

}  // namespace ostler::core
