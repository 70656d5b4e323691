// Servers that answer and cannot be written to: without a quorum, over a quota, on a full disk.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "zookeeper_fixture.h"

namespace ostler::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

constexpr int kLongSessionMs = 60000;

class ZookeeperLimits : public testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_ZOOKEEPER();
    server_.emplace(64, std::vector<std::string>{"readonlymode.enabled=true", "zookeeper.enforceQuota=true"});
  }
  StateUnderTest plugin(int session_timeout_ms = kLongSessionMs) {
    return StateUnderTest("state-zookeeper", config_of(server_->address(), "/service", session_timeout_ms));
  }
  // What is said of it changes with each try to connect, so of a single answer no more is known.
  std::string cannot_be_reached() const { return "ZooKeeper " + server_->address() + " cannot be reached: "; }
  std::string no_quorum() const {
    return cannot_be_reached() +
           "the server closed the connection, as one does that has no quorum; trying since ";
  }

  std::optional<ZookeeperServer> server_;
};

// A server that has lost its quorum would hand out what it last knew, which may be stale.

TEST_F(ZookeeperLimits, AReadOnlyServerIsNotTakenForUsableAndTheQuorumIsWaitedFor) {
  auto state = plugin();
  ASSERT_EQ(state.start(), OSTLER_OK);
  ASSERT_EQ(state.commit({put("/a", "1")}), OSTLER_OK);
  server_->start_without_quorum();
  EXPECT_THAT(state.wait_for_availability("no quorum").value_or(""), StartsWith(no_quorum()));
  std::string value;
  int32_t version = 0;
  EXPECT_THAT(state.get("/a", value, version, 300).message, StartsWith(cannot_be_reached()))
      << "it could be stale";
  const Status status = state.commit({put("/a", "2")}, 300);
  EXPECT_EQ(status.code, OSTLER_UNAVAILABLE);
  EXPECT_THAT(status.message, StartsWith(cannot_be_reached()));
  server_->kill();
  server_->start();
  EXPECT_EQ(state.wait_for_availability(""), "");
  EXPECT_EQ(state.value("/a"), "1");
  EXPECT_EQ(state.commit({put("/a", "3")}), OSTLER_OK);
  EXPECT_EQ(state.times_lost(), 0);
}

TEST_F(ZookeeperLimits, AStartOnAReadOnlyServerEndsAtItsTimeoutAndLeavesNothing) {
  server_->start_without_quorum();
  {
    auto state = plugin();
    const Status status = state.start(3000);
    EXPECT_EQ(status.code, OSTLER_UNAVAILABLE);
    EXPECT_THAT(status.message, StartsWith(cannot_be_reached()));
    EXPECT_THAT(state.wait_for_availability("no quorum").value_or(""), StartsWith(no_quorum()));
  }
  server_->kill();
  server_->start();
  EXPECT_THAT(RawZookeeper(server_->address()).children("/"), ElementsAre("zookeeper"));
}

TEST_F(ZookeeperLimits, GivesUpOwnershipWhenItsServerStaysReadOnly) {
  auto state = plugin(6000);
  ASSERT_EQ(state.start(), OSTLER_OK);
  server_->start_without_quorum();
  const auto lost = state.wait_for_lost();
  ASSERT_TRUE(lost.has_value());
  EXPECT_THAT(lost->message, HasSubstr("another scheduler may own the state soon"));
  EXPECT_EQ(state.commit({put("/a", "2")}, 100).code, OSTLER_FAILED_PRECONDITION);
}

// Quotas

class ZookeeperQuota : public ZookeeperLimits {
 protected:
  // As `setquota -N nodes -B bytes /service` of zkCli.sh does; -1: no limit.
  void set_quota(int nodes, int bytes) {
    RawZookeeper raw(server_->address());
    const std::string limits = "count=-1,bytes=-1=;byteHardLimit=" + std::to_string(bytes) +
                               ";countHardLimit=" + std::to_string(nodes);
    const std::string folder = "/zookeeper/quota/service";
    if (raw.children(folder).empty()) {
      raw.create(folder + "/zookeeper_limits", limits);
      raw.create(folder + "/zookeeper_stats", "count=0,bytes=0");
    } else {
      zoo_set(raw.handle(), (folder + "/zookeeper_limits").c_str(), limits.data(),
              static_cast<int>(limits.size()), -1);
    }
  }
};

