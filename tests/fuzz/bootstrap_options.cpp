// The flags of `bootstrap`, one a line, and its durations.
#include "bootstrap/options.h"
#include "fuzz.h"

using namespace ostler;

OSTLER_FUZZ_TARGET(bootstrap_options) {
  std::vector<std::string> arguments;
  for (std::string_view rest = input; !rest.empty();) arguments.emplace_back(fuzz::take_until(rest, '\n'));
  const auto options = bootstrap::parse_options(arguments);
  if (!options.ok()) fuzz::require(!options.error().message.empty(), "an error without words");
  for (const std::string& argument : arguments) {
    const auto duration = bootstrap::parse_duration(argument);
    fuzz::require(!duration.ok() || duration->count() >= 0, "a negative duration");
  }
}
