// What Mesos is asked about tasks, how often a kill is said, and what counts as an answer:
// the SDK's cases of ExplicitReconcilerTest, ImplicitReconcilerTest and TaskKillerTest.
#include "core/reconciler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/killer.h"
#include "engine_driver.h"

namespace ostler::core::test {
namespace {

using mesos::TaskState;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// How many tasks each question of the last call names; 0: the implicit one.
std::vector<size_t> asked(EngineDriver& driver) {
  std::vector<size_t> out;
  for (const auto& question : driver.calls_of<mesos::call::Reconcile>()) out.push_back(question.tasks.size());
  driver.calls.clear();
  return out;
}

TEST(Reconciliation, WithNothingLaunchedAsksOnlyForWhatItDoesNotKnow) {
  EngineDriver driver(sample_spec());
  driver.subscribe();
  EXPECT_THAT(asked(driver), ElementsAre(0U));
  driver.offer({big_offer(1)});
  EXPECT_THAT(driver.launched(), SizeIs(2)) << "there is nothing to wait for";
}

TEST(Reconciliation, IsRepeatedAfterEightSixteenAndThenEachThirtySeconds) {
  EngineDriver driver = deployed_driver();
  driver.settings.sweep_soon_ms = driver.settings.sweep_period_ms;  // it asks for all, too
  driver.restart();
  driver.subscribe();
  EXPECT_THAT(asked(driver), ElementsAre(6U, 0U));
  for (const int64_t pause : {8'000, 16'000, 30'000, 30'000}) {
    driver.advance(pause - 1);
    EXPECT_THAT(asked(driver), IsEmpty()) << pause;
    driver.advance(1);
    EXPECT_THAT(asked(driver), ElementsAre(6U)) << pause;
  }
  driver.ready("zookeeper-0");
  driver.advance(30'000);
  EXPECT_THAT(asked(driver), ElementsAre(4U)) << "what was answered is not asked again";
  driver.ready("zookeeper-1");
  driver.ready("zookeeper-2");
  driver.advance(120'000);
  EXPECT_THAT(asked(driver), IsEmpty());
}

TEST(Reconciliation, DoesNotAskForWhatIsStoredAsEnded) {
  EngineDriver driver = deployed_driver();
  driver.update("zookeeper-0-server", TaskState::kFailed);
  driver.update("zookeeper-0-metrics", TaskState::kKilled);
  driver.restart();
  driver.subscribe();
  EXPECT_THAT(asked(driver), ElementsAre(4U, 0U));
}

TEST(Reconciliation, AWordOfAnotherKindIsAnAnswerToo) {
  EngineDriver driver = deployed_driver();
  driver.restart();
  driver.update("zookeeper-0-server", TaskState::kRunning, 0);  // before the subscription
  driver.subscribe();
  EXPECT_THAT(asked(driver), ElementsAre(6U, 0U)) << "a new subscription asks for all";
  driver.update("zookeeper-0-metrics", TaskState::kFailed);
  driver.advance(8'000);
  EXPECT_THAT(asked(driver), ElementsAre(5U));
}

TEST(Reconciliation, ATaskThatWasLostForAMomentIsNotLaunchedTwice) {
  EngineDriver driver = deployed_driver();
  driver.update("zookeeper-0-metrics", TaskState::kLost, {}, "SOURCE_MASTER");
  EXPECT_EQ(driver.engine().snapshot()->plan("recovery")->phases.size(), 1U);
  driver.update("zookeeper-0-metrics", TaskState::kRunning, {}, "SOURCE_MASTER");
  EXPECT_TRUE(driver.engine().tasks().find("zookeeper-0-metrics")->live());
  EXPECT_EQ(driver.engine().snapshot()->plan("recovery")->status, Status::kComplete);
  driver.calls.clear();
  driver.relaunch("zookeeper-0");
  EXPECT_THAT(driver.launched(), IsEmpty());
  EXPECT_THAT(driver.killed(), IsEmpty());
}

TEST(Reconciliation, AsksHourlyForWhatItDoesNotKnowAlsoWhileIdle) {
  EngineDriver driver = deployed_driver();
  driver.calls.clear();
  driver.advance(driver.settings.implicit_period_ms - 60'000);
  EXPECT_THAT(asked(driver), IsEmpty());
  driver.advance(60'000);
  EXPECT_THAT(asked(driver), ElementsAre(0U));
  driver.advance(driver.settings.implicit_period_ms);
  EXPECT_THAT(asked(driver), ElementsAre(0U));
}

// The SDK sends no further round while it is idle.
TEST(Reconciliation, GoesOnWhileNothingElseIsToBeDone) {
  EngineDriver driver = deployed_driver();
  driver.restart();
  driver.subscribe();
  driver.ready("zookeeper-0");
  driver.ready("zookeeper-1");
  driver.update("zookeeper-2-server", TaskState::kRunning, 0);
  asked(driver);
  ASSERT_EQ(driver.engine().snapshot()->plan("deploy")->status, Status::kComplete);
  driver.advance(8'000);
  EXPECT_THAT(asked(driver), ElementsAre(1U));
}

std::vector<std::string> kills(Effects& out) {
  std::vector<std::string> ids;
  for (const Effect& effect : out) {
    if (const auto* call = std::get_if<effect::Call>(&effect))
      ids.push_back(std::get<mesos::call::Kill>(call->call).task_id);
  }
  out.clear();
  return ids;
}

TEST(Killer, SaysItEveryFiveSecondsUntilTheTaskIsDead) {
  const Settings settings;
  Killer killer(settings);
  Effects out;
  killer.subscribed({0, 0});
  killer.kill("a", "S1", {0, 0}, out);
  EXPECT_THAT(kills(out), ElementsAre("a"));
  killer.kill("a", "S1", {100, 0}, out);
  EXPECT_THAT(kills(out), IsEmpty()) << "once is enough for now";
  EXPECT_EQ(killer.wake_at(), 5000);
  killer.tick({4999, 0}, out);
  EXPECT_THAT(kills(out), IsEmpty());
  killer.kill("b", "S2", {4999, 0}, out);
  EXPECT_THAT(kills(out), ElementsAre("b"));
  killer.tick({5000, 0}, out);
  EXPECT_THAT(kills(out), ElementsAre("a"));
  killer.dead("a");
  EXPECT_FALSE(killer.is_dying("a"));
  killer.tick({60'000, 0}, out);
  EXPECT_THAT(kills(out), ElementsAre("b"));
}

TEST(Killer, SaysItAgainToTheNextMaster) {
  const Settings settings;
  Killer killer(settings);
  Effects out;
  killer.kill("a", "S1", {0, 0}, out);
  EXPECT_THAT(kills(out), IsEmpty()) << "nobody hears it";
  killer.subscribed({10, 0});
  killer.tick({10, 0}, out);
  EXPECT_THAT(kills(out), ElementsAre("a"));
  killer.disconnected();
  killer.tick({60'000, 0}, out);
  EXPECT_THAT(kills(out), IsEmpty());
}

TEST(Killer, IsSatisfiedOnlyByAnEnd) {
  EngineDriver driver = deployed_driver();
  const std::string id = driver.task_id("zookeeper-0-metrics");
  driver.update("zookeeper-0-server", TaskState::kFailed);
  ASSERT_THAT(driver.killed(), ElementsAre(id));
  for (const TaskState state : {TaskState::kRunning, TaskState::kKilling}) {
    driver.update("zookeeper-0-metrics", state);
    driver.calls.clear();
    driver.advance(5000);
    EXPECT_THAT(driver.killed(), ElementsAre(id)) << mesos::to_string(state);
  }
  driver.update("zookeeper-0-metrics", TaskState::kKilled);
  driver.calls.clear();
  driver.advance(60'000);
  EXPECT_THAT(driver.killed(), IsEmpty());
}

// The answer to a kill of what is long dead must not lead to the next one.
TEST(Killer, DoesNotAnswerTheEndOfAnUnknownTaskWithAKill) {
  EngineDriver driver = deployed_driver();
  for (const TaskState state : {TaskState::kLost, TaskState::kGone, TaskState::kUnknown}) {
    driver.update_id("zk__zookeeper-0-server__old", state, {}, "SOURCE_MASTER");
    driver.advance(60'000);
  }
  EXPECT_THAT(driver.killed(), IsEmpty());
}

// Only its resources are there: it has no id by which it could be killed.
TEST(Killer, ATaskThatWasNotLaunchedYetIsNotKilled) {
  spec::ServiceSpec spec = sample_spec(spec::Strategy::kSerial, 1);
  spec.plans[0].phases[0].has_custom_steps = true;
  spec.plans[0].phases[0].steps = {{0, {"server"}}, {0, {"metrics"}}};
  EngineDriver driver(spec);
  driver.subscribe();
  driver.offer({big_offer(1)});
  ASSERT_THAT(driver.launched(), ElementsAre("zookeeper-0-server"));
  driver.command(command::PodReplace{"zookeeper-0"});
  EXPECT_THAT(driver.killed(), ElementsAre(driver.task_id("zookeeper-0-server")));
  driver.settings.uninstall = true;
  driver.restart();
  driver.subscribe();
  const auto snapshot = driver.engine().snapshot();
  EXPECT_THAT(snapshot->plan("deploy")->phases[0].steps, SizeIs(1));
}

}  // namespace
}  // namespace ostler::core::test
