// What is taken out of an offer: the SDK's cases of OfferEvaluatorTest and its siblings
// for ports and volumes, as operations and records.
#include "core/claim.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine_driver.h"

namespace ostler::core {
namespace {

using Type = mesos::Operation::Type;
using test::EngineDriver;
using test::ports;
using test::sample_spec;
using test::scalar;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// The same resource out of a static reservation.
mesos::Resource of_role(mesos::Resource resource, const std::string& role) {
  resource.reservations.push_back({false, role, {}, {}});
  resource.allocation_role = role + "/zk-role";
  return resource;
}

test::FakeOffer statically_reserved(const std::string& role) {
  return {"O-static",
          "S1",
          "10.0.0.1",
          {of_role(scalar("cpus", 4), role), of_role(scalar("mem", 8192), role),
           of_role(scalar("disk", 20000), role), of_role(ports(1025, 2180), role)}};
}

std::vector<mesos::Operation> operations(const EngineDriver& driver) {
  std::vector<mesos::Operation> out;
  for (const auto& accept : driver.calls_of<mesos::call::Accept>())
    out.insert(out.end(), accept.operations.begin(), accept.operations.end());
  return out;
}

const mesos::Resource* resource_in(const mesos::Operation& operation, const std::string& name) {
  for (const mesos::Resource& one : operation.resources) {
    if (one.name == name) return &one;
  }
  return nullptr;
}

// The first holding of the server's task with that key.
mesos::Resource held(const EngineDriver& driver, const std::string& key) {
  for (const Holding& one : driver.stored.tasks.at("zookeeper-0-server").launch->holdings) {
    if (one.key == key) return one.resource;
  }
  ADD_FAILURE() << "nothing is held as " << key;
  return {};
}

// A deployed pod whose server wants `cpus_milli` from now on, and is offered what it holds
// and `extra`.
std::vector<mesos::Operation> rolled(EngineDriver& driver, spec::ServiceSpec to,
                                     std::vector<mesos::Resource> extra) {
  const std::vector<mesos::Resource> mine = driver.resources_of("zookeeper-0");
  driver.restart_with(std::move(to));
  driver.subscribe();
  driver.update("zookeeper-0-server", mesos::TaskState::kRunning, 0);
  driver.update("zookeeper-0-metrics", mesos::TaskState::kRunning);
  for (const std::string& id : driver.killed()) driver.update_id(id, mesos::TaskState::kKilled);
  driver.calls.clear();
  extra.insert(extra.end(), mine.begin(), mine.end());
  driver.offer({{"O-again", "S1", "10.0.0.1", std::move(extra)}});
  return operations(driver);
}

spec::ServiceSpec one_node(int64_t cpus_milli, const std::string& pre_reserved_role = "*") {
  spec::ServiceSpec service = sample_spec(spec::Strategy::kSerial, 1);
  service.pods[0].resource_sets[0].cpus_milli = cpus_milli;
  service.pods[0].pre_reserved_role = pre_reserved_role;
  return service;
}

TEST(Claim, RefinesAStaticReservation) {
  EngineDriver driver(one_node(1000, "slave_public"));
  driver.subscribe();
  driver.offer({test::big_offer(1)});
  EXPECT_THAT(driver.launched(), IsEmpty()) << "what is not reserved is not for it";
  driver.offer({statically_reserved("slave_public")});
  const auto all = operations(driver);
  ASSERT_FALSE(all.empty());
  ASSERT_EQ(all[0].type, Type::kReserve);
  for (const mesos::Resource& one : all[0].resources) {
    ASSERT_EQ(one.reservations.size(), 2U) << one.name;
    EXPECT_FALSE(one.reservations[0].is_dynamic);
    EXPECT_EQ(one.reservations[0].role, "slave_public");
    EXPECT_TRUE(one.reservations[1].is_dynamic);
    EXPECT_EQ(one.reservations[1].role, "slave_public/zk-role");
    EXPECT_EQ(one.reservations[1].principal, "zk-principal");
    EXPECT_EQ(one.allocation_role, "slave_public/zk-role");
  }
  EXPECT_EQ(driver.launched().size(), 2U);
}

TEST(Claim, GrowsInPlaceUnderTheSameResourceId) {
  for (const std::string role : {"*", "slave_public"}) {
    EngineDriver driver(one_node(1000, role));
    driver.subscribe();
    driver.offer({role == "*" ? test::big_offer(1) : statically_reserved(role)});
    driver.ready("zookeeper-0");
    const mesos::Resource before = held(driver, "server-resource-set/cpus");
    const mesos::Resource room = role == "*" ? scalar("cpus", 1) : of_role(scalar("cpus", 1), role);
    const auto all = rolled(driver, one_node(1500, role), {room});
    ASSERT_FALSE(all.empty()) << role;
    ASSERT_EQ(all[0].type, Type::kReserve) << role;
    ASSERT_EQ(all[0].resources.size(), 1U);
    EXPECT_EQ(all[0].resources[0].milli, 500) << "the difference alone";
    EXPECT_EQ(all[0].resources[0].reservations, before.reservations);
    const mesos::Resource after = held(driver, "server-resource-set/cpus");
    EXPECT_EQ(after.milli, 1500);
    EXPECT_EQ(resource_id_of(after), resource_id_of(before));
  }
}

TEST(Claim, WaitsWhereThereIsNoRoomToGrow) {
  EngineDriver driver(one_node(1000));
  driver.subscribe();
  driver.offer({test::big_offer(1)});
  driver.ready("zookeeper-0");
  EXPECT_THAT(rolled(driver, one_node(1500), {scalar("cpus", 0.25)}), IsEmpty());
}

TEST(Claim, ShrinksInPlaceAndGivesTheRestBack) {
  for (const std::string role : {"*", "slave_public"}) {
    EngineDriver driver(one_node(1000, role));
    driver.subscribe();
    driver.offer({role == "*" ? test::big_offer(1) : statically_reserved(role)});
    driver.ready("zookeeper-0");
    const mesos::Resource before = held(driver, "server-resource-set/cpus");
    const auto all = rolled(driver, one_node(400, role), {});
    ASSERT_FALSE(all.empty()) << role;
    ASSERT_EQ(all[0].type, Type::kUnreserve) << role;
    ASSERT_EQ(all[0].resources.size(), 1U);
    EXPECT_EQ(all[0].resources[0].milli, 600);
    EXPECT_EQ(all[0].resources[0].reservations, before.reservations);
    EXPECT_EQ(held(driver, "server-resource-set/cpus").milli, 400);
  }
}

TEST(Claim, AVolumeKeepsItsSizeWhateverTheSpecSays) {
  EngineDriver driver(one_node(1000));
  driver.subscribe();
  driver.offer({test::big_offer(1)});
  driver.ready("zookeeper-0");
  const mesos::Resource before = held(driver, "server-resource-set/volume/data");
  EXPECT_EQ(before.milli, 1'000'000) << "ROOT: exactly what was asked for";
  EXPECT_EQ(before.disk->container_path, "data");
  EXPECT_EQ(before.disk->principal, "zk-principal");
  spec::ServiceSpec other = one_node(1000);
  other.pods[0].tasks[0].cmd = "run another";
  const auto all = rolled(driver, other, {});
  for (const mesos::Operation& one : all) EXPECT_EQ(one.type, Type::kLaunchGroup);
  EXPECT_EQ(held(driver, "server-resource-set/volume/data"), before);
}

TEST(Claim, GpusAreReservedLikeAnyScalar) {
  spec::ServiceSpec service = one_node(1000);
  service.pods[0].resource_sets[0].gpus_milli = 2000;
  EngineDriver driver(service);
  driver.subscribe();
  test::FakeOffer offer = test::big_offer(1);
  offer.resources.push_back(scalar("gpus", 4));
  driver.offer({offer});
  const auto all = operations(driver);
  ASSERT_FALSE(all.empty());
  const mesos::Resource* gpus = resource_in(all[0], "gpus");
  ASSERT_NE(gpus, nullptr);
  EXPECT_EQ(gpus->milli, 2000);
}

TEST(Claim, ADynamicPortIsTheFirstOfItsRangesAndNoStaticOneOfThePod) {
  spec::ServiceSpec service = one_node(1000);
  service.pods[0].resource_sets[0].ports = {{"fixed", 1500, "", false, {}, 0, {}},
                                            {"any", 0, "ANY", false, {}, 0, {{1500, 1501}}}};
  EngineDriver driver(service);
  driver.subscribe();
  driver.offer({test::big_offer(1)});
  EXPECT_EQ(held(driver, "server-resource-set/port/any").ranges.front().begin, 1501U)
      << "both ends of a range belong to it";
}

TEST(Claim, ADynamicPortStaysAcrossARelaunchAndMayChangeWithAReplace) {
  spec::ServiceSpec service = one_node(1000);
  service.pods[0].resource_sets[0].ports = {{"any", 0, "ANY", false, {}, 0, {}}};
  EngineDriver driver(service);
  driver.subscribe();
  test::FakeOffer first = test::big_offer(1);
  first.resources[3] = ports(1700, 1800);
  driver.offer({first});
  driver.ready("zookeeper-0");
  ASSERT_EQ(held(driver, "server-resource-set/port/any").ranges.front().begin, 1700U);
  service.pods[0].tasks[0].cmd = "run another";
  rolled(driver, service, {ports(1025, 1030)});
  EXPECT_EQ(held(driver, "server-resource-set/port/any").ranges.front().begin, 1700U);
  driver.ready("zookeeper-0");
  driver.command(command::PodReplace{"zookeeper-0"});
  for (const std::string& id : driver.killed()) driver.update_id(id, mesos::TaskState::kKilled);
  driver.offer({test::big_offer(2)});
  EXPECT_EQ(held(driver, "server-resource-set/port/any").ranges.front().begin, 1025U);
}

TEST(Claim, AStaticPortThatChangesIsReservedAnewAndTheOldOneGivenBack) {
  EngineDriver driver(one_node(1000));
  driver.subscribe();
  driver.offer({test::big_offer(1)});
  driver.ready("zookeeper-0");
  spec::ServiceSpec other = one_node(1000);
  other.pods[0].resource_sets[0].ports[0].port = 1240;
  const auto all = rolled(driver, other, {ports(1200, 1300)});
  ASSERT_GE(all.size(), 2U);
  EXPECT_EQ(all[0].type, Type::kUnreserve);
  EXPECT_EQ(all[0].resources[0].ranges.front().begin, 1140U);
  EXPECT_EQ(all[1].type, Type::kReserve);
  EXPECT_EQ(all[1].resources[0].ranges.front().begin, 1240U);
}

spec::ServiceSpec with_ports(std::vector<spec::PortSpec> ports) {
  spec::ServiceSpec service = one_node(1000);
  service.pods[0].resource_sets[0].ports = std::move(ports);
  return service;
}

uint64_t number_of(const EngineDriver& driver, const std::string& port) {
  return held(driver, "server-resource-set/port/" + port).ranges.front().begin;
}

TEST(Claim, APortThatBecomesDynamicKeepsItsNumberAndOneThatBecomesStaticTakesItsOwn) {
  EngineDriver driver(with_ports({{"one", 1500, "ONE", false, {}, 0, {}}}));
  driver.subscribe();
  driver.offer({test::big_offer(1)});
  driver.ready("zookeeper-0");
  auto all = rolled(driver, with_ports({{"one", 0, "ONE", false, {}, 0, {}}}), {ports(1025, 1030)});
  ASSERT_FALSE(all.empty());
  for (const mesos::Operation& one : all) EXPECT_EQ(one.type, Type::kLaunchGroup);
  EXPECT_EQ(number_of(driver, "one"), 1500U);
  driver.ready("zookeeper-0");
  all = rolled(driver, with_ports({{"one", 1030, "ONE", false, {}, 0, {}}}), {ports(1025, 1030)});
  ASSERT_GE(all.size(), 2U);
  EXPECT_EQ(all[0].type, Type::kUnreserve);
  EXPECT_EQ(all[1].type, Type::kReserve);
  EXPECT_EQ(number_of(driver, "one"), 1030U);
}

TEST(Claim, APortThatComesNewIsReservedInPlaceAndOneThatGoesIsGivenBack) {
  const spec::PortSpec one{"one", 1500, "ONE", false, {}, 0, {}}, two{"two", 0, "TWO", false, {}, 0, {}};
  EngineDriver driver(with_ports({one}));
  driver.subscribe();
  driver.offer({test::big_offer(1)});
  driver.ready("zookeeper-0");
  auto all = rolled(driver, with_ports({one, two}), {ports(1025, 1030)});
  ASSERT_FALSE(all.empty());
  ASSERT_EQ(all[0].type, Type::kReserve);
  ASSERT_EQ(all[0].resources.size(), 1U);
  EXPECT_EQ(all[0].resources[0].ranges.front().begin, 1025U);
  EXPECT_EQ(number_of(driver, "one"), 1500U);
  driver.ready("zookeeper-0");
  all = rolled(driver, with_ports({two}), {});
  ASSERT_FALSE(all.empty());
  ASSERT_EQ(all[0].type, Type::kUnreserve);
  ASSERT_EQ(all[0].resources.size(), 1U);
  EXPECT_EQ(all[0].resources[0].ranges.front().begin, 1500U);
  EXPECT_EQ(number_of(driver, "two"), 1025U);
}

TEST(Claim, TakesTheSecondOfferWhereTheFirstHasTooLittle) {
  EngineDriver driver(one_node(1000));
  driver.subscribe();
  test::FakeOffer small = test::big_offer(1);
  small.resources[0] = scalar("cpus", 0.5);
  driver.offer({small, test::big_offer(2)});
  EXPECT_EQ(driver.agent_of("zookeeper-0-server"), "S2");
}

// Unlike the SDK, which launches the whole pod anew when a task is added to it.
TEST(Claim, ATaskThatComesNewIntoAPodJoinsTheExecutorThatRuns) {
  EngineDriver driver(one_node(1000));
  driver.subscribe();
  driver.offer({test::big_offer(1)});
  driver.ready("zookeeper-0");
  spec::ServiceSpec more = one_node(1000);
  spec::PodSpec& pod = more.pods[0];
  pod.resource_sets.push_back(pod.resource_sets[1]);
  pod.resource_sets.back().id = "extra-resource-set";
  pod.tasks.push_back(pod.tasks[1]);
  pod.tasks.back().name = "extra";
  pod.tasks.back().resource_set = "extra-resource-set";
  more.plans[0].phases[0].steps[0].tasks.push_back("extra");
  driver.restart_with(more);
  driver.subscribe();
  driver.ready("zookeeper-0");
  EXPECT_THAT(driver.killed(), IsEmpty());
  driver.calls.clear();
  driver.offer({test::big_offer(2)});
  EXPECT_THAT(driver.launched(), IsEmpty()) << "its pod is elsewhere";
  driver.offer({test::big_offer(1)});
  EXPECT_THAT(driver.launched(), ElementsAre("zookeeper-0-extra"));
  const auto executor_of = [&](const std::string& task) {
    return driver.stored.tasks.at(task).launch->executor->executor_id;
  };
  EXPECT_EQ(executor_of("zookeeper-0-extra"), executor_of("zookeeper-0-server"));
  const auto all = operations(driver);
  ASSERT_EQ(all[0].type, Type::kReserve);
  EXPECT_EQ(all[0].resources.size(), 2U) << "its own cpus and memory, and nothing of the executor's";
}

TEST(Claim, AVipIsALabelOfTheDiscoveredPort) {
  spec::ServiceSpec service = one_node(1000);
  spec::PortSpec& port = service.pods[0].resource_sets[0].ports[0];
  port.advertise = false;
  port.vip_prefix = "client";
  port.vip_port = 2181;
  EngineDriver driver(service);
  driver.subscribe();
  driver.offer({test::big_offer(1)});
  const auto& discovery = driver.stored.tasks.at("zookeeper-0-server").launch->task->discovery;
  ASSERT_TRUE(discovery.has_value());
  ASSERT_EQ(discovery->ports.size(), 1U);
  EXPECT_EQ(discovery->ports[0].visibility, "EXTERNAL") << "what has a VIP is seen from outside";
  EXPECT_THAT(discovery->ports[0].labels,
              ElementsAre(std::pair<std::string, std::string>("VIP_client", "client:2181")));
}

TEST(Claim, WhatItDoesNotUnderstandInAResourceIsRepeatedToMesos) {
  EngineDriver driver(one_node(1000));
  driver.subscribe();
  driver.offer({test::big_offer(1)});
  driver.ready("zookeeper-0");
  driver.update("zookeeper-0-server", mesos::TaskState::kFailed);
  driver.update("zookeeper-0-metrics", mesos::TaskState::kKilled);
  driver.calls.clear();
  std::vector<mesos::Resource> mine = driver.resources_of("zookeeper-0");
  for (mesos::Resource& one : mine) one.extra = R"({"future":{"value":"x"}})";
  driver.offer({{"O-again", "S1", "10.0.0.1", mine}});
  const auto all = operations(driver);
  ASSERT_FALSE(all.empty());
  ASSERT_FALSE(all.back().tasks.empty());
  for (const mesos::Operation& one : all) {
    for (const mesos::TaskInfo& task : one.tasks) {
      for (const mesos::Resource& resource : task.resources)
        EXPECT_EQ(resource.extra, R"({"future":{"value":"x"}})") << resource.name;
    }
  }
}

}  // namespace
}  // namespace ostler::core
