#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "deployed_service.h"

namespace ostler::core::test {
namespace {

using mesos::TaskState;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

std::vector<FakeOffer> three_agents() { return {big_offer(1), big_offer(2), big_offer(3)}; }

TEST(Engine, StoresTheFrameworkIdBeforeAnythingElse) {
  EngineDriver driver(sample_spec());
  EXPECT_TRUE(driver.stored.framework_id.empty());
  driver.subscribe();
  EXPECT_EQ(driver.stored.framework_id, "F1");
}

TEST(Engine, DeploysSeriallyOneNodeAtATime) {
  EngineDriver driver(sample_spec());
  driver.subscribe();
  driver.offer(three_agents());
  EXPECT_THAT(driver.launched(), ElementsAre("zookeeper-0-server", "zookeeper-0-metrics"));
  EXPECT_THAT(driver.step_statuses(), ElementsAre("STARTING", "PENDING", "PENDING"));

  driver.update("zookeeper-0-server", TaskState::kRunning);
  driver.update("zookeeper-0-metrics", TaskState::kRunning);
  EXPECT_THAT(driver.step_statuses(), ElementsAre("STARTED", "PENDING", "PENDING")) << "not ready yet";
  driver.update("zookeeper-0-server", TaskState::kRunning, 0);
  EXPECT_THAT(driver.step_statuses(), ElementsAre("COMPLETE", "PENDING", "PENDING"));
  EXPECT_THAT(driver.calls_of<mesos::call::Revive>(), SizeIs(1))
      << "the other agents' offers were declined for long";

  driver.offer({big_offer(1)});
  EXPECT_THAT(driver.step_statuses(), ElementsAre("COMPLETE", "PREPARED", "PENDING")) << "the host is taken";
  EXPECT_EQ(driver.engine().snapshot()->plan("deploy")->phases[0].steps[1].message,
            "0 of 1 agent fits zookeeper-1: 1 already runs a zookeeper pod");
  driver.offer({big_offer(2)});
  driver.ready("zookeeper-1");
  driver.offer({big_offer(3)});
  driver.ready("zookeeper-2");
  EXPECT_THAT(driver.step_statuses(), ElementsAre("COMPLETE", "COMPLETE", "COMPLETE"));
  EXPECT_THAT(driver.calls_of<mesos::call::Suppress>(), SizeIs(1));
  EXPECT_EQ(driver.engine().snapshot()->health.code, 200);
}

TEST(Engine, DeploysInParallelWithOneAcceptAnAgent) {
  EngineDriver driver(sample_spec(spec::Strategy::kParallel));
  driver.subscribe();
  driver.offer(three_agents());
  EXPECT_THAT(driver.launched(), SizeIs(6));
  const auto accepts = driver.calls_of<mesos::call::Accept>();
  ASSERT_THAT(accepts, SizeIs(3));
  std::vector<mesos::Operation::Type> types;
  for (const auto& op : accepts[0].operations) types.push_back(op.type);
  using T = mesos::Operation::Type;
  EXPECT_THAT(types, ElementsAre(T::kReserve, T::kCreate, T::kLaunchGroup, T::kLaunchGroup));
}

// With all of them in one write, a large service could not be updated at all: a state
// plugin takes so many bytes at once, and no more.
TEST(Engine, StoresEachRelabelledTaskByItself) {
  EngineDriver driver = deployed_driver();
  spec::ServiceSpec changed = sample_spec(spec::Strategy::kParallel);
  changed.pods[0].count = 4;
  StoredState stored = driver.stored;
  Engine engine(driver.settings, stored, driver.judge, driver.ids);
  Effects out;
  engine.start(std::make_shared<const spec::ServiceSpec>(changed), driver.now, out);
  size_t launches = 0;
  for (const Effect& effect : out) {
    const auto* persist = std::get_if<effect::Persist>(&effect);
    if (persist == nullptr) continue;
    const auto count = std::count_if(persist->changes.begin(), persist->changes.end(), [](const Change& one) {
      return std::holds_alternative<change::PutLaunch>(one);
    });
    EXPECT_LE(count, 1);
    launches += static_cast<size_t>(count);
  }
  EXPECT_EQ(launches, 6U);
}

TEST(Engine, SaysWhatAStepWaitsFor) {
  const auto message = [](EngineDriver& driver) {
    return driver.engine().snapshot()->plan("deploy")->phases[0].steps[1].message;
  };
  EngineDriver serial(sample_spec(spec::Strategy::kSerial));
  EXPECT_EQ(message(serial), "waits for zookeeper-0:[server, metrics]");
  EngineDriver parallel(sample_spec(spec::Strategy::kParallel));
  EXPECT_EQ(message(parallel), "waits for an offer");
}

TEST(Engine, NeverTakesMoreThanOneAgentHas) {
  spec::ServiceSpec spec = sample_spec(spec::Strategy::kParallel);
  spec.pods[0].placement.clear();
  spec.pods[0].resource_sets[0].ports.clear();
  spec.pods[0].resource_sets[0].cpus_milli = 1500;
  EngineDriver driver(spec);
  driver.subscribe();
  driver.offer({big_offer(1)});  // 4 cpus: two nodes of 1.7
  EXPECT_THAT(driver.calls_of<mesos::call::Accept>(), SizeIs(1));
  EXPECT_THAT(driver.launched(), SizeIs(4));
}

TEST(Engine, KillsNothingWhenItIsRestarted) {
  EngineDriver driver = deployed_driver();
  driver.restart();
  driver.subscribe();
  driver.ready("zookeeper-0");
  driver.ready("zookeeper-1");
  driver.ready("zookeeper-2");
  driver.advance(60000);
  EXPECT_THAT(driver.killed(), IsEmpty());
  EXPECT_THAT(driver.launched(), IsEmpty());
  EXPECT_THAT(driver.step_statuses(), ElementsAre("COMPLETE", "COMPLETE", "COMPLETE"));
}

TEST(Engine, AdoptsAStepThatWasUnderWayWhenItDied) {
  EngineDriver driver(sample_spec());
  driver.subscribe();
  driver.offer(three_agents());
  driver.update("zookeeper-0-server", TaskState::kRunning, 1);
  driver.restart();
  driver.subscribe();
  driver.ready("zookeeper-0");
  EXPECT_THAT(driver.killed(), IsEmpty());
  EXPECT_THAT(driver.step_statuses(), ElementsAre("COMPLETE", "PENDING", "PENDING"));
}

// Wherever it dies in a launch: afterwards each task runs once, and nothing is forgotten.
TEST(Engine, SurvivesACrashBetweenAnyTwoEffectsOfALaunch) {
  for (int at = 0; at < 6; ++at) {
    SCOPED_TRACE("crash after effect " + std::to_string(at));
    EngineDriver driver(sample_spec(spec::Strategy::kSerial, 1));
    driver.subscribe();
    driver.crash_after_effects = at;
    driver.offer({big_offer(1)});
    const size_t reached_mesos = driver.launched().size();
    const std::map<std::string, StoredState::Task> before = driver.stored.tasks;
    driver.crash_after_effects = -1;
    driver.restart();
    driver.subscribe();
    if (reached_mesos > 0) {
      driver.ready("zookeeper-0");
      EXPECT_THAT(driver.killed(), IsEmpty());
      EXPECT_EQ(driver.task_id("zookeeper-0-server"), before.at("zookeeper-0-server").launch->task->task_id);
    } else {
      for (const auto& [name, task] : before) driver.update(name, TaskState::kGone, {}, "SOURCE_MASTER");
      driver.offer({big_offer(2)});
      EXPECT_THAT(driver.launched(), SizeIs(2)) << "an intent that never reached Mesos binds to no agent";
      driver.ready("zookeeper-0");
    }
    EXPECT_THAT(driver.step_statuses(), ElementsAre("COMPLETE"));
  }
}

TEST(Engine, UsesReservationsOfALaunchThatWasRefused) {
  EngineDriver driver(sample_spec(spec::Strategy::kSerial, 1));
  driver.subscribe();
  driver.offer({big_offer(1)});
  const auto reserved = driver.resources_of("zookeeper-0");
  driver.update("zookeeper-0-server", TaskState::kError, {}, "SOURCE_MASTER");
  driver.update("zookeeper-0-metrics", TaskState::kError, {}, "SOURCE_MASTER");
  driver.calls.clear();
  FakeOffer again = big_offer(1);
  again.resources.insert(again.resources.end(), reserved.begin(), reserved.end());
  driver.offer({again});
  ASSERT_THAT(driver.launched(), SizeIs(2));
  const auto accepts = driver.calls_of<mesos::call::Accept>();
  for (const auto& op : accepts[0].operations) {
    EXPECT_EQ(op.type, mesos::Operation::Type::kLaunchGroup) << "everything is there already";
  }
}

TEST(Engine, RelaunchesAFailedTaskInPlaceWithItsVolume) {
  EngineDriver driver = deployed_driver();
  const std::string agent = driver.agent_of("zookeeper-1-server");
  const auto held = driver.resources_of("zookeeper-1");
  driver.update("zookeeper-1-server", TaskState::kFailed);
  EXPECT_THAT(driver.killed(), ElementsAre(driver.task_id("zookeeper-1-metrics"))) << "server is essential";
  EXPECT_EQ(driver.engine().snapshot()->plan("recovery")->phases[0].name, "zookeeper-1:[server, metrics]");
  EXPECT_EQ(driver.engine().snapshot()->health.code, 206);
  driver.update("zookeeper-1-metrics", TaskState::kKilled);

  driver.offer({big_offer(1)});
  EXPECT_THAT(driver.launched(), IsEmpty()) << "it waits for what it holds";
  FakeOffer home = big_offer(2);
  home.agent_id = agent;
  home.resources = held;
  driver.offer({home});
  EXPECT_THAT(driver.launched(), ElementsAre("zookeeper-1-server", "zookeeper-1-metrics"));
  EXPECT_EQ(driver.resources_of("zookeeper-1"), held);
  driver.ready("zookeeper-1");
  EXPECT_EQ(driver.engine().snapshot()->health.code, 200);
}

// The offer and the news that its task is dead cross on their way.
TEST(Engine, AsksAgainForAnOfferThatCameAMomentTooEarly) {
  EngineDriver driver = deployed_driver();
  driver.update("zookeeper-1-server", TaskState::kFailed);
  FakeOffer home{"O-early", driver.agent_of("zookeeper-1-server"), "10.0.0.2",
                 driver.resources_of("zookeeper-1")};
  driver.offer({home});
  EXPECT_THAT(driver.launched(), IsEmpty()) << "its other task is still being killed";
  ASSERT_THAT(driver.calls_of<mesos::call::Decline>(), SizeIs(1));
  EXPECT_EQ(driver.calls_of<mesos::call::Decline>()[0].refuse_s, 5) << "not for an hour";
  driver.offer({big_offer(3)});  // of no use, so declined for long
  driver.calls.clear();
  driver.advance(5000);
  driver.update("zookeeper-1-metrics", TaskState::kKilled);
  EXPECT_THAT(driver.calls_of<mesos::call::Revive>(), SizeIs(1));
}

TEST(Engine, RelaunchesANonEssentialTaskAloneInTheSameExecutor) {
  EngineDriver driver = deployed_driver();
  const std::string executor = driver.stored.tasks.at("zookeeper-0-server").launch->executor->executor_id;
  driver.update("zookeeper-0-metrics", TaskState::kFailed);
  EXPECT_THAT(driver.killed(), IsEmpty());
  FakeOffer home{"O-home", driver.agent_of("zookeeper-0-metrics"), "10.0.0.1", {}};
  for (const Holding& h : driver.stored.tasks.at("zookeeper-0-metrics").launch->holdings) {
    if (!is_executor_key(h.key)) home.resources.push_back(h.resource);
  }
  driver.offer({home});
  EXPECT_THAT(driver.launched(), ElementsAre("zookeeper-0-metrics"));
  EXPECT_EQ(driver.stored.tasks.at("zookeeper-0-metrics").launch->executor->executor_id, executor);
}

TEST(Engine, BacksOffFromATaskThatKeepsFailing) {
  EngineDriver driver = deployed_driver();
  FakeOffer home{"O-home", driver.agent_of("zookeeper-0-metrics"), "10.0.0.1", {}};
  for (const Holding& h : driver.stored.tasks.at("zookeeper-0-metrics").launch->holdings) {
    if (!is_executor_key(h.key)) home.resources.push_back(h.resource);
  }
  driver.update("zookeeper-0-metrics", TaskState::kFailed);
  driver.offer({home});
  ASSERT_THAT(driver.launched(), SizeIs(1)) << "the first time at once";
  driver.update("zookeeper-0-metrics", TaskState::kFailed);
  driver.calls.clear();
  driver.offer({home});
  EXPECT_THAT(driver.launched(), IsEmpty());
  EXPECT_EQ(driver.engine().snapshot()->health.code, 208);
  EXPECT_THAT(driver.engine().snapshot()->plan("recovery")->phases[0].steps[0].message,
              HasSubstr("failure 2 in a row, next attempt at 2023-11-14T22:13:21Z"));
  driver.advance(1000);
  driver.offer({home});
  EXPECT_THAT(driver.launched(), SizeIs(1));
}

TEST(Engine, AsksMesosAboutEveryTaskAndWaitsForTheAnswers) {
  EngineDriver driver = deployed_driver();
  driver.update("zookeeper-2-server", TaskState::kFailed);
  driver.restart();
  driver.subscribe();
  const auto asked = driver.calls_of<mesos::call::Reconcile>();
  ASSERT_THAT(asked, SizeIs(2)) << "explicit, then implicit";
  EXPECT_THAT(asked[0].tasks, SizeIs(5));
  EXPECT_THAT(asked[1].tasks, IsEmpty());
  driver.offer(three_agents());
  ASSERT_THAT(driver.calls_of<mesos::call::Decline>(), SizeIs(1));
  EXPECT_EQ(driver.calls_of<mesos::call::Decline>()[0].refuse_s, 5);
  driver.advance(8000);
  EXPECT_THAT(driver.calls_of<mesos::call::Reconcile>(), SizeIs(3)) << "the same again, after 8 s";
}

TEST(Engine, RollsAChangedConfigurationOneNodeAtATime) {
  EngineDriver driver = deployed_driver();
  spec::ServiceSpec changed = sample_spec(spec::Strategy::kSerial);
  changed.pods[0].tasks[0].env["TICK"] = "1000";
  driver.restart_with(changed);
  driver.subscribe();
  for (const char* pod : {"zookeeper-0", "zookeeper-1", "zookeeper-2"}) driver.ready(pod);
  EXPECT_THAT(driver.killed(), UnorderedElementsAre(driver.task_id("zookeeper-0-server"),
                                                    driver.task_id("zookeeper-0-metrics")));
  EXPECT_THAT(driver.stored.configs, SizeIs(2)) << "the old one is still in use";
  driver.update("zookeeper-0-server", TaskState::kKilled);
  driver.update("zookeeper-0-metrics", TaskState::kKilled);
  FakeOffer home{"O-home", driver.agent_of("zookeeper-0-server"), "10.0.0.1",
                 driver.resources_of("zookeeper-0")};
  driver.calls.clear();
  driver.offer({home});
  EXPECT_THAT(driver.launched(), SizeIs(2));
  driver.ready("zookeeper-0");
  EXPECT_THAT(driver.killed(), UnorderedElementsAre(driver.task_id("zookeeper-1-server"),
                                                    driver.task_id("zookeeper-1-metrics")));
}

TEST(Engine, KillsNothingForAChangeBeforeItKnowsHowThingsStand) {
  EngineDriver driver = deployed_driver();
  spec::ServiceSpec changed = sample_spec(spec::Strategy::kSerial);
  changed.pods[0].tasks[0].env["TICK"] = "1000";
  driver.restart_with(changed);
  driver.subscribe();
  driver.ready("zookeeper-0");
  driver.ready("zookeeper-1");
  EXPECT_THAT(driver.killed(), IsEmpty()) << "zookeeper-2 may have died meanwhile";
  driver.ready("zookeeper-2");
  EXPECT_THAT(driver.killed(), SizeIs(2));
}

TEST(Engine, LeavesTasksAloneThatAChangeDoesNotConcern) {
  EngineDriver driver = deployed_driver();
  spec::ServiceSpec changed = sample_spec(spec::Strategy::kParallel);
  changed.pods[0].placement.clear();
  driver.restart_with(changed);
  driver.subscribe();
  for (const char* pod : {"zookeeper-0", "zookeeper-1", "zookeeper-2"}) driver.ready(pod);
  EXPECT_THAT(driver.killed(), IsEmpty());
  EXPECT_THAT(driver.stored.configs, SizeIs(1)) << "nothing refers to the old one any more";
  EXPECT_THAT(driver.step_statuses(), ElementsAre("COMPLETE", "COMPLETE", "COMPLETE"));
}

TEST(Engine, KeepsTheOldConfigurationWhenTheNewOneIsRefused) {
  EngineDriver driver = deployed_driver();
  const std::string target = driver.stored.target_config;
  driver.restart_with(sample_spec(spec::Strategy::kParallel, 2));
  EXPECT_EQ(driver.stored.target_config, target);
  EXPECT_FALSE(driver.exit);
  const auto snapshot = driver.engine().snapshot();
  EXPECT_EQ(snapshot->health.code, 500);
  EXPECT_THAT(snapshot->plan("deploy")->errors,
              ElementsAre(HasSubstr("PodSpec named 'zookeeper' has 2 tasks, expected >=3 tasks")));
}

TEST(Engine, EndsWhenTheFirstConfigurationIsInvalid) {
  spec::ServiceSpec invalid = sample_spec();
  invalid.pods[0].placement_error = "unsupported operator 'NEAR'";
  EngineDriver driver(invalid);
  ASSERT_TRUE(driver.exit);
  EXPECT_EQ(driver.exit->code, 1);
  EXPECT_THAT(driver.stored.configs, IsEmpty());
}

TEST(Engine, GivesBackWhatNothingNeedsAndVolumesFirst) {
  EngineDriver driver(sample_spec(spec::Strategy::kSerial, 1));
  driver.subscribe();
  driver.offer({big_offer(1)});
  const auto lost = driver.resources_of("zookeeper-0");
  driver.update("zookeeper-0-server", TaskState::kGone, {}, "SOURCE_MASTER");
  driver.update("zookeeper-0-metrics", TaskState::kGone, {}, "SOURCE_MASTER");
  driver.offer({big_offer(2)});  // launched anew, elsewhere
  driver.calls.clear();
  driver.offer({FakeOffer{"O-late", "S1", "10.0.0.1", lost}});
  const auto accepts = driver.calls_of<mesos::call::Accept>();
  ASSERT_THAT(accepts, SizeIs(1));
  ASSERT_THAT(accepts[0].operations, SizeIs(1 + lost.size()));
  EXPECT_EQ(accepts[0].operations[0].type, mesos::Operation::Type::kDestroy);
  for (size_t i = 1; i <= lost.size(); ++i) {
    EXPECT_EQ(accepts[0].operations[i].type, mesos::Operation::Type::kUnreserve);
    EXPECT_THAT(accepts[0].operations[i].resources, SizeIs(1));
  }
}

TEST(Engine, SaysWhatToDoWhenTheFrameworkWasRemoved) {
  EngineDriver driver = deployed_driver();
  Effects out;
  driver.engine().handle(mesos::event::Error{"Framework has been removed"}, driver.now, out);
  const auto* exit = std::get_if<effect::Exit>(&out.front());
  ASSERT_NE(exit, nullptr);
  EXPECT_EQ(exit->code, 6);
  EXPECT_THAT(exit->message, HasSubstr("uninstall the service to clear its state"));
}

}  // namespace
}  // namespace ostler::core::test
