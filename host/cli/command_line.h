// The command line of `ostler`, read and checked.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "cli/why.h"

namespace ostler::cli {

struct RunArguments {
  std::string service_file, manifest_file, plugin_dir;
  std::string env_file;  // empty: the process's environment alone
  std::chrono::seconds lock_timeout{30};
  std::string log_level;  // empty: what OSTLER_LOG_LEVEL says
  std::string log_format = "auto";
};

struct PreviewArguments {
  std::string service_file;
  std::string url;              // of the scheduler's API, "http://10.0.0.5:8080"
  std::string env_file;         // empty: the process's environment
  std::string output = "text";  // or "json"
};

struct CheckArguments {
  std::string service_file;
  std::string env_file;         // empty: the process's environment
  std::string output = "text";  // or "json"
  bool strict = false;
};

struct CommandLine {
  enum class Command { kRun, kCheck, kPreview, kWhy, kExit } command = Command::kExit;
  RunArguments run;
  CheckArguments check;
  PreviewArguments preview;
  WhyArguments why;
  // Of kExit: what to print (help and version to standard output, mistakes to
  // standard error) and what to exit with.
  std::string text;
  int exit_code = 0;
};

// Never throws. Defaults of files come from `share_dir` and `plugin_dir`.
CommandLine parse_command_line(const std::vector<std::string>& arguments, const std::string& share_dir,
                               const std::string& plugin_dir);

}  // namespace ostler::cli
