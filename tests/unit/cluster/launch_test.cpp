// LAUNCH_GROUP: what is refused, in a real master's words, and what comes to life.
#include "world.h"

namespace ostler::cluster {
namespace {

using mesos::call::Accept;

// Updates after launching a group whose executor, or task, `change` has spoiled.
template <typename Info>
std::vector<std::string> launch(void (*change)(Info&)) {
  World world;
  world.subscribe();
  auto group = world.group({"t__1"});
  if constexpr (std::is_same_v<Info, mesos::ExecutorInfo>) {
    group.executor.change(change);
  } else {
    group.tasks[0].change(change);
  }
  world.accept({group});
  EXPECT_THAT(world.starts, IsEmpty());
  return world.updates();
}

TEST(Launch, RefusesAnInvalidGroupWithARealMastersWords) {
  const std::string error = "TASK_ERROR REASON_TASK_GROUP_INVALID: ";
  EXPECT_THAT(launch(+[](mesos::ExecutorInfo& e) { e.framework_id = "wrong"; }),
              ElementsAre(::testing::StartsWith(
                  error + "ExecutorInfo has an invalid FrameworkID (Actual: wrong vs ")));
  EXPECT_THAT(launch(+[](mesos::ExecutorInfo& e) {
                e.executor_id = "e";
                e.resources = {World::scalar("cpus", 1)};
              }),
              ElementsAre(error + "Executor 'e' uses less CPUs (0.001) than the minimum required (0.01)"));
  EXPECT_THAT(launch(+[](mesos::TaskInfo& t) { t.task_id = "a/b"; }),
              ElementsAre(error + "Task 'a/b' is invalid: 'a/b' contains invalid characters"));
  EXPECT_THAT(launch(+[](mesos::TaskInfo& t) { t.agent_id = "bogus"; }),
              ElementsAre(::testing::StartsWith(
                  error + "Task 't__1' is invalid: Task uses invalid agent bogus while ")));
  EXPECT_THAT(
      launch(+[](mesos::TaskInfo& t) { t.resources = {World::scalar("cpus", 500'000)}; }),
      ElementsAre(
          error +
          "Total resources cpus(allocated: role):500.1; mem(allocated: role):32 required by task group "
          "and its executor are more than available cpus(allocated: role):4; mem(allocated: role):8192; "
          "disk(allocated: role):20480; ports(allocated: role):[10000-19999]"));
  EXPECT_THAT(launch(+[](mesos::ExecutorInfo& e) { e.extra = R"({"command":{"value":"x"}})"; }),
              ElementsAre(error + "'ExecutorInfo.command' must not be set for 'DEFAULT' executor"));
}

TEST(Launch, AfterAFailedReserveIsRefused) {
  World world;
  world.subscribe();
  auto group = world.group({"t__1"});
  group.tasks[0].change(
      [](mesos::TaskInfo& task) { task.resources = {World::reserved(World::scalar("cpus", 100))}; });
  world.accept(
      {World::operation(Type::kReserve, {World::reserved(World::scalar("cpus", 100), "r1", "other")}),
       group});
  EXPECT_THAT(world.updates(),
              ElementsAre(::testing::StartsWith("TASK_ERROR REASON_TASK_GROUP_INVALID: Total resources")));
}

TEST(Launch, DropsTheTasksOfAStaleOffer) {
  World world;
  world.subscribe();
  world.call(Accept{{"bogus"}, {world.group({"a__1", "b__1"})}, 0});
  const std::string text =
      "TASK_DROPPED REASON_INVALID_OFFERS: Task launched with invalid offers: Offer bogus is no longer valid";
  EXPECT_THAT(world.updates(), ElementsAre(text, text));
  for (const auto& update : world.all<event::Update>()) EXPECT_EQ(update.status.uuid, "");
}

TEST(Launch, RefusesDuplicateAndMixedOffers) {
  World world({}, 2);
  world.subscribe();
  const auto first = world.offers.at(0).id, second = world.offers.at(1).id;
  world.call(Accept{{first, first}, {world.group({"t__1"})}, 0});
  EXPECT_THAT(
      world.updates(),
      ElementsAre("TASK_DROPPED REASON_INVALID_OFFERS: Task launched with invalid offers: Duplicate offer " +
                  first + " in offer list"));
  world.forget();
  world.pass(1000);
  ASSERT_EQ(world.offers.size(), 1u) << "the offer went back";
  const auto again = world.offers[0].id;
  world.call(Accept{{second, again}, {world.group({"t__1"})}, 0});
  EXPECT_THAT(
      world.updates(),
      ElementsAre(
          "TASK_DROPPED REASON_INVALID_OFFERS: Task launched with invalid offers: Aggregated offers must "
          "belong to one single agent. Offer " +
          again + " uses agent " + world.agent_ids[0] + " and agent " + world.agent_ids[1]));
}

TEST(Launch, StartsEachTaskOfAGroupWithOneExecutor) {
  World world;
  world.subscribe();
  world.accept({world.group({"a__1", "b__1"})}, 0);
  ASSERT_EQ(world.starts.size(), 2u);
  EXPECT_EQ(world.starts[0].executor_container_id, world.starts[1].executor_container_id);
  EXPECT_EQ(total_milli(world.master.agents()[0]->available, "cpus"), 4000 - 100 - 2 * 500);
}

TEST(Launch, ARunningExecutorIsUsedAgainOnlyWithTheSameInfo) {
  World world;
  world.subscribe();
  world.run_task();
  world.pass(1000);
  auto second = world.group({"t2__1"});
  auto different = world.group({"t3__1"});
  different.executor.change([](mesos::ExecutorInfo& executor) { executor.resources[0].milli = 200; });
  world.accept({second, different});
  ASSERT_EQ(world.starts.size(), 1u);
  EXPECT_EQ(world.starts[0].task->task_id, "t2__1");
  EXPECT_THAT(world.updates(),
              ElementsAre(::testing::HasSubstr(
                  "ExecutorInfo is not compatible with existing ExecutorInfo with same ExecutorID.")));
  EXPECT_EQ(total_milli(world.master.agents()[0]->available, "cpus"), 4000 - 100 - 2 * 500)
      << "the executor's own resources are taken once";
}

TEST(Launch, ATaskIdInUseIsRefused) {
  World world;
  world.subscribe();
  world.run_task();
  world.pass(1000);
  world.accept({world.group({"t__1"}, "e2")});
  EXPECT_THAT(world.updates(),
              ElementsAre("TASK_ERROR REASON_TASK_GROUP_INVALID: Task 't__1' is invalid: Task has "
                          "duplicate ID: t__1"));
}

TEST(Launch, AFailingTaskTakesItsOwnGroupDownAndNoOther) {
  World world;
  world.subscribe();
  world.accept({world.group({"a__1", "b__1"}), world.group({"c__1"})});
  world.report("a__1", TaskState::kRunning);
  world.report("b__1", TaskState::kRunning);
  world.report("c__1", TaskState::kRunning);
  world.report("a__1", TaskState::kFailed, "Command exited with status 3");
  ASSERT_EQ(world.kills.size(), 1u);
  EXPECT_EQ(world.kills[0].task_id, "b__1");
}

TEST(Launch, ASuccessfulTaskLeavesItsGroupAlone) {
  World world;
  world.subscribe();
  world.accept({world.group({"a__1", "b__1"})});
  world.report("a__1", TaskState::kFinished);
  EXPECT_THAT(world.kills, IsEmpty());
}

TEST(Launch, TheExecutorEndsAfterItsLastTaskWithAFailureEvent) {
  World world;
  world.subscribe();
  world.accept({world.group({"a__1"}), world.group({"b__1"})}, 3600);
  world.call(mesos::call::Suppress{});
  world.report("a__1", TaskState::kFinished);
  world.pass(100);
  EXPECT_THAT(world.all<event::Failure>(), IsEmpty());
  world.report("b__1", TaskState::kFinished);
  EXPECT_EQ(total_milli(world.master.agents()[0]->available, "cpus"), 3900)
      << "the executor still holds its share";
  world.pass(100);
  ASSERT_EQ(world.all<event::Failure>().size(), 1u);
  EXPECT_EQ(world.all<event::Failure>()[0].executor_id, "e1");
  EXPECT_EQ(world.all<event::Failure>()[0].status, 0);
}

TEST(Launch, IntoAnEndingExecutorIsDropped) {
  World world;
  world.subscribe();
  world.run_task();
  world.pass(1000);
  world.report("t__1", TaskState::kFinished);
  world.forget();
  world.call(Accept{{world.master.offers().begin()->first}, {world.group({"t2__1"})}, 0});
  EXPECT_THAT(world.updates(), ElementsAre("TASK_DROPPED REASON_EXECUTOR_TERMINATED: Executor terminating"));
}

TEST(Launch, TheAuditSeesTwoLiveTasksOfOneName) {
  World world;
  world.subscribe();
  world.accept({world.group({"t__1"}), world.group({"t__2"}, "e2")});
  EXPECT_EQ(world.master.audit().violation_count(), 1u);
  EXPECT_THAT(world.master.audit().violations()[0], ::testing::StartsWith("two live tasks named 't' at "));
  EXPECT_EQ(world.master.audit().launches().at(world.framework_id + "/t"), 2u);
}

TEST(Launch, TheAuditSeesTwoTasksOnOneVolumeId) {
  World world({}, 2);
  world.subscribe();
  for (size_t agent = 0; agent < 2; ++agent) {
    auto group = world.group({"t" + std::to_string(agent) + "__1"}, "e1", agent);
    group.tasks[0].change(
        [](mesos::TaskInfo& task) { task.resources.push_back(World::volume(64'000, "same")); });
    world.accept({World::operation(Type::kReserve, {World::reserved(World::scalar("disk", 64'000))}),
                  World::operation(Type::kCreate, {World::volume(64'000, "same")}), group},
                 3600, agent);
  }
  ASSERT_EQ(world.starts.size(), 2u);
  EXPECT_THAT(world.master.audit().violations(),
              ElementsAre(::testing::StartsWith("two users of volume 'same'")));
}

TEST(Launch, TheAuditIsContentWithATaskThatFollowsAnother) {
  World world;
  world.subscribe();
  world.run_task();
  world.report("t__1", TaskState::kFinished);
  world.pass(1000);
  world.accept({world.group({"t__2"}, "e2")});
  EXPECT_EQ(world.starts.size(), 1u);
  EXPECT_EQ(world.master.audit().violation_count(), 0u);
}

}  // namespace
}  // namespace ostler::cluster
