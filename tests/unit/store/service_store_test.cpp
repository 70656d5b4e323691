#include "store/service_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/config_update.h"
#include "spec/spec_json.h"
#include "support/memory_tree.h"
#include "unit/core/engine_driver.h"

namespace ostler::store {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Key;

// Everything a service that runs has stored.
core::StoredState deployed_state() {
  core::test::EngineDriver driver(core::test::sample_spec(spec::Strategy::kParallel));
  driver.subscribe();
  driver.offer({core::test::big_offer(1), core::test::big_offer(2), core::test::big_offer(3)});
  for (const char* pod : {"zookeeper-0", "zookeeper-1", "zookeeper-2"}) driver.ready(pod);
  return driver.stored;
}

std::vector<core::Change> as_changes(const core::StoredState& state) {
  std::vector<core::Change> changes{core::change::PutFrameworkId{state.framework_id},
                                    core::change::PutTarget{state.target_config}};
  for (const auto& [id, spec] : state.configs) changes.push_back(core::change::PutConfig{id, spec});
  for (const auto& [name, task] : state.tasks) {
    if (task.launch) changes.push_back(core::change::PutLaunch{name, task.launch});
    if (task.status) changes.push_back(core::change::PutStatus{name, *task.status});
  }
  for (const auto& [key, value] : state.properties) changes.push_back(core::change::PutProperty{key, value});
  return changes;
}

TEST(ServiceStore, GivesBackExactlyWhatWasStored) {
  test::MemoryTree tree;
  ServiceStore store(tree);
  ASSERT_TRUE(store.load("zk").ok());
  const core::StoredState before = deployed_state();
  ASSERT_TRUE(store.apply(as_changes(before)).ok());

  Result<core::StoredState> after = store.load("zk");
  ASSERT_TRUE(after.ok()) << after.error().text();
  EXPECT_EQ(after->framework_id, before.framework_id);
  EXPECT_EQ(after->target_config, before.target_config);
  EXPECT_EQ(*after->configs.at(before.target_config), *before.configs.at(before.target_config));
  EXPECT_EQ(after->properties, before.properties);
  ASSERT_EQ(after->tasks.size(), before.tasks.size());
  for (const auto& [name, task] : before.tasks) {
    EXPECT_EQ(*after->tasks.at(name).launch, *task.launch) << name;
    EXPECT_EQ(after->tasks.at(name).status, task.status) << name;
  }
}

TEST(ServiceStore, LaysTheTreeOutAsTheSdkDoes) {
  test::MemoryTree tree;
  ServiceStore store(tree);
  ASSERT_TRUE(store.load("zk").ok());
  EXPECT_EQ(tree.nodes.at("/servicename"), "zk");
  EXPECT_EQ(tree.nodes.at("/SchemaVersion"), "1");
  ASSERT_TRUE(
      store.apply({core::change::PutFrameworkId{"F1"}, core::change::PutProperty{"uninstalling", "true"}})
          .ok());
  EXPECT_THAT(tree.nodes, ElementsAre(Key("/FrameworkID"), Key("/Properties/uninstalling"),
                                      Key("/SchemaVersion"), Key("/servicename")));
}

TEST(ServiceStore, RefusesTheStateOfAnotherService) {
  test::MemoryTree tree;
  ASSERT_TRUE(ServiceStore(tree).load("a/b").ok());
  const auto refused = ServiceStore(tree).load("a__b");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Code::kFailedPrecondition);
  EXPECT_THAT(refused.error().message, HasSubstr("the state belongs to service 'a/b', not to 'a__b'"));
}

TEST(ServiceStore, RefusesANewerSchema) {
  test::MemoryTree tree;
  tree.nodes = {{"/servicename", "zk"}, {"/SchemaVersion", "7"}};
  const auto refused = ServiceStore(tree).load("zk");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().text(),
            "/SchemaVersion: the state has schema version '7', but this scheduler reads version 1");
}

