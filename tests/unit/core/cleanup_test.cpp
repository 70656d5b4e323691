// What is left over on agents is given back, also while nothing is to be done; and what
// belongs to others never is. Offers come as JSON here, because the parser tells whose
// a reservation is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "engine_driver.h"
#include "mesos/event_parser.h"

namespace ostler::core::test {
namespace {

using mesos::TaskState;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Type = mesos::Operation::Type;

EngineDriver idle() {
  EngineDriver driver(sample_spec(spec::Strategy::kSerial, 1));
  driver.subscribe();
  driver.offer({big_offer(1)});
  driver.ready("zookeeper-0");
  driver.calls.clear();
  return driver;
}

// An offer to framework F1 with these resources, through the parser.
void offer(EngineDriver& driver, const std::vector<nlohmann::json>& resources) {
  const nlohmann::json event = {{"type", "OFFERS"},
                                {"offers",
                                 {{"offers",
                                   {{{"id", {{"value", "O1"}}},
                                     {"framework_id", {{"value", "F1"}}},
                                     {"agent_id", {{"value", "S7"}}},
                                     {"hostname", "10.0.0.7"},
                                     {"resources", resources}}}}}}};
  mesos::EventParser parser({.framework_id = "F1", .roles = {"zk-role"}});
  auto parsed = parser.parse(event.dump());
  ASSERT_TRUE(parsed.ok()) << parsed.error().text();
  driver.event(std::move(*parsed->event));
}

nlohmann::json reserved(const nlohmann::json& labels, const std::string& role = "zk-role") {
  nlohmann::json list = nlohmann::json::array();
  for (const auto& [key, value] : labels.items()) list.push_back({{"key", key}, {"value", value}});
  return {{"name", "disk"},
          {"type", "SCALAR"},
          {"scalar", {{"value", 100.0}}},
          {"allocation_info", {{"role", role}}},
          {"reservations",
           {{{"type", "DYNAMIC"},
             {"role", role},
             {"principal", "zk-principal"},
             {"labels", {{"labels", list}}}}}}};
}

nlohmann::json with_volume(nlohmann::json resource) {
  resource["disk"] = {{"persistence", {{"id", "v1"}, {"principal", "zk-principal"}}},
                      {"volume", {{"container_path", "data"}, {"mode", "RW"}}}};
  return resource;
}

std::vector<Type> operations(const EngineDriver& driver) {
  std::vector<Type> types;
  for (const auto& accept : driver.calls_of<mesos::call::Accept>()) {
    for (const auto& one : accept.operations) types.push_back(one.type);
  }
  return types;
}

TEST(Cleanup, GivesBackWhatCarriesOurLabelsAndBelongsToNothing) {
  EngineDriver driver = idle();
  offer(driver, {with_volume(reserved({{"framework_id", "F1"}, {"resource_id", "gone"}}))});
  EXPECT_THAT(operations(driver), ElementsAre(Type::kDestroy, Type::kUnreserve));
}

// dcos-commons threads 2368 and 3213: volumes of another framework that shares the role
// and the principal were destroyed.
TEST(Cleanup, NeverTouchesAnotherFrameworksReservationsUnderTheSameRole) {
  EngineDriver driver = idle();
  offer(driver, {with_volume(reserved({{"framework_id", "F2"}, {"resource_id", "theirs"}})),
                 with_volume(reserved({{"resource_id", "of-nobody-we-know"}})),
                 with_volume(reserved(nlohmann::json::object()))});
  EXPECT_THAT(operations(driver), IsEmpty());
  EXPECT_THAT(driver.calls_of<mesos::call::Decline>(), SizeIs(1));
}

TEST(Cleanup, NeverTouchesAnotherRolesReservationsWithOurLabels) {
  EngineDriver driver = idle();
  offer(driver, {with_volume(reserved({{"framework_id", "F1"}, {"resource_id", "r"}}, "other-role"))});
  EXPECT_THAT(operations(driver), IsEmpty());
}

TEST(Cleanup, KeepsWhatAStoppedPodHolds) {
  EngineDriver driver = idle();
  driver.update("zookeeper-0-server", TaskState::kFailed);
  const auto held = driver.resources_of("zookeeper-0");
  driver.calls.clear();
  driver.offer({FakeOffer{"O2", "S1", "10.0.0.1", {held.front()}}});
  EXPECT_THAT(operations(driver), IsEmpty());
}

TEST(Cleanup, LooksForLeftoversOnceAnHourWhileIdle) {
  EngineDriver driver = idle();
  driver.advance(0);
  ASSERT_TRUE(driver.engine().snapshot()->suppressed);
  driver.calls.clear();
  driver.advance(driver.settings.sweep_period_ms);
  const auto revived = driver.calls_of<mesos::call::Revive>();
  ASSERT_THAT(revived, SizeIs(1));
  EXPECT_THAT(revived[0].roles, ElementsAre("zk-role"));
  offer(driver, {reserved({{"framework_id", "F1"}, {"resource_id", "gone"}})});
  EXPECT_THAT(operations(driver), ElementsAre(Type::kUnreserve));
  EXPECT_THAT(driver.calls_of<mesos::call::Suppress>(), IsEmpty()) << "others may come still";
  driver.advance(driver.settings.sweep_window_ms);
  EXPECT_THAT(driver.calls_of<mesos::call::Suppress>(), SizeIs(1));
  driver.calls.clear();
  driver.advance(driver.settings.sweep_window_ms);
  EXPECT_THAT(driver.calls_of<mesos::call::Revive>(), IsEmpty()) << "until the next hour";
  EXPECT_THAT(driver.calls_of<mesos::call::Suppress>(), IsEmpty());
}

TEST(Cleanup, LooksSoonWhereAPodLeftSomethingBehind) {
  EngineDriver driver(sample_spec(spec::Strategy::kSerial, 1));
  driver.subscribe();
  driver.offer({big_offer(1)});
  driver.update("zookeeper-0-server", TaskState::kGone, {}, "SOURCE_MASTER");
  driver.update("zookeeper-0-metrics", TaskState::kGone, {}, "SOURCE_MASTER");
  driver.offer({big_offer(2)});
  driver.ready("zookeeper-0");
  driver.calls.clear();
  driver.advance(driver.settings.sweep_soon_ms);
  EXPECT_THAT(driver.calls_of<mesos::call::Revive>(), SizeIs(1));
}

// Its agent says nothing when it is back, since nothing runs there any more.
TEST(Cleanup, WhatIsKnownToBeLeftOnAnAgentThatIsAwayIsLookedForAgainAndAgain) {
  EngineDriver driver = idle();
  for (const char* task : {"zookeeper-0-server", "zookeeper-0-metrics"})
    driver.update(task, TaskState::kUnreachable, {}, "SOURCE_MASTER");
  ASSERT_TRUE(driver.command(command::PodReplace{"zookeeper-0"}).ok());
  driver.offer({big_offer(2)});
  driver.ready("zookeeper-0");
  ASSERT_FALSE(driver.stored.tasks.at("zookeeper-0-metrics").launch->leftovers.empty() &&
               driver.stored.tasks.at("zookeeper-0-server").launch->leftovers.empty());
  const auto revives_of_an_hour = [&] {
    driver.calls.clear();
    for (int i = 0; i < 720; ++i) driver.advance(5000);
    return driver.calls_of<mesos::call::Revive>().size();
  };
  revives_of_an_hour();
  EXPECT_GE(revives_of_an_hour(), 8U);
  EXPECT_LE(revives_of_an_hour(), 9U) << "seldom enough for their rate limit";
}

// What a crash left may be on an agent that is away when it is looked for first.
TEST(Cleanup, LooksMoreRarelyTheLongerARegistrationIsAgo) {
  EngineDriver driver = idle();
  std::vector<int> minutes;
  for (int minute = 1; minute <= 130; ++minute) {
    driver.calls.clear();
    driver.advance(driver.settings.sweep_window_ms);
    driver.advance(60'000 - driver.settings.sweep_window_ms);
    driver.advance(0);  // it asks to be woken at once
    if (driver.calls_of<mesos::call::Revive>().empty()) continue;
    minutes.push_back(minute);
    EXPECT_THAT(driver.calls_of<mesos::call::Reconcile>(),
                Contains(Field(&mesos::call::Reconcile::tasks, IsEmpty())))
        << "a task that nobody remembers may hide it";
  }
  EXPECT_THAT(minutes, ElementsAre(1, 2, 4, 8, 16, 32, 64, 124));
}

TEST(Cleanup, LooksSoonWhereATaskEndedThatNobodyRemembers) {
  EngineDriver driver = idle();
  for (int minute = 0; minute < 40; ++minute) driver.advance(60'000);
  driver.calls.clear();
  mesos::TaskStatus status;
  status.task_id = "zk__zookeeper-0-server__of-an-earlier-launch";
  status.agent_id = "S7";
  status.state = TaskState::kRunning;
  driver.event(mesos::event::Update{status});
  EXPECT_THAT(driver.killed(), ElementsAre(status.task_id));
  driver.advance(driver.settings.sweep_soon_ms);
  EXPECT_THAT(driver.calls_of<mesos::call::Revive>(), IsEmpty()) << "it still uses what it has";
  status.state = TaskState::kKilled;
  driver.event(mesos::event::Update{status});
  driver.advance(driver.settings.sweep_soon_ms);
  EXPECT_THAT(driver.calls_of<mesos::call::Revive>(), SizeIs(1));
}

TEST(Cleanup, AYearOfIdleHoursLeavesNothingBehindInMemory) {
  EngineDriver driver = idle();
  const size_t agents = driver.engine().snapshot()->why->outcomes.size();
  int revives = 0;
  for (int hour = 0; hour < 24 * 365; ++hour) {
    driver.advance(driver.settings.sweep_period_ms - driver.settings.sweep_window_ms);
    driver.advance(driver.settings.sweep_window_ms);
    revives += static_cast<int>(driver.calls_of<mesos::call::Revive>().size());
    driver.offer({big_offer(1), big_offer(2)});
    driver.calls.clear();
  }
  EXPECT_GE(revives, 24 * 364);
  EXPECT_EQ(driver.engine().snapshot()->why->outcomes.size(), agents);
}

}  // namespace
}  // namespace ostler::core::test
