// Where the product lies: an installed prefix, or a build tree, which has the same shape.
#pragma once

#include <string>

#include "harness/process.h"

namespace ostler::harness {

struct Installation {
  std::string prefix;

  std::string ostler() const { return prefix + "/bin/ostler"; }
  std::string cluster() const { return prefix + "/bin/ostler-cluster"; }
  std::string bootstrap() const { return share() + "/bootstrap"; }
  std::string plugin_dir() const { return prefix + "/lib/ostler/plugins"; }
  std::string share() const { return prefix + "/share/ostler"; }

  // The one that this program belongs to: `<prefix>/<folder>/<program>`.
  static Installation own();
};

// The variables of a `KEY=value` file; empty lines and those with '#' are skipped.
Environment read_variables(const std::string& path);

// Three ports for ZooKeeper that are free on 127.0.0.11, .12 and .13.
struct Ports {
  int client = 0, follower = 0, election = 0;
};
// `preferred` when it is free, else others; several runs fit on one machine.
Ports free_ports(const Ports& preferred);

// `preferred` when it is free on all addresses, else another port, and none that `free_ports`
// chooses from.
int free_port(int preferred = 0);

// The package's defaults, then what makes three servers start quickly on a small machine:
// small heaps and volumes, no fsync, a readiness check each second.
Environment quick_service(const Installation& installation, const Ports& ports);

}  // namespace ostler::harness
