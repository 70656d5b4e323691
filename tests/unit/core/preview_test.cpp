// What a preview says is what then really happens.
#include "core/preview.h"

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

Preview ask(EngineDriver& driver, spec::ServiceSpec spec) {
  return driver.engine().preview(std::make_shared<const spec::ServiceSpec>(std::move(spec)), driver.now);
}

spec::ServiceSpec more_memory() {
  spec::ServiceSpec spec = sample_spec(spec::Strategy::kSerial);
  spec.pods[0].resource_sets[0].memory_mb = 768;
  return spec;
}

std::vector<std::string> operations(const PreviewStep& step) {
  std::vector<std::string> out;
  for (const PreviewOperation& one : step.operations) {
    std::string text = one.type;
    for (const std::string& what : one.what) text += " " + what;
    out.push_back(text);
  }
  return out;
}

TEST(Preview, ListsTheStepsOfARollOutInItsOrderWithTheReasonForEach) {
  EngineDriver driver = deployed_driver();
  const Preview shown = ask(driver, more_memory());
  EXPECT_TRUE(shown.is_change);
  EXPECT_THAT(shown.objections, IsEmpty());
  ASSERT_THAT(shown.steps, SizeIs(3));
  for (int i = 0; i < 3; ++i) {
    const PreviewStep& step = shown.steps[static_cast<size_t>(i)];
    const std::string pod = "zookeeper-" + std::to_string(i);
    EXPECT_EQ(step.turn, i + 1);
    EXPECT_EQ(step.name, pod + ":[server, metrics]");
    EXPECT_EQ(step.phase, "node-deploy");
    EXPECT_THAT(step.why,
                ElementsAre("pod-specs[zookeeper].resource-sets[server-resource-set].memory: 512 => 768"));
    EXPECT_THAT(operations(step),
                ElementsAre("KILL " + pod + "-metrics " + pod + "-server", "RESERVE 256 MB of mem",
                            "LAUNCH_GROUP " + pod + "-server " + pod + "-metrics"));
    EXPECT_THAT(step.grows, ElementsAre("server-resource-set/mem: 512 MB => 768 MB"));
  }
  EXPECT_EQ(shown.then, "");
}

TEST(Preview, ChangesNothing) {
  EngineDriver driver = deployed_driver();
  const StoredState before = driver.stored;
  const auto revision = driver.engine().revision();
  ask(driver, more_memory());
  EXPECT_EQ(driver.engine().revision(), revision);
  EXPECT_EQ(driver.engine().target(), sample_spec(spec::Strategy::kParallel));
  driver.advance(60000);
  EXPECT_THAT(driver.killed(), IsEmpty());
  EXPECT_THAT(driver.launched(), IsEmpty());
  EXPECT_EQ(driver.stored.configs, before.configs);
  EXPECT_EQ(driver.stored.target_config, before.target_config);
}

// Does what the preview said, and compares.
TEST(Preview, NamesTheOperationsThatAreThenSent) {
  EngineDriver driver = deployed_driver();
  spec::ServiceSpec changed = more_memory();
  changed.pods[0].resource_sets[0].cpus_milli = 500;
  changed.pods[0].resource_sets[0].ports[0].port = 1150;
  changed.pods[0].resource_sets[0].ports.push_back({"admin", 1160, "ADMIN", false, {}, 0, {}});
  const Preview shown = ask(driver, changed);
  ASSERT_FALSE(shown.steps.empty());
  std::vector<std::string> said;
  for (const PreviewOperation& one : shown.steps[0].operations) {
    if (one.type != "KILL") said.push_back(one.type);
  }
  EXPECT_THAT(said, ElementsAre("UNRESERVE", "RESERVE", "LAUNCH_GROUP"));

  driver.restart_with(changed);
  driver.subscribe();
  for (const char* pod : {"zookeeper-0", "zookeeper-1", "zookeeper-2"}) driver.ready(pod);
  EXPECT_THAT(driver.killed(), SizeIs(2));
  driver.update("zookeeper-0-server", TaskState::kKilled);
  driver.update("zookeeper-0-metrics", TaskState::kKilled);
  FakeOffer home = big_offer(1);
  home.agent_id = driver.agent_of("zookeeper-0-server");
  for (const mesos::Resource& one : driver.resources_of("zookeeper-0")) home.resources.push_back(one);
  driver.calls.clear();
  driver.offer({home});
  std::vector<std::string> done;
  for (const auto& accept : driver.calls_of<mesos::call::Accept>()) {
    for (const auto& op : accept.operations) {
      const std::string type(mesos::to_string(op.type));
      if (done.empty() || done.back() != type) done.push_back(type);
    }
  }
  EXPECT_EQ(done, said);
}

