// The service that Ostler ships with: packaging/service.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "spec/load.h"

namespace ostler::spec {
namespace {

using ::testing::ElementsAre;
using ::testing::Key;
using ::testing::Pair;

const std::string kService = OSTLER_SOURCE_DIR "/packaging/service/";

Environment defaults() {
  EnvironmentFile file = read_env_file(kService + "defaults.env");
  EXPECT_TRUE(file.problems.empty());
  file.env["BOOTSTRAP_URI"] = "file:///opt/bootstrap";
  return file.env;
}

LoadResult load(const Environment& env) { return load_service({kService + "svc.yml", env, true}); }

std::string texts(const std::vector<Problem>& problems) {
  std::string lines;
  for (const Problem& problem : problems) lines += problem.text() + "\n";
  return lines;
}

TEST(ServicePackage, LoadsWithItsDefaultsAndMissesNoValue) {
  const LoadResult result = load(defaults());
  ASSERT_TRUE(result.spec) << texts(result.problems);
  EXPECT_EQ(texts(result.warnings) + texts(result.objections), "");
  EXPECT_TRUE(check_env(defaults()).empty());
  const ServiceSpec& spec = *result.spec;
  EXPECT_EQ(spec.name, "confluent-zookeeper");
  EXPECT_EQ(spec.principal, "confluent-zookeeper-principal");
  EXPECT_EQ(spec.user, "nobody");
  ASSERT_EQ(spec.pods.size(), 1u);
  const PodSpec& pod = spec.pods[0];
  EXPECT_EQ(pod.type, "zookeeper");
  EXPECT_EQ(pod.count, 3);
  EXPECT_THAT(pod.placement, ElementsAre(ElementsAre("hostname", "UNIQUE")));
  EXPECT_THAT(pod.uris, ElementsAre("file:///opt/bootstrap"));
  EXPECT_EQ(pod.rlimits, (std::vector<RLimit>{{"RLIMIT_NOFILE", 128000, 128000}}));

  ASSERT_EQ(pod.tasks.size(), 2u);
  const TaskSpec& server = pod.tasks[0];
  EXPECT_EQ(server.name, "server");
  EXPECT_EQ(server.readiness_check->interval_s, 5);
  EXPECT_EQ(server.readiness_check->timeout_s, 60);
  EXPECT_EQ(server.configs.size(), 4u);
  EXPECT_EQ(server.env.at("SERVER_LEADERSERVES"), "yes");
  EXPECT_EQ(pod.tasks[1].name, "metrics");
  EXPECT_FALSE(pod.tasks[1].essential);

  const ResourceSet& set = *pod.resource_set("server-resource-set");
  EXPECT_EQ(set.cpus_milli, 1000);
  EXPECT_EQ(set.memory_mb, 4000);
  ASSERT_EQ(set.ports.size(), 3u);
  EXPECT_EQ(set.ports[0], (PortSpec{"clientport", 1140, "CLIENT_PORT", true, {}, 0, {}}));
  EXPECT_EQ(set.ports[1].port, 1240);
  EXPECT_EQ(set.ports[2].port, 1340);
  EXPECT_EQ(set.volumes, (std::vector<VolumeSpec>{{"zookeeper-data-path", VolumeType::kRoot, {}, 5000},
                                                  {"zookeeper-log-path", VolumeType::kRoot, {}, 5000}}));
}

TEST(ServicePackage, DeploysTogetherAndUpdatesOneAfterTheOther) {
  const ServiceSpec spec = *load(defaults()).spec;
  ASSERT_EQ(spec.plans.size(), 2u);
  EXPECT_EQ(spec.plans[0].phases[0].strategy, Strategy::kParallel);
  EXPECT_EQ(spec.plans[1].name, "update");
  const PhaseSpec& update = spec.plans[1].phases[0];
  EXPECT_EQ(update.name, "node-update");
  EXPECT_EQ(update.strategy, Strategy::kSerial);
  EXPECT_EQ(update.steps,
            (std::vector<StepSpec>{
                {0, {"server", "metrics"}}, {1, {"server", "metrics"}}, {2, {"server", "metrics"}}}));
}

TEST(ServicePackage, HonoursTheOptionalVariables) {
  Environment env = defaults();
  env["FRAMEWORK_PRINCIPAL"] = "service-account";
  env["ENABLE_VIRTUAL_NETWORK"] = "yes";
  env["VIRTUAL_NETWORK_NAME"] = "dcos";
  env["VIRTUAL_NETWORK_PLUGIN_LABELS"] = "k:v";
  env["ZOOKEEPER_URI"] = "https://example.invalid/zookeeper.tar.gz?a=b&c=d";
  env["JAVA_URI"] = "https://example.invalid/jre.tar.gz";
  env["DATA_DISK_TYPE"] = env["LOG_DISK_TYPE"] = "MOUNT";
  env["DATA_DISK_VOLUME_PROFILE"] = "ssd";
  env["LOG_DISK_VOLUME_PROFILE"] = "hdd";
  env["NODE_COUNT"] = "5";
  env["SERVER_FORCESYNC"] = "no";
  env["SERVER_JVM_FLAGS"] = "-XX:+UseSerialGC -Dx=y";
  const LoadResult result = load(env);
  ASSERT_TRUE(result.spec) << texts(result.problems);
  const PodSpec& pod = result.spec->pods[0];
  EXPECT_EQ(result.spec->principal, "service-account");
  EXPECT_EQ(pod.networks, (std::vector<Network>{{"dcos", {}, {}, {{"k", "v"}}}}));
  EXPECT_THAT(pod.uris,
              ElementsAre("file:///opt/bootstrap", "https://example.invalid/zookeeper.tar.gz?a=b&c=d",
                          "https://example.invalid/jre.tar.gz"));
  EXPECT_EQ(pod.resource_sets[0].volumes[0],
            (VolumeSpec{"zookeeper-data-path", VolumeType::kMount, {"ssd"}, 5000}));
  EXPECT_EQ(pod.count, 5);
  EXPECT_THAT(pod.tasks[0].env,
              ::testing::IsSupersetOf(
                  {Pair("SERVER_FORCESYNC", "no"), Pair("SERVER_JVM_FLAGS", "-XX:+UseSerialGC -Dx=y")}));
}

TEST(ServicePackage, PutsDataOnAnExternalVolumeWhenAsked) {
  Environment env = defaults();
  env["NODE_EXTERNAL_VOLUME_ENABLED"] = "true";
  env["NODE_EXTERNAL_VOLUME_NAME"] = "ZookeeperVolume";
  env["NODE_EXTERNAL_VOLUME_PORTWORX_OPTIONS"] = "size=5";
  env["ZK_EXTERNAL_VOLUME_DRIVER"] = "pxd";
  const LoadResult result = load(env);
  ASSERT_TRUE(result.spec) << texts(result.problems);
  const PodSpec& pod = result.spec->pods[0];
  EXPECT_EQ(pod.external_volumes,
            (std::vector<ExternalVolume>{
                {"DOCKER", "zookeeper-external", "ZookeeperVolume", "pxd", "", {{"size", "5"}}}}));
  EXPECT_TRUE(pod.resource_sets[0].volumes.empty());
  EXPECT_EQ(pod.tasks[0].env.at("DATA_DIR"), "./zookeeper-external/data");
}

TEST(ServicePackage, RefusesKerberosBeforeServersRunOpen) {
  Environment env = defaults();
  env["TASKCFG_ALL_SECURITY_KERBEROS_ENABLED"] = "true";
  const LoadResult result = load(env);
  EXPECT_NE(texts(result.objections)
                .find("TASKCFG_ALL_SECURITY_KERBEROS_ENABLED must be false: Kerberos is not "
                      "carried out, and the servers would run open"),
            std::string::npos)
      << texts(result.objections);
  env["TASKCFG_ALL_SECURITY_KERBEROS_ENABLED"] = "false";
  EXPECT_EQ(texts(load(env).objections), "");
}

TEST(ServicePackage, NamesTheVariableBehindAWrongValue) {
  Environment env = defaults();
  env["NODE_COUNT"] = "three";
  env["DATA_DISK_TYPE"] = "SSD";
  const LoadResult result = load(env);
  EXPECT_FALSE(result.spec);
  ASSERT_EQ(result.problems.size(), 2u);
  EXPECT_EQ(result.problems[0].key, "pods.zookeeper.count");
  EXPECT_EQ(result.problems[0].hint, "from the variable NODE_COUNT");
  EXPECT_EQ(result.problems[1].found, "'SSD'");
  EXPECT_EQ(result.problems[1].hint, "from the variable DATA_DISK_TYPE");
}

}  // namespace
}  // namespace ostler::spec
