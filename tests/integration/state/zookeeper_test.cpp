// What only the ZooKeeper plugin does: its layout, how it reads a tree, its limits and its config.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/state_suite.h"
#include "zookeeper_fixture.h"

namespace ostler::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

class ZookeeperBackend final : public Backend {
 public:
  std::string library() const override { return "state-zookeeper"; }
  std::string config() const override { return config_of(shared_server().address(), root_); }

 private:
  const std::string root_ = fresh_root();
};

TEST_F(Zookeeper, WritesPlainNodesBelowItsRootAndALeaseAsCuratorDoes) {
  auto state = plugin();
  ASSERT_EQ(state.start(), OSTLER_OK);
  ASSERT_EQ(state.commit({put("/Tasks/zk-0/TaskInfo", "info")}), OSTLER_OK);
  RawZookeeper raw(server().address());
  EXPECT_EQ(raw.get(root_ + "/Tasks/zk-0/TaskInfo"), "info");
  EXPECT_THAT(raw.children(root_), ElementsAre("Tasks", "lock"));
  EXPECT_THAT(raw.children(root_ + "/lock"), ElementsAre("leases", "locks"));
  EXPECT_THAT(raw.children(root_ + "/lock/locks"), ElementsAre());
  EXPECT_THAT(raw.children(root_ + "/lock/leases"),
              ElementsAre(MatchesRegex("_c_[0-9a-f-]{36}-lease-0000000000")));
  EXPECT_THAT(raw.get(lease_of(raw)), StartsWith(me() + "\n"));
  state.stop();
  EXPECT_THAT(raw.children(root_ + "/lock/leases"), ElementsAre())
      << "stop() frees the lock before it returns";
}

TEST_F(Zookeeper, FindsWhatAJavaSchedulerLeftAndKeepsItsVersions) {
  RawZookeeper raw(server().address());
  raw.create(root_ + "/Configurations/6f1c0d5e", "{}");
  raw.create(root_ + "/lock/locks");
  auto state = plugin();
  ASSERT_EQ(state.start(), OSTLER_OK);
  EXPECT_EQ(state.names("/"), "Configurations");
  EXPECT_EQ(state.commit({set("/Configurations/6f1c0d5e", "{1}", 0), put("/Configurations/new", "{2}")}),
            OSTLER_OK);
  EXPECT_EQ(state.commit({remove("/Configurations")}), OSTLER_OK);
  EXPECT_THAT(raw.children(root_), ElementsAre("lock"));
}

TEST_F(Zookeeper, DeletesALargeTreeOfAnEarlierProcess) {
  {
    auto state = plugin();
    ASSERT_EQ(state.start(), OSTLER_OK);
    for (int part = 0; part < 10; ++part) {
      std::vector<Op> ops;
      for (int i = 0; i < 100; ++i)
        ops.push_back(put("/Tasks/pod-" + std::to_string(part) + "-" + std::to_string(i) + "/TaskInfo", "x"));
      ASSERT_EQ(state.commit(ops), OSTLER_OK);
    }
  }
  auto state = plugin();
  ASSERT_EQ(state.start(), OSTLER_OK);
  ASSERT_EQ(state.commit({remove("/Tasks")}), OSTLER_OK) << "needs all 2001 nodes to be known";
  EXPECT_EQ(state.names("/"), "");
}

