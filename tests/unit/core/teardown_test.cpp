// Decommission of pods and uninstall of the service, also interrupted.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "deployed_service.h"

namespace ostler::core::test {
namespace {

using mesos::TaskState;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr const char* kPods[] = {"zookeeper-0", "zookeeper-1", "zookeeper-2"};

// The agent offers what the pod held, and later that it is free.
void give_back(EngineDriver& driver, const FakeOffer& offer) {
  driver.offer({offer});
  driver.advance(36'000);
  FakeOffer free = big_offer(1);
  free.agent_id = offer.agent_id;
  driver.offer({free});
}

std::vector<std::string> phases(EngineDriver& driver, const std::string& plan) {
  std::vector<std::string> out;
  const auto snapshot = driver.engine().snapshot();
  for (const PhaseView& phase : snapshot->plan(plan)->phases)
    out.push_back(phase.name + " " + std::string(to_string(phase.status)));
  return out;
}

size_t teardowns(const EngineDriver& driver) { return driver.calls_of<mesos::call::Teardown>().size(); }

TEST(Decommission, TakesTheHighestIndexFirstAndErasesIt) {
  EngineDriver driver = deployed_driver();
  spec::ServiceSpec smaller = sample_spec(spec::Strategy::kParallel, 1);
  smaller.pods[0].allow_decommission = true;
  driver.restart_with(smaller);
  driver.subscribe();
  for (const char* pod : kPods) driver.ready(pod);
  EXPECT_THAT(driver.killed(), ElementsAre(driver.task_id("zookeeper-2-metrics")))
      << "one step after the other";
  EXPECT_THAT(phases(driver, "decommission"), ElementsAre("zookeeper-2 STARTING", "zookeeper-1 STARTING"));
  driver.update("zookeeper-2-metrics", TaskState::kKilled);
  const auto snapshot = driver.engine().snapshot();
  std::vector<std::string> shown;
  for (const PodInstanceView& pod : snapshot->pods) {
    for (const TaskView& task : pod.tasks) shown.push_back(task.name + " " + task.status);
  }
  EXPECT_THAT(shown, ElementsAre("zookeeper-0-metrics RUNNING", "zookeeper-0-server RUNNING",
                                 "zookeeper-1-metrics DECOMMISSIONING", "zookeeper-1-server DECOMMISSIONING",
                                 "zookeeper-2-metrics DECOMMISSIONED", "zookeeper-2-server DECOMMISSIONING"));
  driver.restart();
  driver.subscribe();
  for (const char* pod : {"zookeeper-0", "zookeeper-1"}) driver.ready(pod);
  driver.update("zookeeper-2-server", TaskState::kKilled);
  give_back(driver, own_offer(driver, "zookeeper-2"));
  EXPECT_FALSE(driver.stored.tasks.contains("zookeeper-2-server"));
  EXPECT_FALSE(driver.stored.tasks.contains("zookeeper-2-metrics"));
  EXPECT_TRUE(driver.stored.tasks.contains("zookeeper-1-server"));
  die(driver, "zookeeper-1");
  EXPECT_THAT(driver.engine().snapshot()->plan("recovery")->phases, IsEmpty()) << "it is not wanted";
  give_back(driver, own_offer(driver, "zookeeper-1"));
  EXPECT_EQ(driver.engine().snapshot()->plan("decommission")->status, Status::kComplete);
  EXPECT_THAT(driver.stored.tasks, SizeIs(2));
  EXPECT_THAT(driver.launched(), IsEmpty());
}

TEST(Uninstall, KillsGivesBackTearsDownAndThenDeletesTheState) {
  EngineDriver driver = deployed_driver();
  driver.settings.uninstall = true;
  driver.restart();
  EXPECT_EQ(driver.stored.properties.at("uninstalling"), "true");
  driver.subscribe();
  for (const char* pod : kPods) driver.ready(pod);
  EXPECT_THAT(driver.killed(), SizeIs(6));
  EXPECT_EQ(driver.engine().snapshot()->health.code, 204);
  for (const char* pod : kPods) die(driver, pod);
  for (const char* pod : kPods) give_back(driver, own_offer(driver, pod));
  EXPECT_EQ(teardowns(driver), 1U);
  EXPECT_FALSE(driver.stored.framework_id.empty()) << "the state goes last";
  EXPECT_EQ(driver.engine().snapshot()->plan("deploy")->status, Status::kInProgress);

  driver.event(mesos::event::Disconnected{"the master closed the stream"});
  driver.event(mesos::event::Error{"Framework has been removed"});
  EXPECT_TRUE(driver.stored.framework_id.empty());
  EXPECT_THAT(driver.stored.tasks, IsEmpty());
  EXPECT_THAT(driver.stored.configs, IsEmpty());
  EXPECT_THAT(driver.stored.properties, IsEmpty());
  EXPECT_FALSE(driver.exit);
  EXPECT_EQ(driver.engine().snapshot()->plan("deploy")->status, Status::kComplete);
  EXPECT_EQ(driver.engine().snapshot()->health.code, 200);
  EXPECT_FALSE(driver.engine().wants_mesos());

  driver.restart();
  EXPECT_FALSE(driver.engine().wants_mesos()) << "it must not register anew";
  EXPECT_EQ(driver.engine().snapshot()->plan("deploy")->status, Status::kComplete);
}

TEST(Uninstall, TellsMesosAgainWhenTheTeardownWasLost) {
  EngineDriver driver = deployed_driver();
  driver.settings.uninstall = true;
  driver.restart();
  driver.subscribe();
  for (const char* pod : kPods) die(driver, pod);
  for (const char* pod : kPods) give_back(driver, own_offer(driver, pod));
  EXPECT_EQ(teardowns(driver), 1U);
  driver.event(mesos::event::Disconnected{"cut"});
  driver.subscribe();
  EXPECT_EQ(teardowns(driver), 2U) << "it knows us, so it did not hear";
  driver.advance(10000);
  EXPECT_EQ(teardowns(driver), 3U);
}

TEST(Uninstall, CannotBeTakenBack) {
  EngineDriver driver = deployed_driver();
  driver.settings.uninstall = true;
  driver.restart();
  driver.settings.uninstall = false;
  driver.restart();
  ASSERT_TRUE(driver.exit);
  EXPECT_EQ(driver.exit->code, 11);
  EXPECT_EQ(
      driver.exit->message,
      "an uninstall of this service was begun and cannot be taken back; start it with SDK_UNINSTALL set "
      "until the uninstall is complete");
}

// After a fail-over the master does not know the tasks of agents that are not back yet
// (MESOS-6250), also those whose launch was stored a moment before.
TEST(Uninstall, KillsWhatMesosDidNotKnowAtFirst) {
  EngineDriver driver(sample_spec(spec::Strategy::kParallel));
  driver.subscribe();
  driver.offer({big_offer(1), big_offer(2), big_offer(3)});
  driver.settings.uninstall = true;
  driver.restart();
  driver.subscribe();
  const auto answer_all = [&](TaskState state) {
    for (const char* pod : kPods) {
      driver.update(std::string(pod) + "-server", state, {}, "SOURCE_MASTER");
      driver.update(std::string(pod) + "-metrics", state, {}, "SOURCE_MASTER");
    }
  };
  answer_all(TaskState::kUnknown);
  EXPECT_EQ(phases(driver, "deploy").front(), "kill-tasks STARTING");
  answer_all(TaskState::kRunning);
  EXPECT_EQ(phases(driver, "deploy").front(), "kill-tasks STARTING");
  driver.calls.clear();
  driver.advance(5000);
  EXPECT_THAT(driver.killed(), SizeIs(6));
}

TEST(Uninstall, ListsWhatAnAgentThatIsAwayHoldsAndGivesItUpOnRequest) {
  EngineDriver driver = deployed_driver();
  driver.settings.uninstall = true;
  driver.restart();
  driver.subscribe();
  for (const char* pod : {"zookeeper-0", "zookeeper-1"}) die(driver, pod);
  die(driver, "zookeeper-2", TaskState::kUnreachable);
  for (const char* pod : {"zookeeper-0", "zookeeper-1"}) give_back(driver, own_offer(driver, pod));
  EXPECT_EQ(teardowns(driver), 0U);
  EXPECT_THAT(phases(driver, "deploy"),
              ElementsAre("kill-tasks IN_PROGRESS", "unreserve-resources-10.0.0.1 COMPLETE",
                          "unreserve-resources-10.0.0.2 COMPLETE", "unreserve-resources-10.0.0.3 IN_PROGRESS",
                          "deregister-service PENDING"));
  EXPECT_EQ(driver.command(command::UninstallAbandon{"10.0.0.1"}).message,
            "Agent 10.0.0.1 with anything left not found");
  const size_t held = driver.resources_of("zookeeper-2").size();
  EXPECT_EQ(driver.command(command::UninstallAbandon{"10.0.0.3"}).message,
            "gave up " + std::to_string(held) + " reservations and 2 tasks on 10.0.0.3");
  EXPECT_EQ(teardowns(driver), 1U);
}

TEST(Uninstall, GivesUpOnlyWhatIsOnAgentsThatAreAwayUnlessOneIsNamed) {
  EngineDriver driver = deployed_driver();
  driver.settings.uninstall = true;
  driver.settings.uninstall_timeout_ms = 1;
  driver.restart();
  driver.subscribe();
  EXPECT_EQ(
      driver.command(command::UninstallAbandon{}).message,
      "nothing is given up: 10.0.0.1, 10.0.0.2, 10.0.0.3 may still give back what it holds; name an agent "
      "to leave that behind all the same");
  die(driver, "zookeeper-2", TaskState::kUnreachable);
  driver.advance(60000);
  EXPECT_THAT(phases(driver, "deploy"),
              ElementsAre("kill-tasks IN_PROGRESS", "unreserve-resources-10.0.0.1 IN_PROGRESS",
                          "unreserve-resources-10.0.0.2 IN_PROGRESS", "unreserve-resources-10.0.0.3 COMPLETE",
                          "deregister-service PENDING"));
  EXPECT_EQ(teardowns(driver), 0U) << "the time limit is over, but two agents are there";
}

// The steps of what was given back already are not planned again, so the rest moves up.
TEST(Uninstall, RemembersAcrossARestartWhatWasGivenUp) {
  EngineDriver driver = deployed_driver();
  driver.settings.uninstall = true;
  driver.restart();
  driver.subscribe();
  for (const char* pod : kPods) die(driver, pod);
  FakeOffer part = own_offer(driver, "zookeeper-0");
  const size_t held = driver.resources_of("zookeeper-0").size();
  part.resources.resize(part.resources.size() - held + 2);  // what is its executor's
  driver.offer({part});
  for (const auto& accept : driver.calls_of<mesos::call::Accept>()) {
    for (const auto& one : accept.operations)
      driver.event(mesos::event::OperationUpdate{{one.id, "OPERATION_FINISHED", "", "dXVpZA==", "S1"}});
  }
  ASSERT_TRUE(driver.command(command::UninstallAbandon{"10.0.0.1"}).ok());
  driver.restart();
  driver.subscribe();
  for (const char* pod : {"zookeeper-1", "zookeeper-2"}) give_back(driver, own_offer(driver, pod));
  EXPECT_EQ(teardowns(driver), 1U);
}

TEST(Uninstall, TheFrameworkIsRemovedWhateverIsForced) {
  EngineDriver driver = deployed_driver();
  driver.settings.uninstall = true;
  driver.restart();
  driver.subscribe();
  EXPECT_EQ(
      driver.command(command::PlanForceComplete{{"deploy", "deregister-service", "deregister"}}).outcome,
      Answer::Outcome::kInvalid);
  for (const char* pod : kPods) die(driver, pod);
  ASSERT_TRUE(driver.command(command::PlanForceComplete{{"deploy", {}, {}}}).ok());
  EXPECT_EQ(teardowns(driver), 1U);
  EXPECT_NE(phases(driver, "deploy").back(), "deregister-service COMPLETE");
}

TEST(Uninstall, GivesUpByItselfAfterATimeLimitOnlyWhereThereIsOne) {
  for (const int64_t limit_ms : {int64_t{0}, int64_t{3600000}}) {
    EngineDriver driver = deployed_driver();
    driver.settings.uninstall = true;
    driver.settings.uninstall_timeout_ms = limit_ms;
    driver.restart();
    driver.subscribe();
    for (const char* pod : kPods) die(driver, pod, TaskState::kUnreachable);
    driver.advance(3599000);
    EXPECT_EQ(teardowns(driver), 0U);
    driver.restart();
    driver.subscribe();
    for (const char* pod : kPods) die(driver, pod, TaskState::kUnreachable);
    driver.advance(60000);
    EXPECT_EQ(teardowns(driver), limit_ms == 0 ? 0U : 1U);
  }
}

// What UNRESERVEs that were sent took away is not offered again.
void take_away(std::vector<FakeOffer>& offers, const EngineDriver& driver) {
  std::set<std::string> gone;
  for (const auto& accept : driver.calls_of<mesos::call::Accept>()) {
    for (const auto& operation : accept.operations) {
      if (operation.type != mesos::Operation::Type::kUnreserve) continue;
      for (const auto& resource : operation.resources) gone.emplace(resource_id_of(resource));
    }
  }
  for (FakeOffer& offer : offers) {
    std::erase_if(offer.resources,
                  [&](const auto& one) { return gone.contains(std::string(resource_id_of(one))); });
  }
}

// The core asked to be woken for it at once, for ever.
TEST(Uninstall, AnInterruptedPlanDoesNotWakeUpToSayTheTeardownAgain) {
  EngineDriver driver = deployed_driver();
  std::vector<FakeOffer> offers;
  for (const char* pod : kPods) offers.push_back(own_offer(driver, pod));
  driver.settings.uninstall = true;
  driver.restart();
  driver.subscribe();
  for (const char* pod : kPods) die(driver, pod);
  for (const FakeOffer& offer : offers) give_back(driver, offer);
  ASSERT_EQ(teardowns(driver), 1U);
  driver.command(command::PlanInterrupt{{"deploy", {}, {}}});
  driver.advance(10'000);
  EXPECT_EQ(teardowns(driver), 1U);
  EXPECT_GT(driver.engine().wake_at().value_or(INT64_MAX), driver.now.mono_ms);
  driver.command(command::PlanContinue{{"deploy", {}, {}}});
  EXPECT_EQ(teardowns(driver), 2U);
}

// Wherever the process dies, the next one finishes; no reservation is forgotten, and none
// is waited for that is gone already.
TEST(Uninstall, FinishesWhereverItWasInterrupted) {
  for (int at = 0; at < 60; ++at) {
    SCOPED_TRACE("crash after effect " + std::to_string(at));
    EngineDriver driver = deployed_driver();
    std::vector<FakeOffer> offers;
    for (const char* pod : kPods) offers.push_back(own_offer(driver, pod));
    driver.settings.uninstall = true;
    driver.crash_after_effects = at;
    const auto run = [&] {
      driver.restart();
      if (!driver.engine().wants_mesos()) return;
      driver.subscribe();
      for (const char* pod : kPods) {
        if (driver.stored.tasks.contains(std::string(pod) + "-server")) die(driver, pod);
      }
      driver.advance(36'000);
      for (const FakeOffer& offer : offers) give_back(driver, offer);
    };
    run();
    take_away(offers, driver);
    const bool crashed = driver.crash_after_effects == 0;
    driver.crash_after_effects = -1;
    run();
    EXPECT_GE(teardowns(driver), 1U);
    driver.event(mesos::event::Error{"Framework has been removed"});
    EXPECT_TRUE(driver.stored.framework_id.empty());
    EXPECT_THAT(driver.stored.tasks, IsEmpty());
    if (!crashed) break;
  }
}

// A record that stayed would keep its reservations from being given back when their agent returns.
TEST(Decommission, ForcedToBeCompleteForgetsItsTasksAllTheSame) {
  EngineDriver driver = deployed_driver();
  spec::ServiceSpec smaller = sample_spec(spec::Strategy::kParallel, 2);
  smaller.pods[0].allow_decommission = true;
  driver.restart_with(smaller);
  driver.subscribe();
  for (const char* pod : kPods) driver.ready(pod);
  const FakeOffer held = own_offer(driver, "zookeeper-2");
  ASSERT_TRUE(driver.command(command::PlanForceComplete{{"decommission", "zookeeper-2", {}}}).ok());
  driver.advance(1000);
  EXPECT_FALSE(driver.stored.tasks.contains("zookeeper-2-server"));
  EXPECT_EQ(driver.engine().snapshot()->plan("decommission")->status, Status::kComplete);
  driver.calls.clear();
  driver.offer({held});
  EXPECT_FALSE(driver.calls_of<mesos::call::Accept>().empty()) << "they belong to nothing";
}

}  // namespace
}  // namespace ostler::core::test
