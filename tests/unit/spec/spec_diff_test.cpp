// The difference between two specifications.
#include "spec/spec_diff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "spec/load.h"
#include "spec/spec_json.h"
#include "spec/spec_tree.h"

namespace ostler::spec {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Tree = nlohmann::ordered_json;

ServiceSpec every_key() {
  auto result =
      load_service({OSTLER_SPEC_DATA "/accepted/every-key.yml",
                    {{"SERVICE_REGION", "north"}, {"POD_REPLACEMENT_FAILURE_POLICY_ENABLED", "true"}},
                    false});
  return *result.spec;
}

ServiceSpec shipped(const std::string& name = {}, const std::string& value = {}) {
  EnvironmentFile file = read_env_file(OSTLER_SOURCE_DIR "/packaging/service/defaults.env");
  file.env["BOOTSTRAP_URI"] = "file:///opt/bootstrap";
  if (!name.empty()) file.env[name] = value;
  return *load_service({OSTLER_SOURCE_DIR "/packaging/service/svc.yml", file.env, false}).spec;
}

std::vector<std::string> lines(const std::vector<Difference>& all) {
  std::vector<std::string> out;
  for (const Difference& one : all) {
    out.push_back(one.field + ": " + one.before + " => " + one.after + " (" +
                  std::string(impact_name(one.impact)) + ")");
  }
  return out;
}

// Another value of the same type.
Tree altered(const std::string& key, const Tree& value) {
  if (value.is_boolean()) return !value.get<bool>();
  if (value.is_number_integer()) return value.get<int64_t>() + 1;
  if (value.is_number()) return value.get<double>() + 1;
  if (!value.is_string()) return value;
  const std::string text = value.get<std::string>();
  if (key == "strategy") return text == "serial" ? "parallel" : "serial";
  if (key == "goal") return text == "ONCE" ? "FINISH" : "ONCE";
  if (key == "type" && (text == "ROOT" || text == "MOUNT")) return text == "ROOT" ? "MOUNT" : "ROOT";
  if (key == "fixed") return text == "always" ? "once-set" : "always";
  if (text == "unlimited") return 1.5;
  return text + "x";
}

// Calls `body` with each leaf of `tree`, which `body` may change.
template <typename Body>
void each_leaf(Tree& tree, const std::string& path, const std::string& key, Body body) {
  if (tree.is_structured()) {
    for (auto& [name, value] : tree.items()) {
      each_leaf(value, path + "/" + name, tree.is_array() ? key : name, body);
    }
  } else if (!tree.is_null()) {
    body(tree, path, key);
  }
}

// What has no value cannot be read back as null.
void drop_nulls(Tree& tree) {
  for (auto one = tree.begin(); one != tree.end();) {
    if (one->is_structured()) drop_nulls(*one);
    one = one->is_null() ? tree.erase(one) : std::next(one);
  }
}

TEST(SpecDiff, SeesAChangeOfEveryFieldThereIs) {
  const ServiceSpec before = every_key();
  Tree tree = complete_tree(before);
  drop_nulls(tree);
  size_t leaves = 0;
  each_leaf(tree, "", "", [&](Tree& leaf, const std::string& path, const std::string& key) {
    const Tree was = leaf;
    leaf = altered(key, was);
    const auto after = from_json(tree.dump());
    leaf = was;
    // A name to which others refer is not free to change alone.
    if (!after.ok()) return;
    if (*after == before) {
      ADD_FAILURE() << path << ": " << was << " does not come back from JSON";
      return;
    }
    const auto found = differences(before, *after);
    EXPECT_THAT(found, Not(IsEmpty())) << path << ": " << was;
    EXPECT_THAT(differences(*after, before), SizeIs(found.size())) << path;
    ++leaves;
  });
  EXPECT_GT(leaves, 200u) << "every-key.yml has every key";
}

// A member that is missing from the archive would be neither stored nor compared: the
// number of keys is pinned per part, beside the size of the part it describes.
TEST(SpecDiff, KnowsEveryMemberOfASpec) {
  const Tree tree = complete_tree(every_key());
  const Tree& pod = tree["pod-specs"][0];
  const std::string hint = "a new member belongs into spec_archive.h and every-key.yml too";
  EXPECT_EQ(tree.size(), 12u) << hint;
  EXPECT_EQ(pod.size(), 21u) << hint;
  EXPECT_EQ(pod["task-specs"][0].size(), 15u) << hint;
  EXPECT_EQ(pod["resource-sets"][0].size(), 7u) << hint;
  EXPECT_EQ(sizeof(ServiceSpec), 7 * sizeof(std::string) + sizeof(std::optional<ReplacementPolicy>) +
                                     4 * sizeof(std::vector<PodSpec>))
      << hint;
}

TEST(SpecDiff, IsEmptyForEqualSpecs) { EXPECT_THAT(differences(every_key(), every_key()), IsEmpty()); }

TEST(SpecDiff, GivesFieldOldAndNewValue) {
  EXPECT_THAT(
      lines(differences(shipped(), shipped("NODE_MEM", "4096"))),
      ElementsAre("pod-specs[zookeeper].resource-sets[server-resource-set].memory: 4000 => 4096 (restart)"));
  EXPECT_THAT(
      lines(differences(shipped(), shipped("SERVER_MAXCLIENTCNXNS", "77"))),
      ElementsAre("pod-specs[zookeeper].task-specs[server].environment.SERVER_MAXCLIENTCNXNS: 300 => 77 "
                  "(restart)"));
}

TEST(SpecDiff, SeesWhatTheSdkOverlooks) {
  ServiceSpec before = shipped();
  before.pods[0].resource_sets[0].ports[0].vip_prefix = "zk";
  const auto changed = [&](auto change) {
    ServiceSpec after = before;
    change(after.pods[0]);
    return lines(differences(before, after));
  };
  const std::string set = "pod-specs[zookeeper].resource-sets[server-resource-set].";
  EXPECT_THAT(changed([](PodSpec& pod) { pod.resource_sets[0].ports[0].env_key = "PORT"; }),
              ElementsAre(set + "ports[clientport].env-key: CLIENT_PORT => PORT (restart)"));
  EXPECT_THAT(changed([](PodSpec& pod) { pod.resource_sets[0].ports[0].vip_prefix = "other"; }),
              ElementsAre(set + "ports[clientport].vip-name: zk => other (restart)"));
  EXPECT_THAT(changed([](PodSpec& pod) { pod.resource_sets[0].ports[0].advertise = false; }),
              ElementsAre(set + "ports[clientport].advertise: true => false (restart)"));
  EXPECT_THAT(changed([](PodSpec& pod) { pod.resource_sets[0].limits["mem"] = 5000; }),
              ElementsAre(set + "resource-limits.mem: (none) => 5000.0 (restart)"));
  EXPECT_THAT(changed([](PodSpec& pod) {
                pod.tasks[0].transport_encryption = {{"zk", "TLS"}};
              }),
              ElementsAre("pod-specs[zookeeper].task-specs[server].transport-encryption[zk]: (none) => "
                          R"({"name":"zk","type":"TLS"} (restart))"));
  const auto renamed = changed([](PodSpec& pod) { pod.resource_sets[0].ports[0].name = "client"; });
  ASSERT_THAT(renamed, SizeIs(2));
  EXPECT_THAT(renamed[0], ::testing::StartsWith(set + "ports[clientport]: {"));
  EXPECT_THAT(renamed[1], ::testing::StartsWith(set + "ports[client]: (none) => {"));
}

TEST(SpecDiff, ShowsWhereTwoTemplatesPart) {
  ServiceSpec before = shipped(), after = shipped();
  before.pods[0].tasks[0].configs[0].content = "a=1\nb=2\nc=3\n";
  after.pods[0].tasks[0].configs[0].content = "a=1\nb=9\nc=3\n";
  EXPECT_THAT(lines(differences(before, after)),
              ElementsAre("pod-specs[zookeeper].task-specs[server].config-files[zoo.cfg].template-content: "
                          "line 2: b=2 => line 2: b=9 (restart)"));
  after.pods[0].tasks[0].configs[0].content = "a=1\nb=2";
  EXPECT_EQ(differences(before, after)[0].after, "ends after line 2");
}

TEST(SpecDiff, TellsWhatNeedsNoRestart) {
  const ServiceSpec before = shipped();
  const auto changed = [&](auto change) {
    ServiceSpec after = before;
    change(after);
    const auto all = differences(before, after);
    EXPECT_THAT(restart_reasons(all, "zookeeper", "server"), IsEmpty());
    return lines(all);
  };
  EXPECT_THAT(changed([](ServiceSpec& s) { s.pods[0].count = 5; }),
              ElementsAre("pod-specs[zookeeper].count: 3 => 5 (scale)"));
  EXPECT_THAT(
      changed([](ServiceSpec& s) { s.pods[0].placement.clear(); }),
      ElementsAre(R"(pod-specs[zookeeper].placement-rule: [["hostname","UNIQUE"]] => [] (on replace))"));
  EXPECT_THAT(changed([](ServiceSpec& s) { s.pods[0].tasks[0].essential = false; }),
              ElementsAre("pod-specs[zookeeper].task-specs[server].essential: true => false (no restart)"));
  EXPECT_THAT(changed([](ServiceSpec& s) { s.web_url = "http://x"; }),
              ElementsAre("web-url:  => http://x (no restart)"));
  EXPECT_THAT(changed([](ServiceSpec& s) { std::swap(s.pods[0].tasks[0], s.pods[0].tasks[1]); }),
              ElementsAre(R"(pod-specs[zookeeper].task-specs(order): ["server","metrics"] => )"
                          R"(["metrics","server"] (no restart))"));
}

TEST(SpecDiff, ConcernsOnlyTheTaskThatChanged) {
  const auto metrics = differences(shipped(), shipped("ENABLE_METRICS", "false"));
  EXPECT_THAT(restart_reasons(metrics, "zookeeper", "metrics"), SizeIs(1));
  EXPECT_THAT(restart_reasons(metrics, "zookeeper", "server"), IsEmpty());
  EXPECT_THAT(restart_reasons(metrics, "other", "metrics"), IsEmpty());
  const auto memory = differences(shipped(), shipped("NODE_MEM", "4096"));
  EXPECT_THAT(memory[0].tasks, ElementsAre("server"));
  EXPECT_THAT(restart_reasons(memory, "zookeeper", "metrics"), IsEmpty());
  const auto limit = differences(shipped(), shipped("RLIMIT_NOFILE_SOFT", "1024"));
  EXPECT_THAT(limit[0].field, "pod-specs[zookeeper].rlimits[RLIMIT_NOFILE].soft");
  EXPECT_THAT(restart_reasons(limit, "zookeeper", "server"), SizeIs(1)) << "the pod's, so everybody's";
  EXPECT_THAT(restart_reasons(limit, "zookeeper", "metrics"), SizeIs(1));
}

}  // namespace
}  // namespace ostler::spec
