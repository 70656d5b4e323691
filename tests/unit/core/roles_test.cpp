// A service of two roles: what it was allocated as one is never accepted, asked for or
// given back as the other.
#include "core/roles.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine_driver.h"

namespace ostler::core::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

// One pod of what is free, and one of what is reserved for slave_public.
spec::ServiceSpec two_roles_spec() {
  spec::ServiceSpec service = sample_spec(spec::Strategy::kParallel, 1);
  service.pods[0].placement.clear();
  service.pods.push_back(service.pods[0]);
  service.pods[1].type = "edge";
  service.pods[1].pre_reserved_role = "slave_public";
  service.plans[0].strategy = spec::Strategy::kParallel;
  service.plans[0].phases.push_back(service.plans[0].phases[0]);
  service.plans[0].phases[1].name = "edge-deploy";
  service.plans[0].phases[1].pod = "edge";
  return service;
}

mesos::Resource public_one(mesos::Resource resource) {
  resource.reservations.push_back({false, "slave_public", {}, {}});
  resource.allocation_role = "slave_public/zk-role";
  return resource;
}

FakeOffer public_offer() {
  return {"O-public",
          "S1",
          "10.0.0.1",
          {public_one(scalar("cpus", 4)), public_one(scalar("mem", 8192)), public_one(scalar("disk", 20000)),
           public_one(ports(1025, 2180))}};
}

FakeOffer plain_offer(const std::string& id = "O-plain") {
  FakeOffer offer = big_offer(1);
  offer.id = id;
  return offer;
}

TEST(Roles, OffersOfOneAgentToTwoRolesAreAcceptedApart) {
  EngineDriver driver(two_roles_spec());
  driver.subscribe();
  driver.offer({plain_offer("O-1"), public_offer(), plain_offer("O-2")});
  EXPECT_THAT(driver.launched(), UnorderedElementsAre("zookeeper-0-server", "zookeeper-0-metrics",
                                                      "edge-0-server", "edge-0-metrics"));
  std::map<std::string, std::vector<std::string>> offers_of;  // by the role of what is reserved
  for (const auto& accept : driver.calls_of<mesos::call::Accept>()) {
    std::set<std::string> roles;
    for (const mesos::Operation& operation : accept.operations) {
      for (const mesos::Resource& resource : operation.resources) roles.insert(resource.allocation_role);
    }
    ASSERT_EQ(roles.size(), 1U);
    offers_of[*roles.begin()] = accept.offer_ids;
  }
  EXPECT_THAT(offers_of["zk-role"], ElementsAre("O-1", "O-2"));
  EXPECT_THAT(offers_of["slave_public/zk-role"], ElementsAre("O-public"));
}

TEST(Roles, AnOfferToAnotherRoleIsNotTakenAndSaysSo) {
  EngineDriver driver(two_roles_spec());
  driver.subscribe();
  driver.offer({plain_offer()});
  EXPECT_THAT(driver.launched(), UnorderedElementsAre("zookeeper-0-server", "zookeeper-0-metrics"));
  EXPECT_EQ(driver.engine().snapshot()->plan("deploy")->phases[1].steps[0].message,
            "agent 10.0.0.1: it offers nothing to role 'slave_public/zk-role'");
}

TEST(Roles, APodIsLaunchedAgainOutOfTheOffersToTheRoleOfWhatItHolds) {
  EngineDriver driver(two_roles_spec());
  driver.subscribe();
  driver.offer({plain_offer(), public_offer()});
  driver.ready("zookeeper-0");
  driver.ready("edge-0");
  driver.update("edge-0-server", mesos::TaskState::kFailed);
  driver.update("edge-0-metrics", mesos::TaskState::kFailed);
  driver.calls.clear();
  driver.offer({plain_offer("O-more"), {"O-held", "S1", "10.0.0.1", driver.resources_of("edge-0")}});
  ASSERT_THAT(driver.launched(), UnorderedElementsAre("edge-0-server", "edge-0-metrics"));
  EXPECT_THAT(driver.calls_of<mesos::call::Accept>()[0].offer_ids, ElementsAre("O-held"));
}

// Its offers come to its own role alone, so that has to stay until nothing is held of it.
TEST(Roles, TheRoleOfARemovedPodIsAskedForUntilItsReservationsAreGivenBack) {
  spec::ServiceSpec service = two_roles_spec();
  service.pods[1].allow_decommission = true;
  EngineDriver driver(service);
  driver.subscribe();
  driver.offer({plain_offer(), public_offer()});
  driver.ready("zookeeper-0");
  driver.ready("edge-0");
  EXPECT_THAT(held_roles(driver.stored), ElementsAre("slave_public/zk-role", "zk-role"));
  service.pods.pop_back();
  service.plans[0].phases.pop_back();
  driver.restart_with(service);
  driver.subscribe();
  driver.ready("zookeeper-0");
  driver.ready("edge-0");
  driver.offer({plain_offer()});
  driver.advance(driver.settings.sweep_period_ms);
  driver.calls.clear();
  for (const char* task : {"edge-0-server", "edge-0-metrics"}) {
    driver.update(task, mesos::TaskState::kKilled);
    driver.advance(600'000);
  }
  std::set<std::string> asked;
  for (const auto& revive : driver.calls_of<mesos::call::Revive>())
    asked.insert(revive.roles.begin(), revive.roles.end());
  EXPECT_TRUE(asked.contains("slave_public/zk-role"));
}

// What an agent offers to one role says nothing of what it has for another.
TEST(Roles, AReasonIsNotLostBecauseTheAgentIsOfferedToAnotherRole) {
  spec::ServiceSpec service = two_roles_spec();
  service.pods[0].resource_sets[0].memory_mb = 1'000'000;
  EngineDriver driver(service);
  driver.subscribe();
  driver.offer({plain_offer()});
  const auto sentence = [&] {
    const auto snapshot = driver.engine().snapshot();
    for (const WhyStep& step : snapshot->why->steps) {
      if (step.pod == "zookeeper-0") return step.sentence;
    }
    return std::string("none");
  };
  const std::string before = sentence();
  EXPECT_EQ(before, "0 of 1 agent fits zookeeper-0: 1 short of memory");
  driver.offer({public_offer()});
  EXPECT_EQ(sentence(), before);
}

}  // namespace
}  // namespace ostler::core::test
