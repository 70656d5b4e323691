// Who owns the tree: its lock, and how ownership ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <chrono>
#include <functional>
#include <optional>
#include <thread>

#include "zookeeper_fixture.h"

namespace ostler::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// The lock

TEST_F(Zookeeper, SecondWaitsForTheLockAndNamesTheHolderWhenItGivesUp) {
  auto first = plugin();
  ASSERT_EQ(first.start(), OSTLER_OK);
  auto second = plugin();
  const auto begin = std::chrono::steady_clock::now();
  const Status status = second.start(700);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(700));
  EXPECT_EQ(status.code, OSTLER_FAILED_PRECONDITION);
  RawZookeeper raw(server().address());
  EXPECT_EQ(status.message, "the state is in use by process '" + me() + "', which holds the lock '" +
                                lease_of(raw) + "' in ZooKeeper " + server().address() +
                                "; only one scheduler may run on it");
  EXPECT_THAT(raw.children(root_ + "/lock/locks"), ElementsAre()) << "who gave up leaves nothing behind";
  EXPECT_EQ(first.commit({put("/a", "x")}), OSTLER_OK);
}

TEST_F(Zookeeper, SecondGetsTheLockWhenTheFirstStopsAndSeesItsState) {
  auto first = std::make_unique<StateUnderTest>("state-zookeeper", config_of(server().address(), root_));
  ASSERT_EQ(first->start(), OSTLER_OK);
  auto second = plugin();
  RawZookeeper raw(server().address());
  std::thread stopper([&] {
    // When its lease stands behind the first's, it waits.
    while (raw.children(root_ + "/lock/leases").size() < 2) std::this_thread::yield();
    EXPECT_EQ(first->commit({put("/a", "by the first")}), OSTLER_OK);
    first.reset();
  });
  EXPECT_EQ(second.start(20000), OSTLER_OK);
  stopper.join();
  EXPECT_EQ(second.value("/a"), "by the first");
  EXPECT_EQ(second.commit({put("/a", "by the second")}), OSTLER_OK);
}

TEST_F(Zookeeper, ManyWaitersGetTheLockOneAfterAnother) {
  std::atomic<int> owners{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 5; ++i) {
    threads.emplace_back([&, i] {
      auto state = plugin();
      ASSERT_EQ(state.start(60000), OSTLER_OK);
      EXPECT_EQ(owners.fetch_add(1), 0);
      EXPECT_EQ(state.commit({put("/" + std::to_string(i), "was here")}), OSTLER_OK);
      owners.fetch_sub(1);
    });
  }
  for (std::thread& thread : threads) thread.join();
  auto state = plugin();
  ASSERT_EQ(state.start(), OSTLER_OK);
  EXPECT_EQ(state.names("/"), "0 1 2 3 4");
}

TEST_F(Zookeeper, WaitsForALeaseOfCuratorAndNamesItsAddress) {
  RawZookeeper raw(server().address());
  const std::string lease =
      raw.create(root_ + "/lock/leases/_c_2f5f3f0a-lease-", "10.0.0.7", ZOO_EPHEMERAL_SEQUENTIAL);
  auto state = plugin();
  const Status status = state.start(600);
  EXPECT_EQ(status.code, OSTLER_FAILED_PRECONDITION);
  EXPECT_THAT(status.message,
              StartsWith("the state is in use by process '10.0.0.7', which holds the lock '" + lease));
}

// Runs `body` in a child process, which then kills itself; returns when it is reaped.
void run_and_kill(const std::function<bool()>& body) {
  const pid_t child = fork();
  if (child == 0) {
    if (!body()) _exit(1);
    raise(SIGKILL);
  }
  int how = 0;
  waitpid(child, &how, 0);
  ASSERT_TRUE(WIFSIGNALED(how)) << "the child failed before it was killed";
}

TEST_F(Zookeeper, TakesOverAtOnceFromAKilledProcessOfThisMachine) {
  run_and_kill([&] {
    auto* state = new StateUnderTest("state-zookeeper", config_of(server().address(), root_, 60000));
    return state->start().ok() && state->commit({put("/a", "kept")}).ok();
  });
  auto state = plugin();
  // Far less than the minute for which the dead session lives on.
  ASSERT_EQ(state.start(20000), OSTLER_OK);
  EXPECT_EQ(state.value("/a"), "kept");
  EXPECT_THAT(state.host().all_logs(), HasSubstr("WARNING took over the lock of process '"));
}

