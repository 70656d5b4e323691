// The package for DC/OS, run as Marathon runs it: its variables, its command line, a
// sandbox with what it fetches, and nothing of ours besides.
#include <filesystem>
#include <nlohmann/json.hpp>

#include "service_test.h"
#include "support/universe_package.h"

namespace ostler::harness {
namespace {

using nlohmann::json;
using test::option_value;

class Universe : public ServiceTest {
 protected:
  // Options as a user writes them: what makes three servers fit on this machine.
  json small_ensemble() {
    json options = json::object();
    const std::vector<std::pair<std::string, json>> chosen = {
        {"node.cpus", 0.5},
        {"node.mem", 256},
        {"node.heap", 64},
        {"node.data_disk", 256},
        {"node.log_disk", 256},
        {"zookeeper.client_port", std::stoi(service_.at("CLIENT_PORT"))},
        {"zookeeper.follower_port", std::stoi(service_.at("FOLLOWER_PORT"))},
        {"zookeeper.leader_election_port", std::stoi(service_.at("LEADER_ELECTION_PORT"))},
        {"zookeeper.tick_time", 500},
        {"zookeeper.init_limit", 20},
        {"zookeeper.sync_limit", 10},
        {"zookeeper.pre_alloc_size", 1024},
        {"zookeeper.cnx_timeout", 500},
        {"ostler.force_sync", "no"},
        {"ostler.jvm_flags", "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -Xshare:auto"},
        {"ostler.state_zookeeper", zookeeper_->address()},
        {"ostler.mesos_masters", cluster_->master()},
    };
    for (const auto& [path, value] : chosen) options.merge_patch(option_value(path, value));
    return options;
  }

  // What Marathon and DC/OS would do with the app: variables, sandbox, command line.
  void install(const json& options) {
    const std::string sandbox = folder_ / "sandbox";
    std::filesystem::create_directories(sandbox);
    // As `fetch` unpacks ostler.tar.gz. The machine has the libraries.
    if (!std::filesystem::exists(sandbox + "/ostler")) {
      std::filesystem::create_directory_symlink(std::filesystem::canonical(at_.prefix), sandbox + "/ostler");
    }
    const std::map<std::string, std::string> uris = {
        {"bootstrap", "file://" + std::filesystem::canonical(at_.bootstrap()).string()},
        // This machine's own Java and ZooKeeper.
        {"jre-tar-gz", ""},
        {"zookeeper-tar-gz", ""}};
    const json app = package_.app(options, uris);
    const std::string port = service_.at("PORT_API");
    service_ = test::variables_of(app);
    service_["PORT_API"] = port;  // Marathon's, for the port named "api"
    service_["MESOS_SANDBOX"] = sandbox;
    command_ = app.at("cmd");
  }

  const test::UniversePackage package_;
};

TEST_F(Universe, DeploysAnEnsembleWithTheVariablesAndTheCommandOfItsMarathonApp) {
  use_store(Store::kZookeeper);
  start_cluster();
  install(small_ensemble());
  Scheduler& scheduler = deploy();

  expect_in_order();
  expect_server_launches(1);
  expect_serving("from the package");
  scheduler.wait_health(200);
  const json spec = scheduler.get_json("/v1/configurations/target");
  EXPECT_EQ(spec.at("name"), "confluent-zookeeper");
}

TEST_F(Universe, RefusesOptionsThatTheServiceCannotBeMadeOf) {
  use_store(Store::kZookeeper);
  start_cluster();
  json options = small_ensemble();
  // config.json cannot know what a constraint or a memory of -1 is.
  options.merge_patch(option_value("node.mem", -1));
  options.merge_patch(option_value("service.virtual_network_enabled", true));
  options.merge_patch(option_value("service.virtual_network_plugin_labels", "no colon"));
  install(options);
  Scheduler& scheduler = start_scheduler();

  EXPECT_EQ(scheduler.wait_exit(patience()), 1) << scheduler.log();

  const std::string log = scheduler.log();
  EXPECT_NE(log.find("found '-1', expected a whole number of megabytes, 1 to 1073741824"), std::string::npos)
      << log;
  EXPECT_NE(log.find("from the variable NODE_MEM"), std::string::npos) << log;
  EXPECT_NE(log.find("from the variable VIRTUAL_NETWORK_PLUGIN_LABELS"), std::string::npos) << log;
  EXPECT_EQ(cluster_->calls(), (std::map<std::string, int>{}));
}

}  // namespace
}  // namespace ostler::harness
