// packaging/universe as DC/OS' package manager (Cosmos) sees it: options with the
// defaults of config.json in, the Marathon app out.
//
// Cosmos renders marathon.json.mustache with the options and the resources; texts are
// put in as JSON strings without their quotes, and nothing is escaped a second time.
// Throws std::runtime_error where Cosmos would refuse the package.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace ostler::test {

// One option of config.json: "node.cpus" and what its schema says.
struct PackageOption {
  std::string path;
  nlohmann::json schema;
};

class UniversePackage {
 public:
  UniversePackage();  // of this source tree

  // All that are no groups, in the order of the alphabet.
  std::vector<PackageOption> options() const;
  static std::vector<PackageOption> options_of(const nlohmann::json& config_schema);

  // The defaults with `changed` over them, as nested objects.
  nlohmann::json merged(const nlohmann::json& changed) const;
  // The Marathon app for `changed` options. The assets' URIs may be changed, too.
  nlohmann::json app(const nlohmann::json& changed,
                     const std::map<std::string, std::string>& uris = {}) const;

  nlohmann::json config, resource, package;

 private:
  std::string marathon_;
};

// The variables of a Marathon app that are texts; those that name a secret are left out.
std::map<std::string, std::string> variables_of(const nlohmann::json& app);

// {"node": {"cpus": 2}} for "node.cpus" and 2.
nlohmann::json option_value(const std::string& path, const nlohmann::json& value);

}  // namespace ostler::test
