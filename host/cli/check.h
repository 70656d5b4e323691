// `ostler check`: says everything that is wrong with a svc.yml.
#pragma once

#include <map>
#include <string>

#include "cli/command_line.h"

namespace ostler::cli {

// Prints to standard output; returns the exit code, 0 or 1. `env` is the process's.
int run_check(const CheckArguments& arguments, const std::map<std::string, std::string>& env);

}  // namespace ostler::cli
