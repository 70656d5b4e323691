// A temporary folder that goes with the test.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "cluster/model/events.h"

namespace ostler::cluster {

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "cluster-test-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::filesystem::path write(const std::string& name, const std::string& text) const {
    std::ofstream(path / name) << text;
    return path / name;
  }
  static std::string read(const std::filesystem::path& file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
  }
  std::filesystem::path path;
};

// A task as the model would hand it over, with nothing to do yet.
inline output::StartTask make_start(const std::string& command) {
  mesos::ExecutorInfo executor;
  executor.executor_id = "e1";
  mesos::TaskInfo task;
  task.task_id = "t__1";
  task.name = "t";
  task.command.value = command;
  auto agent = std::make_shared<AgentSpec>();
  agent->address = "127.0.0.11";
  return {"S0", "F", "my/frame.work", "c1", "x1", agent, executor, task};
}

}  // namespace ostler::cluster
