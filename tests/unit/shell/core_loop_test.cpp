#include "shell/core_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "shell/command_port.h"
#include "support/memory_tree.h"
#include "unit/core/engine_driver.h"

namespace ostler::shell {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A loop with everything around it in memory. `history` tells the order of things.
struct World {
  World() : store(tree), engine({}, {}, judge, ids), loop(engine, ports()) {}

  LoopPorts ports() {
    return {inbox,
            store,
            metrics,
            [this](mesos::Call call) {
              calls.push_back(std::move(call));
              commits_at_call.push_back(tree.commits);
            },
            [this] { commits_at_settle.push_back(tree.commits); },
            [this](core::effect::Advise question) { questions.push_back(std::move(question)); },
            [this](std::shared_ptr<const core::Snapshot> s) { snapshot = std::move(s); },
            [this](const std::string& area, std::string text) {
              if (!text.empty()) notices.push_back(area + ": " + text);
            },
            [] { return std::string("cannot reach 10.0.0.1:5050"); }};
  }
  std::optional<StopRequest> start(spec::Strategy strategy = spec::Strategy::kSerial) {
    return loop.start(std::make_shared<spec::ServiceSpec>(core::test::sample_spec(strategy)));
  }
  StopRequest run_until_stopped() {
    // Behind everything else: a StopRequest itself would be taken first.
    inbox.push(std::function<void()>([this] { inbox.push_urgent(StopRequest{0, "end of the test"}); }));
    return loop.run();
  }

  std::string launched_task() const {
    for (const mesos::Call& call : calls) {
      if (const auto* accept = std::get_if<mesos::call::Accept>(&call)) {
        for (const auto& operation : accept->operations) {
          if (!operation.tasks.empty()) return operation.tasks.front()->task_id;
        }
      }
    }
    return "none";
  }

