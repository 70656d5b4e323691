// Reads the command line and runs one command; everything else is in libraries that
// the tests link, too.
#include <sys/resource.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <iostream>
#include <map>
#include <string>

#include "base/exit_code.h"
#include "base/log.h"
#include "cli/check.h"
#include "cli/command_line.h"
#include "cli/operate.h"
#include "cli/preview.h"
#include "cli/variables.h"
#include "plugins/breadcrumb.h"
#include "shell/scheduler.h"
#include "shell/signals.h"
#include "spec/environment.h"

extern char** environ;  // NOLINT: POSIX's name

namespace {

std::map<std::string, std::string> environment() {
  std::map<std::string, std::string> out;
  for (char** one = environ; *one != nullptr; ++one) {
    if (const char* equals = std::strchr(*one, '='))
      out.emplace(std::string(*one, static_cast<size_t>(equals - *one)), equals + 1);
  }
  return out;
}

// The prefix this program is installed in: a build tree has the same shape.
std::filesystem::path prefix() {
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? std::filesystem::path("/usr") : self.parent_path().parent_path();
}

ostler::log::Level level_of(const std::string& name) {
  if (name == "debug") return ostler::log::Level::kDebug;
  if (name == "warning") return ostler::log::Level::kWarning;
  return name == "error" ? ostler::log::Level::kError : ostler::log::Level::kInfo;
}

ostler::log::Format format_of(const std::string& name) {
  if (name == "text") return ostler::log::Format::kText;
  return name == "json" ? ostler::log::Format::kJson : ostler::log::Format::kAuto;
}

int run(const ostler::cli::RunArguments& arguments) {
  ostler::shell::block_signals();
  ostler::spec::EnvironmentFile variables = ostler::cli::merge_variables(arguments.env_file, environment());
  const std::string level = arguments.log_level.empty()
                                ? ostler::spec::read_environment(variables.env).values.log_level
                                : arguments.log_level;
  ostler::log::configure(level_of(level), format_of(arguments.log_format));
  ostler::plugins::install_crash_handler();
  // A core would hold resolved secrets.
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  ostler::shell::SchedulerOptions options;
  options.service_file = arguments.service_file;
  options.manifest_file = arguments.manifest_file;
  options.plugin_dir = arguments.plugin_dir;
  options.lock_timeout = arguments.lock_timeout;
  for (const ostler::spec::Problem& problem : variables.problems) ostler::log::error(problem.text());
  if (!variables.problems.empty()) return ostler::kExitInitialization;
  options.env = std::move(variables.env);
  return ostler::shell::run_scheduler(options);
}

// What ends in a full disk or a closed pipe has not been said: a script must not take it
// for an answer.
int said(int code) {
  constexpr int kExitOutput = 74;  // EX_IOERR
  errno = 0;
  if (std::cout.flush()) return code;
  std::cerr << "ostler: the standard output cannot be written" << (errno != 0 ? ": " : "")
            << (errno != 0 ? std::strerror(errno) : "") << '\n';
  return code != 0 ? code : kExitOutput;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && ostler::cli::is_operation(argv[1]))
    return said(ostler::cli::run_operation({argv + 1, argv + argc}, environment()));
  const std::filesystem::path home = prefix();
  const ostler::cli::CommandLine line = ostler::cli::parse_command_line(
      {argv + 1, argv + argc}, (home / "share/ostler").string(), (home / "lib/ostler/plugins").string());
  switch (line.command) {
    case ostler::cli::CommandLine::Command::kRun:
      return run(line.run);
    case ostler::cli::CommandLine::Command::kCheck:
      return said(ostler::cli::run_check(line.check, environment()));
    case ostler::cli::CommandLine::Command::kPreview:
      return said(ostler::cli::run_preview(line.preview, environment()));
    case ostler::cli::CommandLine::Command::kWhy:
      return said(ostler::cli::run_why(line.why));
    case ostler::cli::CommandLine::Command::kExit:
      break;
  }
  (line.exit_code == 0 ? std::cout : std::cerr) << line.text;
  return said(line.exit_code);
}
