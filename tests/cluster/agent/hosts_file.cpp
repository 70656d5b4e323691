#include "cluster/agent/hosts_file.h"

#include <fstream>

#include "base/log.h"

namespace ostler::cluster {

HostsFile::HostsFile(std::filesystem::path path, std::string tld)
    : path_(std::move(path)), tld_(std::move(tld)) {
  write();
}

std::string HostsFile::name(const std::string& task, const std::string& framework) const {
  std::string label;
  for (const char c : framework) {
    if (c == '.') {
      label += '-';
    } else if (c != '/') {
      label += c;
    }
  }
  return task + "." + label + "." + tld_;
}

void HostsFile::task_started(const output::StartTask& start) {
  auto& lines = lines_[{start.framework_id, start.task->task_id}];
  const auto put = [&](const std::string& task) {
    if (!task.empty()) lines.insert(start.agent->address + " " + name(task, start.framework_name));
  };
  put(start.task->name);
  if (start.task->discovery) put(start.task->discovery->name);
  write();
}

void HostsFile::task_ended(const std::string& framework_id, const std::string& task_id) {
  if (lines_.erase({framework_id, task_id}) > 0) write();
}

void HostsFile::write() {
  if (path_.empty()) return;
  std::set<std::string> all;
  for (const auto& [task, lines] : lines_) all.insert(lines.begin(), lines.end());
  auto fresh = path_;
  fresh += ".new";
  std::error_code failed;
  {
    std::ofstream file(fresh, std::ios::trunc);
    file << "127.0.0.1 localhost\n";
    for (const auto& line : all) file << line << '\n';
    file.close();
    if (!file) failed = std::make_error_code(std::errc::io_error);
  }
  if (!failed) std::filesystem::rename(fresh, path_, failed);
  if (failed)
    log::error("cannot write the hosts file", {{"path", path_.string()}, {"error", failed.message()}});
}

}  // namespace ostler::cluster