TEST(Preview, ShowsWhatWouldBeRefusedAndNoStep) {
  EngineDriver driver = deployed_driver();
  spec::ServiceSpec changed = more_memory();
  changed.user = "nobody";
  const Preview shown = ask(driver, changed);
  ASSERT_THAT(shown.objections, SizeIs(1));
  EXPECT_EQ(shown.objections[0].field, "user");
  EXPECT_THAT(shown.differences, SizeIs(3)) << "the strategy, too";
  EXPECT_THAT(shown.steps, IsEmpty());
  EXPECT_FALSE(shown.is_change);
}

TEST(Preview, SaysThatNothingWouldChange) {
  EngineDriver driver = deployed_driver();
  const Preview shown = ask(driver, sample_spec(spec::Strategy::kParallel));
  EXPECT_FALSE(shown.is_change);
  EXPECT_THAT(shown.differences, IsEmpty());
  EXPECT_THAT(shown.steps, IsEmpty());
}

TEST(Preview, SaysWhenNoOffersAreKnown) {
  EngineDriver driver = deployed_driver();  // all of its offers were used
  const Preview shown = ask(driver, more_memory());
  EXPECT_EQ(
      shown.offers,
      "no offers are held and none is remembered, so it is not known whether the cluster has room; Mesos is "
      "asked for offers when there is something to launch");
  ASSERT_FALSE(shown.steps.empty());
  EXPECT_EQ(shown.steps[0].fits, std::nullopt);
  EXPECT_THAT(shown.steps[0].offers, HasSubstr("no offer of the agent that it runs on is remembered"));
}

TEST(Preview, ComparesGrowthWithWhatItsAgentOfferedLast) {
  EngineDriver driver = deployed_driver();
  const auto rest = [&](int agent, double mem) {
    FakeOffer offer = big_offer(agent);
    offer.resources = {scalar("cpus", 1), scalar("mem", mem)};
    return offer;
  };
  driver.offer({rest(1, 4096), rest(2, 100), rest(3, 4096)});
  driver.advance(3000);
  const Preview shown = ask(driver, more_memory());
  EXPECT_EQ(shown.offers,
            "no offers are held; compared with the last ones of 3 agents, seen 3 s ago, which may have "
            "changed since");
  std::map<std::string, const PreviewStep*> by_host;
  for (const PreviewStep& step : shown.steps) {
    const std::string pod = step.name.substr(0, step.name.find(':'));
    by_host[driver.agent_of(pod + "-server")] = &step;
  }
  EXPECT_EQ(by_host.at("S1")->fits, true);
  EXPECT_EQ(by_host.at("S1")->offers, "agent 10.0.0.1 had that much free 3 s ago");
  EXPECT_EQ(by_host.at("S2")->fits, false);
  EXPECT_EQ(by_host.at("S2")->offers,
            "none of 1 known agents had room: 1 short of memory (10.0.0.2, 3 s ago)");
}

