// A folder for one run of the product, below the build tree. It is removed when all went
// well, and kept, and named, when not.
#pragma once

#include <string>

namespace ostler::harness {

class WorkFolder {
 public:
  // Makes `<parent>/<name>-<pid>`, empty.
  WorkFolder(const std::string& parent, const std::string& name);
  ~WorkFolder();
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

  // Leaves the folder where it is, for a person to look into.
  void keep() { keep_ = true; }

 private:
  std::string path_;
  bool keep_ = false;
};

// The content of a file, or "".
std::string read_file(const std::string& path);
void write_file(const std::string& path, const std::string& content);
// At most the last `count` lines of a file.
std::string last_lines(const std::string& path, size_t count);

}  // namespace ostler::harness
