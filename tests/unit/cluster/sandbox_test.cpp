#include "cluster/agent/sandbox.h"

#include <gmock/gmock.h>

#include "cluster/agent/hosts_file.h"
#include "folder.h"

namespace ostler::cluster {
namespace {

namespace fs = std::filesystem;

Resource volume(const std::string& id, const std::string& container_path) {
  Resource made;
  made.name = "disk";
  made.milli = 1000;
  made.disk.change([&](mesos::Disk& disk) {
    disk.persistence_id = id;
    disk.container_path = container_path;
  });
  return made;
}

output::StartTask with(const Resources& task_resources, const Resources& executor_resources,
                       std::vector<mesos::Volume> volumes = {}) {
  auto start = make_start("true");
  mesos::TaskInfo task = start.task;
  task.resources = task_resources;
  task.container.emplace();
  task.container->volumes = std::move(volumes);
  start.task = task;
  mesos::ExecutorInfo executor = start.executor;
  executor.resources = executor_resources;
  start.executor = executor;
  return start;
}

mesos::Volume from_parent(const std::string& at, const std::string& source) {
  mesos::Volume made;
  made.container_path = at;
  made.source = mesos::Volume::Source::kSandboxParent;
  made.source_path = source;
  return made;
}

TEST(Sandbox, ShowsATasksVolumeAtItsContainerPath) {
  Folder root;
  const auto paths = prepare_sandbox(root.path, with({volume("v1", "data")}, {}));
  ASSERT_TRUE(paths) << paths.error().text();
  EXPECT_EQ(paths->task, root.path / "S0/executors/e1/runs/x1/tasks/t__1");
  std::ofstream(paths->task / "data/file") << "kept";
  EXPECT_EQ(Folder::read(root.path / "S0/volumes/v1/file"), "kept");
}

TEST(Sandbox, ShowsAnExecutorsVolumeThroughSandboxPath) {
  Folder root;
  const auto paths =
      prepare_sandbox(root.path, with({}, {volume("v1", "shared")}, {from_parent("here", "shared")}));
  ASSERT_TRUE(paths) << paths.error().text();
  std::ofstream(paths->task / "here/file") << "kept";
  EXPECT_EQ(Folder::read(root.path / "S0/volumes/v1/file"), "kept");
}

TEST(Sandbox, RefusesPathsThatLeaveIt) {
  Folder root;
  for (const char* path : {"../x", "/etc", "a/../../b", ""}) {
    const auto paths = prepare_sandbox(root.path, with({volume("v1", path)}, {}));
    ASSERT_FALSE(paths) << path;
    EXPECT_EQ(paths.error().message,
              std::string("path '") + path +
                  "' does not stay in the sandbox; expected a relative path without '..'");
  }
  EXPECT_FALSE(prepare_sandbox(root.path, with({}, {}, {from_parent("here", "../../other")})));
}

TEST(Sandbox, TheEnvironmentIsMesosThenTheCommands) {
  auto start = make_start("true");
  mesos::TaskInfo task = start.task;
  task.command.environment = {{"A", "1", ""}, {"HOST", "mine", ""}};
  start.task = task;
  const auto paths = sandbox_paths("/root", start);
  std::map<std::string, std::string> found;
  for (const auto& [name, value] : task_environment(start, paths, task.command, "/hosts"))
    found[name] = value;
  EXPECT_EQ(found["MESOS_TASK_ID"], "t__1");
  EXPECT_EQ(found["MESOS_EXECUTOR_ID"], "e1");
  EXPECT_EQ(found["MESOS_FRAMEWORK_ID"], "F");
  EXPECT_EQ(found["MESOS_SANDBOX"], "/root/S0/executors/e1/runs/x1/tasks/t__1");
  EXPECT_EQ(found["MESOS_CONTAINER_IP"], "127.0.0.11");
  EXPECT_EQ(found["LIBPROCESS_IP"], "127.0.0.11");
  EXPECT_EQ(found["OSTLER_HOSTS_FILE"], "/hosts");
  EXPECT_EQ(found["A"], "1");
  EXPECT_EQ(found["HOST"], "mine") << "the command's own wins";
}

TEST(HostsFile, NamesRunningTasks) {
  Folder folder;
  HostsFile hosts(folder.path / "hosts", "autoip.dcos.thisdcos.directory");
  auto start = make_start("true");
  mesos::TaskInfo task = start.task;
  task.discovery.emplace();
  task.discovery->name = "found";
  start.task = task;
  hosts.task_started(start);
  EXPECT_EQ(Folder::read(folder.path / "hosts"),
            "127.0.0.1 localhost\n"
            "127.0.0.11 found.myframe-work.autoip.dcos.thisdcos.directory\n"
            "127.0.0.11 t.myframe-work.autoip.dcos.thisdcos.directory\n");
  hosts.task_ended("F", "t__1");
  EXPECT_EQ(Folder::read(folder.path / "hosts"), "127.0.0.1 localhost\n");
}

}  // namespace
}  // namespace ostler::cluster