TEST(Preview, PlacesNewPodsOneAfterTheOtherAndSaysWhichFindsNoRoom) {
  EngineDriver driver = deployed_driver();
  driver.offer({big_offer(4), big_offer(1)});
  const Preview shown = ask(driver, sample_spec(spec::Strategy::kParallel, 5));
  ASSERT_THAT(shown.steps, SizeIs(2));
  EXPECT_EQ(shown.steps[0].turn, 1);
  EXPECT_EQ(shown.steps[1].turn, 1) << "side by side";
  EXPECT_EQ(shown.steps[0].name, "zookeeper-3:[server, metrics]");
  EXPECT_THAT(shown.steps[0].why, ElementsAre("zookeeper-3-server is not launched yet",
                                              "zookeeper-3-metrics is not launched yet"));
  EXPECT_THAT(operations(shown.steps[0]), testing::Contains(HasSubstr("CREATE volume 'data'")));
  EXPECT_EQ(shown.steps[0].fits, true);
  EXPECT_EQ(shown.steps[0].offers, "agent 10.0.0.4 had room for it 0 s ago");
  EXPECT_EQ(shown.steps[1].fits, false);
  EXPECT_EQ(shown.steps[1].offers, "none of 2 known agents had room: 2 excluded by placement");
}

TEST(Preview, SaysWhichStepsAskTheAdvisorFirst) {
  EngineDriver driver = deployed_driver();
  driver.settings.has_advisor = true;
  driver.restart();
  driver.subscribe();
  for (const char* pod : {"zookeeper-0", "zookeeper-1", "zookeeper-2"}) driver.ready(pod);
  const Preview shown = ask(driver, more_memory());
  ASSERT_THAT(shown.steps, SizeIs(3));
  for (const PreviewStep& step : shown.steps) {
    EXPECT_EQ(step.advice,
              "the advisor is asked before the kill and holds the step until all other pod instances can do "
              "without it; of steps that may go in any order another may go first");
  }
  spec::ServiceSpec side = sample_spec(spec::Strategy::kSerial);
  side.pods[0].resource_sets[1].memory_mb = 96;
  for (const PreviewStep& step : ask(driver, side).steps) EXPECT_EQ(step.advice, "") << "it is not essential";
}

TEST(Preview, ShowsTheEndOfATaskThatLeavesItsPod) {
  EngineDriver driver = deployed_driver();
  spec::ServiceSpec without = sample_spec(spec::Strategy::kParallel);
  without.pods[0].tasks.pop_back();
  without.pods[0].resource_sets.pop_back();
  for (spec::StepSpec& step : without.plans[0].phases[0].steps) step.tasks = {"server"};
  const Preview shown = ask(driver, without);
  ASSERT_THAT(shown.objections, IsEmpty());
  ASSERT_THAT(shown.steps, testing::Not(IsEmpty()));
  EXPECT_EQ(shown.steps[0].plan, "decommission");
  EXPECT_EQ(shown.steps[0].name, "kill-zookeeper-0-metrics");
  EXPECT_THAT(operations(shown.steps[0]), ElementsAre("KILL zookeeper-0-metrics"));
  ASSERT_THAT(shown.steps, SizeIs(3)) << "one pod after the other";
  EXPECT_EQ(shown.steps[2].name, "kill-zookeeper-2-metrics");
  EXPECT_GT(shown.steps[2].turn, shown.steps[1].turn);
}

TEST(Preview, OfTheFirstConfigurationIsItsDeployment) {
  EngineDriver driver(sample_spec());
  driver.subscribe();
  const Preview shown = ask(driver, sample_spec());
  ASSERT_THAT(shown.steps, SizeIs(3));
  EXPECT_EQ(shown.steps[2].turn, 3);
}

TEST(Preview, TellsWhoHasToGoOnWhereThePlanWaitsForACanary) {
  EngineDriver driver = deployed_driver();
  spec::ServiceSpec changed = more_memory();
  changed.plans[0].phases[0].strategy = spec::Strategy::kSerialCanary;
  const Preview shown = ask(driver, changed);
  EXPECT_THAT(shown.then, HasSubstr("goes on when an operator continues it"));
  EXPECT_LT(shown.steps.size(), 3u);
}

}  // namespace
}  // namespace ostler::core::test
