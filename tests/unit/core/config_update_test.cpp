// The way from one configuration to the next, as the store and the tasks see it.
#include "core/config_update.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine_driver.h"

namespace ostler::core::test {
namespace {

using mesos::TaskState;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

void settle(EngineDriver& driver) {
  driver.subscribe();
  for (const char* pod : {"zookeeper-0", "zookeeper-1", "zookeeper-2"}) driver.ready(pod);
}

ConfigUpdate update(StoredState& stored, spec::ServiceSpec to) {
  SeededIds ids(7);
  return update_config(stored, std::make_shared<const spec::ServiceSpec>(std::move(to)), Settings(), ids);
}

TEST(ConfigUpdate, StoresAConfigurationTogetherWithTheTargetThatNamesIt) {
  StoredState stored;
  const ConfigUpdate first = update(stored, sample_spec());
  ASSERT_THAT(first.groups, SizeIs(1));
  ASSERT_THAT(first.groups[0], SizeIs(2));
  EXPECT_EQ(std::get<change::PutConfig>(first.groups[0][0]).id, first.target);
  EXPECT_EQ(std::get<change::PutTarget>(first.groups[0][1]).config_id, first.target);
}

TEST(ConfigUpdate, StoresNothingForTheSameConfiguration) {
  EngineDriver driver = deployed_driver();
  StoredState stored = driver.stored;
  const ConfigUpdate same = update(stored, sample_spec(spec::Strategy::kParallel));
  EXPECT_FALSE(same.changed);
  EXPECT_THAT(same.groups, IsEmpty());
  EXPECT_EQ(same.target, driver.stored.target_config);
}

TEST(ConfigUpdate, RelabelsInPiecesAfterTheTarget) {
  EngineDriver driver = deployed_driver();
  StoredState stored = driver.stored;
  const std::string old = stored.target_config;
  spec::ServiceSpec changed = sample_spec(spec::Strategy::kParallel);
  changed.pods[0].placement.clear();
  const ConfigUpdate next = update(stored, changed);
  ASSERT_THAT(next.groups, SizeIs(8)) << "the target, six tasks, the old configuration";
  for (size_t i = 1; i <= 6; ++i) EXPECT_THAT(next.groups[i], SizeIs(1)) << i;
  ASSERT_THAT(next.groups[7], SizeIs(1));
  EXPECT_EQ(std::get<change::DeleteConfig>(next.groups[7][0]).id, old)
      << "last: until then tasks refer to it";
}

TEST(ConfigUpdate, KeepsTheTargetWhenTheServiceFileCannotBeRead) {
  EngineDriver driver = deployed_driver();
  StoredState stored = driver.stored;
  SeededIds ids(7);
  const std::vector<spec::Problem> problems = {
      {"svc.yml", 4, 5, "pods.zookeeper.count", "'three'", "a whole number, 0 to 100000", {}}};
  const ConfigUpdate kept = update_config(stored, ConfigCandidate(problems), Settings(), ids);
  EXPECT_FALSE(kept.changed);
  EXPECT_EQ(kept.target, driver.stored.target_config);
  ASSERT_TRUE(kept.spec);
  EXPECT_EQ(*kept.spec, sample_spec(spec::Strategy::kParallel));
  EXPECT_THAT(kept.groups, IsEmpty());
  EXPECT_THAT(kept.errors(),
              ElementsAre("Field: 'pods.zookeeper.count'; Value: ''three''; Message: 'svc.yml:4:5: "
                          "pods.zookeeper.count: found 'three', expected a whole number, 0 to 100000'; "
                          "Fatal: false"));

  StoredState nothing;
  EXPECT_FALSE(update_config(nothing, ConfigCandidate(problems), Settings(), ids).spec);
}

// However many pieces were stored when it died, the next start ends at the same state.
TEST(ConfigUpdate, IsFinishedByTheNextStartAfterACrashAnywhere) {
  spec::ServiceSpec changed = sample_spec(spec::Strategy::kParallel);
  changed.pods[0].placement.clear();
  for (int at = 1; at <= 9; ++at) {
    SCOPED_TRACE("crash after effect " + std::to_string(at));
    EngineDriver driver = deployed_driver();
    driver.crash_after_effects = at;
    driver.restart_with(changed);
    driver.crash_after_effects = -1;
    driver.restart();
    settle(driver);
    EXPECT_THAT(driver.killed(), IsEmpty());
    EXPECT_THAT(driver.stored.configs, SizeIs(1));
    for (const auto& [name, task] : driver.stored.tasks)
      EXPECT_EQ(task.launch->config_id, driver.stored.target_config) << name;
  }
}

TEST(ConfigUpdate, RollsOnlyTheTaskThatChangedWhereItsPodCanSpareIt) {
  EngineDriver driver = deployed_driver();
  spec::ServiceSpec changed = sample_spec(spec::Strategy::kSerial);
  changed.pods[0].tasks[1].env["STATSD"] = "on";  // of metrics, which is not essential
  driver.restart_with(changed);
  settle(driver);
  EXPECT_THAT(driver.killed(), ElementsAre(driver.task_id("zookeeper-0-metrics")));
  const std::string server = driver.task_id("zookeeper-0-server");
  driver.update("zookeeper-0-metrics", TaskState::kKilled);
  std::vector<mesos::Resource> freed;
  for (const Holding& held : driver.stored.tasks.at("zookeeper-0-metrics").launch->holdings) {
    if (held.key.starts_with("metrics-resource-set/")) freed.push_back(held.resource);
  }
  driver.calls.clear();
  driver.offer({FakeOffer{"O-home", driver.agent_of("zookeeper-0-server"), "10.0.0.1", freed}});
  EXPECT_THAT(driver.launched(), ElementsAre("zookeeper-0-metrics"));
  EXPECT_EQ(driver.task_id("zookeeper-0-server"), server);
  driver.update("zookeeper-0-metrics", TaskState::kRunning);
  EXPECT_THAT(driver.killed(), ElementsAre(driver.task_id("zookeeper-1-metrics")));
}

TEST(ConfigUpdate, RollsTheWholePodWhenAnEssentialTaskChanged) {
  EngineDriver driver = deployed_driver();
  spec::ServiceSpec changed = sample_spec(spec::Strategy::kSerial);
  changed.pods[0].tasks[0].env["TICK"] = "1000";
  driver.restart_with(changed);
  settle(driver);
  EXPECT_THAT(driver.killed(), UnorderedElementsAre(driver.task_id("zookeeper-0-server"),
                                                    driver.task_id("zookeeper-0-metrics")));
}

TEST(ConfigUpdate, ForgetsTheOldConfigurationWhenTheRollOutIsOver) {
  EngineDriver driver = deployed_driver();
  const std::string old = driver.stored.target_config;
  spec::ServiceSpec changed = sample_spec(spec::Strategy::kSerial);
  changed.pods[0].tasks[0].env["TICK"] = "1000";
  driver.restart_with(changed);
  settle(driver);
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(driver.stored.configs.contains(old)) << "still in use by zookeeper-" << i;
    const std::string pod = "zookeeper-" + std::to_string(i);
    driver.update(pod + "-server", TaskState::kKilled);
    driver.update(pod + "-metrics", TaskState::kKilled);
    driver.offer({FakeOffer{"O-" + pod, driver.agent_of(pod + "-server"), "10.0.0." + std::to_string(i + 1),
                            driver.resources_of(pod)}});
    driver.ready(pod);
  }
  EXPECT_THAT(driver.step_statuses(), ElementsAre("COMPLETE", "COMPLETE", "COMPLETE"));
  EXPECT_THAT(driver.stored.configs, SizeIs(1));
  EXPECT_FALSE(driver.stored.configs.contains(old));
}

TEST(ConfigUpdate, KeepsTheOldTargetAndSaysWhyUntilTheChangeIsTakenBack) {
  EngineDriver driver = deployed_driver();
  const StoredState before = driver.stored;
  spec::ServiceSpec refused = sample_spec(spec::Strategy::kParallel);
  refused.user = "nobody";
  refused.pods[0].tasks[0].env["TICK"] = "1000";
  driver.restart_with(refused);
  settle(driver);
  EXPECT_THAT(driver.killed(), IsEmpty());
  EXPECT_EQ(driver.stored.target_config, before.target_config);
  EXPECT_EQ(driver.stored.configs, before.configs);
  const auto snapshot = driver.engine().snapshot();
  EXPECT_EQ(snapshot->plan("deploy")->status, Status::kError);
  EXPECT_EQ(snapshot->health.code, 500);
  const std::string error =
      "Field: 'user'; Transition: 'root' => 'nobody'; Message: 'Cannot change user of deployed service from "
      "'root' "
      "to 'nobody': the data belongs to it. Revert to previous user 'root' to proceed'; Fatal: false";
  EXPECT_THAT(snapshot->plan("deploy")->errors, ElementsAre(error));
  EXPECT_THAT(snapshot->health.reasons, ElementsAre("deploy: " + error));

  driver.restart_with(sample_spec(spec::Strategy::kParallel));
  settle(driver);
  EXPECT_EQ(driver.engine().snapshot()->health.code, 200);
  EXPECT_EQ(driver.stored.target_config, before.target_config);
}

// The plans of a service whose new configuration was refused still do their work.
TEST(ConfigUpdate, RecoversTasksWhileAChangeIsRefused) {
  EngineDriver driver = deployed_driver();
  spec::ServiceSpec refused = sample_spec(spec::Strategy::kParallel);
  refused.user = "nobody";
  driver.restart_with(refused);
  settle(driver);
  driver.update("zookeeper-1-server", TaskState::kFailed);
  driver.update("zookeeper-1-metrics", TaskState::kKilled);
  driver.calls.clear();
  driver.offer({FakeOffer{"O-1", driver.agent_of("zookeeper-1-server"), "10.0.0.2",
                          driver.resources_of("zookeeper-1")}});
  EXPECT_THAT(driver.launched(), UnorderedElementsAre("zookeeper-1-server", "zookeeper-1-metrics"));
}

TEST(ConfigUpdate, NamesEveryProblemOfAFirstConfigurationAndEndsWithOne) {
  spec::ServiceSpec invalid = sample_spec();
  invalid.pods[0].placement_error = "unsupported operator 'NEAR'";
  invalid.name = "a__b";
  EngineDriver driver(invalid);
  ASSERT_TRUE(driver.exit);
  EXPECT_EQ(driver.exit->code, 1);
  EXPECT_THAT(driver.exit->message, HasSubstr("\n- Field: 'ServiceName'; Value: 'a__b'"));
  EXPECT_THAT(driver.exit->message, HasSubstr("\n- Field: 'PlacementRule'; Value: 'unsupported"));
  EXPECT_THAT(driver.stored.configs, IsEmpty());
}

TEST(ConfigUpdate, ADynamicPortOutOfRangesThatChangedIsExchanged) {
  spec::ServiceSpec service = sample_spec(spec::Strategy::kParallel, 1);
  spec::PortSpec& port = service.pods[0].resource_sets[0].ports[0];
  port.port = 0;
  port.ranges = {{1100, 1200}};
  EngineDriver driver(service);
  driver.subscribe();
  driver.offer({big_offer(1)});
  driver.ready("zookeeper-0");
  const auto port_of = [&] {
    for (const Holding& held : driver.stored.tasks.at("zookeeper-0-server").launch->holdings) {
      if (held.resource.name == "ports") return held.resource.ranges.front().begin;
    }
    return uint64_t{0};
  };
  EXPECT_TRUE(port_of() >= 1100 && port_of() <= 1200) << port_of();
  service.pods[0].resource_sets[0].ports[0].ranges = {{2000, 2100}};
  driver.restart_with(service);
  driver.subscribe();
  driver.ready("zookeeper-0");
  driver.update("zookeeper-0-server", TaskState::kKilled);
  driver.update("zookeeper-0-metrics", TaskState::kKilled);
  FakeOffer all = big_offer(1);
  for (const mesos::Resource& resource : driver.resources_of("zookeeper-0"))
    all.resources.push_back(resource);
  driver.offer({all});
  EXPECT_TRUE(port_of() >= 2000 && port_of() <= 2100) << port_of();
}

}  // namespace
}  // namespace ostler::core::test
