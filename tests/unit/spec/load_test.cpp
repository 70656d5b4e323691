// A svc.yml and an environment to a ServiceSpec: values, defaults, warnings.
#include "spec/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>

namespace ostler::spec {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

std::string texts(const std::vector<Problem>& problems) {
  std::string lines;
  for (const Problem& problem : problems) lines += problem.text() + "\n";
  return lines;
}

LoadResult load_data(const std::string& name, const Environment& env = {}, bool strict = false) {
  return load_service({OSTLER_SPEC_DATA "/accepted/" + name, env, strict});
}

// A svc.yml of this text alone.
class LoadText : public ::testing::Test {
 protected:
  LoadResult load(const std::string& text, const Environment& env = {}) {
    const auto folder = std::filesystem::temp_directory_path() /
                        ("ostler-load-" + std::to_string(::getpid()) + "-" +
                         ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "svc.yml") << text;
    LoadResult result = load_service({(folder / "svc.yml").string(), env, false});
    std::filesystem::remove_all(folder);
    return result;
  }
};

TEST(Load, FindsPartialsBesideABareFileName) {
  const std::filesystem::path here = std::filesystem::current_path();
  std::filesystem::current_path(OSTLER_SPEC_DATA "/accepted");
  const LoadResult result = load_service({"rendered.yml", {{"NAME", "service"}, {"COUNT", "3"}}, false});
  std::filesystem::current_path(here);
  EXPECT_TRUE(result.spec) << texts(result.problems);
}

TEST(Load, ReadsEveryKey) {
  const LoadResult result = load_data("every-key.yml");
  ASSERT_TRUE(result.spec) << texts(result.problems);
  EXPECT_EQ(
      texts(result.warnings),
      "every-key.yml:15:9: pods.node.networks.mesos-bridge.host-ports: found the host port 4040, which is no "
      "port of a task, expected a task with 'port: 4040' (it is not reserved on the agent otherwise)\n"
      "every-key.yml:15:9: pods.node.networks.mesos-bridge.host-ports: found the host port 4041, which is no "
      "port of a task, expected a task with 'port: 4041' (it is not reserved on the agent otherwise)\n"
      "every-key.yml:92:9: pods.node.tasks.server.transport-encryption: found a wish for certificates, "
      "expected certificates and keys among the pod's secrets (Ostler issues none, and `ostler run` does not "
      "deploy a service that wants them)\n");
  EXPECT_EQ(texts(result.objections), "");
  const ServiceSpec& spec = *result.spec;
  EXPECT_EQ(spec.name, "/path/to/everything");
  EXPECT_EQ(spec.web_url, "http://everything.example");
  EXPECT_EQ(spec.principal, "everything-principal");
  EXPECT_EQ(spec.zookeeper, "zk-1:2181,zk-2:2181");
  EXPECT_EQ(spec.user, "nobody");
  EXPECT_EQ(spec.role, "path__to__everything-role");

  const PodSpec& pod = *spec.pod("node");
  EXPECT_EQ(pod.count, 2);
  EXPECT_THAT(pod.placement,
              ElementsAre(ElementsAre("hostname", "UNIQUE"), ElementsAre("rack", "LIKE", "r[12]")));
  EXPECT_EQ(pod.image, "group/image:1");
  EXPECT_EQ(pod.networks,
            (std::vector<Network>{
                {"mesos-bridge", {4040, 4041}, {8080, 8081}, {{"key1", "val1"}, {"key2", "val2a:val2b"}}}}));
  EXPECT_EQ(pod.rlimits, (std::vector<RLimit>{
                             {"RLIMIT_NOFILE", 1000, 2000}, {"RLIMIT_CORE", {}, {}}, {"RLIMIT_AS", {}, {}}}));
  EXPECT_THAT(pod.uris, ElementsAre("http://example.invalid/bootstrap.zip", "file:///opt/thing.tar.gz"));
  EXPECT_EQ(pod.volumes, (std::vector<VolumeSpec>{{"shared", VolumeType::kRoot, {}, 10},
                                                  {"fast", VolumeType::kMount, {"ssd", "nvme"}, 20}}));
  EXPECT_EQ(pod.pre_reserved_role, "slave_public");
  EXPECT_EQ(pod.secrets, (std::vector<SecretSpec>{{"everything/password", "PASSWORD", "etc/password"},
                                                  {"everything/token", "TOKEN", ""},
                                                  {"everything/key", "", "everything/key"}}));
  EXPECT_EQ(pod.host_volumes,
            (std::vector<HostVolume>{{"/etc/thing", "host-etc", true}, {"/var/thing", "host-var", false}}));
  EXPECT_EQ(pod.external_volumes,
            (std::vector<ExternalVolume>{
                {"DOCKER", "big", "big-volume", "pxd", "RW", {{"shared", "true"}, {"size", "10"}}}}));
  EXPECT_TRUE(pod.share_pid_namespace);
  EXPECT_TRUE(pod.allow_decommission);
  EXPECT_EQ(pod.seccomp_profile_name, "strict");
  EXPECT_EQ(pod.ipc_mode, "PRIVATE");
  EXPECT_EQ(pod.shm_size_mb, 128);

  const ResourceSet& set = *pod.resource_set("node-resources");
  EXPECT_EQ(set.cpus_milli, 1500);
  EXPECT_EQ(set.gpus_milli, 2000);
  EXPECT_EQ(set.memory_mb, 1024);
  ASSERT_EQ(set.ports.size(), 3u);
  EXPECT_EQ(set.ports[0], (PortSpec{"http", 8080, "PORT_HTTP", true, "web", 80, {}}));
  EXPECT_EQ(set.ports[1], (PortSpec{"admin", 8081, "", false, {}, 0, {}})) << "a VIP of nothing is none";
  EXPECT_EQ(set.ports[2],
            (PortSpec{"dynamic", 0, "PORT_DYNAMIC", false, {}, 0, {{1000, 2000}, {5000, 65535}}}));
  EXPECT_EQ(set.volumes, (std::vector<VolumeSpec>{{"data", VolumeType::kRoot, {}, 100},
                                                  {"log", VolumeType::kMount, {}, 50}}));
  EXPECT_TRUE(std::isinf(set.limits.at("cpus")));
  EXPECT_EQ(set.limits.at("mem"), 2048);
  EXPECT_EQ(pod.resource_sets[1].id, "backup-resource-set");

  const TaskSpec& task = *pod.task("server");
  EXPECT_EQ(task.goal, Goal::kRunning);
  EXPECT_EQ(task.cmd, "./server");
  EXPECT_FALSE(task.essential);
  EXPECT_THAT(task.env, ElementsAre(Pair("EMPTY", ""), Pair("FLAG", "true"), Pair("NUMBER", "5"),
                                    Pair("TEXT", "text")));
  EXPECT_EQ(task.configs, (std::vector<ConfigFile>{{"main", "conf/main.conf", "port={{PORT_HTTP}}\n"}}));
  EXPECT_EQ(task.resource_set, "node-resources");
  EXPECT_EQ(task.health_check, (HealthCheck{"./health", 5, 30, 1, 10, 3}));
  EXPECT_EQ(task.readiness_check, (ReadinessCheck{"./ready", 6, 2, 20}));
  EXPECT_EQ(task.labels, (Labels{{"label1", "value1"}, {"label2", "path:/"}}));
  EXPECT_EQ(task.discovery, (DiscoverySpec{"everything", "EXTERNAL"}));
  EXPECT_EQ(task.kill_grace_period_s, 15);
  EXPECT_EQ(task.transport_encryption,
            (std::vector<TransportEncryption>{{"tls", "TLS"}, {"store", "KEYSTORE"}}));
  EXPECT_EQ(task.ipc_mode, "PRIVATE");
  EXPECT_EQ(task.shm_size_mb, 64);
  EXPECT_EQ(pod.task("backup")->goal, Goal::kOnce);
  EXPECT_EQ(pod.task("report")->goal, Goal::kFinish);
}

TEST(Load, ExpandsPlansAndPutsDeployFirst) {
  const ServiceSpec spec = *load_data("every-key.yml").spec;
  const PhaseSpec& servers = spec.plans[0].phases[0];
  EXPECT_EQ(spec.plans[0].name, "deploy");
  EXPECT_EQ(spec.plans[0].strategy, Strategy::kParallel);
  EXPECT_EQ(servers.strategy, Strategy::kDependency) << "parallel with steps of its own";
  EXPECT_TRUE(servers.has_custom_steps);
  EXPECT_EQ(servers.steps,
            (std::vector<StepSpec>{{0, {"server"}}, {1, {"server", "report"}}, {1, {"backup"}}}));
  EXPECT_EQ(spec.plan("backup")->phases[0].strategy, Strategy::kSerialCanary);
  const PhaseSpec& free = spec.plan("canaries")->phases[0];
  EXPECT_EQ(free.strategy, Strategy::kParallelCanary);
  EXPECT_FALSE(free.has_custom_steps);
  EXPECT_EQ(free.steps, (std::vector<StepSpec>{{0, {"server", "backup", "report"}},
                                               {1, {"server", "backup", "report"}}}));
  EXPECT_EQ(spec.plan("canaries")->phases[1].strategy, Strategy::kDependencyCanary);
  EXPECT_EQ(spec.plan("nothing"), nullptr);
}

TEST(Load, ReadsAliasesAndEveryWayOfWritingText) {
  const LoadResult result = load_data("anchors.yml");
  ASSERT_TRUE(result.spec) << texts(result.problems);
  EXPECT_EQ(result.spec->pods[2].tasks, result.spec->pods[0].tasks);
  EXPECT_EQ(result.spec->pods[0].tasks[0].cmd, "./server --long\n");
  EXPECT_EQ(result.spec->pods[1].tasks[1].cmd, "./other é");
  EXPECT_EQ(result.spec->pods[1].resource_sets[1].cpus_milli, 1);
}

TEST(Load, RendersWithSectionsPartialsAndMissingValues) {
  Environment env = {{"NAME", "rendered"},
                     {"WITH_FIRST", "True"},
                     {"COUNT", "2"},
                     {"FLAG", "TRUE"},
                     {"LABELS", "a:b"},
                     {"EMPTY", ""},
                     {"PLACEMENT", R"([["hostname","UNIQUE"]])"}};
  LoadResult result = load_data("rendered.yml", env);
  ASSERT_TRUE(result.spec) << texts(result.problems);
  EXPECT_EQ(result.spec->web_url, "http://rendered.example");
  EXPECT_EQ(result.spec->pods[0].tasks[0].cmd, "echo true ");
  EXPECT_EQ(result.spec->pods[0].tasks[0].kill_grace_period_s, 0) << "an empty number is none";
  ASSERT_EQ(result.missing.size(), 1u);
  EXPECT_EQ(result.missing[0].text(), "MISSING@L11");

  EXPECT_EQ(texts(load_data("rendered.yml", env, true).problems),
            "rendered.yml:11:29: MISSING: found no value, expected the variable MISSING to be set\n");
  env["WITH_FIRST"] = "false";
  EXPECT_EQ(load_data("rendered.yml", env).spec->pods[0].type, "second");
}

TEST(Load, SaysWhenTheFileCannotBeRead) {
  EXPECT_EQ(texts(load_service({"/nowhere/svc.yml", {}, false}).problems),
            "/nowhere/svc.yml: found that '/nowhere/svc.yml' does not exist, expected a readable svc.yml of at "
            "most 1048576 bytes\n");
  EXPECT_THAT(texts(load_service({"/", {}, false}).problems),
              ::testing::HasSubstr("'/' is not a regular file"));
}

TEST_F(LoadText, HasTheSameDefaultsAsTheSdk) {
  const auto result = load("name: d\npods: {p: {count: 1, tasks: {t: {goal: RUNNING, cmd: c, cpus: 1}}}}\n");
  ASSERT_TRUE(result.spec) << texts(result.problems);
  const ServiceSpec& spec = *result.spec;
  EXPECT_EQ(spec.principal, "d-principal");
  EXPECT_EQ(spec.user, "root");
  EXPECT_EQ(spec.zookeeper, "master.mesos:2181");
  EXPECT_EQ(spec.region, "");
  EXPECT_FALSE(spec.replacement_policy);
  const PodSpec& pod = spec.pods[0];
  EXPECT_EQ(pod.pre_reserved_role, "*");
  EXPECT_FALSE(pod.allow_decommission);
  EXPECT_TRUE(pod.placement.empty());
  EXPECT_TRUE(pod.tasks[0].essential);
  EXPECT_EQ(pod.tasks[0].kill_grace_period_s, 0);
  EXPECT_EQ(pod.tasks[0].resource_set, "t-resource-set");
  EXPECT_EQ(spec.plans.size(), 1u);
}

TEST_F(LoadText, TakesRegionRoleAndReplacementFromTheEnvironment) {
  const std::string text =
      "name: /a/b\npods: {p: {count: 1, tasks: {t: {goal: RUNNING, cmd: c, cpus: 1}}}}\n";
  const ServiceSpec spec = *load(text, {{"SERVICE_REGION", "north"},
                                        {"MESOS_ALLOCATION_ROLE", "group/sub"},
                                        {"POD_REPLACEMENT_FAILURE_POLICY_ENABLED", "true"},
                                        {"PERMANENT_FAILURE_TIMEOUT_SECS", "120"}})
                                .spec;
  EXPECT_EQ(spec.region, "north");
  EXPECT_EQ(spec.role, "group__sub");
  EXPECT_EQ(spec.replacement_policy, (ReplacementPolicy{120, 10}));
  EXPECT_EQ(load(text, {{"MESOS_ALLOCATION_ROLE", "slave_public"}}).spec->role, "a__b-role");
}

TEST_F(LoadText, RoutesTaskVariablesToTheirPods) {
  const auto result = load(
      "name: r\npods:\n"
      "  data: {count: 1, tasks: {t: {goal: RUNNING, cmd: c, cpus: 1, env: {A: yml, B: yml}}}}\n"
      "  data-node: {count: 1, tasks: {t: {goal: RUNNING, cmd: c, cpus: 1}}}\n",
      {{"TASKCFG_ALL_A", "all"},
       {"TASKCFG_DATA_A", "pod"},
       {"TASKCFG_DATA_NODE_X", "node"},
       {"TASKCFG_ALL_", "no"},
       {"A", "scheduler"},
       {"TASKCFGX", "no"}});
  ASSERT_TRUE(result.spec) << texts(result.problems);
  EXPECT_THAT(result.spec->pods[0].tasks[0].env,
              ElementsAre(Pair("A", "pod"), Pair("B", "yml"), Pair("NODE_X", "node")));
  EXPECT_THAT(result.spec->pods[1].tasks[0].env, ElementsAre(Pair("A", "all"), Pair("X", "node")));
}

TEST_F(LoadText, WarnsOfWhatIsAcceptedButHardlyMeant) {
  const auto result = load(
      "name: w\npods:\n  p:\n    count: 1.5\n    placment: x\n    user: me\n    networks: {other: }\n"
      "    resource-sets: {s: {cpus: 1}}\n"
      "    tasks:\n      a: {goal: RUNNING, cmd: c, resource-set: s, memory: 5}\n"
      "      b: {goal: RUNNING, cmd: c, resource-set: s}\n");
  ASSERT_TRUE(result.spec) << texts(result.problems);
  std::vector<std::string> keys;
  for (const Problem& warning : result.warnings) keys.push_back(warning.key);
  EXPECT_THAT(keys, ElementsAre("pods.p", "pods.p.count", "pods.p.placment", "pods.p.user",
                                "pods.p.networks.other", "pods.p.tasks.a"));
  EXPECT_THAT(result.warnings[0].text(),
              ::testing::EndsWith(
                  "svc.yml:3:3: pods.p: found a step whose tasks share the resource set 's', expected "
                  "tasks with resources and DNS names of their own (give them steps of their own, or "
                  "the step will be in error)"));
  EXPECT_EQ(result.warnings[2].hint, "it is ignored; did you mean 'placement'?");
}

TEST_F(LoadText, KeepsApartWhatAValidatorRefuses) {
  const auto result = load("name: " + std::string(64, 'n') +
                           "\npods:\n  p:\n    count: 1\n    placement: '[[\"hostname\"]]'\n"
                           "    tasks: {t: {goal: RUNNING, cmd: c, cpus: 1, memory: 32, resource-limits: "
                           "{cpus: 0.5, memory: 31}}}\n");
  ASSERT_TRUE(result.spec) << texts(result.problems);
  EXPECT_EQ(
      texts(result.objections),
      "svc.yml:1:1: name: found 64 characters without slashes, expected at most 63, the limit of a DNS label "
      "(tasks cannot be found by name otherwise)\n"
      "svc.yml:5:5: pods.p.placement: found an invalid constraint: Invalid number of entries in rule. "
      "Expected 2 "
      "or 3, got 1: [hostname], expected a Marathon constraint (it fits no agent)\n"
      "svc.yml:6:79: pods.p.tasks.t.resource-limits.cpus: found 0.5, less than the requested 1, expected a "
      "limit "
      "that is not below the request\n"
      "svc.yml:6:90: pods.p.tasks.t.resource-limits.memory: found 31, less than the requested 32, expected a "
      "limit that is not below the request\n");
}

TEST(Problems, HaveATextAndAJsonForm) {
  const Problem problem{"svc.yml", 12, 5, "pods.zookeeper.count", "'three'", "a whole number of 0 or more",
                        ""};
  EXPECT_EQ(problem.text(),
            "svc.yml:12:5: pods.zookeeper.count: found 'three', expected a whole number of 0 or more");
  EXPECT_EQ(problems_json({problem}),
            "[\n  {\n    \"file\": \"svc.yml\",\n    \"line\": 12,\n    \"column\": 5,\n"
            "    \"key\": \"pods.zookeeper.count\",\n    \"found\": \"'three'\",\n"
            "    \"expected\": \"a whole number of 0 or more\",\n    \"text\": \"svc.yml:12:5: "
            "pods.zookeeper.count: "
            "found 'three', expected a whole number of 0 or more\"\n  }\n]");
  EXPECT_EQ((Problem{"", 0, 0, "PORT_API", "'x'", "a port", "default: 8080"}.text()),
            "PORT_API: found 'x', expected a port (default: 8080)");
  EXPECT_EQ(in_quotes("a\nb"), "'a?b'");
  EXPECT_EQ(in_quotes(std::string(79, 'a') + "é"), "'" + std::string(79, 'a') + "...'");
}

TEST(EnvFile, ReadsLinesLiterallyAndReportsOthers) {
  const auto path = std::filesystem::temp_directory_path() / ("ostler-env-" + std::to_string(::getpid()));
  std::ofstream(path) << "# comment\nA=1\n\nB= x=\"y\" \r\nbroken\n=none\nC=";
  const EnvironmentFile file = read_env_file(path.string());
  std::filesystem::remove(path);
  EXPECT_THAT(file.env, ElementsAre(Pair("A", "1"), Pair("B", " x=\"y\" "), Pair("C", "")));
  ASSERT_EQ(file.problems.size(), 2u);
  EXPECT_EQ(file.problems[0].text(),
            path.string() + ":5:1: found a line without a name and '=', expected KEY=value");
  EXPECT_EQ(file.problems[1].line, 6);
}

}  // namespace
}  // namespace ostler::spec
