// Starting under bad circumstances: nobody to talk to, or a manifest that cannot work.
#include <nlohmann/json.hpp>

#include "service_test.h"

namespace ostler::harness {
namespace {

using nlohmann::json;

class Start : public ServiceTest {
 protected:
  // /v1/health, which must answer within 1 s whatever the scheduler waits for.
  std::string health(Scheduler& scheduler) {
    const auto begun = std::chrono::steady_clock::now();
    const HttpReply reply = http_get(scheduler.api() + "/v1/health");
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(1));
    EXPECT_NE(reply.status, 0) << reply.error;
    EXPECT_NE(reply.status, 200) << reply.body;
    return reply.body;
  }

  void wait_health_says(Scheduler& scheduler, const std::string& text) {
    scheduler.wait_for("/v1/health to say '" + text + "'",
                       [&] { return health(scheduler).find(text) != std::string::npos; });
  }
};

TEST_F(Start, WaitsForMesosAndSaysSo) {
  const int port = free_port(std::stoi(service_["PORT_API"]) + 1);
  service_["OSTLER_MASTER"] = "127.0.0.1:" + std::to_string(port);
  Scheduler& scheduler = start_scheduler();
  wait_health_says(scheduler, "mesos: ");
  wait_health_says(scheduler, std::to_string(port));

  start_cluster(port);
  scheduler.wait_deployed();

  scheduler.wait_health(200);
  expect_serving("at last");
  expect_server_launches(1);
}

TEST_F(Start, WaitsForTheStoreAndSaysSo) {
  use_store(Store::kZookeeper);
  zookeeper_->kill();
  start_cluster();
  Scheduler& scheduler = start_scheduler();
  wait_health_says(scheduler, "state's backend: ZooKeeper " + zookeeper_->address() + " cannot be reached");
  EXPECT_EQ(cluster_->calls(), (std::map<std::string, int>{}));

  zookeeper_->start();
  scheduler.wait_deployed();

  expect_serving("at last");
  expect_server_launches(1);
}

TEST_F(Start, ShowsAllProblemsOfAManifestAndStartsNothing) {
  start_cluster();
  manifest_ = make_manifest(
      "manifest: 1\n"
      "plugins:\n"
      "  - name: state\n"
      "    kind: state\n"
      "    library: no-such-plugin.so\n"
      "  - name: matcher\n"
      "    kind: offers\n"
      "    library: " OSTLER_TEST_PLUGIN_DIR
      "/abi_major_2.so\n"
      "  - name: prometheus\n"
      "    kind: metrics\n"
      "    library: " OSTLER_TEST_PLUGIN_DIR
      "/no_entry.so\n"
      "  - name: http\n"
      "    kind: http\n"
      "    library: http-pistache.so\n"
      "    config: {prot: 8080}\n");
  Scheduler& scheduler = start_scheduler();

  EXPECT_EQ(scheduler.wait_exit(patience()), 78) << scheduler.log();

  const std::string log = scheduler.log();
  for (const char* expected : {"plugins.yaml:5:", "no-such-plugin.so", "plugins.yaml:8:", "built for ABI 2",
                               "plugins.yaml:11:", "no_entry.so", "prot"}) {
    EXPECT_NE(log.find(expected), std::string::npos) << "no '" << expected << "' in\n" << log;
  }
  EXPECT_EQ(log.find("the API is at"), std::string::npos);
  EXPECT_EQ(cluster_->calls(), (std::map<std::string, int>{}));
}

TEST_F(Start, EndsWith70WhenAPluginFailsByItsOwnFault) {
  start_cluster();
  const std::string own = read_file(at_.share() + "/plugins.yaml");
  manifest_ = make_manifest(own + "  - name: thrower\n    kind: offers\n    library: " OSTLER_TEST_PLUGIN_DIR
                                  "/throws_in_create.so\n");
  Scheduler& scheduler = start_scheduler();

  EXPECT_EQ(scheduler.wait_exit(patience()), 70) << scheduler.log();
  EXPECT_EQ(cluster_->calls(), (std::map<std::string, int>{}));
}

TEST_F(Start, ShowsAllProblemsOfAServiceAndStartsNothing) {
  start_cluster();
  service_["NODE_COUNT"] = "three";
  service_["NODE_CPUS"] = "-1";
  Scheduler& scheduler = start_scheduler();

  EXPECT_EQ(scheduler.wait_exit(patience()), 1) << scheduler.log();

  const std::string log = scheduler.log();
  EXPECT_NE(log.find("svc.yml:"), std::string::npos) << log;
  EXPECT_NE(log.find("three"), std::string::npos) << log;
  EXPECT_NE(log.find("-1"), std::string::npos) << log;
  EXPECT_EQ(cluster_->calls(), (std::map<std::string, int>{}));
}

}  // namespace
}  // namespace ostler::harness