TEST(ServiceStore, NamesTheRecordThatCannotBeRead) {
  test::MemoryTree tree;
  ServiceStore store(tree);
  ASSERT_TRUE(store.load("zk").ok());
  ASSERT_TRUE(store.apply(as_changes(deployed_state())).ok());
  const std::string path = "/Tasks/zookeeper-0-server/TaskInfo";
  tree.nodes[path].resize(tree.nodes[path].size() / 2);
  const auto broken = store.load("zk");
  ASSERT_FALSE(broken.ok());
  EXPECT_EQ(broken.error().code, Code::kDataLoss);
  EXPECT_EQ(broken.error().where, path);
}

TEST(ServiceStore, LeavesAnOldConfigurationAloneThatItCannotRead) {
  test::MemoryTree tree;
  ServiceStore store(tree);
  ASSERT_TRUE(store.load("zk").ok());
  ASSERT_TRUE(store.apply(as_changes(deployed_state())).ok());
  tree.nodes["/Configurations/0c0ffee0-0000-4000-8000-000000000000"] = "{";
  EXPECT_TRUE(store.load("zk").ok());
  EXPECT_TRUE(tree.nodes.contains("/Configurations/0c0ffee0-0000-4000-8000-000000000000"));
}

TEST(ServiceStore, SaysWhichRecordIsTooLarge) {
  test::MemoryTree tree;
  tree.limit = {100, 1000};
  ServiceStore store(tree);
  const auto refused = store.apply({core::change::PutProperty{"file-a", std::string(101, 'x')}});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().text(),
            "/Properties/file-a: the record has 101 bytes, but the state plugin holds at most 100 in one");
  EXPECT_EQ(tree.commits, 0);
}

// What a newer version put into a record is still there when an older one wrote it again.
TEST(ServiceStore, KeepsFieldsItDoesNotKnowWhenATaskIsRelabelled) {
  test::MemoryTree tree;
  ServiceStore store(tree);
  ASSERT_TRUE(store.load("zk").ok());
  ASSERT_TRUE(store.apply(as_changes(deployed_state())).ok());
  const std::string path = "/Tasks/zookeeper-0-server/TaskInfo";
  nlohmann::json record = nlohmann::json::parse(tree.nodes.at(path));
  record["from-the-future"] = {{"a", {1, 2}}};
  record["task-info"]["newer"] = "x";
  record["holdings"][0]["since"] = 5;
  tree.nodes[path] = record.dump();

  const auto loaded = store.load("zk");
  ASSERT_TRUE(loaded.ok()) << loaded.error().text();
  auto relabelled = std::make_shared<core::LaunchRecord>(*loaded->tasks.at("zookeeper-0-server").launch);
  relabelled->config_id = "other";
  ASSERT_TRUE(store.apply({core::change::PutLaunch{"zookeeper-0-server", relabelled}}).ok());
  record["config-id"] = "other";
  EXPECT_EQ(nlohmann::json::parse(tree.nodes.at(path)), record);

  relabelled = std::make_shared<core::LaunchRecord>(*relabelled);
  relabelled->task.change([](mesos::TaskInfo& info) { info.task_id += "-next"; });
  ASSERT_TRUE(store.apply({core::change::PutLaunch{"zookeeper-0-server", relabelled}}).ok());
  EXPECT_FALSE(nlohmann::json::parse(tree.nodes.at(path)).contains("from-the-future")) << "another task";
}

TEST(ServiceStore, LeavesAConfigurationAsANewerVersionWroteIt) {
  test::MemoryTree tree;
  ServiceStore store(tree);
  ASSERT_TRUE(store.load("zk").ok());
  const core::StoredState state = deployed_state();
  ASSERT_TRUE(store.apply(as_changes(state)).ok());
  std::string& text = tree.nodes.at("/Configurations/" + state.target_config);
  text.insert(1, R"("from-the-future":{"a":[1,2]},)");
  const std::string written = text;

  Result<core::StoredState> loaded = store.load("zk");
  ASSERT_TRUE(loaded.ok());
  SeededIds ids(1);
  const core::ConfigUpdate update = core::update_config(
      *loaded, std::make_shared<const spec::ServiceSpec>(*state.configs.at(state.target_config)), {}, ids);
  EXPECT_FALSE(update.changed) << "what it does not know does not make it different";
  ASSERT_TRUE(store.apply(update.groups).ok());
  EXPECT_EQ(tree.nodes.at("/Configurations/" + state.target_config), written);
}

