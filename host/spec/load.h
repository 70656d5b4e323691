// The one entry point: a svc.yml and an environment to a ServiceSpec, or to
// everything that is wrong with them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "spec/environment.h"
#include "spec/mustache.h"
#include "spec/problem.h"
#include "spec/service_spec.h"

namespace ostler::spec {

using MissingValue = mustache::Missing;

struct LoadOptions {
  std::string path;  // of svc.yml; its folder holds the config templates
  Environment env;
  bool strict = false;  // a `{{NAME}}` without a value is a problem
};

struct LoadResult {
  std::optional<ServiceSpec> spec;  // set exactly when there are no problems
  std::vector<Problem> problems;    // in the order of the file
  // What the SDK's validators refuse: an error for `ostler check` and for a first
  // installation, while a running service keeps its old target configuration.
  std::vector<Problem> objections;
  std::vector<Problem> warnings;      // accepted, but probably not what is meant
  std::vector<MissingValue> missing;  // rendered as nothing
  std::string rendered;               // the YAML, as far as it got
  // Whose file it is, also where there are problems: from the file as far as it could be
  // read, else from FRAMEWORK_NAME and FRAMEWORK_ZOOKEEPER. An empty name: nobody knows.
  std::string name, zookeeper;
};

// Renders, reads and checks. Reads the file, its partials and config templates,
// and nothing else; problems of the environment are check_env()'s.
LoadResult load_service(const LoadOptions& options);

// "KEY=value" lines, taken literally; empty lines and lines that begin with '#'
// are skipped. Lines without '=' are problems.
struct EnvironmentFile {
  Environment env;
  std::vector<Problem> problems;
};
EnvironmentFile read_env_file(const std::string& path);

}  // namespace ostler::spec
