#include "harness/installation.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "harness/wait.h"

namespace ostler::harness {
namespace {

// Inside what agents offer (8182 to 32000) and below the ephemeral ports. Who listens on all
// addresses takes a port from the tasks as well, so those get a range of their own: nobody
// may listen there when a task is launched for the second time.
constexpr int kFirstTaskPort = 10000, kFirstSinglePort = 28000, kEndOfSinglePorts = 32000;

bool is_free(const std::string& address, int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);  // as Java does
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(static_cast<uint16_t>(port));
  inet_pton(AF_INET, address.c_str(), &name.sin_addr);
  const bool bound = bind(fd, reinterpret_cast<sockaddr*>(&name), sizeof name) == 0;
  close(fd);
  return bound;
}

bool are_free(const Ports& ports) {
  for (const char* address : {"127.0.0.11", "127.0.0.12", "127.0.0.13"}) {
    for (const int port : {ports.client, ports.follower, ports.election}) {
      if (!is_free(address, port)) return false;
    }
  }
  return true;
}

}  // namespace

Installation Installation::own() {
  return {std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path().string()};
}

Environment read_variables(const std::string& path) {
  Environment out;
  std::ifstream file(path);
  if (!file) throw HarnessError("cannot read '" + path + "'");
  for (std::string line; std::getline(file, line);) {
    const size_t equals = line.find('=');
    if (line.empty() || line[0] == '#' || equals == std::string::npos) continue;
    out[line.substr(0, equals)] = line.substr(equals + 1);
  }
  return out;
}

Ports free_ports(const Ports& preferred) {
  if (preferred.client != 0 && are_free(preferred)) return preferred;
  // The process id spreads runs that start at the same time.
  constexpr int kCount = (kFirstSinglePort - kFirstTaskPort) / 3;
  for (int tries = 0; tries < 200; ++tries) {
    const int base = kFirstTaskPort + (getpid() * 7 + tries * 31) % kCount * 3;
    const Ports ports{base, base + 1, base + 2};
    if (are_free(ports)) return ports;
  }
  throw HarnessError("found no three free ports on 127.0.0.11, .12 and .13");
}

int free_port(int preferred) {
  if (preferred != 0 && is_free("0.0.0.0", preferred)) return preferred;
  constexpr int kCount = kEndOfSinglePorts - kFirstSinglePort;
  for (int tries = 0; tries < 200; ++tries) {
    const int port = kFirstSinglePort + (getpid() + tries) % kCount;
    if (is_free("0.0.0.0", port)) return port;
  }
  throw HarnessError("found no free port from " + std::to_string(kFirstSinglePort) + " on");
}

Environment quick_service(const Installation& installation, const Ports& ports) {
  Environment out = read_variables(installation.share() + "/service/defaults.env");
  out["BOOTSTRAP_URI"] =
      "file://" + std::filesystem::absolute(installation.bootstrap()).lexically_normal().string();
  out["CLIENT_PORT"] = std::to_string(ports.client);
  out["FOLLOWER_PORT"] = std::to_string(ports.follower);
  out["LEADER_ELECTION_PORT"] = std::to_string(ports.election);
  out["NODE_CPUS"] = "0.5";
  out["NODE_MEM"] = "256";
  out["NODE_HEAP"] = "64";
  out["DATA_DISK"] = "256";
  out["LOG_DISK"] = "256";
  out["READINESS_CHECK_INTERVAL"] = "1";
  out["SERVER_TICKTIME"] = "500";
  out["SERVER_INITLIMIT"] = "20";
  out["SERVER_SYNCLIMIT"] = "10";
  out["SERVER_PREALLOCSIZE"] = "1024";
  out["SERVER_CNXTIMEOUT"] = "500";
  out["SERVER_FORCESYNC"] = "no";
  out["SERVER_JVM_FLAGS"] = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -Xshare:auto";
  for (const char* name : {"RLIMIT_NOFILE_SOFT", "RLIMIT_NOFILE_HARD"}) out[name] = "4096";
  return out;
}

}  // namespace ostler::harness
