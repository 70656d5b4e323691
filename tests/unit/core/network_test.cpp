// Networks and volumes of a pod on their way into Mesos' messages.
#include "core/network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/container.h"
#include "engine_driver.h"

namespace ostler::core {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

// One pod with a static and two dynamic ports, on `network` where one is named.
spec::ServiceSpec service_on(const std::string& network) {
  spec::ServiceSpec service = test::sample_spec(spec::Strategy::kSerial, 1);
  spec::PodSpec& pod = service.pods[0];
  if (!network.empty()) pod.networks = {{network, {}, {}, {}}};
  pod.resource_sets[0].ports = {{"client", 1140, "CLIENT_PORT", true, {}, 0, {}},
                                {"any", 0, "ANY_PORT", false, {}, 0, {}}};
  pod.resource_sets[1].ports = {{"more", 0, "MORE_PORT", false, {}, 0, {}}};
  return service;
}

// The server's task as it was launched, after one offer that has no ports at all or all.
const mesos::TaskInfo& launched(test::EngineDriver& engine) {
  return engine.stored.tasks.at("zookeeper-0-server").launch->task;
}

size_t port_resources(const mesos::TaskInfo& task) {
  return static_cast<size_t>(std::count_if(task.resources.begin(), task.resources.end(),
                                           [](const auto& resource) { return resource.name == "ports"; }));
}

std::string variable(const mesos::TaskInfo& task, const std::string& name) {
  for (const auto& one : task.command.environment) {
    if (one.name == name) return one.value;
  }
  return "(none)";
}

json executor_networks(test::EngineDriver& engine) {
  const mesos::ExecutorInfo& executor = engine.stored.tasks.at("zookeeper-0-server").launch->executor;
  return json::parse(executor.container->extra).value("network_infos", json::array());
}

TEST(Network, PortsOfTheAgentAreReserved) {
  for (const char* network : {"", "mesos-bridge"}) {
    test::EngineDriver engine(service_on(network));
    engine.subscribe();
    engine.offer({test::big_offer(1)});
    EXPECT_EQ(port_resources(launched(engine)), 2U) << network;
    EXPECT_EQ(variable(launched(engine), "CLIENT_PORT"), "1140");
  }
}

TEST(Network, AContainerWithAnAddressOfItsOwnTakesNoPortsOfTheAgent) {
  test::EngineDriver engine(service_on("dcos"));
  engine.subscribe();
  engine.offer({test::big_offer(1)});
  const mesos::TaskInfo& task = launched(engine);
  EXPECT_EQ(port_resources(task), 0U);
  EXPECT_EQ(variable(task, "CLIENT_PORT"), "1140");
  EXPECT_EQ(variable(task, "ANY_PORT"), "1025");
  ASSERT_EQ(task.discovery->ports.size(), 2U);
  EXPECT_EQ(task.discovery->ports[0].number, 1140U);
  const auto& metrics = engine.stored.tasks.at("zookeeper-0-metrics").launch->task;
  EXPECT_EQ(variable(metrics, "MORE_PORT"), "1026") << "a number that no other port of the pod has";
  EXPECT_EQ(executor_networks(engine), json::array({{{"name", "dcos"}}}));
}

TEST(Network, DynamicPortsOfAContainerAvoidItsStaticOnes) {
  spec::PodSpec pod;
  spec::ResourceSet set;
  set.id = "s";
  set.ports = {
      {"a", 0, "", false, {}, 0, {}}, {"b", 1025, "", false, {}, 0, {}}, {"c", 0, "", false, {}, 0, {}}};
  pod.resource_sets = {set};
  EXPECT_THAT(container_ports(pod, set), ElementsAre(Pair("a", 1026U), Pair("b", 1025U), Pair("c", 1027U)));
}

TEST(Network, TheBridgePassesOnEveryPortOfThePod) {
  test::EngineDriver engine(service_on("mesos-bridge"));
  engine.subscribe();
  engine.offer({test::big_offer(1)});
  const json networks = executor_networks(engine);
  ASSERT_EQ(networks.size(), 1U);
  EXPECT_EQ(networks[0].at("name"), "mesos-bridge");
  std::vector<int> agent;
  for (const json& mapping : networks[0].at("port_mappings")) {
    EXPECT_EQ(mapping.at("host_port"), mapping.at("container_port"));
    agent.push_back(mapping.at("host_port"));
  }
  std::vector<int> expected = {
      1140, std::stoi(variable(launched(engine), "ANY_PORT")),
      std::stoi(variable(engine.stored.tasks.at("zookeeper-0-metrics").launch->task, "MORE_PORT"))};
  EXPECT_THAT(agent, ::testing::UnorderedElementsAreArray(expected));
}

TEST(Network, MapsOfSvcYmlComeFirstAndEachPortOfTheAgentOnce) {
  const spec::Network network{"mesos-bridge", {4040, 4041}, {8080, 8081}, {}};
  EXPECT_THAT(bridge_mappings(network, {4040, 9090, 9090, 8080}),
              ElementsAre(Pair(4040U, 8080U), Pair(4041U, 8081U), Pair(9090U, 9090U), Pair(8080U, 8080U)));
}

TEST(Network, TheBridgeReservesThePortThatIsMappedAndNotTheContainersOwn) {
  spec::ServiceSpec service = service_on("mesos-bridge");
  service.pods[0].networks[0].host_ports = {1140};
  service.pods[0].networks[0].container_ports = {2181};
  service.pods[0].resource_sets[0].ports.resize(1);  // 1140
  service.pods[0].resource_sets[1].ports.clear();
  test::EngineDriver engine(service);
  engine.subscribe();
  engine.offer({test::big_offer(1)});
  EXPECT_EQ(port_resources(launched(engine)), 1U);
  EXPECT_EQ(variable(launched(engine), "CLIENT_PORT"), "1140");
  EXPECT_EQ(executor_networks(engine)[0].at("port_mappings"),
            json::array({{{"host_port", 1140}, {"container_port", 2181}}}));
}

json docker_volume(const std::string& service_name, spec::ExternalVolume volume, int32_t index) {
  spec::ServiceSpec service = test::sample_spec();
  service.name = service_name;
  service.pods[0].external_volumes = {std::move(volume)};
  const auto container = task_container(service, service.pods[0], index, service.pods[0].tasks[0]);
  const auto executor = executor_container(service, service.pods[0], index, {});
  EXPECT_EQ(executor.volumes.at(0), container.volumes.at(1)) << "on the executor and on each task";
  const mesos::Volume& out = container.volumes.at(1);
  EXPECT_EQ(out.source, mesos::Volume::Source::kDocker);
  json found = json::parse(out.extra).at("source").at("docker_volume");
  found["name"] = out.source_path;
  found["mode"] = out.read_only ? "RO" : "RW";
  found["path"] = out.container_path;
  return found;
}

TEST(ExternalVolumes, ReachTheDriverWithANameForEachInstance) {
  EXPECT_EQ(
      docker_volume("zk", {"DOCKER", "data", "ZookeeperVolume", "pxd", "", {{"size", "5"}}}, 2),
      (json{
          {"driver", "pxd"},
          {"driver_options",
           {{"parameter", {{{"key", "size"}, {"value", "5"}}, {{"key", "nodes"}, {"value", "LocalNode"}}}}}},
          {"name", "ZookeeperVolume-2"},
          {"mode", "RW"},
          {"path", "data"}}));
  EXPECT_EQ(docker_volume("/group/zk", {"DOCKER", "data", "", "pxd", "RO", {}}, 0).at("name"),
            "group__zk-zookeeper-0");
  EXPECT_EQ(docker_volume("zk", {"DOCKER", "data", "", "rexray", "", {}}, 1).at("name"), "zk_zookeeper_1");
}

TEST(ExternalVolumes, AreSharedWherePortworxIsToldSo) {
  const json volume = docker_volume("zk", {"DOCKER", "data", "all", "pxd", "RO", {{"shared", "true"}}}, 1);
  EXPECT_EQ(volume.at("name"), "all");
  EXPECT_EQ(volume.at("mode"), "RO");
  EXPECT_EQ(docker_volume("zk", {"DOCKER", "data", "all", "other", "", {{"shared", "true"}}}, 1).at("name"),
            "all_1");
}

}  // namespace
}  // namespace ostler::core
