// Servers that restart, fall silent or die.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <thread>

#include "zookeeper_fixture.h"

namespace ostler::test {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;
using testing::SizeIs;
using testing::StartsWith;

// Longer than a server takes to start again, beside a compiler too.
constexpr int kLongMs = 30000;

// These stop the server, so each has one of its own.
class ZookeeperFaults : public testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_ZOOKEEPER();
    server_.emplace();
  }
  StateUnderTest plugin(int session_timeout_ms) {
    return StateUnderTest("state-zookeeper", config_of(server_->address(), "/service", session_timeout_ms));
  }

  std::optional<ZookeeperServer> server_;
};

TEST_F(ZookeeperFaults, RidesOverARestartOfTheServerAndTellsTheHost) {
  auto state = plugin(kLongMs);
  ASSERT_EQ(state.start(), OSTLER_OK);
  ASSERT_EQ(state.commit({put("/a", "1")}), OSTLER_OK);
  server_->kill();
  EXPECT_THAT(state.wait_for_availability("cannot be reached").value_or(""),
              StartsWith("ZooKeeper " + server_->address() + " cannot be reached: "));
  const Status status = state.commit({put("/a", "2")}, 100);
  EXPECT_EQ(status.code, OSTLER_UNAVAILABLE);
  EXPECT_THAT(status.message, HasSubstr("cannot be reached"));
  server_->start();
  EXPECT_EQ(state.wait_for_availability(""), "");
  EXPECT_EQ(state.commit({put("/a", "3"), put("/b", "3")}), OSTLER_OK);
  EXPECT_EQ(state.value("/a"), "3");
  EXPECT_EQ(state.times_lost(), 0);
}

TEST_F(ZookeeperFaults, GivesUpOwnershipByItsOwnClockWhenCutOff) {
  auto state = plugin(6000);
  ASSERT_EQ(state.start(), OSTLER_OK);
  ASSERT_EQ(state.commit({put("/a", "1")}), OSTLER_OK);
  const auto begin = std::chrono::steady_clock::now();
  server_->freeze();
  const auto lost = state.wait_for_lost();
  const auto took = std::chrono::steady_clock::now() - begin;
  ASSERT_TRUE(lost.has_value());
  EXPECT_THAT(lost->message,
              MatchesRegex("ZooKeeper has not answered for [0-9.]+ s of a session timeout of 6.0 s: "
                           "another scheduler may own the state soon"));
  EXPECT_GT(took, std::chrono::milliseconds(4000)) << "by then the client has only just left the server";
  EXPECT_LT(took, std::chrono::milliseconds(6000)) << "the session might have expired before";
  EXPECT_EQ(state.commit({put("/a", "2")}, 100).code, OSTLER_FAILED_PRECONDITION);
  server_->thaw();
  EXPECT_EQ(state.commit({put("/a", "2")}, 100).code, OSTLER_FAILED_PRECONDITION) << "lost is lost";
}

TEST_F(ZookeeperFaults, KeepsItsTimeoutsWhileTheServerIsSilent) {
  auto state = plugin(kLongMs);
  ASSERT_EQ(state.start(), OSTLER_OK);
  ASSERT_EQ(state.names("/"), "") << "what the commit needs to know";
  server_->freeze();
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(state.commit({put("/a", "1")}, 200).code, OSTLER_UNAVAILABLE);
  std::string value;
  int32_t version = 0;
  EXPECT_EQ(state.get("/a", value, version, 200).code, OSTLER_UNAVAILABLE);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
  server_->thaw();
  // The first commit reached the server after all; that is found out, not done again.
  EXPECT_EQ(state.commit({put("/b", "2")}), OSTLER_OK);
  EXPECT_EQ(state.get("/a", value, version), OSTLER_OK);
  EXPECT_EQ(value + " v" + std::to_string(version), "1 v0");
}

TEST_F(ZookeeperFaults, AStartOnASilentServerEndsAtItsTimeout) {
  server_->freeze();
  auto state = plugin(kLongMs);
  const Status status = state.start(300);
  EXPECT_EQ(status.code, OSTLER_UNAVAILABLE);
  EXPECT_THAT(status.message, HasSubstr("cannot be reached: no answer"));
}

TEST_F(ZookeeperFaults, AStartAfterOneThatFailedTellsThatAllIsWell) {
  server_->kill();
  auto state = plugin(kLongMs);
  EXPECT_EQ(state.start(300).code, OSTLER_UNAVAILABLE);
  ASSERT_THAT(state.wait_for_availability("cannot be reached").value_or(""), StartsWith("ZooKeeper "));
  server_->start();
  ASSERT_EQ(state.start(), OSTLER_OK);
  EXPECT_EQ(state.wait_for_availability(""), "");
}

