// The command line of ostler-cluster.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cluster/http/cluster.h"

namespace ostler::cluster {

struct ClusterOptions {
  int port = 5050;
  std::optional<int> follower_port;
  std::string work_dir;    // empty: a temporary folder, removed at the end
  std::string hosts_file;  // empty: in the work folder
  std::string log_file;
  double cpus = 4;
  int64_t mem_mb = 8192;
  int64_t disk_mb = 20480;
  int agents = 3;
  std::string attributes;
  std::string region = "region-1";
  std::vector<std::string> zones;
  std::vector<int64_t> mount_disks_mb;
  Cluster::Options cluster;
  // Set: print this and exit with 0 (--help, --version).
  std::string print;
};

// All problems at once, each with the option's name.
Result<ClusterOptions> parse_options(int argc, const char* const* argv);

// The agents these options describe. MOUNT disks lie below `root`.
Result<std::vector<AgentSpec>> make_agents(const ClusterOptions& options, const std::string& root);

// 127.0.0.11 for the first (number 0), then .12 and so on.
std::string agent_address(int number);

}  // namespace ostler::cluster
