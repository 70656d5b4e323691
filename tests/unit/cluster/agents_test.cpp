// Agents that are lost, come back or are marked gone, and the restart of the master.
#include "world.h"

namespace ostler::cluster {
namespace {

using mesos::call::Kill;
using mesos::call::Reconcile;

Master::Options quick() {
  Master::Options options;
  options.agent_timeout_ms = 15'000;
  return options;
}

TEST(Agents, AnOfferIsRescindedAsSoonAsItsAgentIsCutOff) {
  World world(quick());
  world.subscribe();
  const auto offer = world.offers.at(0).id;
  ASSERT_TRUE(world.master.disconnect_agent(world.now, world.agent_ids[0]));
  world.collect();
  ASSERT_EQ(world.all<event::Rescind>().size(), 1u);
  EXPECT_EQ(world.all<event::Rescind>()[0].offer_id, offer);
  world.forget();
  world.pass(5000);
  EXPECT_THAT(world.offers, IsEmpty());
}

TEST(Agents, TasksOfALostAgentBecomeUnreachableAfterTheTimeout) {
  World world(quick());
  world.subscribe();
  world.run_task();
  world.master.disconnect_agent(world.now, world.agent_ids[0]);
  world.pass(14'999);
  EXPECT_THAT(world.updates(), IsEmpty());
  world.pass(1);
  EXPECT_THAT(world.updates(), ElementsAre("TASK_UNREACHABLE REASON_AGENT_REMOVED: health check timed out"));
  const auto update = world.all<event::Update>()[0];
  EXPECT_EQ(update.status.uuid, "");
  EXPECT_EQ(update.status.executor_id, "e1");
  EXPECT_EQ(update.unreachable_ms, world.now);
  ASSERT_EQ(world.all<event::Failure>().size(), 1u);
  EXPECT_EQ(world.all<event::Failure>()[0].executor_id, "");
}

TEST(Agents, AnUnreachableTaskIsToldExplicitlyNotImplicitly) {
  World world(quick());
  world.subscribe();
  world.run_task();
  world.master.disconnect_agent(world.now, world.agent_ids[0]);
  world.pass(15'000);
  world.forget();
  world.call(Reconcile{});
  EXPECT_THAT(world.updates(), IsEmpty());
  world.call(Reconcile{{{"t__1", ""}}});
  world.call(Kill{"t__1", world.agent_ids[0]});
  const std::string text = "TASK_UNREACHABLE REASON_RECONCILIATION: Reconciliation: Task is unreachable";
  EXPECT_THAT(world.updates(), ElementsAre(text, text));
  EXPECT_THAT(world.kills, IsEmpty());
}

TEST(Agents, AReturningAgentSaysItsTasksRun) {
  World world(quick());
  world.subscribe();
  world.run_task();
  world.master.disconnect_agent(world.now, world.agent_ids[0]);
  world.pass(20'000);
  world.forget();
  world.master.reconnect_agent(world.now, world.agent_ids[0]);
  world.collect();
  EXPECT_THAT(world.updates(),
              ElementsAre("TASK_RUNNING REASON_AGENT_REREGISTERED: Unreachable agent re-reregistered"));
  EXPECT_EQ(world.all<event::Update>()[0].status.uuid, "");
  EXPECT_EQ(world.offers.size(), 1u);
  world.forget();
  world.call(Reconcile{});
  EXPECT_EQ(world.updates().size(), 1u) << "known again";
}

TEST(Agents, AQuickReturnGivesNoUpdate) {
  World world(quick());
  world.subscribe();
  world.run_task();
  world.master.disconnect_agent(world.now, world.agent_ids[0]);
  world.pass(5000);
  world.forget();
  world.master.reconnect_agent(world.now, world.agent_ids[0]);
  world.pass(30'000);
  EXPECT_THAT(world.updates(), IsEmpty());
}

TEST(Agents, UpdatesWaitWhileTheAgentIsCutOff) {
  World world(quick());
  world.subscribe();
  world.run_task();
  world.master.disconnect_agent(world.now, world.agent_ids[0]);
  world.report("t__1", TaskState::kFailed, "Command exited with status 7");
  world.pass(5000);
  EXPECT_THAT(world.updates(), IsEmpty());
  world.master.reconnect_agent(world.now, world.agent_ids[0]);
  world.collect();
  EXPECT_THAT(world.updates(), ElementsAre("TASK_FAILED: Command exited with status 7"));
}

TEST(Agents, AKillForACutOffAgentIsLost) {
  World world(quick());
  world.subscribe();
  world.run_task();
  world.master.disconnect_agent(world.now, world.agent_ids[0]);
  world.call(Kill{"t__1", ""});
  EXPECT_THAT(world.kills, IsEmpty());
}

TEST(Agents, ADeadExecutorFailsItsTasks) {
  World world;
  world.subscribe();
  world.run_task();
  world.master.executor_died(world.now, world.agent_ids[0], world.framework_id, "e1", 9);
  world.collect();
  ASSERT_EQ(world.all<event::Failure>().size(), 1u);
  EXPECT_EQ(world.all<event::Failure>()[0].status, 9);
  EXPECT_THAT(world.updates(), ElementsAre("TASK_FAILED REASON_EXECUTOR_TERMINATED: Executor terminated"));
  EXPECT_EQ(world.all<event::Update>()[0].status.source, "SOURCE_AGENT");
  EXPECT_EQ(total_milli(world.master.agents()[0]->available, "cpus"), 4000);
}

TEST(Agents, MarkedGoneTheirTasksAreGoneByOperator) {
  World world;
  world.subscribe();
  world.run_task();
  world.pass(1000);
  world.forget();
  world.master.mark_agent_gone(world.now, world.agent_ids[0]);
  world.collect();
  EXPECT_THAT(
      world.updates(),
      ElementsAre("TASK_GONE_BY_OPERATOR REASON_AGENT_REMOVED_BY_OPERATOR: Agent has been marked gone"));
  EXPECT_EQ(world.all<event::Rescind>().size(), 1u);
  EXPECT_EQ(world.all<event::Failure>().size(), 1u);
  EXPECT_EQ(world.kills.size(), 1u);
  world.forget();
  world.call(Reconcile{{{"t__1", world.agent_ids[0]}}});
  EXPECT_THAT(world.updates(),
              ElementsAre("TASK_GONE_BY_OPERATOR REASON_RECONCILIATION: Reconciliation: Task is gone"));
  EXPECT_FALSE(world.master.reconnect_agent(world.now, world.agent_ids[0]));
}

// It is what the master knows that counts, as for an unreachable agent.
TEST(Agents, MarkedGoneWhatEndedThereIsToldUntilItWasAcknowledged) {
  for (const bool is_acknowledged : {false, true}) {
    World world;
    world.subscribe();
    world.run_task();
    world.master.executor_died(world.now, world.agent_ids[0], world.framework_id, "e1", 9);
    world.collect();
    if (is_acknowledged) world.acknowledge_all();
    world.forget();
    world.master.mark_agent_gone(world.now, world.agent_ids[0]);
    world.collect();
    const std::string gone =
        "TASK_GONE_BY_OPERATOR REASON_AGENT_REMOVED_BY_OPERATOR: Agent has been marked gone";
    EXPECT_EQ(world.updates(), is_acknowledged ? std::vector<std::string>{} : std::vector{gone});
    EXPECT_THAT(world.kills, IsEmpty()) << "it has ended";
    world.forget();
    world.call(Reconcile{{{"t__1", world.agent_ids[0]}}});
    EXPECT_THAT(world.updates(),
                ElementsAre("TASK_GONE_BY_OPERATOR REASON_RECONCILIATION: Reconciliation: Task is gone"))
        << "whoever asks";
  }
}

TEST(Agents, MarkedGoneWhileAMasterWaitsForThemNothingIsSaid) {
  World world;
  world.subscribe();
  world.run_task();
  world.master.disconnect_agent(world.now, world.agent_ids[0]);
  world.master.restart(world.now, true);
  world.subscribe(world.request(world.framework_id));
  world.forget();
  world.master.mark_agent_gone(world.now, world.agent_ids[0]);
  world.collect();
  EXPECT_THAT(world.updates(), IsEmpty()) << "MESOS-9739";
}

class Restart : public ::testing::TestWithParam<bool> {};

TEST_P(Restart, CutsStreamsAndBringsTasksBackWithTheirAgents) {
  World world;
  world.subscribe();
  world.run_task();
  const auto before = world.master.id();
  world.master.restart(world.now, GetParam());
  world.collect();
  ASSERT_EQ(world.ended.size(), 1u);
  EXPECT_TRUE(world.ended[0].cut);
  EXPECT_NE(world.master.id(), before);
  EXPECT_EQ(world.master.refusal(world.framework_id, world.stream_id)->text, "Framework cannot be found");
  world.subscribe(world.request(world.framework_id));
  EXPECT_THAT(world.errors(), IsEmpty());
  EXPECT_THAT(world.offers, IsEmpty()) << "no agent yet";
  world.call(Reconcile{{{"t__1", world.agent_ids[0]}, {"never", ""}}});
  if (GetParam()) {
    EXPECT_THAT(world.updates(), IsEmpty()) << "no answer until the agent is back";
  } else {
    const std::string unknown = "TASK_UNKNOWN REASON_RECONCILIATION: Reconciliation: Task is unknown";
    EXPECT_THAT(world.updates(), ElementsAre(unknown, unknown));
  }
  world.pass(10'000);
  EXPECT_EQ(world.offers.size(), 1u);
  world.forget();
  world.call(Reconcile{{{"t__1", world.agent_ids[0]}}});
  EXPECT_THAT(world.updates(), ElementsAre(::testing::StartsWith("TASK_RUNNING REASON_RECONCILIATION")));
}

INSTANTIATE_TEST_SUITE_P(Registry, Restart, ::testing::Values(false, true),
                         [](const auto& tested) { return tested.param ? "Replicated" : "InMemory"; });

TEST(Agents, ASchedulerThatComesAfterTheAgentsFindsItsTasksRunning) {
  World world;
  world.subscribe();
  world.run_task();
  world.master.restart(world.now, false, 0);
  world.pass(1000);
  world.forget();
  world.subscribe(world.request(world.framework_id));
  world.call(Reconcile{});
  EXPECT_THAT(world.updates(),
              ElementsAre("TASK_RUNNING REASON_RECONCILIATION: Reconciliation: Latest task state"));
}

// Its link breaks while the new master waits for it; that must not make it wait for ever.
TEST(Agents, AnAgentThatGetsANewIdWhileItIsExpectedBackIsGivenUpInTime) {
  World world;
  world.subscribe();
  world.run_task();
  world.master.restart(world.now, true);
  world.master.replace_agent(world.now, world.agent_ids[0]);
  world.forget();
  world.subscribe(world.request(world.framework_id));
  const mesos::call::Reconcile ask{{{"t__1", world.agent_ids[0]}}};
  world.call(mesos::Call(ask));
  EXPECT_THAT(world.updates(), IsEmpty());
  world.pass(600'000);
  world.forget();
  world.call(mesos::Call(ask));
  EXPECT_THAT(world.updates(), ElementsAre(::testing::StartsWith("TASK_UNREACHABLE")));
}

// The master keeps an agent with its tasks until it gives it up.
TEST(Agents, ASchedulerThatComesWhileAnAgentIsCutOffFindsItsTasks) {
  World world;
  world.subscribe();
  world.run_task();
  world.master.restart(world.now, false, 0);
  world.pass(1000);
  world.master.disconnect_agent(world.now, world.agent_ids[0]);
  world.forget();
  world.subscribe(world.request(world.framework_id));
  world.call(Reconcile{{{"t__1", world.agent_ids[0]}}});
  EXPECT_THAT(world.updates(),
              ElementsAre("TASK_RUNNING REASON_RECONCILIATION: Reconciliation: Latest task state"));
}

TEST(Agents, AnAgentCutOffDuringARestartComesBackOnlyWhenReconnected) {
  World world;
  world.subscribe();
  world.run_task();
  world.master.disconnect_agent(world.now, world.agent_ids[0]);
  world.master.restart(world.now, false);
  world.collect();
  world.subscribe(world.request(world.framework_id));
  world.pass(30'000);
  EXPECT_EQ(world.master.agents()[0]->standing, Standing::kForgotten);
  world.master.reconnect_agent(world.now, world.agent_ids[0]);
  EXPECT_EQ(world.master.agents()[0]->standing, Standing::kRegistered);
}

TEST(Model, GivesTheSameOutputsForTheSameInputs) {
  const auto run = [] {
    World world({}, 3);
    world.subscribe();
    world.run_task();
    world.pass(12'345);
    world.report("t__1", TaskState::kFailed);
    world.pass(30'000);
    std::string text;
    for (const auto& offer : world.offers) text += offer.id + " ";
    for (const auto& update : world.all<event::Update>()) text += update.status.uuid + " ";
    return text;
  };
  EXPECT_EQ(run(), run());
}

TEST(Agents, ComeBackUnderANewIdWithTheirReservations) {
  World world;
  world.subscribe();
  world.accept({World::operation(Type::kReserve, {World::reserved(World::scalar("disk", 64'000))}),
                World::operation(Type::kCreate, {World::volume(64'000)})});
  world.pass(1000);
  world.accept({world.group({"t__1"})}, 0, world.offers.size() - 1);
  world.report("t__1", mesos::TaskState::kRunning);
  world.forget();
  const std::string fresh = world.master.replace_agent(world.now, world.agent_ids[0]);
  world.collect();
  ASSERT_FALSE(fresh.empty());
  EXPECT_NE(fresh, world.agent_ids[0]);
  ASSERT_FALSE(world.offers.empty());
  EXPECT_EQ(world.offers.back().agent_id, fresh);
  EXPECT_THAT(world.offered(), ::testing::HasSubstr("cpus(allocated: role):4;")) << "nothing is in use";
  EXPECT_THAT(world.offered(), ::testing::HasSubstr("[v1:data]:64"));
  EXPECT_TRUE(world.master.audit().violations().empty());
  world.forget();
  world.pass(80'000);
  const auto updates = world.all<event::Update>();
  ASSERT_EQ(updates.size(), 1u);
  EXPECT_EQ(updates[0].status.state, mesos::TaskState::kUnreachable) << "of the old id";
}

}  // namespace
}  // namespace ostler::cluster
