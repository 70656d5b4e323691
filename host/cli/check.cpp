#include "cli/check.h"

#include <iostream>

#include "spec/load.h"
#include "spec/spec_json.h"

namespace ostler::cli {

int run_check(const CheckArguments& arguments, const std::map<std::string, std::string>& env) {
  std::vector<spec::Problem> problems;
  std::map<std::string, std::string> variables = env;
  if (!arguments.env_file.empty()) {
    spec::EnvironmentFile file = spec::read_env_file(arguments.env_file);
    problems = std::move(file.problems);
    variables = std::move(file.env);
  }
  spec::EnvironmentResult environment = spec::read_environment(variables);
  problems.insert(problems.end(), environment.problems.begin(), environment.problems.end());
  const spec::LoadResult loaded = spec::load_service({arguments.service_file, variables, arguments.strict});
  problems.insert(problems.end(), loaded.problems.begin(), loaded.problems.end());
  problems.insert(problems.end(), loaded.objections.begin(), loaded.objections.end());
  std::vector<spec::Problem> warnings = std::move(environment.warnings);
  warnings.insert(warnings.end(), loaded.warnings.begin(), loaded.warnings.end());

  const bool is_good = problems.empty() && loaded.spec.has_value();
  if (arguments.output == "json") {
    std::cout << (is_good ? spec::to_json(*loaded.spec, 2) : spec::problems_json(problems)) << '\n';
    // Beside the document, so that a program reads the one and a person the other.
    for (const spec::Problem& warning : warnings) std::cerr << "warning: " << warning.text() << '\n';
    return is_good ? 0 : 1;
  }
  for (const spec::Problem& problem : problems) std::cout << problem.text() << '\n';
  for (const spec::Problem& warning : warnings) std::cout << "warning: " << warning.text() << '\n';
  if (is_good) {
    size_t instances = 0;
    for (const spec::PodSpec& pod : loaded.spec->pods) instances += static_cast<size_t>(pod.count);
    std::cout << arguments.service_file << ": service '" << loaded.spec->name << "' with " << instances
              << (instances == 1 ? " pod instance" : " pod instances") << " can be deployed\n";
  } else {
    std::cout << problems.size() << (problems.size() == 1 ? " problem\n" : " problems\n");
  }
  return is_good ? 0 : 1;
}

}  // namespace ostler::cli
