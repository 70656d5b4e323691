#include "bench/bare_ensemble.h"

#include <cstdlib>
#include <filesystem>
#include <map>
#include <sstream>

#include "harness/ensemble.h"
#include "harness/wait.h"
#include "harness/work_folder.h"

namespace ostler::bench {
namespace {

constexpr const char* kClasspath = "/usr/share/java/zookeeper.jar:/usr/share/java/slf4j-simple.jar";
constexpr int kServers = 3;

std::string address_of(int server) { return "127.0.0.1" + std::to_string(server); }

std::string find_java() {
  if (const char* home = std::getenv("JAVA_HOME")) return std::string(home) + "/bin/java";
  return "/usr/bin/java";
}

std::string configuration(const std::string& folder, int self, const harness::Ports& ports,
                          const harness::Environment& settings) {
  std::ostringstream out;
  for (const auto& [key, variable] :
       std::map<std::string, std::string>{{"tickTime", "SERVER_TICKTIME"},
                                          {"initLimit", "SERVER_INITLIMIT"},
                                          {"syncLimit", "SERVER_SYNCLIMIT"},
                                          {"preAllocSize", "SERVER_PREALLOCSIZE"},
                                          {"cnxTimeout", "SERVER_CNXTIMEOUT"},
                                          {"forceSync", "SERVER_FORCESYNC"}}) {
    out << key << '=' << settings.at(variable) << '\n';
  }
  out << "dataDir=" << folder << "/data\nclientPort=" << ports.client
      << "\nclientPortAddress=" << address_of(self)
      << "\nquorumListenOnAllIPs=false\nstandaloneEnabled=false\nreconfigEnabled=false\nadmin.enableServer="
         "false\n"
         "4lw.commands.whitelist=srvr\n";
  for (int server = 1; server <= kServers; ++server) {
    out << "server." << server << '=' << address_of(server) << ':' << ports.follower << ':' << ports.election
        << '\n';
  }
  return out.str();
}

}  // namespace

BareEnsemble::BareEnsemble(const std::string& folder, const harness::Ports& ports,
                           const harness::Environment& settings) {
  for (int server = 1; server <= kServers; ++server) {
    const std::string home = folder + "/" + std::to_string(server);
    std::filesystem::create_directories(home + "/data");
    harness::write_file(home + "/data/myid", std::to_string(server) + "\n");
    harness::write_file(home + "/zoo.cfg", configuration(home, server, ports, settings));
    harness::ProcessOptions run;
    run.arguments = {find_java(), "-Xms" + settings.at("NODE_HEAP") + "m",
                     "-Xmx" + settings.at("NODE_HEAP") + "m"};
    std::istringstream flags(settings.at("SERVER_JVM_FLAGS"));
    for (std::string flag; flags >> flag;) run.arguments.push_back(flag);
    run.arguments.insert(run.arguments.end(),
                         {"-Dorg.slf4j.simpleLogger.defaultLogLevel=info", "-cp", kClasspath,
                          "org.apache.zookeeper.server.quorum.QuorumPeerMain", home + "/zoo.cfg"});
    run.stdout_path = run.stderr_path = home + "/server.log";
    servers_.push_back(std::make_unique<harness::Process>(run));
    addresses_.push_back(address_of(server) + ":" + std::to_string(ports.client));
  }
}

void BareEnsemble::wait_serving() {
  harness::wait_until("three bare servers to serve", harness::patience(), [&] {
    std::map<std::string, int> modes;
    for (const std::string& address : addresses_) ++modes[harness::server_state(address).mode];
    return modes["leader"] == 1 && modes["follower"] == 2;
  });
}

}  // namespace ostler::bench
