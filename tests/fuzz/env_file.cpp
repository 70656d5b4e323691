// A file of variables, and what the scheduler reads of them.
#include "files.h"
#include "fuzz.h"
#include "spec/load.h"

using namespace ostler;

OSTLER_FUZZ_TARGET(env_file) {
  const fuzz::InputFile file(input);
  const auto read = spec::read_env_file(file.path());
  for (const auto& problem : spec::check_env(read.env)) {
    fuzz::require(!problem.text().empty(), "a problem without words");
  }
  spec::ServiceSpec service;
  spec::apply_environment(read.env, service);
}
