// The variables that `ostler run` works with.
#pragma once

#include <map>
#include <string>

#include "spec/load.h"

namespace ostler::cli {

// Those of `file` ("KEY=value" lines), with the process's own over them, so that a file
// of defaults needs no change for one machine. No file: the process's alone.
spec::EnvironmentFile merge_variables(const std::string& file,
                                      const std::map<std::string, std::string>& process);

}  // namespace ostler::cli