  test::MemoryTree tree;
  store::ServiceStore store;
  core::test::FakeJudge judge;
  SeededIds ids{1};
  core::Engine engine;
  Inbox inbox;
  MetricsRegistry metrics;
  std::vector<mesos::Call> calls;
  std::vector<int> commits_at_call;
  std::vector<int> commits_at_settle;
  std::vector<core::effect::Advise> questions;
  std::vector<std::string> notices;
  std::shared_ptr<const core::Snapshot> snapshot;
  CoreLoop loop;
};

TEST(CoreLoop, StoresALaunchBeforeItAccepts) {
  World world;
  ASSERT_FALSE(world.start());
  world.inbox.push(mesos::Event(mesos::event::Subscribed{"F1", "m:5050", ""}));
  world.inbox.push(mesos::Event(core::test::offers_event({core::test::big_offer(1)})));
  EXPECT_EQ(world.run_until_stopped().exit_code, 0);
  size_t accepts = 0;
  for (size_t i = 0; i < world.calls.size(); ++i) {
    const auto* accept = std::get_if<mesos::call::Accept>(&world.calls[i]);
    if (accept == nullptr) continue;
    ++accepts;
    EXPECT_EQ(world.commits_at_call[i], 2) << "the configuration; then framework id and launch";
    EXPECT_TRUE(world.tree.nodes.contains("/Tasks/zookeeper-0-server/TaskInfo"));
  }
  EXPECT_EQ(accepts, 1U);
  EXPECT_EQ(world.metrics.counter("operation.launch_group").value(), 2);
}

TEST(CoreLoop, LetsAnAcceptReachMesosBeforeTheNextCommit) {
  World world;
  ASSERT_FALSE(world.start());
  world.inbox.push(mesos::Event(mesos::event::Subscribed{"F1", "m:5050", ""}));
  world.inbox.push(mesos::Event(core::test::offers_event({core::test::big_offer(1)})));
  world.inbox.push(std::function<void()>([&] {  // what the launched task says needs a commit
    mesos::event::Update update;
    update.status.task_id = world.launched_task();
    update.status.state = mesos::TaskState::kStarting;
    world.inbox.push(mesos::Event(update));
    world.inbox.push(mesos::Event(update));
    world.inbox.push(std::function<void()>([&] { world.inbox.push_urgent(StopRequest{0, "done"}); }));
  }));
  world.loop.run();
  EXPECT_EQ(world.tree.commits, 3) << "configuration; framework id and launch; status";
  EXPECT_THAT(world.commits_at_settle, ElementsAre(2)) << "once, before the third";
}

TEST(CoreLoop, EventsThatWaitShareACommitMadeBeforeAllTheirCalls) {
  World world;
  ASSERT_FALSE(world.start());
  world.inbox.push(mesos::Event(mesos::event::Subscribed{"F1", "m:5050", ""}));
  world.inbox.push(mesos::Event(core::test::offers_event({core::test::big_offer(1)})));
  world.inbox.push(std::function<void()>([&] {
    mesos::event::Update update;
    update.status.task_id = world.launched_task();
    update.status.agent_id = "S1";
    for (const mesos::TaskState state : {mesos::TaskState::kStarting, mesos::TaskState::kRunning}) {
      update.status.state = state;
      update.status.uuid = state == mesos::TaskState::kStarting ? "one" : "two";
      world.inbox.push(mesos::Event(update));
    }
    world.inbox.push(mesos::Event(core::test::offers_event({core::test::big_offer(2)})));
    // Behind the offers, and so in a round of its own.
    update.status.state = mesos::TaskState::kFailed;
    update.status.uuid = "three";
    world.inbox.push(mesos::Event(update));
    world.inbox.push(std::function<void()>([&] { world.inbox.push_urgent(StopRequest{0, "done"}); }));
  }));
  world.loop.run();
  std::vector<std::pair<std::string, int>> acknowledged;  // and the commits before
  for (size_t i = 0; i < world.calls.size(); ++i) {
    if (const auto* call = std::get_if<mesos::call::Acknowledge>(&world.calls[i]))
      acknowledged.emplace_back(call->uuid, world.commits_at_call[i]);
  }
  EXPECT_THAT(acknowledged, ElementsAre(std::pair("one", 3), std::pair("two", 3), std::pair("three", 4)));
}

TEST(CoreLoop, WhatIsStoredIsLaunchedWhileTheRestIsStored) {
  World world;
  ASSERT_FALSE(world.start(spec::Strategy::kParallel));
  world.inbox.push(mesos::Event(mesos::event::Subscribed{"F1", "m:5050", ""}));
  world.inbox.push(std::function<void()>([&] { world.tree.limit = {0, 20'000}; }));  // of one launch
  world.inbox.push(mesos::Event(core::test::offers_event(
      {core::test::big_offer(1), core::test::big_offer(2), core::test::big_offer(3)})));
  world.run_until_stopped();
  std::vector<int> commits_before;
  for (size_t i = 0; i < world.calls.size(); ++i) {
    if (std::holds_alternative<mesos::call::Accept>(world.calls[i]))
      commits_before.push_back(world.commits_at_call[i]);
  }
  EXPECT_THAT(commits_before, ElementsAre(3, 4, 5)) << "configuration, framework id, and one launch each";
  EXPECT_THAT(world.commits_at_settle, IsEmpty()) << "they wait for nothing in between";
}

TEST(CoreLoop, NothingAfterAnExitIsStoredOrSaid) {
  World world;
  ASSERT_FALSE(world.start());
  world.inbox.push(mesos::Event(mesos::event::Subscribed{"F1", "m:5050", ""}));
  world.inbox.push(mesos::Event(mesos::event::Subscribed{"another", "m:5050", ""}));
  world.inbox.push(mesos::Event(core::test::offers_event({core::test::big_offer(1)})));
  const StopRequest stop = world.loop.run();
  EXPECT_THAT(stop.why, HasSubstr("Mesos registered framework 'another', but the stored framework is 'F1'"));
  EXPECT_EQ(world.tree.nodes.at("/FrameworkID"), "F1") << "what came before it is";
  EXPECT_FALSE(world.tree.nodes.contains("/Tasks/zookeeper-0-server/TaskInfo"));
  EXPECT_EQ(world.launched_task(), "none");
}

TEST(CoreLoop, SaysNothingToMesosWhileTheStateCannotBeWritten) {
  World world;
  ASSERT_FALSE(world.start());
  world.inbox.push(mesos::Event(mesos::event::Subscribed{"F1", "m:5050", ""}));
  world.tree.failures = {Error{Code::kUnavailable, "connection lost", ""},
                         Error{Code::kUnavailable, "connection lost", ""}};
  world.run_until_stopped();
  EXPECT_EQ(world.tree.nodes.at("/FrameworkID"), "F1") << "tried again until it was done";
  EXPECT_THAT(world.notices, ::testing::Contains(HasSubstr("state: cannot be written: connection lost")));
  ASSERT_FALSE(world.calls.empty());
  EXPECT_EQ(world.commits_at_call.front(), 4);
}

TEST(CoreLoop, CanBeStoppedWhileItWaitsForTheStore) {
  World world;
  ASSERT_FALSE(world.start());
  world.inbox.push(mesos::Event(mesos::event::Subscribed{"F1", "m:5050", ""}));
  for (int i = 0; i < 1000; ++i) world.tree.failures.push_back(Error{Code::kUnavailable, "down", ""});
  std::thread asker([&] { world.inbox.push_urgent(StopRequest{0, "asked to terminate"}); });
  EXPECT_EQ(world.loop.run().why, "asked to terminate");
  asker.join();
  EXPECT_THAT(world.calls, IsEmpty());
}

TEST(CoreLoop, EndsWithEightWhenItIsNotTheOwnerAnyMore) {
  World world;
  ASSERT_FALSE(world.start());
  world.tree.failures = {Error{Code::kFailedPrecondition, "the lock is held by another", ""}};
  world.inbox.push(mesos::Event(mesos::event::Subscribed{"F1", "m:5050", ""}));
  const StopRequest stop = world.loop.run();
  EXPECT_EQ(stop.exit_code, 8);
  EXPECT_THAT(stop.why, HasSubstr("does not own the state any more"));
  EXPECT_THAT(world.calls, IsEmpty());
}

TEST(CoreLoop, AnswersTheCommandWhoseOwnCommitFailsForGood) {
  World world;
  ASSERT_FALSE(world.start());
  const auto pending = std::make_shared<PendingCommand>(core::command::PlanInterrupt{{"deploy", {}, {}}});
  world.tree.failures = {Error{Code::kInternal, "the disk is full", ""}};
  world.inbox.push(pending);
  EXPECT_EQ(world.loop.run().exit_code, 6);
  EXPECT_EQ(pending->wait(std::chrono::milliseconds(0)).message,
            "the scheduler is ending; whether the command was stored cannot be told");
}

TEST(CoreLoop, PublishesWhatHappened) {
  World world;
  ASSERT_FALSE(world.start());
  ASSERT_NE(world.snapshot, nullptr);
  EXPECT_EQ(world.snapshot->health.code, 318);
  EXPECT_THAT(world.notices, ElementsAre("mesos: cannot reach 10.0.0.1:5050"));
  world.inbox.push(mesos::Event(mesos::event::Subscribed{"F1", "m:5050", ""}));
  world.inbox.push(std::function<void()>([&] { world.inbox.push_urgent(StopRequest{0, "done"}); }));
  world.loop.run();
  EXPECT_EQ(world.metrics.gauge("plan_status.deploy").value(), 1);
}

}  // namespace
}  // namespace ostler::shell
