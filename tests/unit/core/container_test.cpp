// The ContainerInfo of executors and tasks as the JSON that goes to Mesos: host volumes,
// volumes of a Docker driver, secrets in files, limits and namespaces. Each member is one that
// mesos/v1/mesos.proto has there, of its type; Mesos drops what it does not know in silence.
#include "core/container.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "engine_driver.h"
#include "mesos/codec.h"

namespace ostler::core::test {
namespace {

using Json = nlohmann::json;

// The messages of mesos.proto, as far as we may write them. A name that begins with a
// capital is a message, "a|b" an enum, and "[]" behind it a repeated field. "!" is required.
const std::map<std::string, std::map<std::string, std::string>>& messages() {
  static const std::map<std::string, std::map<std::string, std::string>> all = {
      {"ContainerInfo",
       {{"type", "DOCKER|MESOS!"},
        {"volumes", "Volume[]"},
        {"hostname", "string"},
        {"mesos", "MesosInfo"},
        {"network_infos", "NetworkInfo[]"},
        {"linux_info", "LinuxInfo"},
        {"rlimit_info", "RLimitInfo"}}},
      {"Volume",
       {{"mode", "RW|RO!"}, {"container_path", "string!"}, {"host_path", "string"}, {"source", "Source"}}},
      {"Source",
       {{"type", "DOCKER_VOLUME|HOST_PATH|SANDBOX_PATH|SECRET"},
        {"docker_volume", "DockerVolume"},
        {"sandbox_path", "SandboxPath"},
        {"secret", "Secret"}}},
      {"DockerVolume", {{"driver", "string"}, {"name", "string!"}, {"driver_options", "Parameters"}}},
      {"Parameters", {{"parameter", "Parameter[]"}}},
      {"Parameter", {{"key", "string!"}, {"value", "string!"}}},
      {"SandboxPath", {{"type", "SELF|PARENT"}, {"path", "string!"}}},
      {"Secret", {{"type", "REFERENCE|VALUE"}, {"reference", "Reference"}}},
      {"Reference", {{"name", "string!"}, {"key", "string"}}},
      {"MesosInfo", {{"image", "Image"}}},
      {"Image", {{"type", "APPC|DOCKER!"}, {"docker", "Docker"}, {"cached", "bool"}}},
      {"Docker", {{"name", "string!"}}},
      {"NetworkInfo", {{"name", "string"}, {"labels", "Labels"}, {"port_mappings", "PortMapping[]"}}},
      {"PortMapping", {{"host_port", "number!"}, {"container_port", "number!"}, {"protocol", "string"}}},
      {"Labels", {{"labels", "Label[]"}}},
      {"Label", {{"key", "string!"}, {"value", "string"}}},
      {"LinuxInfo",
       {{"share_pid_namespace", "bool"},
        {"seccomp", "SeccompInfo"},
        {"ipc_mode", "PRIVATE|SHARE_PARENT"},
        {"shm_size", "number"},
        {"share_cgroups", "bool"}}},
      {"SeccompInfo", {{"profile_name", "string"}, {"unconfined", "bool"}}},
      {"RLimitInfo", {{"rlimits", "RLimit[]"}}},
      {"RLimit", {{"type", "RLMT_NOFILE|RLMT_NPROC!"}, {"hard", "number"}, {"soft", "number"}}},
  };
  return all;
}

// What Mesos would not understand, by path.
void check(const std::string& message, const Json& value, const std::string& path,
           std::vector<std::string>& problems);

void check_value(std::string type, const Json& value, const std::string& path,
                 std::vector<std::string>& problems) {
  if (type.ends_with("[]")) {
    if (!value.is_array()) return problems.push_back(path + " is no list");
    for (size_t i = 0; i < value.size(); ++i)
      check_value(type.substr(0, type.size() - 2), value[i], path + "/" + std::to_string(i), problems);
  } else if (messages().contains(type)) {
    check(type, value, path, problems);
  } else if (type == "string" || type == "number" || type == "bool") {
    const bool fits = type == "string"   ? value.is_string()
                      : type == "number" ? value.is_number_unsigned()
                                         : value.is_boolean();
    if (!fits) problems.push_back(path + " is no " + type);
  } else {  // an enum
    const std::string name = value.is_string() ? value.get<std::string>() : "";
    if (name.empty() || ("|" + type + "|").find("|" + name + "|") == std::string::npos)
      problems.push_back(path + " is none of " + type);
  }
}

void check(const std::string& message, const Json& value, const std::string& path,
           std::vector<std::string>& problems) {
  if (!value.is_object()) return problems.push_back(path + " is no " + message);
  const auto& fields = messages().at(message);
  for (const auto& [key, member] : value.items()) {
    const auto field = fields.find(key);
    if (field == fields.end()) {
      problems.push_back(message + " has no field '" + key + "' (" + path + ")");
      continue;
    }
    std::string type = field->second;
    if (type.ends_with('!')) type.pop_back();
    check_value(type, member, path + "/" + key, problems);
  }
  for (const auto& [key, type] : fields) {
    if (type.ends_with('!') && !value.contains(key)) problems.push_back(path + " lacks '" + key + "'");
  }
}

Json sent(const mesos::ContainerInfo& container) {
  const Json json = Json::parse(mesos::to_text(container));
  std::vector<std::string> problems;
  check("ContainerInfo", json, "", problems);
  EXPECT_TRUE(problems.empty()) << ::testing::PrintToString(problems) << "\n" << json.dump(2);
  return json;
}

struct Service {
  Service() {
    service.name = "/path/to/zk";
    pod().networks.clear();
  }
  spec::PodSpec& pod() { return service.pods[0]; }
  Json of_task() { return sent(task_container(service, pod(), 2, pod().tasks[0])); }
  Json of_executor(const std::vector<uint32_t>& ports = {}) {
    return sent(executor_container(service, pod(), 2, ports));
  }
  spec::ServiceSpec service = sample_spec();
};

const Json kTmp = Json::parse(R"({"container_path": "/tmp", "mode": "RW", "host_path": "tmp"})");

TEST(Container, OfATaskHasATmpOfItsOwnAndNoneOfTheExecutorsCgroups) {
  Service service;
  EXPECT_EQ(service.of_task(), Json({{"type", "MESOS"},
                                     {"volumes", Json::array({kTmp})},
                                     {"linux_info", {{"share_cgroups", false}}}}));
  EXPECT_EQ(service.of_executor(), Json({{"type", "MESOS"}, {"linux_info", {{"share_cgroups", false}}}}));
}

TEST(Container, HostVolumesStandOnTheExecutorAndOnEachTask) {
  Service service;
  service.pod().host_volumes = {{"/etc/krb5", "krb5", true}, {"/var/lib/zk", "/data", false}};
  const Json volumes = Json::parse(R"([
    {"container_path": "krb5", "mode": "RO", "host_path": "/etc/krb5"},
    {"container_path": "/data", "mode": "RW", "host_path": "/var/lib/zk"}])");
  EXPECT_EQ(service.of_executor()["volumes"], volumes);
  Json of_task = volumes;
  of_task.insert(of_task.begin(), kTmp);
  EXPECT_EQ(service.of_task()["volumes"], of_task);
}

// Drivers know a volume by its name alone, so each instance has one of its own.
TEST(Container, DockerVolumesNameTheirDriverItsOptionsAndTheInstance) {
  Service service;
  service.pod().external_volumes = {
      {"DOCKER", "data", "zk-data", "rexray", "RW", {{"size", "10"}, {"fs", "xfs"}}},
      {"DOCKER", "log", "", "rexray", "RO", {}}};
  const Json volumes = Json::parse(R"([
    {"container_path": "data", "mode": "RW", "source": {"type": "DOCKER_VOLUME", "docker_volume": {
      "driver": "rexray", "name": "zk-data_2",
      "driver_options": {"parameter": [{"key": "size", "value": "10"}, {"key": "fs", "value": "xfs"}]}}}},
    {"container_path": "log", "mode": "RO", "source": {"type": "DOCKER_VOLUME", "docker_volume": {
      "driver": "rexray", "name": "path__to__zk_zookeeper_2"}}}])");
  EXPECT_EQ(service.of_executor()["volumes"], volumes);
  EXPECT_EQ(service.of_task()["volumes"][1], volumes[0]);
  EXPECT_EQ(service.of_task()["volumes"][2], volumes[1]);
}