// Kills the server at random points of a stream of commits, each repeated until it is
// known to be done: everything is there then, and each version shows one set a commit.
TEST_F(ZookeeperFaults, CarriesOutEachCommitOnceThroughCrashesOfTheServer) {
  auto state = plugin(kLongMs);
  ASSERT_EQ(state.start(), OSTLER_OK);
  std::atomic<bool> is_done{false};
  std::atomic<bool> has_failed{false};
  std::atomic<int> count{0};
  Status failure;
  std::thread committer([&] {
    for (; !is_done && !has_failed; ++count) {
      const std::string n = std::to_string(count);
      // Now and then a timeout that ends while the server is down, so that the host repeats.
      const uint32_t timeout_ms = count % 3 == 0 ? 50 : 30000;
      Status status;
      do {
        status = state.commit(
            {put("/counter", n), put("/list/" + n, n), remove("/list/" + std::to_string(count - 5))},
            timeout_ms);
      } while (status.code == OSTLER_UNAVAILABLE);
      if (status.ok()) continue;
      failure = status;
      has_failed = true;
    }
  });
  const auto wait_for_commits = [&](int more) {
    for (const int next = count + more; count < next && !has_failed;) std::this_thread::yield();
  };
  // The server is the child of this thread and dies with it, so it is the other that commits.
  for (int crash = 0; crash < 3; ++crash) {
    wait_for_commits(15 + crash);
    server_->kill();
    server_->start();
  }
  wait_for_commits(15);
  is_done = true;
  committer.join();
  ASSERT_EQ(failure, OSTLER_OK);
  ASSERT_EQ(state.times_lost(), 0);
  EXPECT_EQ(state.value("/counter"), std::to_string(count - 1));
  std::vector<std::string> list;
  ASSERT_EQ(state.children("/list", list), OSTLER_OK);
  EXPECT_THAT(list, SizeIs(5));
  for (int n = count - 5; n < count; ++n)
    EXPECT_EQ(state.value("/list/" + std::to_string(n)), std::to_string(n));
}

TEST_F(ZookeeperFaults, ReadsOnBehindACrashOfTheServer) {
  constexpr size_t kNodes = 3000;
  auto state = plugin(kLongMs);
  ASSERT_EQ(state.start(), OSTLER_OK);
  std::vector<std::string> paths;
  std::vector<Op> ops;
  for (size_t i = 0; i < kNodes; ++i) {
    paths.push_back("/n" + std::to_string(i));
    ops.push_back(put(paths.back(), std::to_string(i)));
  }
  ASSERT_EQ(state.commit(ops), OSTLER_OK);
  std::vector<StateUnderTest::Answer> answers;
  const Status read = state.get_each(paths, answers, 30000, [&](size_t index) {
    if (index != 1000) return;
    server_->kill();
    server_->start();
  });
  ASSERT_EQ(read, OSTLER_OK);
  ASSERT_THAT(answers, SizeIs(kNodes));
  for (size_t i = 0; i < kNodes; ++i) ASSERT_EQ(answers[i].value, std::to_string(i));
  EXPECT_EQ(state.times_lost(), 0);
}

TEST_F(ZookeeperFaults, AReadFromASilentServerEndsAtItsTimeout) {
  auto state = plugin(kLongMs);
  ASSERT_EQ(state.start(), OSTLER_OK);
  ASSERT_EQ(state.commit({put("/a", "1")}), OSTLER_OK);
  server_->freeze();
  std::vector<StateUnderTest::Answer> answers;
  EXPECT_EQ(state.get_each({"/a", "/b"}, answers, 200).code, OSTLER_UNAVAILABLE);
  EXPECT_THAT(answers, SizeIs(0));
  server_->thaw();
  EXPECT_EQ(state.get_each({"/a", "/b"}, answers), OSTLER_OK);
  EXPECT_EQ(answers.at(0).value, "1");
}

// A commit that got no answer is never carried out behind the back of the next one.
TEST_F(ZookeeperFaults, AnUndecidedCommitIsSettledBeforeTheNext) {
  auto state = plugin(kLongMs);
  ASSERT_EQ(state.start(), OSTLER_OK);
  ASSERT_EQ(state.commit({put("/a", "0")}), OSTLER_OK);
  for (int round = 1; round <= 3; ++round) {
    server_->freeze();
    EXPECT_EQ(state.commit({create("/made/" + std::to_string(round), "x"), put("/a", "undecided")}, 50).code,
              OSTLER_UNAVAILABLE);
    if (round % 2 == 0) {
      server_->kill();
      server_->start();
    } else {
      server_->thaw();
    }
    ASSERT_EQ(state.commit({put("/a", std::to_string(round)), remove("/made")}), OSTLER_OK);
    EXPECT_EQ(state.value("/a"), std::to_string(round));
    EXPECT_EQ(state.names("/"), "a");
  }
}

}  // namespace

}  // namespace ostler::test
