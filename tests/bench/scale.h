// A thousand pods, and ten thousand agents: the product against a cluster that only
// pretends to run tasks.
#pragma once

#include <string>
#include <vector>

#include "harness/installation.h"
#include "support/zookeeper_server.h"

namespace ostler::bench {

// `pods` pods of a parallel plan on as many agents, each launch stored in `zookeeper`
// before its ACCEPT: how many a second, from SUBSCRIBED on. The service's name must be new
// to the server.
struct Launches {
  double sent_per_s = 0;     // until the master has the last ACCEPT
  double running_per_s = 0;  // until the scheduler knows, and has stored, that every task runs
};
Launches durable_launches(const harness::Installation& installation, const std::string& parent,
                              const test::ZookeeperServer& zookeeper, const std::string& name, int pods);

// Resident memory in MiB of a scheduler that was offered that many agents, none of which
// fits.
double memory_with_agents_mib(const harness::Installation& installation, const std::string& parent,
                              int agents);

// From the start of `ostler run` to SUBSCRIBED where that many tasks are stored in a real
// ZooKeeper and run: deployed by an earlier process, which has ended. Several starts, one
// after the other.
std::vector<double> starts_with_tasks_ms(const harness::Installation& installation, const std::string& parent,
                                         int tasks, int starts);

}  // namespace ostler::bench