TEST(Container, PortworxVolumesStayOnTheirNodeAndOneThatIsSharedHasNoInstance) {
  Service service;
  service.pod().external_volumes = {{"DOCKER", "own", "v", "pxd", "", {}},
                                    {"DOCKER", "all", "v", "pxd", "", {{"shared", "true"}}}};
  const Json volumes = service.of_executor()["volumes"];
  EXPECT_EQ(volumes[0]["source"]["docker_volume"], Json::parse(R"({"driver": "pxd", "name": "v-2",
    "driver_options": {"parameter": [{"key": "nodes", "value": "LocalNode"}]}})"));
  EXPECT_EQ(volumes[1]["source"]["docker_volume"], Json::parse(R"({"driver": "pxd", "name": "v",
    "driver_options": {"parameter": [{"key": "shared", "value": "true"}, {"key": "nodes", "value": "LocalNode"}]}})"));
}

TEST(Container, SecretsBecomeFilesUnlessTheyAreVariablesOnly) {
  Service service;
  service.pod().secrets = {{"zk/key", "", "key.pem"}, {"zk/cert", "", ""}, {"zk/password", "PASSWORD", ""}};
  EXPECT_EQ(service.of_executor()["volumes"], Json::parse(R"([
    {"container_path": "key.pem", "mode": "RO", "source": {"type": "SECRET", "secret": {
      "type": "REFERENCE", "reference": {"name": "zk/key"}}}},
    {"container_path": "zk/cert", "mode": "RO", "source": {"type": "SECRET", "secret": {
      "type": "REFERENCE", "reference": {"name": "zk/cert"}}}}])"));
}

