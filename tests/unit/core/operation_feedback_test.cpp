// What the engine makes of the words on its operations, and of their absence.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine_driver.h"

namespace ostler::core::test {
namespace {

using mesos::TaskState;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Type = mesos::Operation::Type;

EngineDriver launched() {
  EngineDriver driver(sample_spec(spec::Strategy::kSerial, 1));
  driver.subscribe();
  driver.offer({big_offer(1)});
  return driver;
}

mesos::Operation operation(const EngineDriver& driver, Type type) {
  for (const auto& accept : driver.calls_of<mesos::call::Accept>()) {
    for (const auto& one : accept.operations) {
      if (one.type == type) return one;
    }
  }
  ADD_FAILURE() << "no such operation was sent";
  return {};
}

void say(EngineDriver& driver, const mesos::Operation& operation, const std::string& state,
         const std::string& message = "", const std::string& uuid = "") {
  driver.event(mesos::event::OperationUpdate{{operation.id, state, message, uuid, uuid.empty() ? "" : "S1"}});
}

bool is_confirmed(EngineDriver& driver, const std::string& task) {
  const auto& held = driver.engine().tasks().find(task)->launch->holdings;
  return std::all_of(held.begin(), held.end(), [](const Holding& h) { return h.confirmed; });
}

std::string message_of_first_step(EngineDriver& driver) {
  return driver.engine().snapshot()->plan("deploy")->phases[0].steps[0].message;
}

TEST(OperationFeedback, AsksForItOnAllOperationsButLaunches) {
  EngineDriver driver = launched();
  std::set<std::string> ids;
  for (const auto& accept : driver.calls_of<mesos::call::Accept>()) {
    for (const auto& one : accept.operations) {
      EXPECT_EQ(one.id.empty(), one.type == Type::kLaunchGroup) << "Mesos refuses ids on launches";
      if (!one.id.empty()) ids.insert(one.id);
    }
  }
  EXPECT_THAT(ids, SizeIs(2)) << "RESERVE and CREATE";
}

TEST(OperationFeedback, AcknowledgesWhatHasAUuidAlsoFromBeforeARestart) {
  EngineDriver driver = launched();
  const mesos::Operation reserve = operation(driver, Type::kReserve);
  driver.restart();
  driver.subscribe();
  say(driver, reserve, "OPERATION_FINISHED", "", "dXVpZA==");
  say(driver, reserve, "OPERATION_ERROR", "no uuid");
  const auto acks = driver.calls_of<mesos::call::AcknowledgeOperation>();
  ASSERT_THAT(acks, SizeIs(1));
  EXPECT_EQ(acks[0].operation_id, reserve.id);
  EXPECT_EQ(acks[0].uuid, "dXVpZA==");
  EXPECT_EQ(acks[0].agent_id, "S1");
}

TEST(OperationFeedback, AFinishedReserveConfirmsThatTheReservationsExist) {
  EngineDriver driver = launched();
  EXPECT_FALSE(is_confirmed(driver, "zookeeper-0-server"));
  say(driver, operation(driver, Type::kReserve), "OPERATION_FINISHED", "", "dXVpZA==");
  EXPECT_TRUE(is_confirmed(driver, "zookeeper-0-server"));
  EXPECT_FALSE(driver.stored.tasks.at("zookeeper-0-server").launch->is_confirmed()) << "one write, not two";
  driver.update("zookeeper-0-server", TaskState::kRunning);
  EXPECT_TRUE(driver.stored.tasks.at("zookeeper-0-server").launch->is_confirmed());
}

TEST(OperationFeedback, ARefusedReserveIsSaidAndTriedElsewhere) {
  EngineDriver driver = launched();
  const std::string first = driver.task_id("zookeeper-0-server");
  say(driver, operation(driver, Type::kReserve), "OPERATION_ERROR", "no quota");
  driver.update("zookeeper-0-server", TaskState::kError, {}, "SOURCE_MASTER");
  driver.update("zookeeper-0-metrics", TaskState::kError, {}, "SOURCE_MASTER");
  EXPECT_EQ(message_of_first_step(driver),
            "zookeeper-0-server ended with TASK_ERROR, because Mesos refused the RESERVE of 9 resources of "
            "zookeeper-0 on agent 10.0.0.1: no quota, waits for an offer");
  driver.offer({big_offer(2)});
  EXPECT_NE(driver.task_id("zookeeper-0-server"), first);
  EXPECT_EQ(driver.agent_of("zookeeper-0-server"), "S2");
  EXPECT_THAT(message_of_first_step(driver), ::testing::Not(HasSubstr("quota")));
}

TEST(OperationFeedback, ARefusedCreateKeepsTheReservationsAndCreatesAgain) {
  EngineDriver driver = launched();
  const auto reserved = driver.resources_of("zookeeper-0");
  const mesos::Operation create = operation(driver, Type::kCreate);
  say(driver, operation(driver, Type::kReserve), "OPERATION_FINISHED", "", "dXVpZA==");
  say(driver, create, "OPERATION_ERROR", "disk trouble");
  driver.update("zookeeper-0-server", TaskState::kError, {}, "SOURCE_MASTER");
  driver.update("zookeeper-0-metrics", TaskState::kError, {}, "SOURCE_MASTER");
  driver.calls.clear();
  FakeOffer again = big_offer(1);
  for (mesos::Resource resource : reserved) {
    resource.disk.reset();
    again.resources.push_back(resource);
  }
  driver.offer({again});
  EXPECT_THAT(driver.launched(), SizeIs(2));
  EXPECT_EQ(operation(driver, Type::kCreate).resources, create.resources) << "the same volume";
}

// A port that the new configuration adds is reserved in place. That this is refused must
// not make the pod wait for ever for a port that never was.
TEST(OperationFeedback, ARefusedGrowthLeavesNoGhostReservation) {
  spec::ServiceSpec spec = sample_spec(spec::Strategy::kSerial, 1);
  EngineDriver driver(spec);
  driver.subscribe();
  driver.offer({big_offer(1)});
  driver.ready("zookeeper-0");
  const auto before = driver.resources_of("zookeeper-0");
  spec.pods[0].resource_sets[0].ports.push_back({"admin", 1150, "ADMIN_PORT", true, {}, 0, {}});
  driver.restart_with(spec);
  driver.subscribe();
  driver.ready("zookeeper-0");
  driver.update("zookeeper-0-server", TaskState::kKilled);
  driver.update("zookeeper-0-metrics", TaskState::kKilled);
  FakeOffer offer = big_offer(1);
  offer.resources.insert(offer.resources.end(), before.begin(), before.end());
  driver.calls.clear();
  driver.offer({offer});
  ASSERT_THAT(driver.launched(), SizeIs(2));
  say(driver, operation(driver, Type::kReserve), "OPERATION_ERROR", "no quota");
  driver.update("zookeeper-0-server", TaskState::kError, {}, "SOURCE_MASTER");
  driver.update("zookeeper-0-metrics", TaskState::kError, {}, "SOURCE_MASTER");
  driver.calls.clear();
  offer.id = "again";
  driver.offer({offer});  // what was there before, and nothing else
  EXPECT_THAT(driver.launched(), SizeIs(2));
  const mesos::Operation reserve = operation(driver, Type::kReserve);
  ASSERT_THAT(reserve.resources, SizeIs(1));
  EXPECT_EQ(reserve.resources[0].name, "ports");
}

TEST(OperationFeedback, AgentsThatCannotGiveItGetOperationsWithoutIds) {
  for (const char* lacking :
       {"Operation requested feedback, but agent S1 does not have the required "
        "RESOURCE_PROVIDER capability",
        "Operation on agent default resources requested feedback, but agent S1 does not "
        "have the required AGENT_OPERATION_FEEDBACK and RESOURCE_PROVIDER capabilities"}) {
    EngineDriver driver = launched();
    say(driver, operation(driver, Type::kReserve), "OPERATION_ERROR", lacking);
    say(driver, operation(driver, Type::kCreate), "OPERATION_ERROR", lacking);
    driver.update("zookeeper-0-server", TaskState::kError, {}, "SOURCE_MASTER");
    driver.update("zookeeper-0-metrics", TaskState::kError, {}, "SOURCE_MASTER");
    driver.calls.clear();
    driver.offer({big_offer(1)});
    ASSERT_THAT(driver.launched(), SizeIs(2));
    EXPECT_THAT(operation(driver, Type::kReserve).id, IsEmpty());
  }
}

TEST(OperationFeedback, AsksMesosForWhatNothingIsHeardOf) {
  EngineDriver driver = launched();
  const mesos::Operation reserve = operation(driver, Type::kReserve);
  driver.calls.clear();
  driver.advance(driver.settings.reconcile_first_ms - 1);
  EXPECT_THAT(driver.calls_of<mesos::call::ReconcileOperations>(), IsEmpty());
  driver.advance(1);
  auto asked = driver.calls_of<mesos::call::ReconcileOperations>();
  ASSERT_THAT(asked, SizeIs(1));
  EXPECT_THAT(asked[0].operations, ::testing::Contains(std::pair(reserve.id, std::string("S1"))));
  EXPECT_EQ(*driver.engine().wake_at(), driver.now.mono_ms + 2 * driver.settings.reconcile_first_ms);
  say(driver, reserve, "OPERATION_UNREACHABLE");
  driver.calls.clear();
  driver.advance(2 * driver.settings.reconcile_first_ms);
  EXPECT_THAT(driver.calls_of<mesos::call::ReconcileOperations>(), SizeIs(1)) << "its agent may come back";
}

// The stream stood, but the ACCEPT never arrived: the operations are unknown, and so is
// the task, of which the master then says so.
TEST(OperationFeedback, FindsALaunchThatNeverArrived) {
  EngineDriver driver = launched();
  const std::string id = driver.task_id("zookeeper-0-server");
  const mesos::Operation reserve = operation(driver, Type::kReserve);
  const auto offers = driver.calls_of<mesos::call::Accept>().at(0).offer_ids;
  driver.calls.clear();
  say(driver, reserve, "OPERATION_UNKNOWN", "Reconciliation: Operation is unknown");
  driver.advance(1000);
  const auto declined = driver.calls_of<mesos::call::Decline>();
  ASSERT_THAT(declined, SizeIs(1)) << "the master still takes its offers for ours";
  EXPECT_EQ(declined[0].offer_ids, mesos::Ids(offers));
  const auto asked = driver.calls_of<mesos::call::Reconcile>();
  ASSERT_THAT(asked, SizeIs(1));
  EXPECT_THAT(asked[0].tasks, ::testing::Contains(std::pair(id, std::string("S1"))));
  driver.update("zookeeper-0-server", TaskState::kGone, {}, "SOURCE_MASTER");
  driver.update("zookeeper-0-metrics", TaskState::kGone, {}, "SOURCE_MASTER");
  driver.calls.clear();
  driver.offer({big_offer(3)});
  EXPECT_THAT(driver.launched(), SizeIs(2));
}

TEST(OperationFeedback, AsksForALaunchThatNothingIsHeardOf) {
  EngineDriver driver = launched();
  const std::string id = driver.task_id("zookeeper-0-server");
  driver.calls.clear();
  driver.advance(driver.settings.launch_silence_ms);
  bool is_asked = false;
  for (const auto& ask : driver.calls_of<mesos::call::Reconcile>()) {
    for (const auto& [task, agent] : ask.tasks) is_asked |= task == id && agent == "S1";
  }
  EXPECT_TRUE(is_asked);
}

TEST(OperationFeedback, ARejectedAcceptIsKnownAtOnce) {
  EngineDriver driver = launched();
  const auto accept = driver.calls_of<mesos::call::Accept>().front();
  driver.event(mesos::event::CallRejected{accept, 400, "Failed to validate"});
  EXPECT_EQ(driver.stored.tasks.at("zookeeper-0-server").status->state, TaskState::kDropped);
  driver.calls.clear();
  driver.offer({big_offer(2)});
  EXPECT_THAT(driver.launched(), SizeIs(2)) << "no back-off: the task never ran";
}

TEST(OperationFeedback, AnAcceptThatMayHaveArrivedIsAskedFor) {
  EngineDriver driver = launched();
  const auto accept = driver.calls_of<mesos::call::Accept>().front();
  driver.calls.clear();
  driver.event(mesos::event::CallRejected{accept, 0, "connection reset"});
  EXPECT_EQ(driver.stored.tasks.at("zookeeper-0-server").status->state, TaskState::kStaging);
  EXPECT_THAT(driver.calls_of<mesos::call::Reconcile>(), SizeIs(1));
}

// A principal that may not give back: that is not mended by asking each second.
TEST(OperationFeedback, WhatMesosRefusesToTakeBackIsTriedMoreAndMoreRarely) {
  EngineDriver driver = launched();
  driver.ready("zookeeper-0");
  mesos::Resource lost = driver.resources_of("zookeeper-0").front();
  mesos::Reservation reservation = lost.reservations.back();
  reservation.labels = {{"framework_id", "F1"}, {"resource_id", "nobodys"}};
  lost.reservations.pop_back();
  lost.reservations.push_back(reservation);
  size_t tries = 0;
  for (int second = 0; second < 24 * 3600; ++second) {
    driver.calls.clear();
    if (second % 5 == 0) driver.offer({FakeOffer{"O" + std::to_string(second), "S7", "10.0.0.7", {lost}}});
    for (const auto& accept : driver.calls_of<mesos::call::Accept>()) {
      for (const mesos::Operation& one : accept.operations) {
        ++tries;
        say(driver, one, "OPERATION_FAILED", "not authorized");
      }
    }
    driver.advance(1000);
  }
  EXPECT_GE(tries, 20U);
  EXPECT_LE(tries, 40U);
}

// Of the agent's own resources, and of a disk of the provider "csi-1".
EngineDriver launched_with_a_providers_disk() {
  spec::ServiceSpec service = sample_spec(spec::Strategy::kSerial, 1);
  service.pods[0].resource_sets[0].volumes = {{"data", spec::VolumeType::kMount, {}, 1000}};
  EngineDriver driver(service);
  driver.subscribe();
  FakeOffer offer = big_offer(1);
  mesos::Resource disk = scalar("disk", 9000);
  disk.disk.change([](mesos::Disk& one) { one.source = mesos::DiskSource{"MOUNT", "/mnt/a", "", ""}; });
  disk.provider_id = "csi-1";
  offer.resources.push_back(disk);
  mesos::event::Offers event = offers_event({offer});
  event.batch.resources.back().flags |= OSTLER_RES_MOUNT;
  driver.event(std::move(event));
  return driver;
}

std::vector<mesos::Operation> reserves(const EngineDriver& driver) {
  std::vector<mesos::Operation> out;
  for (const auto& accept : driver.calls_of<mesos::call::Accept>()) {
    for (const auto& one : accept.operations) {
      if (one.type == Type::kReserve) out.push_back(one);
    }
  }
  return out;
}

TEST(OperationFeedback, AnAcknowledgementNamesTheResourceProviderThatTheStatusNames) {
  EngineDriver driver = launched_with_a_providers_disk();
  const mesos::Operation reserve = reserves(driver).at(1);
  driver.restart();
  driver.subscribe();
  driver.event(
      mesos::event::OperationUpdate{{reserve.id, "OPERATION_FINISHED", "", "dXVpZA==", "S1", "csi-1"}});
  const auto acks = driver.calls_of<mesos::call::AcknowledgeOperation>();
  ASSERT_THAT(acks, SizeIs(1));
  EXPECT_EQ(acks[0].resource_provider_id, "csi-1");
  EXPECT_EQ(acks[0].agent_id, "S1");
}

TEST(OperationFeedback, AnAcknowledgementNamesTheResourceProviderThatTheStatusLeavesOut) {
  EngineDriver driver = launched_with_a_providers_disk();
  for (const mesos::Operation& one : reserves(driver)) say(driver, one, "OPERATION_FINISHED", "", "dXVpZA==");
  const auto acks = driver.calls_of<mesos::call::AcknowledgeOperation>();
  ASSERT_THAT(acks, SizeIs(2));
  EXPECT_EQ(acks[0].resource_provider_id, "");
  EXPECT_EQ(acks[1].resource_provider_id, "csi-1");
}

TEST(OperationFeedback, EachReserveOfAnAcceptConfirmsItsOwnResources) {
  EngineDriver driver = launched_with_a_providers_disk();
  const auto both = reserves(driver);
  ASSERT_THAT(both, SizeIs(2));
  say(driver, both[1], "OPERATION_FINISHED", "", "dXVpZA==");
  for (const Holding& one : driver.engine().tasks().find("zookeeper-0-server")->launch->holdings)
    EXPECT_EQ(one.confirmed, one.resource.provider_id == "csi-1") << one.key;
  say(driver, both[0], "OPERATION_FINISHED", "", "dXVpZA==");
  EXPECT_TRUE(is_confirmed(driver, "zookeeper-0-server"));
}

// The disk that is reserved keeps the pod on its agent; the rest is asked for again there.
TEST(OperationFeedback, OfTwoReservesOnlyTheRefusedOneIsSentAgain) {
  EngineDriver driver = launched_with_a_providers_disk();
  const auto both = reserves(driver);
  ASSERT_THAT(both, SizeIs(2));
  say(driver, both[0], "OPERATION_ERROR", "no quota");
  say(driver, both[1], "OPERATION_FINISHED", "", "dXVpZA==");
  driver.update("zookeeper-0-server", TaskState::kError, {}, "SOURCE_MASTER");
  driver.update("zookeeper-0-metrics", TaskState::kError, {}, "SOURCE_MASTER");
  driver.calls.clear();
  FakeOffer again = big_offer(1);
  again.resources.push_back(both[1].resources.at(0));
  driver.offer({again});
  EXPECT_THAT(driver.launched(), SizeIs(2));
  ASSERT_THAT(reserves(driver), SizeIs(1));
  EXPECT_EQ(reserves(driver)[0].resources.size(), both[0].resources.size());
  const mesos::Operation create = operation(driver, Type::kCreate);
  ASSERT_THAT(create.resources, SizeIs(1));
  EXPECT_EQ(create.resources[0].provider_id, "csi-1");
}

}  // namespace
}  // namespace ostler::core::test
