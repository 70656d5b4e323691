// RESERVE, CREATE and their inverses, with and without operation ids.
#include "world.h"

namespace ostler::cluster {
namespace {

using mesos::call::Accept;
using mesos::call::AcknowledgeOperation;

// The error an operation with an id gets, or "OPERATION_FINISHED".
std::string outcome(std::vector<mesos::Operation> before, mesos::Operation operation) {
  World world;
  world.subscribe();
  operation.id = "op";
  before.push_back(operation);
  world.accept(before);
  for (const auto& update : world.all<event::OperationUpdate>()) {
    if (update.status.operation_id != "op") continue;
    return update.status.message.empty() ? update.status.state : update.status.message;
  }
  return "silence";
}

const auto kReserveDisk = World::operation(Type::kReserve, {World::reserved(World::scalar("disk", 64'000))});
const auto kCreate = World::operation(Type::kCreate, {World::volume(64'000)});

TEST(Operations, ReserveAndCreateShowInTheNextOffer) {
  World world;
  world.subscribe();
  world.accept({kReserveDisk, kCreate}, 3600);
  world.forget();
  world.pass(1000);
  EXPECT_EQ(
      world.offered(),
      "cpus(allocated: role):4; mem(allocated: role):8192; disk(allocated: role):20416; ports(allocated: "
      "role):[10000-19999]; disk(allocated: role)(reservations: [(DYNAMIC,role,p,{resource_id: "
      "r1})])[v1:data]:64")
      << "what was converted is not filtered";
}

TEST(Operations, AllocationInfoMayBeLeftOut) { EXPECT_EQ(outcome({}, kReserveDisk), "OPERATION_FINISHED"); }

TEST(Operations, AreRefusedForTheRightReason) {
  EXPECT_THAT(outcome({}, World::operation(Type::kReserve,
                                           {World::reserved(World::scalar("cpus", 1), "r", "other")})),
              ::testing::StartsWith(
                  "A reserve operation was attempted by authenticated principal 'p', which does not "
                  "match a reserved resource in the request with principal 'other'; on agent "));
  EXPECT_THAT(
      outcome({}, World::operation(Type::kReserve, {World::reserved(World::scalar("cpus", 1), "r", "")})),
      ::testing::HasSubstr("with no principal set"));
  EXPECT_THAT(outcome({}, World::operation(Type::kReserve,
                                           {World::reserved(World::scalar("cpus", 1), "r", "p", "other")})),
              ::testing::HasSubstr("reserved for role 'other' but allocated to role 'role'"));
  EXPECT_THAT(outcome({}, World::operation(Type::kReserve, {World::reserved(World::scalar("cpus", 5000))})),
              ::testing::EndsWith("does not contain cpus(allocated: role):5"));
  EXPECT_THAT(outcome({}, World::operation(Type::kUnreserve, {World::scalar("cpus", 1)})),
              ::testing::EndsWith("is not dynamically reserved"));
  EXPECT_THAT(outcome({}, kCreate), ::testing::HasSubstr("does not contain disk"));
  EXPECT_THAT(outcome({kReserveDisk, kCreate}, kCreate), "Persistence ID 'v1' already exists");
  EXPECT_THAT(outcome({}, World::operation(Type::kDestroy, {World::volume(64'000)})),
              ::testing::HasSubstr("does not contain"));
}

// Whatever else may be wrong with it, as a real master looks at it first.
TEST(Operations, AreOfOneResourceProvider) {
  auto own = World::scalar("disk", 64'000), one = own, other = own;
  one.provider_id = "csi-1";
  other.provider_id = "csi-2";
  for (const Type type : {Type::kReserve, Type::kUnreserve, Type::kCreate, Type::kDestroy}) {
    EXPECT_EQ(outcome({}, World::operation(type, {one, own})),
              "Invalid resources: Some resources have a resource provider and some do not");
    EXPECT_EQ(outcome({}, World::operation(type, {one, other})),
              "Invalid resources: The resources have multiple resource providers: csi-1, csi-2");
  }
  EXPECT_THAT(outcome({}, World::operation(Type::kReserve, {World::reserved(one)})),
              ::testing::HasSubstr("does not contain disk"))
      << "a provider's disk is not the agent's";
}

TEST(Operations, DestroyMustStandBeforeUnreserve) {
  const auto destroy = World::operation(Type::kDestroy, {World::volume(64'000)});
  const auto unreserve = World::operation(Type::kUnreserve, {World::reserved(World::scalar("disk", 64'000))});
  EXPECT_THAT(outcome({kReserveDisk, kCreate}, unreserve), ::testing::HasSubstr("does not contain disk"));
  EXPECT_EQ(outcome({kReserveDisk, kCreate, destroy}, unreserve), "OPERATION_FINISHED");
  EXPECT_THAT(outcome({kReserveDisk, kCreate}, World::operation(Type::kUnreserve, {World::volume(64'000)})),
              ::testing::HasSubstr("cannot be unreserved directly"));
}

TEST(Operations, DestroyRemovesTheDataOfTheVolume) {
  World world;
  world.subscribe();
  world.accept({kReserveDisk, kCreate, World::operation(Type::kDestroy, {World::volume(64'000)})});
  EXPECT_THAT(world.removed_volumes, ElementsAre("v1"));
}

TEST(Operations, AFailureIsSilentWithoutAnIdAndDoesNotStopTheLaterOnes) {
  World world;
  world.subscribe();
  world.forget();
  world.call(Accept{{world.master.offers().begin()->first}, {kCreate, kReserveDisk}, 3600});
  EXPECT_THAT(world.events, IsEmpty());
  world.pass(1000);
  EXPECT_THAT(world.offered(), ::testing::HasSubstr("disk(allocated: role)(reservations: [(DYNAMIC,role,p"));
}

TEST(Operations, ReservationsWithOtherLabelsAreOtherResources) {
  const auto other =
      World::operation(Type::kUnreserve, {World::reserved(World::scalar("disk", 64'000), "r2")});
  EXPECT_THAT(outcome({kReserveDisk}, other), ::testing::HasSubstr("does not contain"));
}

TEST(Operations, RefineAStaticReservation) {
  Master::Options options;
  SeededIds ids(1);
  Master master(options, ids);
  AgentSpec spec;
  spec.address = "127.0.0.11";
  auto cpus = World::scalar("cpus", 4000);
  cpus.reservations.push_back({false, "pre", "", {}});
  spec.resources = {cpus};
  master.add_agent(0, spec);
  World unused;
  auto wanted = unused.request();
  wanted.info.roles = {"pre/role"};
  master.subscribe(0, wanted);
  std::string offer_id, framework_id;
  for (auto& output : master.take()) {
    if (auto* to = std::get_if<output::ToFramework>(&output)) {
      framework_id = to->framework_id;
      if (auto* offers = std::get_if<event::Offers>(&to->event)) offer_id = offers->offers.at(0).id;
    }
  }
  ASSERT_FALSE(offer_id.empty()) << "a role below the reserved one is offered it";
  cpus.milli = 1000;
  cpus.reservations.push_back({true, "pre/role", "p", {{"resource_id", "x"}}});
  master.handle(0, framework_id, Accept{{offer_id}, {World::operation(Type::kReserve, {cpus})}, 0});
  EXPECT_EQ(to_text(master.agents()[0]->available),
            "cpus(reservations: [(STATIC,pre)]):3; "
            "cpus(reservations: [(STATIC,pre),(DYNAMIC,pre/role,p,{resource_id: x})]):1");
}

TEST(Operations, AStatusIsRepeatedUntilItIsAcknowledged) {
  World world;
  world.subscribe();
  auto reserve = kReserveDisk;
  reserve.id = "op";
  world.accept({reserve});
  ASSERT_EQ(world.all<event::OperationUpdate>().size(), 1u);
  const auto first = world.all<event::OperationUpdate>()[0].status;
  EXPECT_FALSE(first.uuid.empty());
  world.pass(9'999);
  EXPECT_EQ(world.all<event::OperationUpdate>().size(), 1u);
  world.pass(1);
  ASSERT_EQ(world.all<event::OperationUpdate>().size(), 2u);
  EXPECT_EQ(world.all<event::OperationUpdate>()[1].status.uuid, first.uuid);
  world.call(AcknowledgeOperation{first.agent_id, "op", first.uuid});
  world.pass(60'000);
  EXPECT_EQ(world.all<event::OperationUpdate>().size(), 2u);
}

TEST(Operations, OfAResourceProviderAreAcknowledgedToIt) {
  World world;
  AgentSpec spec = *world.master.agents()[0]->spec;
  auto disk = World::scalar("disk", 64'000);
  disk.provider_id = "csi-1";
  spec.address = "127.0.0.99";
  spec.resources.push_back(disk);
  world.master.mark_agent_gone(world.now, world.agent_ids[0]);
  world.agent_ids = {world.master.add_agent(world.now, spec)};
  world.subscribe();
  world.accept({World::operation(Type::kReserve, {World::reserved(disk)}, "op")});
  ASSERT_EQ(world.all<event::OperationUpdate>().size(), 1u);
  const auto status = world.all<event::OperationUpdate>()[0].status;
  EXPECT_EQ(status.resource_provider_id, "csi-1");
  world.call(AcknowledgeOperation{status.agent_id, "op", status.uuid});
  world.pass(10'000);
  EXPECT_EQ(world.all<event::OperationUpdate>().size(), 2u);
  world.call(AcknowledgeOperation{status.agent_id, "op", status.uuid, "csi-1"});
  world.pass(60'000);
  EXPECT_EQ(world.all<event::OperationUpdate>().size(), 2u);
}

TEST(Operations, AreReconciledAsUnknownOnceAcknowledged) {
  World world;
  world.subscribe();
  world.forget();
  world.call(mesos::call::ReconcileOperations{{{"a", world.agent_ids[0]}, {"b", ""}}});
  const auto answers = world.all<event::OperationUpdate>();
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_EQ(answers[0].status.state, "OPERATION_UNKNOWN");
  EXPECT_EQ(answers[0].status.message, "Reconciliation: Operation is unknown");
  EXPECT_EQ(answers[1].status.message, "Reconciliation: Operation is unknown and no 'agent_id' was provided");
}

TEST(Operations, AreRefusedOnRequestAndOnlyAsOften) {
  World world;
  world.subscribe();
  world.master.refuse_operations(Type::kReserve, 1, "no quota");
  auto reserve = kReserveDisk;
  reserve.id = "op";
  world.accept({reserve});
  ASSERT_EQ(world.all<event::OperationUpdate>().size(), 1u);
  EXPECT_EQ(world.all<event::OperationUpdate>()[0].status.state, "OPERATION_ERROR");
  EXPECT_EQ(world.all<event::OperationUpdate>()[0].status.message, "no quota");
  world.forget();
  world.pass(1000);
  world.accept({reserve});
  EXPECT_EQ(world.all<event::OperationUpdate>().back().status.state, "OPERATION_FINISHED");
}

TEST(Operations, WithIdsAreRefusedByAgentsWithoutFeedback) {
  World world;
  AgentSpec old = *world.master.agents()[0]->spec;
  old.has_operation_feedback = false;
  world.master.mark_agent_gone(world.now, world.agent_ids[0]);
  world.agent_ids = {world.master.add_agent(world.now, old)};
  world.subscribe();
  auto reserve = kReserveDisk;
  reserve.id = "op";
  world.accept({reserve});
  EXPECT_THAT(world.all<event::OperationUpdate>().back().status.message,
              ::testing::EndsWith("does not have the required AGENT_OPERATION_FEEDBACK and RESOURCE_PROVIDER "
                                  "capabilities"));
}

TEST(Operations, ReconciliationTellsHowTheirAgentStands) {
  World world({}, 2);
  world.subscribe();
  world.master.disconnect_agent(world.now, world.agent_ids[0]);
  world.pass(80'000);
  world.master.mark_agent_gone(world.now, world.agent_ids[1]);
  world.forget();
  world.call(mesos::call::ReconcileOperations{{{"a", world.agent_ids[0]}, {"b", world.agent_ids[1]}}});
  const auto answers = world.all<event::OperationUpdate>();
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_EQ(answers[0].status.state, "OPERATION_UNREACHABLE");
  EXPECT_EQ(answers[1].status.state, "OPERATION_GONE_BY_OPERATOR");
}

TEST(Operations, MountDisksAreTakenWhole) {
  World world;
  Resource mount = World::scalar("disk", 1'000'000);
  mount.disk.change([](mesos::Disk& disk) { disk.source = mesos::DiskSource{"MOUNT", "/mnt/1", "", ""}; });
  Resources all{mount};
  auto half = mount;
  half.milli = 500'000;
  EXPECT_FALSE(contains(all, half));
  EXPECT_TRUE(contains(all, mount));
  add(all, mount);
  EXPECT_EQ(all.size(), 2u) << "two equal disks are two disks";
}

}  // namespace
}  // namespace ostler::cluster
