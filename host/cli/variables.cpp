#include "cli/variables.h"

namespace ostler::cli {

spec::EnvironmentFile merge_variables(const std::string& file,
                                      const std::map<std::string, std::string>& process) {
  spec::EnvironmentFile result;
  if (!file.empty()) result = spec::read_env_file(file);
  for (const auto& [name, value] : process) result.env[name] = value;
  return result;
}

}  // namespace ostler::cli
