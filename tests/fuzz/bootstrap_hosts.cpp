// The hosts file of a cluster without DNS.
#include "bootstrap/resolve.h"
#include "files.h"
#include "fuzz.h"

using namespace ostler;

OSTLER_FUZZ_TARGET(bootstrap_hosts) {
  const fuzz::InputFile file(input);
  for (const char* name : {"zookeeper-0-server.zk", "a", ""}) {
    for (const std::string& address : bootstrap::resolve(name, {{"OSTLER_HOSTS_FILE", file.path()}})) {
      fuzz::require(!address.empty() && address.size() < 64, "an address that is none");
    }
  }
}
