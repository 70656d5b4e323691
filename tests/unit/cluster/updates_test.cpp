// Status updates, acknowledgement, reconciliation and KILL.
#include "world.h"

namespace ostler::cluster {
namespace {

using mesos::call::Acknowledge;
using mesos::call::Kill;
using mesos::call::Reconcile;

TEST(Updates, AnUnacknowledgedOneIsResentWithTheSameUuidAndHoldsBackTheNext) {
  World world;
  world.subscribe();
  world.accept({world.group({"t__1"})});
  world.forget();
  world.report("t__1", TaskState::kStarting);
  world.report("t__1", TaskState::kRunning);
  EXPECT_THAT(world.updates(), ElementsAre("TASK_STARTING"));
  world.pass(10'000);
  ASSERT_THAT(world.updates(), ElementsAre("TASK_STARTING", "TASK_STARTING"));
  const auto sent = world.all<event::Update>();
  EXPECT_EQ(sent[0].status.uuid, sent[1].status.uuid);
  world.pass(19'999);
  EXPECT_EQ(world.updates().size(), 2u) << "the wait doubles";
  world.acknowledge(sent[0]);
  EXPECT_THAT(world.updates(), ElementsAre("TASK_STARTING", "TASK_STARTING", "TASK_RUNNING"));
}

TEST(Updates, ReconciliationSaysTheOlderStateUntilItIsAcknowledged) {
  World world;
  world.subscribe();
  world.accept({world.group({"t__1"})});
  world.report("t__1", TaskState::kStarting);
  world.report("t__1", TaskState::kRunning);
  world.forget();
  world.call(Reconcile{{{"t__1", ""}}});
  EXPECT_THAT(world.updates(),
              ElementsAre("TASK_STARTING REASON_RECONCILIATION: Reconciliation: Latest task state"));
  EXPECT_EQ(world.all<event::Update>()[0].status.uuid, "") << "must not be acknowledged";
}

TEST(Updates, AStaleOrUnknownAcknowledgementIsIgnored) {
  World world;
  world.subscribe();
  world.accept({world.group({"t__1"})});
  world.report("t__1", TaskState::kStarting);
  const auto sent = world.all<event::Update>().back();
  world.call(Acknowledge{sent.status.agent_id, "t__1", "AAAAAAAAAAAAAAAAAAAAAA=="});
  world.call(Acknowledge{"nowhere", "t__1", sent.status.uuid});
  EXPECT_EQ(world.master.agents()[0]->tasks.begin()->second.pending.size(), 1u);
}

TEST(Updates, CarryCheckAndHealthAsARealMasterDoes) {
  World world;
  world.subscribe();
  auto group = world.group({"t__1"});
  group.tasks[0].change([](mesos::TaskInfo& task) {
    task.check.emplace();
    task.health_check.emplace();
  });
  world.accept({group});
  world.report("t__1", TaskState::kRunning);
  world.acknowledge_all();
  Master::TaskReport checked{world.agent_ids[0],
                             world.framework_id,
                             "t__1",
                             TaskState::kRunning,
                             {},
                             "REASON_TASK_CHECK_STATUS_UPDATED",
                             "SOURCE_EXECUTOR",
                             {},
                             1,
                             false};
  world.master.report(world.now, checked);
  checked.reason = "REASON_TASK_HEALTH_CHECK_STATUS_UPDATED";
  checked.check_exit_code.reset();
  checked.healthy = true;
  world.master.report(world.now, checked);
  world.collect();
  world.acknowledge_all();
  world.report("t__1", TaskState::kKilled);
  world.acknowledge_all();
  const auto sent = world.all<event::Update>();
  ASSERT_EQ(sent.size(), 4u);
  EXPECT_TRUE(sent[0].status.has_check);
  EXPECT_FALSE(sent[0].status.check_exit_code) << "no result yet";
  EXPECT_FALSE(sent[0].status.healthy);
  EXPECT_THAT(sent[0].status.ip_addresses, ElementsAre("127.0.0.11"));
  EXPECT_EQ(sent[1].status.check_exit_code, 1);
  EXPECT_EQ(sent[2].status.check_exit_code, 1) << "a health update repeats the check's result";
  EXPECT_EQ(sent[2].status.healthy, true);
  EXPECT_TRUE(sent[3].status.has_check);
  EXPECT_FALSE(sent[3].status.check_exit_code) << "the end clears it";
  EXPECT_FALSE(sent[3].status.healthy);
  EXPECT_THAT(sent[3].status.ip_addresses, IsEmpty());
}

TEST(Updates, AnUnhealthyTaskThatIsKilledStaysUnhealthy) {
  World world;
  world.subscribe();
  world.run_task();
  Master::TaskReport dead{world.agent_ids[0],
                          world.framework_id,
                          "t__1",
                          TaskState::kKilled,
                          "Command terminated",
                          {},
                          "SOURCE_EXECUTOR",
                          false,
                          {},
                          false};
  world.master.report(world.now, dead);
  world.collect();
  ASSERT_EQ(world.all<event::Update>().size(), 1u);
  EXPECT_EQ(world.all<event::Update>()[0].status.healthy, false);
}

TEST(Updates, CanBeDroppedAndDelayedOnTheWay) {
  World world;
  world.subscribe();
  world.accept({world.group({"t__1"})});
  world.forget();
  world.master.set_update_fault(Master::UpdateFault::kDrop, 1, 0);
  world.report("t__1", TaskState::kStarting);
  EXPECT_THAT(world.updates(), IsEmpty());
  world.master.set_update_fault(Master::UpdateFault::kDelay, 1, 500);
  world.pass(10'000);
  EXPECT_THAT(world.updates(), IsEmpty()) << "the resent one is delayed";
  world.pass(500);
  EXPECT_THAT(world.updates(), ElementsAre("TASK_STARTING"));
}

TEST(Reconcile, OfAnUnknownTaskDependsOnTheAgent) {
  World world;
  world.subscribe();
  world.forget();
  world.call(Reconcile{{{"a", world.agent_ids[0]}, {"b", "nowhere"}, {"c", ""}}});
  EXPECT_THAT(world.updates(),
              ElementsAre("TASK_GONE REASON_RECONCILIATION: Reconciliation: Task is unknown to the agent",
                          "TASK_UNKNOWN REASON_RECONCILIATION: Reconciliation: Task is unknown",
                          "TASK_UNKNOWN REASON_RECONCILIATION: Reconciliation: Task is unknown"));
}

TEST(Reconcile, ATerminalTaskIsGoneOnceItsEndWasAcknowledged) {
  World world;
  world.subscribe();
  world.run_task();
  world.report("t__1", TaskState::kFinished);
  world.call(Reconcile{{{"t__1", world.agent_ids[0]}}});
  EXPECT_THAT(world.updates(), ElementsAre("TASK_FINISHED",
                                           "TASK_FINISHED REASON_RECONCILIATION: Reconciliation: "
                                           "Latest task state"));
  world.acknowledge_all();
  world.forget();
  world.call(Reconcile{{{"t__1", world.agent_ids[0]}}});
  EXPECT_THAT(world.updates(),
              ElementsAre("TASK_GONE REASON_RECONCILIATION: Reconciliation: Task is unknown to the agent"));
}

TEST(Reconcile, ImplicitNamesEveryKnownTask) {
  World world;
  world.subscribe();
  world.accept({world.group({"a__1", "b__1"})});
  world.forget();
  world.call(Reconcile{});
  EXPECT_EQ(world.updates().size(), 2u);
}

TEST(Kill, OfAnUnknownTaskAnswersLikeReconciliation) {
  World world;
  world.subscribe();
  world.forget();
  world.call(Kill{"nope", ""});
  world.call(Kill{"nope", world.agent_ids[0]});
  EXPECT_THAT(world.updates(),
              ElementsAre("TASK_UNKNOWN REASON_RECONCILIATION: Reconciliation: Task is unknown",
                          "TASK_GONE REASON_RECONCILIATION: Reconciliation: Task is unknown to the agent"));
}

TEST(Kill, WithAWrongAgentIsIgnoredInSilence) {
  World world;
  world.subscribe();
  world.run_task();
  world.call(Kill{"t__1", "bogus"});
  EXPECT_THAT(world.kills, IsEmpty());
  EXPECT_THAT(world.events, IsEmpty());
}

TEST(Kill, UsesTheTasksGraceOrTheCallsOrFiveSeconds) {
  World world;
  world.subscribe();
  auto group = world.group({"a__1"});
  group.tasks[0].change([](mesos::TaskInfo& task) { task.kill_grace_s = 2; });
  world.accept({group, world.group({"b__1"})});
  world.call(Kill{"a__1", ""});
  world.call(Kill{"b__1", ""});
  world.master.kill(world.now, world.framework_id, Kill{"a__1", ""}, 0);
  world.collect();
  ASSERT_EQ(world.kills.size(), 3u);
  EXPECT_EQ(world.kills[0].grace_ms, 2000);
  EXPECT_EQ(world.kills[1].grace_ms, 5000);
  EXPECT_EQ(world.kills[2].grace_ms, 0);
}

TEST(Kill, SaysTaskKillingOnlyToThoseWhoCanTakeIt) {
  for (const bool can : {false, true}) {
    World world;
    auto wanted = world.request();
    if (can) wanted.info.capabilities.push_back("TASK_KILLING_STATE");
    world.subscribe(wanted);
    world.run_task();
    world.call(Kill{"t__1", ""});
    EXPECT_EQ(world.updates().size(), can ? 1u : 0u);
    if (can) {
      EXPECT_EQ(world.updates()[0], "TASK_KILLING");
    }
  }
}

TEST(Kill, LeavesAnotherGroupOfTheSameExecutorAlone) {
  World world;
  world.subscribe();
  world.accept({world.group({"a__1"}), world.group({"b__1"})});
  world.call(Kill{"a__1", ""});
  world.report("a__1", TaskState::kKilled);
  ASSERT_EQ(world.kills.size(), 1u);
  EXPECT_EQ(world.kills[0].task_id, "a__1");
}

TEST(Kill, ShutdownOfAnExecutorKillsAllItsTasks) {
  World world;
  world.subscribe();
  world.accept({world.group({"a__1"}), world.group({"b__1"})});
  world.master.shutdown_executor(world.framework_id, world.agent_ids[0], "e1", world.now);
  world.collect();
  EXPECT_EQ(world.kills.size(), 2u);
}

}  // namespace
}  // namespace ostler::cluster
