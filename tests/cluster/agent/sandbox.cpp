#include "cluster/agent/sandbox.h"

#include <cstdlib>

namespace ostler::cluster {

namespace fs = std::filesystem;

SandboxPaths sandbox_paths(const fs::path& root, const output::StartTask& start) {
  SandboxPaths paths;
  paths.executor = root / start.agent_id / "executors" / start.executor->executor_id / "runs" /
                   start.executor_container_id;
  paths.task = paths.executor / "tasks" / start.task->task_id;
  return paths;
}

fs::path volume_path(const fs::path& root, const std::string& agent_id, const std::string& persistence_id) {
  return root / agent_id / "volumes" / persistence_id;
}

Result<fs::path> inside(const fs::path& base, const std::string& path) {
  const fs::path relative(path);
  bool is_bad = path.empty() || relative.is_absolute();
  for (const auto& part : relative) is_bad = is_bad || part == "..";
  if (is_bad) {
    return Error{Code::kInvalidArgument,
                 "path '" + path + "' does not stay in the sandbox; expected a relative path without '..'",
                 {}};
  }
  return base / relative;
}

namespace {

// A link at `at` to `target`; one that is there already may stay when it is the same.
Result<void> link(const fs::path& at, const fs::path& target) {
  std::error_code failed;
  fs::create_directories(at.parent_path(), failed);
  if (fs::is_symlink(at) && fs::read_symlink(at, failed) == target) return {};
  fs::create_symlink(target, at, failed);
  if (failed) {
    return Error{Code::kInternal,
                 "cannot link '" + at.string() + "' to '" + target.string() + "': " + failed.message(),
                 {}};
  }
  return {};
}

Result<void> link_volumes(const fs::path& root, const std::string& agent_id, const Resources& resources,
                          const fs::path& sandbox) {
  for (const auto& resource : resources) {
    if (!is_volume(resource)) continue;
    const auto volume = volume_path(root, agent_id, resource.disk->persistence_id);
    std::error_code failed;
    fs::create_directories(volume, failed);
    if (failed)
      return Error{
          Code::kInternal, "cannot create volume '" + volume.string() + "': " + failed.message(), {}};
    const auto at = inside(sandbox, resource.disk->container_path);
    if (!at) return at.error();
    if (auto linked = link(*at, volume); !linked) return linked;
  }
  return {};
}

Result<void> link_mounts(const mesos::ContainerInfo& container, const SandboxPaths& paths) {
  for (const auto& volume : container.volumes) {
    // An absolute container path needs a mount namespace; the task sees the host's own.
    if (volume.container_path.starts_with("/")) continue;
    const auto at = inside(paths.task, volume.container_path);
    if (!at) return at.error();
    fs::path target;
    switch (volume.source) {
      case mesos::Volume::Source::kSandboxParent:
      case mesos::Volume::Source::kSandboxSelf: {
        const bool is_parent = volume.source == mesos::Volume::Source::kSandboxParent;
        const auto source = inside(is_parent ? paths.executor : paths.task, volume.source_path);
        if (!source) return source.error();
        target = *source;
        break;
      }
      case mesos::Volume::Source::kHostPath:
        if (volume.host_path.starts_with("/")) {
          target = volume.host_path;
        } else {
          const auto source = inside(paths.task, volume.host_path);
          if (!source) return source.error();
          target = *source;
        }
        break;
      case mesos::Volume::Source::kSecret:
      case mesos::Volume::Source::kDocker:
        return Error{
            Code::kUnimplemented,
            "volume '" + volume.container_path + "': ostler-cluster has no secret and no docker volumes",
            {}};
    }
    std::error_code ignored;
    if (!fs::exists(target)) fs::create_directories(target, ignored);
    // The parent may show its volume under the same path as the task's own resource.
    if (fs::is_symlink(*at)) continue;
    if (auto linked = link(*at, target); !linked) return linked;
  }
  return {};
}

}  // namespace

Result<SandboxPaths> prepare_sandbox(const fs::path& root, const output::StartTask& start) {
  const auto paths = sandbox_paths(root, start);
  std::error_code failed;
  fs::create_directories(paths.task, failed);
  if (failed) {
    return Error{
        Code::kInternal, "cannot create sandbox '" + paths.task.string() + "': " + failed.message(), {}};
  }
  const auto latest = paths.executor.parent_path() / "latest";
  fs::remove(latest, failed);
  fs::create_directory_symlink(start.executor_container_id, latest, failed);
  if (auto r = link_volumes(root, start.agent_id, start.executor->resources, paths.executor); !r)
    return r.error();
  if (auto r = link_volumes(root, start.agent_id, start.task->resources, paths.task); !r) return r.error();
  if (start.executor->container) {
    // Host volumes of the executor show in its tasks as well.
    if (auto r = link_mounts(*start.executor->container, paths); !r) return r.error();
  }
  if (start.task->container) {
    if (auto r = link_mounts(*start.task->container, paths); !r) return r.error();
  }
  return paths;
}

Environment task_environment(const output::StartTask& start, const SandboxPaths& paths,
                             const mesos::CommandInfo& command, const std::string& hosts_file) {
  Environment environment;
  const auto set = [&](const std::string& name, const std::string& value) {
    for (auto& [have, old] : environment) {
      if (have != name) continue;
      old = value;
      return;
    }
    environment.emplace_back(name, value);
  };
  set("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
  for (const char* name : {"PATH", "HOME", "LANG", "TZ", "JAVA_HOME"}) {
    if (const char* value = std::getenv(name)) set(name, value);
  }
  set("MESOS_SANDBOX", paths.task.string());
  set("MESOS_TASK_ID", start.task->task_id);
  set("MESOS_EXECUTOR_ID", start.executor->executor_id);
  set("MESOS_FRAMEWORK_ID", start.framework_id);
  set("MESOS_AGENT_ID", start.agent_id);
  set("MESOS_CONTAINER_IP", start.agent->address);
  set("LIBPROCESS_IP", start.agent->address);
  set("HOST", start.agent->address);
  if (!hosts_file.empty()) set("OSTLER_HOSTS_FILE", hosts_file);
  for (const auto& variable : start.task->command.environment) set(variable.name, variable.value);
  for (const auto& variable : command.environment) set(variable.name, variable.value);
  return environment;
}

}  // namespace ostler::cluster
