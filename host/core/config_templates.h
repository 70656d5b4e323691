// How the text of config templates gets into a task's sandbox, where `bootstrap` reads it.
//
// The SDK lets Mesos fetch them from the scheduler, so a task that starts while the
// scheduler is away fails, and takes its pod with it. Here they travel in the task's
// environment and its command writes them; only what is too large for that is fetched.
#pragma once

#include <map>
#include <string>

#include "core/task_builder.h"

namespace ostler::core {

// Mesos hands a container's command and environment over in one string of at most 128 KiB.
inline constexpr size_t kMaxCarriedTemplate = 16 * 1024;
inline constexpr size_t kMaxCarriedTemplates = 32 * 1024;  // of one task

// Adds to a task's environment and command what brings its config templates to
// config-templates/NAME, and the CONFIG_TEMPLATE_ variables that `bootstrap` goes by
// (java-sdk-spec-api-state.md, 2.4).
void add_config_templates(const TaskRequest& request, std::map<std::string, std::string>& environment,
                          mesos::CommandInfo& command);

}  // namespace ostler::core