// However short one call may be: a tree that takes longer could else never be read.
TEST_F(Zookeeper, AReadThatRunsOutOfTimeKeepsWhatWasAnswered) {
  constexpr size_t kNodes = 10'000;
  std::vector<std::string> paths;
  for (size_t i = 0; i < kNodes; ++i) paths.push_back("/n" + std::to_string(i));
  auto state = plugin();
  ASSERT_EQ(state.start(), OSTLER_OK);
  for (size_t first = 0; first < kNodes; first += 1000) {
    std::vector<Op> ops;
    for (size_t i = first; i < first + 1000; ++i) ops.push_back(put(paths[i], std::to_string(i)));
    ASSERT_EQ(state.commit(ops), OSTLER_OK);
  }
  size_t next = 0;
  int parts = 0;
  for (uint32_t timeout_ms = 5; next < kNodes; ++parts) {
    const std::vector<std::string> rest(paths.begin() + static_cast<ptrdiff_t>(next), paths.end());
    std::vector<StateUnderTest::Answer> answers;
    const Status read = state.get_each(rest, answers, timeout_ms);
    ASSERT_TRUE(read.ok() || read.code == OSTLER_UNAVAILABLE) << read.message;
    if (answers.empty()) timeout_ms += 5;
    for (const auto& answer : answers) ASSERT_EQ(answer.value, std::to_string(next++));
  }
  EXPECT_GT(parts, 1);
}

// A start costs what it needs and no more: the lock, not a walk over the tree.
TEST_F(Zookeeper, WritesIntoATreeThatItHasNotRead) {
  RawZookeeper raw(server().address());
  raw.create(root_ + "/Tasks/zk-0/TaskInfo", "old");
  raw.create(root_ + "/Tasks/zk-1");
  auto state = plugin();
  ASSERT_EQ(state.start(), OSTLER_OK);
  EXPECT_EQ(state.commit({put("/Tasks/zk-0/TaskInfo", "new"), put("/Tasks/zk-1/TaskInfo/deep", "made"),
                          remove("/Tasks/zk-2")}),
            OSTLER_OK);
  EXPECT_EQ(raw.get(root_ + "/Tasks/zk-0/TaskInfo"), "new");
  EXPECT_EQ(raw.get(root_ + "/Tasks/zk-1/TaskInfo/deep"), "made");
}

// Limits

TEST_F(Zookeeper, LimitsACommitAsAWholeAndNamesTheLargestNode) {
  auto state = plugin();
  ASSERT_EQ(state.start(), OSTLER_OK);
  const Status status =
      state.commit({put("/a", std::string(400000, 'a')), put("/b", std::string(400001, 'b')),
                    put("/c", std::string(400000, 'c'))});
  EXPECT_EQ(status.code, OSTLER_RESOURCE_EXHAUSTED);
  EXPECT_EQ(status.message,
            "the commit has 1200007 bytes, at most 900000 fit; the largest node is '/b' with 400001 bytes");
  EXPECT_EQ(state.commit({put("/a", std::string(449990, 'a')), put("/b", std::string(449990, 'b'))}),
            OSTLER_OK);
}

TEST_F(Zookeeper, RefusesACommitOfTooManySmallOperations) {
  auto state = plugin();
  ASSERT_EQ(state.start(), OSTLER_OK);
  std::vector<Op> ops;
  for (int i = 0; i < 15000; ++i) ops.push_back(put("/n" + std::to_string(i), ""));
  const Status status = state.commit(ops);
  EXPECT_EQ(status.code, OSTLER_RESOURCE_EXHAUSTED);
  EXPECT_THAT(status.message,
              MatchesRegex("the commit takes 15000 operations with [0-9]+ bytes in ZooKeeper, at most "
                           "1000000 fit; split it, and delete large subtrees in parts"));
  EXPECT_EQ(state.names("/"), "");
  // The largest that passes the check is one that the server takes.
  while (state.commit(ops).code == OSTLER_RESOURCE_EXHAUSTED) ops.resize(ops.size() - 100);
  EXPECT_EQ(state.commit(ops), OSTLER_OK);
}

// Configuration

TEST_F(Zookeeper, PutsItsRootBelowAChrootThatDoesNotExistYet) {
  const std::string servers = server().address() + "," + server().address() + root_ + "/deep/chroot";
  StateUnderTest state("state-zookeeper", config_of(servers, "/service"));
  ASSERT_EQ(state.start(), OSTLER_OK);
  ASSERT_EQ(state.commit({put("/a", "x"), put("/b/c", "y"), remove("/b")}), OSTLER_OK);
  EXPECT_EQ(state.names("/"), "a");
  RawZookeeper raw(server().address());
  EXPECT_THAT(raw.children(root_ + "/deep/chroot/service"), ElementsAre("a", "lock"));
}

