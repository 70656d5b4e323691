// Service specifications of other projects, read in place from the shared folder.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "spec/load.h"
#include "spec/spec_json.h"

namespace fs = std::filesystem;

namespace ostler::spec {
namespace {

using ::testing::ElementsAre;

const fs::path kFolder = fs::path(OSTLER_SHARED_DIR) / "reference" / "svc-yml";

Environment environment() { return read_env_file((kFolder / "environment.env").string()).env; }

LoadResult load(const fs::path& file, const Environment& env = environment()) {
  return load_service({file.string(), env, false});
}

std::string texts(const std::vector<Problem>& problems) {
  std::string lines;
  for (const Problem& problem : problems) lines += problem.text() + "\n";
  return lines;
}

// "deploy serial: hello-deploy parallel 0[server] 1[server]; update ..."
std::vector<std::string> plans(const ServiceSpec& spec) {
  std::vector<std::string> lines;
  for (const PlanSpec& plan : spec.plans) {
    std::string line = plan.name + " " + std::string(strategy_name(plan.strategy));
    for (const PhaseSpec& phase : plan.phases) {
      line += "; " + phase.name + " " + std::string(strategy_name(phase.strategy)) + " " + phase.pod;
      for (const StepSpec& step : phase.steps) {
        line += " " + std::to_string(step.pod_index) + "[";
        for (const std::string& task : step.tasks) line += (line.back() == '[' ? "" : ", ") + task;
        line += "]";
      }
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

class Acceptance : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(kFolder)) GTEST_SKIP() << "no inputs in " << kFolder;
  }
  static std::vector<fs::path> files(const char* folder) {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(kFolder / folder)) {
      if (entry.path().extension() == ".yml") found.push_back(entry.path());
    }
    EXPECT_GE(found.size(), 15u) << folder;
    return found;
  }
};

TEST_F(Acceptance, LoadsEveryAcceptedFileAndStoresItUnchanged) {
  for (const char* folder : {"accepted", "helloworld"}) {
    for (const fs::path& file : files(folder)) {
      SCOPED_TRACE(file);
      const LoadResult result = load(file);
      ASSERT_TRUE(result.spec) << texts(result.problems);
      EXPECT_EQ(texts(result.objections), "");
      ASSERT_FALSE(result.spec->plans.empty());
      EXPECT_EQ(result.spec->plans[0].name, "deploy");
      size_t steps = 0;
      for (const PhaseSpec& phase : result.spec->plans[0].phases) steps += phase.steps.size();
      EXPECT_GT(steps, 0u);
      const auto stored = from_json(to_json(*result.spec));
      ASSERT_TRUE(stored.ok()) << stored.error().text();
      EXPECT_EQ(*stored, *result.spec);
    }
  }
}

TEST_F(Acceptance, RefusesEveryRejectedFileWithItsPlaceAndKey) {
  const std::map<std::string, std::string> expected = {
      {"invalid-config-file", "13:13: pods.pod-type.tasks.some-task.configs.conf-doesnt-exist.template: "},
      {"invalid-duplicate-count", "11:5: pods.pod-type.count: "},
      {"invalid-duplicate-ports", "14:11: pods.meta-data.tasks.meta-data-task.ports.another: "},
      {"invalid-image-null", "5:5: pods.server.image: "},
      {"invalid-network-labels-format", "7:9: pods.server.networks.dcos.labels: "},
      {"invalid-network", "6:7: pods.server.networks.dcos: "},
      {"invalid-plan-steps", "81:13: plans.deploy.phases.hello-deploy.steps: found a second entry for '0'"},
      {"invalid-pod-name", "19:3: pods.meta-data: found a second 'meta-data'"},
      {"invalid-rlimit-name", "7:7: pods.meta-data.rlimits.RLIMIT_NONSENSE: "},
      {"invalid-scalar-cpu-resource", "9:9: pods.pod-type.tasks.meta-data-task.cpus: found '0'"},
      {"invalid-share-parent-pod", "4:5: pods.meta-data.ipc-mode: found 'SHARE_PARENT'"},
      {"invalid-task-dns", "22:11: pods.other-pod.tasks.other-task.discovery.prefix: "},
      {"invalid-task-resources", "18:7: pods.meta-data.tasks.meta-data-task: found no resources"},
      {"invalid-volume-and-volumes",
       "15:9: pods.pod-type.tasks.meta-data-task: found both 'volume' and 'volumes'"},
      {"valid-finished", "7:9: pods.pod-type.tasks.meta-data-task.goal: found 'FINISHED'"},
  };
  for (const fs::path& file : files("rejected")) {
    SCOPED_TRACE(file);
    const LoadResult result = load(file);
    EXPECT_FALSE(result.spec);
    const auto line = expected.find(file.stem().string());
    ASSERT_NE(line, expected.end()) << "a new file: say what is wrong with it";
    EXPECT_THAT(texts(result.problems), ::testing::HasSubstr(file.filename().string() + ":" + line->second));
  }
}

TEST_F(Acceptance, GivesThePlansOfTheHelloWorldFiles) {
  const auto of = [](const char* name) { return plans(*load(kFolder / "helloworld" / name).spec); };
  EXPECT_THAT(of("canary.yml"), ElementsAre("deploy serial; hello-deploy parallel-canary hello 0[server]; "
                                            "world-deploy serial-canary world 0[server] 1[server]"));
  EXPECT_THAT(of("update_plan.yml"), ElementsAre("deploy parallel; hello-deploy parallel hello 0[server]",
                                                 "update serial; hello-update serial hello 0[server]"));
  EXPECT_THAT(of("simple.yml"), ElementsAre("deploy serial; hello serial hello 0[server]"));
  EXPECT_THAT(of("custom_steps.yml"),
              ElementsAre("deploy serial; deploy serial hello 0[first, second, third] "
                          "1[first, second, third]"));
  EXPECT_THAT(
      of("executor_volume.yml"),
      ElementsAre("deploy serial; hello-deploy dependency hello 0[server] 1[server]; world-server-deploy "
                  "dependency world 0[server]; world-once-deploy dependency world 0[once]",
                  "sidecar serial; sidecar-deploy dependency hello 0[sidecar] 1[sidecar]"));
  EXPECT_THAT(of("tls.yml")[0], ::testing::EndsWith("; multi serial multi 0[first] 0[second]"));
}

TEST_F(Acceptance, ReadsTheValuesThatTheFilesAreAbout) {
  const auto ports = load(kFolder / "accepted/ranges.yml").spec->pods[0].resource_sets[0].ports;
  EXPECT_EQ(ports[0].ranges, (std::vector<PortRange>{{1, 21}, {2000, 5050}}));
  EXPECT_EQ(ports[1].ranges, (std::vector<PortRange>{{0, 21}, {5000, 65535}}));
  EXPECT_EQ(ports[0].env_key, "key1");

  const auto labels = load(kFolder / "accepted/valid-task-labels.yml").spec->pods[0].tasks[0].labels;
  EXPECT_EQ(labels, (Labels{{"label1", "label1-value"}, {"label2", "path:/"}}));

  const auto network = load(kFolder / "accepted/valid-network.yml").spec->pods[0].networks[0];
  EXPECT_EQ(network.labels, (Labels{{"key1", "val1"}, {"key2", "val2a:val2b"}}));

  const auto limits =
      load(kFolder / "accepted/valid-resource-limits-in-task.yml").spec->pods[0].resource_sets[0].limits;
  EXPECT_TRUE(std::isinf(limits.at("cpus")));
  EXPECT_EQ(limits.at("mem"), 1024);

  const auto simple = load(kFolder / "accepted/valid-simple.yml");
  EXPECT_EQ(simple.spec->name, "data-store");
  EXPECT_EQ(simple.spec->principal, "data-store-principal");
  EXPECT_EQ(simple.spec->role, "data-store-role");
  EXPECT_EQ(simple.spec->pods[0].resource_sets[0].volumes[0].size_mb, 5000);

  const auto gpu = load(kFolder / "helloworld/gpu_resource.yml");
  EXPECT_EQ(gpu.spec->pods[0].resource_sets[0].gpus_milli, 1000);
  ASSERT_EQ(gpu.warnings.size(), 1u) << "the ignored key 'container'";
  EXPECT_EQ(gpu.warnings[0].key, "pods.hello.container");

  Environment routed = environment();
  routed["TASKCFG_ALL_OUTPUT_FILENAME"] = "out";
  routed["TASKCFG_HELLO_SLEEP_DURATION"] = "7";
  const auto taskcfg = load(kFolder / "helloworld/taskcfg.yml", routed);
  EXPECT_EQ(taskcfg.spec->pods[0].tasks[0].env.at("SLEEP_DURATION"), "7");
  EXPECT_EQ(taskcfg.spec->pods[1].tasks[0].env.at("OUTPUT_FILENAME"), "out");
  EXPECT_FALSE(taskcfg.spec->pods[1].tasks[0].env.contains("SLEEP_DURATION"));
}

}  // namespace
}  // namespace ostler::spec
