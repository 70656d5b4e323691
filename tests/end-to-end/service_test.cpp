#include "service_test.h"

#include <cstdlib>
#include <nlohmann/json.hpp>

namespace ostler::harness {
namespace {

using nlohmann::json;

Installation installation() {
  const char* prefix = std::getenv("OSTLER_TEST_PREFIX");
  return {prefix != nullptr ? prefix : OSTLER_BUILD_DIR};
}

std::string test_name() {
  const testing::TestInfo& info = *testing::UnitTest::GetInstance()->current_test_info();
  std::string name = std::string(info.test_suite_name()) + "." + info.name();
  for (char& c : name) {
    if (c == '/') c = '-';
  }
  return name;
}

// The same text with `from` replaced, which must be there once.
std::string with(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  if (at == std::string::npos || text.find(from, at + 1) != std::string::npos) {
    throw HarnessError("expected '" + from + "' exactly once in:\n" + text);
  }
  return text.replace(at, from.size(), to);
}

}  // namespace

std::string to_string(Store store) { return store == Store::kSqlite ? "Sqlite" : "Zookeeper"; }

ServiceTest::ServiceTest() : at_(installation()), folder_(OSTLER_BUILD_DIR "/work", test_name()) {
  service_ = quick_service(at_, free_ports({}));
  // The same after each start: tasks fetch their configuration from there.
  service_["PORT_API"] = std::to_string(free_port());
}

ServiceTest::~ServiceTest() {
  if (!HasFailure()) return;
  folder_.keep();
  if (cluster_) std::fputs(cluster_->last_words().c_str(), stderr);
  std::fprintf(stderr, "Logs, state and sandboxes are in %s\n", folder_.path().c_str());
}

std::string ServiceTest::make_manifest(const std::string& text, const std::string& name) {
  write_file(folder_ / name, text);
  return folder_ / name;
}

void ServiceTest::use_store(Store store) {
  store_ = store;
  if (store == Store::kSqlite) return;
  zookeeper_ = std::make_unique<test::ZookeeperServer>();
  service_["FRAMEWORK_ZOOKEEPER"] = zookeeper_->address();
  const std::string own = read_file(at_.share() + "/plugins.yaml");
  manifest_ = make_manifest(with(own, "library: state-sqlite.so ", "library: state-zookeeper.so "));
}

void ServiceTest::start_cluster(int port) {
  cluster_ = std::make_unique<Cluster>(Cluster::Options{
      at_, folder_.path(), {"--allocation-interval-ms", "200", "--update-retry-ms", "1000"}, port});
}

Scheduler::Options ServiceTest::scheduler_options(const std::vector<std::string>& arguments) const {
  Scheduler::Options options;
  options.installation = at_;
  options.folder = folder_.path();
  if (cluster_) options.master = cluster_->master();
  options.service = service_;
  options.manifest = manifest_;
  options.command = command_;
  options.arguments = arguments;
  return options;
}

Scheduler& ServiceTest::start_scheduler(const std::vector<std::string>& arguments) {
  scheduler_.reset();
  scheduler_ = std::make_unique<Scheduler>(scheduler_options(arguments));
  return *scheduler_;
}

std::unique_ptr<Scheduler> ServiceTest::start_second(const std::vector<std::string>& arguments) {
  Scheduler::Options options = scheduler_options(arguments);
  options.name = "second";
  return std::make_unique<Scheduler>(options);
}

Scheduler& ServiceTest::deploy() {
  if (!cluster_) start_cluster();
  start_scheduler().wait_deployed();
  return *scheduler_;
}

void ServiceTest::expect_in_order() {
  // What is given back may still be on its way.
  scheduler_->wait_for("nothing to be left over", [&] {
    const json state = cluster_->state();
    double mem = 0, disk = 0;
    for (const json& agent : state.at("agents")) {
      for (const json& resource : agent.at("reservations")) {
        if (resource.at("name") == "mem") mem += resource.at("scalar").at("value").get<double>();
        if (resource.at("name") == "disk") disk += resource.at("scalar").at("value").get<double>();
      }
    }
    return mem == 3 * (32 + 256 + 32) && disk == 3 * (256 + 2 * 256);
  });
  const json state = cluster_->state();
  EXPECT_EQ(state.at("violations").dump(), "[]");
  std::map<std::string, int> live;
  for (const json& task : state.at("tasks")) live[task.at("name")] += task.at("live").get<bool>() ? 1 : 0;
  const std::map<std::string, int> once{{"zookeeper-0-server", 1}, {"zookeeper-0-metrics", 1},
                                        {"zookeeper-1-server", 1}, {"zookeeper-1-metrics", 1},
                                        {"zookeeper-2-server", 1}, {"zookeeper-2-metrics", 1}};
  EXPECT_EQ(live, once);
  // An executor (0.1 cpus, 32 MB, 256 MB of disk), the server and the metrics task.
  for (const json& agent : state.at("agents")) {
    std::map<std::string, double> reserved;
    int ports = 0;
    for (const json& resource : agent.at("reservations")) {
      if (resource.contains("scalar")) {
        reserved[resource.at("name")] += resource.at("scalar").at("value").get<double>();
      } else {
        ++ports;
      }
    }
    const std::string where = "on " + agent.at("address").get<std::string>();
    EXPECT_NEAR(reserved["cpus"], 0.1 + 0.5 + 0.1, 1e-6) << where;
    EXPECT_EQ(reserved["mem"], 32 + 256 + 32) << where;
    EXPECT_EQ(reserved["disk"], 256 + 2 * 256) << where;
    EXPECT_EQ(ports, 3) << where;
    EXPECT_EQ(agent.at("volumes").size(), 2U) << where;
    EXPECT_EQ(agent.at("executors").size(), 1U) << where;
  }
}

void ServiceTest::expect_server_launches(int count) {
  const auto launches = cluster_->launches();
  for (const std::string& server : kServers) EXPECT_EQ(launches.at(server), count) << server;
}

void ServiceTest::expect_serving(const std::string& value) {
  const std::vector<std::string> addresses = scheduler_->client_addresses();
  ASSERT_EQ(addresses.size(), 3U);
  std::map<std::string, int> modes;
  // A server that was just launched may still be looking for its leader.
  wait_until(
      "one leader and two followers", patience(),
      [&] {
        modes.clear();
        for (const std::string& address : addresses) ++modes[server_state(address).mode];
        return modes["leader"] == 1 && modes["follower"] == 2;
      },
      [&] { return json(modes).dump(); });
  write_znode(addresses[0], "/ostler-test", value);
  EXPECT_EQ(read_znode(addresses[1], "/ostler-test"), value);
  EXPECT_EQ(read_znode(addresses[2], "/ostler-test"), value);
}

}  // namespace ostler::harness