TEST_F(Zookeeper, AcceptsAListOfServersAndIpv6) {
  StateUnderTest state("state-zookeeper", R"({"servers": ["[::1]:1", ")" + server().address() +
                                              R"("], "root": ")" + root_ + R"("})");
  ASSERT_EQ(state.start(), OSTLER_OK);
  EXPECT_EQ(state.commit({put("/a", "x")}), OSTLER_OK);
}

TEST_F(Zookeeper, KeepsOthersOutWithCredentialsAndNeverShowsThem) {
  const std::string canary = "c4n4ry-p4ssw0rd";
  const auto with = [&](const std::string& password) {
    return config_of(server().address(), root_, 3000,
                     R"(, "credentials": {"username": "ostler", "password": ")" + password + "\"}");
  };
  std::string seen;
  {
    StateUnderTest state("state-zookeeper", with(canary));
    ASSERT_EQ(state.start(), OSTLER_OK);
    ASSERT_EQ(state.commit({put("/a", "secret")}), OSTLER_OK);
    EXPECT_EQ(state.value("/a"), "secret");
    RawZookeeper raw(server().address());
    EXPECT_EQ(raw.get(root_ + "/a"), "(not authenticated)");
    raw.authenticate("ostler:" + canary);
    EXPECT_EQ(raw.get(root_ + "/a"), "secret");
    raw.expire_owner_of(lease_of(raw));
    ASSERT_TRUE(state.wait_for_lost().has_value());
    seen += state.wait_for_lost()->message + state.commit({put("/a", "x")}).message + state.host().all_logs();
  }
  StateUnderTest other("state-zookeeper", with("wrong"));
  const Status status = other.start(5000);
  EXPECT_EQ(status.code, OSTLER_PERMISSION_DENIED);
  EXPECT_THAT(status.message, MatchesRegex("ZooKeeper does not let this client use '" + root_ +
                                           ".*'; its 'credentials' must be those of its maker"));
  StateUnderTest none("state-zookeeper", config_of(server().address(), root_));
  EXPECT_EQ(none.start(5000).code, OSTLER_PERMISSION_DENIED);
  StateUnderTest again("state-zookeeper", with(canary));
  EXPECT_EQ(again.start(), OSTLER_OK);
  EXPECT_EQ(again.value("/a"), "secret");

  const std::string wrong_type =
      StateUnderTest("state-zookeeper",
                     config_of("a:1", "/r", 10000,
                               R"(, "credentials": {"username": "u:)" + canary + R"(", "password": ")" +
                                   canary + R"(", "x": ")" + canary + "\"}"))
          .created()
          .message;
  seen += status.message + again.host().all_logs() + other.host().all_logs() + wrong_type;
  seen += StateUnderTest("state-zookeeper", R"({"credentials": {"password": ")" + canary + R"(")")
              .created()
              .message;
  EXPECT_THAT(seen, Not(HasSubstr(canary)));
  EXPECT_THAT(wrong_type, HasSubstr("the name contains ':'"));
}