TEST_F(ZookeeperQuota, ACommitOverTheQuotaSaysSoStoresNothingAndWorksWhenItIsRaised) {
  auto state = plugin();
  ASSERT_EQ(state.start(), OSTLER_OK);
  ASSERT_EQ(state.commit({put("/Tasks/a", "1")}), OSTLER_OK);
  set_quota(-1, 1000);
  const Status bytes = state.commit({put("/Tasks/a", "2"), put("/Tasks/b", std::string(5000, 'b'))});
  EXPECT_EQ(bytes.code, OSTLER_UNAVAILABLE) << "to be tried again";
  EXPECT_EQ(
      bytes.message,
      "ZooKeeper does not store '/service/Tasks/b': a quota on it is exceeded; raise it with setquota of "
      "zkCli.sh (listquota shows it)");
  EXPECT_EQ(state.value("/Tasks/a"), "1") << "the whole commit or none of it";
  set_quota(1, -1);
  EXPECT_THAT(state.commit({put("/made/deep/down", "x")}).message,
              StartsWith("ZooKeeper does not store '/service/made': a quota on it is exceeded; "));
  EXPECT_EQ(state.names("/"), "Tasks");
  set_quota(-1, -1);
  EXPECT_EQ(state.commit({put("/Tasks/b", std::string(5000, 'b'))}), OSTLER_OK);
  EXPECT_EQ(state.times_lost(), 0);
}

// The lease is set with every commit; what keeps that from being stored is no other owner.
TEST_F(ZookeeperQuota, AQuotaBelowWhatIsThereDoesNotCostTheOwnership) {
  auto state = plugin();
  ASSERT_EQ(state.start(), OSTLER_OK);
  ASSERT_EQ(state.commit({put("/a", std::string(5000, 'a'))}), OSTLER_OK);
  set_quota(1, 10);
  const Status status = state.commit({put("/a", std::string(6000, 'a'))});
  EXPECT_EQ(status.code, OSTLER_UNAVAILABLE);
  EXPECT_THAT(status.message, HasSubstr("a quota on it is exceeded"));
  EXPECT_EQ(state.times_lost(), 0);
  set_quota(-1, -1);
  EXPECT_EQ(state.commit({put("/a", "small")}), OSTLER_OK);
}

TEST_F(ZookeeperQuota, AStartThatCannotMakeItsLockSaysSo) {
  RawZookeeper(server_->address()).create("/service");
  set_quota(1, -1);
  auto state = plugin();
  const Status status = state.start(2000);
  EXPECT_EQ(status.code, OSTLER_UNAVAILABLE);
  EXPECT_EQ(status.message,
            "ZooKeeper does not store '/service/lock': a quota on it is exceeded; raise it with setquota of "
            "zkCli.sh (listquota shows it)");
  set_quota(-1, -1);
  EXPECT_EQ(state.start(20000), OSTLER_OK);
}

// The disk

TEST_F(ZookeeperLimits, AServerWhoseDiskIsFullCostsNoCommitThatWasAnswered) {
  server_->kill();
  server_->limit_files(1500 << 10);  // its log grows by 1 MiB at a time
  server_->start();
  auto state = plugin();
  ASSERT_EQ(state.start(), OSTLER_OK);
  ASSERT_EQ(state.wait_for_availability(""), "") << "of the start";
  int done = 0;
  Status status;
  for (; done < 20; ++done) {
    const std::string n = std::to_string(done);
    status =
        state.commit({put("/n", n), put("/filler", std::string(400000, 'x')), put("/list/" + n, n)}, 1500);
    if (!status.ok()) break;
  }
  EXPECT_EQ(status.code, OSTLER_UNAVAILABLE) << "after " << done;
  EXPECT_THAT(status.message, HasSubstr("cannot be reached"));
  EXPECT_GT(done, 0);
  server_->kill();
  server_->limit_files(0);
  server_->start();
  ASSERT_EQ(state.wait_for_availability(""), "");
  const std::string n = state.value("/n");
  EXPECT_THAT(n, testing::AnyOf(std::to_string(done - 1), std::to_string(done)));
  EXPECT_EQ(state.value("/list/" + n), n) << "all of a commit or nothing";
  EXPECT_EQ(state.commit({put("/n", "after")}), OSTLER_OK);
  EXPECT_EQ(state.times_lost(), 0);
}

}  // namespace
}  // namespace ostler::test