TEST(Container, ATaskSeesItsPodsVolumesThroughItsParent) {
  Service service;
  service.pod().volumes = {{"shared", spec::VolumeType::kRoot, {}, 100}};
  EXPECT_FALSE(service.of_executor().contains("volumes")) << "they are disks among its resources";
  EXPECT_EQ(service.of_task()["volumes"][1], Json::parse(R"({"container_path": "shared", "mode": "RW",
              "source": {"type": "SANDBOX_PATH", "sandbox_path": {"type": "PARENT", "path": "shared"}}})"));
}

TEST(Container, ImageLimitsAndNamespacesHaveMesosNames) {
  Service service;
  service.pod().image = "zookeeper:3.8";
  service.pod().rlimits = {{"RLIMIT_NOFILE", 1024, 4096}, {"RLIMIT_NPROC", {}, {}}};
  service.pod().share_pid_namespace = true;
  service.pod().seccomp_profile_name = "strict.json";
  service.pod().ipc_mode = "PRIVATE";
  service.pod().shm_size_mb = 64;
  service.pod().tasks[0].ipc_mode = "SHARE_PARENT";
  const Json task = service.of_task(), executor = service.of_executor();
  EXPECT_EQ(task["mesos"],
            Json::parse(R"({"image": {"type": "DOCKER", "docker": {"name": "zookeeper:3.8"}}})"));
  EXPECT_FALSE(executor.contains("mesos")) << "the default executor is the agent's own";
  const Json limits = Json::parse(
      R"({"rlimits": [{"type": "RLMT_NOFILE", "soft": 1024, "hard": 4096}, {"type": "RLMT_NPROC"}]})");
  EXPECT_EQ(task["rlimit_info"], limits);
  EXPECT_EQ(executor["rlimit_info"], limits);
  EXPECT_EQ(task["linux_info"], Json::parse(R"({"share_cgroups": false, "share_pid_namespace": true,
    "seccomp": {"profile_name": "strict.json"}, "ipc_mode": "SHARE_PARENT"})"));
  EXPECT_EQ(executor["linux_info"],
            Json::parse(R"({"share_cgroups": false, "ipc_mode": "PRIVATE", "shm_size": 64})"));
}

TEST(Container, NetworksStandOnTheExecutorAndABridgeMapsPorts) {
  Service service;
  service.pod().networks = {{"mesos-bridge", {}, {}, {{"team", "blue"}}}};
  const Json executor = service.of_executor({1140});
  ASSERT_EQ(executor["network_infos"].size(), 1U);
  EXPECT_EQ(executor["network_infos"][0]["name"], "mesos-bridge");
  EXPECT_EQ(executor["network_infos"][0]["labels"],
            Json::parse(R"({"labels": [{"key": "team", "value": "blue"}]})"));
  EXPECT_EQ(executor["network_infos"][0]["port_mappings"],
            Json::parse(R"([{"host_port": 1140, "container_port": 1140}])"));
  EXPECT_FALSE(service.of_task().contains("network_infos")) << "it is in its executor's network";
}

}  // namespace
}  // namespace ostler::core::test