TEST(ServiceStore, SwitchesTheTargetInOneCommitAndSplitsTheRest) {
  test::MemoryTree tree;
  ServiceStore store(tree);
  ASSERT_TRUE(store.load("zk").ok());
  core::StoredState state = deployed_state();
  ASSERT_TRUE(store.apply(as_changes(state)).ok());
  spec::ServiceSpec changed = core::test::sample_spec(spec::Strategy::kParallel);
  changed.pods[0].placement.clear();
  SeededIds ids(1);
  const core::ConfigUpdate update =
      core::update_config(state, std::make_shared<const spec::ServiceSpec>(changed), {}, ids);
  size_t largest = 0, all = 0;
  for (const auto& group : update.groups) {
    size_t bytes = 0;
    for (const auto& one : group) {
      for (const auto& op : encode(one)) bytes += op.path.size() + op.value.size();
    }
    largest = std::max(largest, bytes);
    all += bytes;
  }
  tree.limit = {0, largest};
  tree.commits = 0;
  ASSERT_TRUE(store.apply(update.groups).ok()) << "however small a commit may be, the tasks fit one by one";
  EXPECT_GE(tree.commits, static_cast<int>(all / largest));
  EXPECT_EQ(tree.nodes.at("/ConfigTarget"), update.target);
  EXPECT_TRUE(tree.nodes.contains("/Configurations/" + update.target));
}

