#include "harness/work_folder.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "harness/wait.h"

namespace ostler::harness {

WorkFolder::WorkFolder(const std::string& parent, const std::string& name)
    : path_(parent + "/" + name + "-" + std::to_string(getpid())) {
  std::filesystem::remove_all(path_);
  std::filesystem::create_directories(path_);
}

WorkFolder::~WorkFolder() {
  std::error_code ignored;
  if (!keep_) std::filesystem::remove_all(path_, ignored);
}

std::string read_file(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

void write_file(const std::string& path, const std::string& content) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << content;
  file.close();
  if (!file) throw HarnessError("cannot write '" + path + "'");
}

std::string last_lines(const std::string& path, size_t count) {
  const std::string all = read_file(path);
  size_t from = all.size();
  for (size_t lines = 0; from > 0; --from) {
    if (all[from - 1] == '\n' && from != all.size() && ++lines == count) break;
  }
  return all.substr(from);
}

}  // namespace ostler::harness