TEST_F(Zookeeper, RidesOverTheSessionOfAKilledProcessElsewhere) {
  run_and_kill([&] {
    auto* raw = new RawZookeeper(server().address(), nullptr, 1500);
    raw->create(root_ + "/lock/leases/_c_2f5f3f0a-lease-", "other-host:17\n", ZOO_EPHEMERAL_SEQUENTIAL);
    return true;
  });
  auto state = plugin();
  EXPECT_EQ(state.start(20000), OSTLER_OK);
  EXPECT_THAT(state.host().all_logs(), Not(HasSubstr("took over")));
}

// Losing ownership

TEST_F(Zookeeper, HearsOfItsExpiryAndNeverWritesAgain) {
  // Short: now and then the server stays connected with a session that it has ended and
  // answers nothing; then it is the fence that notices.
  auto state = plugin(3000);
  ASSERT_EQ(state.start(), OSTLER_OK);
  ASSERT_EQ(state.commit({put("/a", "old")}), OSTLER_OK);
  RawZookeeper raw(server().address());
  raw.expire_owner_of(lease_of(raw));
  const auto lost = state.wait_for_lost();
  ASSERT_TRUE(lost.has_value());
  EXPECT_EQ(lost->code, OSTLER_FAILED_PRECONDITION);
  const Status status = state.commit({put("/a", "new")});
  EXPECT_EQ(status.code, OSTLER_FAILED_PRECONDITION);
  EXPECT_EQ(status.message, lost->message);
  std::string value;
  int32_t version = 0;
  EXPECT_EQ(state.get("/a", value, version).code, OSTLER_FAILED_PRECONDITION);
  EXPECT_EQ(raw.get(root_ + "/a"), "old");
  EXPECT_EQ(state.times_lost(), 1);
}

TEST_F(Zookeeper, CannotWriteOnceItsLeaseIsGoneEvenBeforeItHearsOfIt) {
  auto state = plugin();
  ASSERT_EQ(state.start(), OSTLER_OK);
  RawZookeeper raw(server().address());
  const std::string lease = lease_of(raw);
  ASSERT_EQ(raw.remove(lease), ZOK);
  const Status status = state.commit({put("/a", "new")});
  EXPECT_EQ(status.code, OSTLER_FAILED_PRECONDITION);
  EXPECT_THAT(status.message, StartsWith("the lock node '" + lease + "' was removed"));
  EXPECT_EQ(raw.get(root_ + "/a"), "(no node)");
  EXPECT_TRUE(state.wait_for_lost().has_value());
}

TEST_F(Zookeeper, NoticesARemovedLeaseWithoutACommit) {
  auto state = plugin();
  ASSERT_EQ(state.start(), OSTLER_OK);
  RawZookeeper raw(server().address());
  const std::string lease = lease_of(raw);
  ASSERT_EQ(raw.remove(lease), ZOK);
  const auto lost = state.wait_for_lost();
  ASSERT_TRUE(lost.has_value());
  EXPECT_EQ(lost->message, "the lock node '" + lease + "' was removed");
}

TEST_F(Zookeeper, RefreshesWhatItKnowsWhenSomebodyElseChangedTheTree) {
  auto state = plugin();
  ASSERT_EQ(state.start(), OSTLER_OK);
  ASSERT_EQ(state.commit({put("/a/b", "1"), put("/c", "1")}), OSTLER_OK);
  RawZookeeper raw(server().address());
  raw.create(root_ + "/new/child");
  raw.create(root_ + "/a/b/below");
  ASSERT_EQ(raw.remove(root_ + "/c"), ZOK);
  EXPECT_EQ(state.commit({put("/new", "2"), put("/c", "2"), remove("/a")}), OSTLER_OK);
  EXPECT_EQ(state.names("/"), "c new");
  EXPECT_EQ(state.names("/new"), "child");
}

}  // namespace

}  // namespace ostler::test