TEST(ZookeeperConfig, RefusesWhatItDoesNotKnowWithAPointer) {
  struct Case {
    std::string config, where, message;
  };
  const std::string no_server = " is no server; expected host:port, as in 'zk-1.example.com:2181'";
  const std::vector<Case> cases = {
      {"{}", "/servers",
       "'servers' is missing; expected a string or a list of strings; also /root: 'root' is missing; "
       "expected a string"},
      {R"({"servers": [], "root": "/r"})", "/servers",
       "'servers' is an empty list; expected a string or a list of strings"},
      {R"({"servers": ["a:1", 2], "root": "/r"})", "/servers/1", "this is a number, expected a string"},
      {R"({"servers": ["a:1", "b"], "root": "/r"})", "/servers/1", "'b'" + no_server},
      {R"({"servers": "a:1,,b:1", "root": "/r"})", "/servers", "''" + no_server},
      {R"({"servers": "a:65536", "root": "/r"})", "/servers", "'a:65536'" + no_server},
      {R"({"servers": "a:-1", "root": "/r"})", "/servers", "'a:-1'" + no_server},
      {R"({"servers": "::1:2181", "root": "/r"})", "/servers", "'::1:2181'" + no_server},
      {R"({"servers": "a:1/x//y", "root": "/r"})", "/servers", "the path '/x//y' has an empty component"},
      {R"({"servers": "a:1", "root": "/"})", "/root",
       "this is '/'; expected a node of its own, as in '/dcos-service-zookeeper'"},
      {R"({"servers": "a:1", "root": "r"})", "/root", "the path 'r' is not absolute; it must start with '/'"},
      {R"({"servers": "a:1", "root": "/r", "session_timeout_ms": 10})", "/session_timeout_ms",
       "'session_timeout_ms' is 10, expected a whole number from 1000 to 600000"},
      {R"({"servers": "a:1", "root": "/r", "credentials": {"username": "u"}})", "/credentials/password",
       "'password' is missing; expected a string"},
      {R"({"servers": "a:1", "root": "/r", "credentials": "u:p"})", "/credentials",
       "'credentials' is a string, expected an object"},
      {R"({"servers": "a:1", "root": "/r", "credentials": {"username": "u", "password": "p", "pass": 1}})",
       "/credentials/pass", "unknown key 'pass'; the keys here are 'password', 'username'"},
  };
  for (const Case& c : cases) {
    const Status status = StateUnderTest("state-zookeeper", c.config).created();
    EXPECT_EQ(status.code, OSTLER_INVALID_ARGUMENT) << c.config;
    EXPECT_EQ(status.where, c.where) << c.config;
    EXPECT_EQ(status.message, c.message) << c.config;
  }
}

// Servers that are not there

TEST(ZookeeperUnreachable, GivesUpAtItsTimeoutAndSaysWhy) {
  StateUnderTest state("state-zookeeper", config_of("127.0.0.1:1", "/r"));
  const Status status = state.start(300);
  EXPECT_EQ(status.code, OSTLER_UNAVAILABLE);
  const char* text =
      "ZooKeeper 127.0.0.1:1 cannot be reached: connection refused; trying since 20..-..-..T..:..:..Z";
  EXPECT_THAT(status.message, MatchesRegex(text));
  EXPECT_THAT(state.wait_for_availability("refused").value_or(""), MatchesRegex(text));
}

TEST(ZookeeperUnreachable, SaysThatANameCannotBeResolved) {
  StateUnderTest state("state-zookeeper", config_of("no-such-host.invalid:2181", "/r"));
  const Status status = state.start(300);
  EXPECT_EQ(status.code, OSTLER_UNAVAILABLE);
  EXPECT_THAT(status.message,
              StartsWith("ZooKeeper no-such-host.invalid:2181 cannot be reached: its name cannot be "
                         "resolved; trying since "));
}

TEST(ZookeeperUnreachable, DoesNotFloodTheLog) {
  StateUnderTest state("state-zookeeper", config_of("127.0.0.1:1", "/r"));
  EXPECT_EQ(state.start(1500).code, OSTLER_UNAVAILABLE);
  EXPECT_LE(state.host().logs().size(), 11u) << state.host().all_logs();
  for (const std::string& line : state.host().logs())
    EXPECT_THAT(line, StartsWith("DEBUG zookeeper client: "));
}

}  // namespace

std::unique_ptr<Backend> new_backend() {
  if (!ZookeeperServer::is_installed()) return nullptr;
  return std::make_unique<ZookeeperBackend>();
}

}  // namespace ostler::test
