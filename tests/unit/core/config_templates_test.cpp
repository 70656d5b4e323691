// Config templates on their way into a sandbox: what the command says, and that a shell
// does it.
#include "core/config_templates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace ostler::core {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Task {
  explicit Task(std::vector<spec::ConfigFile> configs) {
    task.name = "server";
    task.cmd = "exec run";
    task.configs = std::move(configs);
    pod.type = "zookeeper";
    settings.api_hostname = "api.zk";
    settings.api_port = 8080;
    command.value = task.cmd;
    add_config_templates({settings, service, config_id, pod, 0, task, place, {}}, environment, command);
  }

  Settings settings;
  spec::ServiceSpec service;
  std::string config_id = "C1";
  spec::PodSpec pod;
  spec::TaskSpec task;
  Place place;
  std::map<std::string, std::string> environment;
  mesos::CommandInfo command;
};

TEST(ConfigTemplates, TravelInTheEnvironmentAndAreWrittenByTheCommand) {
  const Task task({{"zoo.cfg", "conf/zoo.cfg", "tick={{TICK}}\n"}});
  EXPECT_THAT(task.command.uris, IsEmpty());
  EXPECT_EQ(task.environment.at("CONFIG_TEMPLATE_ZOO_CFG"), "config-templates/zoo.cfg,conf/zoo.cfg");
  EXPECT_EQ(task.environment.at("OSTLER_TEMPLATE_ZOO_CFG"), "tick={{TICK}}\n");
  EXPECT_EQ(task.command.value,
            "mkdir -p config-templates && printf %s \"$OSTLER_TEMPLATE_ZOO_CFG\" >'config-templates/zoo.cfg'"
            " && unset OSTLER_TEMPLATE_ZOO_CFG || exit 1\nexec run");
}

TEST(ConfigTemplates, ReachTheSandboxByteForByte) {
  const std::string text = "a 'b' \"c\" $HOME `id` \\n %s {{X}}\n\n\ttab, \xC3\xA9, no newline";
  Task task({{"it's $(odd)", "a", text}, {"empty", "b", ""}});
  const auto folder = std::filesystem::path(::testing::TempDir()) / "config-templates-test";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  for (const auto& [name, value] : task.environment) setenv(name.c_str(), value.c_str(), 1);
  // Ends with the status of the task's own command, which sees none of the texts.
  task.command.value.replace(task.command.value.size() - task.task.cmd.size(), std::string::npos,
                             "test -z \"$(env | grep OSTLER_TEMPLATE)\"");
  setenv("TEST_COMMAND", task.command.value.c_str(), 1);
  setenv("TEST_FOLDER", folder.c_str(), 1);
  EXPECT_EQ(
      system("cd \"$TEST_FOLDER\" && command=$TEST_COMMAND && unset TEST_COMMAND && exec sh -c \"$command\""),
      0);
  const auto content = [&](const char* name) {
    std::ifstream file(folder / "config-templates" / name, std::ios::binary);
    EXPECT_TRUE(file) << name;
    std::ostringstream all;
    all << file.rdbuf();
    return all.str();
  };
  EXPECT_EQ(content("it's $(odd)"), text);
  EXPECT_EQ(content("empty"), "");
  for (const auto& [name, value] : task.environment) unsetenv(name.c_str());
}

TEST(ConfigTemplates, AreFetchedWhereTheyCannotBeCarried) {
  const std::string large(kMaxCarriedTemplate, 'x');
  const Task task({{"larger", "a", large + "x"},
                   {"binary", "b", std::string("\0", 1)},
                   {"large", "c", large},
                   {"large-2", "d", large},
                   {"one-too-many", "e", "x"},
                   {"a-b", "f", ""},
                   {"a.b", "g", ""}});
  std::vector<std::string> fetched;
  for (const mesos::Uri& uri : task.command.uris) fetched.push_back(uri.value + " -> " + uri.output_file);
  const std::string base = "http://api.zk:8080/v1/artifacts/template/C1/zookeeper/server/";
  EXPECT_THAT(fetched, ElementsAre(base + "larger -> config-templates/larger",
                                   base + "binary -> config-templates/binary",
                                   base + "one-too-many -> config-templates/one-too-many",
                                   base + "a.b -> config-templates/a.b"))
      << "too large, no text, too much in all, and a variable that is taken";
  EXPECT_EQ(task.environment.at("CONFIG_TEMPLATE_LARGER"), "config-templates/larger,a");
}

TEST(ConfigTemplates, LeaveACommandWithoutThemAlone) { EXPECT_EQ(Task({}).command.value, "exec run"); }

}  // namespace
}  // namespace ostler::core
