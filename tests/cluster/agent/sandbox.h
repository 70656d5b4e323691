// What a task finds on its agent: directories, volumes and environment.
//
//   <root>/<agent id>/executors/<executor id>/runs/<container>/tasks/<task id>
//   <root>/<agent id>/volumes/<persistence id>
//
// Without mount namespaces a volume shows as a symbolic link at its container path.
// All paths a scheduler names are checked to stay inside the sandbox.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "cluster/model/events.h"

namespace ostler::cluster {

struct SandboxPaths {
  std::filesystem::path executor;
  std::filesystem::path task;
};

SandboxPaths sandbox_paths(const std::filesystem::path& root, const output::StartTask& start);
std::filesystem::path volume_path(const std::filesystem::path& root, const std::string& agent_id,
                                  const std::string& persistence_id);

// Creates the directories and links. The error says which path is at fault.
Result<SandboxPaths> prepare_sandbox(const std::filesystem::path& root, const output::StartTask& start);

// `path` below `base`; an error for an absolute path or one with "..".
Result<std::filesystem::path> inside(const std::filesystem::path& base, const std::string& path);

using Environment = std::vector<std::pair<std::string, std::string>>;
// What Mesos sets, then the command's own variables, which win. Of our environment
// only PATH, HOME, LANG, TZ and JAVA_HOME are passed on.
Environment task_environment(const output::StartTask& start, const SandboxPaths& paths,
                             const mesos::CommandInfo& command, const std::string& hosts_file);

}  // namespace ostler::cluster