// A ZooKeeper server keeps its last 500 transactions in memory.
TEST(ServiceStore, JoinsGroupsIntoCommitsOfAModestSize) {
  test::MemoryTree tree;
  ServiceStore store(tree);
  ASSERT_TRUE(store.load("zk").ok());
  std::vector<std::vector<core::Change>> groups;
  for (int i = 0; i < 6; ++i)
    groups.push_back({core::change::PutProperty{"p" + std::to_string(i), std::string(50'000, 'x')}});
  tree.commits = 0;
  ASSERT_TRUE(store.apply(groups).ok());
  EXPECT_EQ(tree.commits, 3) << "two of them each, though the state has no limit";
}

// The limit that the validator goes by is one that the store really takes.
TEST(ServiceStore, TakesAConfigurationOfExactlyTheSizeItAllows) {
  for (const core::StateTree::Limits limits : {core::StateTree::Limits{5000, 0}, {0, 5000}, {4000, 4100}}) {
    test::MemoryTree tree;
    ServiceStore store(tree);
    ASSERT_TRUE(store.load("zk").ok());
    tree.limit = limits;
    spec::ServiceSpec spec = core::test::sample_spec();
    spec.pods[0].tasks[0].configs = {{"big", "big", "x"}};
    std::string& content = spec.pods[0].tasks[0].configs[0].content;
    content.append(store.max_config_bytes() - spec::to_json(spec).size(), 'x');
    core::Settings settings;
    settings.max_config_bytes = store.max_config_bytes();
    core::StoredState state;
    SeededIds ids(1);
    const auto update = [&] {
      return core::update_config(state, std::make_shared<const spec::ServiceSpec>(spec), settings, ids);
    };
    const core::ConfigUpdate fits = update();
    EXPECT_THAT(fits.objections, ::testing::IsEmpty());
    const auto stored = store.apply(fits.groups);
    EXPECT_TRUE(stored.ok()) << stored.error().text();
    content += 'x';
    EXPECT_THAT(update().errors(), ElementsAre(HasSubstr("but the state plugin holds at most " +
                                                         std::to_string(settings.max_config_bytes))));
  }
}

TEST(ServiceStore, ForgetsATaskWithAllItHas) {
  test::MemoryTree tree;
  ServiceStore store(tree);
  ASSERT_TRUE(store.apply(as_changes(deployed_state())).ok());
  ASSERT_TRUE(store.apply({core::change::DeleteTask{"zookeeper-0-server"}}).ok());
  for (const auto& [path, value] : tree.nodes)
    EXPECT_FALSE(path.starts_with("/Tasks/zookeeper-0-server")) << path;
}

TEST(ServiceStore, GivesBackWhatOperatorsDid) {
  test::MemoryTree tree;
  ServiceStore store(tree);
  ASSERT_TRUE(store.load("zk").ok());
  const core::StoredState state = deployed_state();
  ASSERT_TRUE(store.apply(as_changes(state)).ok());
  auto marked = std::make_shared<core::LaunchRecord>(*state.tasks.at("zookeeper-1-server").launch);
  marked->permanently_failed = marked->restart_requested = marked->paused = marked->released = true;
  marked->run = "6a1f";
  marked->leftovers = {{"S9", "10.0.0.9", marked->holdings.front().resource}};
  core::PlanControl control;
  control.config_id = state.target_config;
  control.interrupted = true;
  control.parameters = {{"A", "1"}};
  control.run = "6a1f";
  control.phases = {
      {"node/deploy", true, true, {0, 2}, {{1, "zookeeper-1:[server]", true, true, {"id__1"}}}, {0, 3}}};
  const core::Backoff backoff{3, 1700000001000};
  ASSERT_TRUE(store
                  .apply({core::change::PutLaunch{"zookeeper-1-server", marked},
                          core::change::PutPlanControl{"own/plan 1.0%", control},
                          core::change::PutGoalOverride{"zookeeper-1-server", core::GoalOverride::kPaused},
                          core::change::PutBackoff{"zookeeper-1-server", backoff}})
                  .ok());

  Result<core::StoredState> after = store.load("zk");
  ASSERT_TRUE(after.ok()) << after.error().text();
  EXPECT_EQ(*after->tasks.at("zookeeper-1-server").launch, *marked);
  EXPECT_EQ(after->tasks.at("zookeeper-1-server").goal, core::GoalOverride::kPaused);
  EXPECT_EQ(after->tasks.at("zookeeper-1-server").backoff, backoff);
  EXPECT_EQ(after->plan_controls.at("own/plan 1.0%"), control);

  ASSERT_TRUE(store
                  .apply({core::change::DeletePlanControl{"own/plan 1.0%"},
                          core::change::PutGoalOverride{"zookeeper-1-server", core::GoalOverride::kNone},
                          core::change::DeleteTask{"zookeeper-1-server"}})
                  .ok());
  after = store.load("zk");
  ASSERT_TRUE(after.ok());
  EXPECT_TRUE(after->plan_controls.empty());
  EXPECT_FALSE(after->tasks.contains("zookeeper-1-server"));
}

TEST(ServiceStore, NamesThePlanWhoseControlCannotBeRead) {
  test::MemoryTree tree;
  ServiceStore store(tree);
  ASSERT_TRUE(store.load("zk").ok());
  tree.nodes["/Plans/deploy"] = "{}";
  const Result<core::StoredState> state = store.load("zk");
  ASSERT_FALSE(state.ok());
  EXPECT_EQ(state.error().where, "/Plans/deploy");
  EXPECT_THAT(state.error().message, HasSubstr("expected what an operator did to a plan"));
}

TEST(ServiceStore, DeletesEverythingOfAServiceButWhatOthersPutBesideIt) {
  test::MemoryTree tree;
  ServiceStore store(tree);
  ASSERT_TRUE(store.load("zk").ok());
  ASSERT_TRUE(store.apply(as_changes(deployed_state())).ok());
  tree.nodes["/lock"] = "held";
  ASSERT_TRUE(store.apply({core::change::DeleteService{}}).ok());
  EXPECT_TRUE(tree.nodes.contains("/FrameworkID")) << "it goes last";
  ASSERT_TRUE(store.apply({core::change::DeleteIdentity{}}).ok());
  EXPECT_EQ(tree.nodes, (std::map<std::string, std::string>{{"/lock", "held"}}));
}

}  // namespace
}  // namespace ostler::store
