// `ostler preview`: what a changed svc.yml would do to a running service.
#pragma once

#include <map>
#include <string>

#include "cli/command_line.h"

namespace ostler::cli {

// Prints to standard output; changes nothing. Returns the exit code: 0 the change would be
// accepted, 1 it would be refused or svc.yml is wrong, 2 the scheduler could not be asked.
// `env` is the process's.
int run_preview(const PreviewArguments& arguments, const std::map<std::string, std::string>& env);

// A reply of POST /v1/configurations/preview as text for people.
std::string preview_text(const std::string& reply_json);

}  // namespace ostler::cli
