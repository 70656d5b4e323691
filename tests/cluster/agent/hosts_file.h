// Names of tasks in the format of /etc/hosts, for programs that are told to read it
// (Java: -Djdk.net.hosts.file). Stands for the DNS of DC/OS.
//
// Replaced as a whole (written new, then renamed) at each change, so a reader never
// sees half a file. One thread.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>

#include "cluster/model/events.h"

namespace ostler::cluster {

class HostsFile {
 public:
  // An empty path: no file is kept. `tld` is what task names end in.
  HostsFile(std::filesystem::path path, std::string tld);

  void task_started(const output::StartTask& start);
  void task_ended(const std::string& framework_id, const std::string& task_id);

  // "zookeeper-0-server.zk.autoip.dcos.thisdcos.directory": slashes of the
  // framework's name go, dots become dashes.
  std::string name(const std::string& task, const std::string& framework) const;

 private:
  void write();

  const std::filesystem::path path_;
  const std::string tld_;
  // (framework id, task id) -> lines
  std::map<std::pair<std::string, std::string>, std::set<std::string>> lines_;
};

}  // namespace ostler::cluster
