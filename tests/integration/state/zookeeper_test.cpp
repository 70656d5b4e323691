// What only the ZooKeeper plugin does: its lock, its session, its layout, its config.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <thread>

#include "support/raw_zookeeper.h"
#include "support/state_suite.h"
#include "support/state_under_test.h"
#include "support/zookeeper_server.h"

namespace ostler::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

// Before anything else of a test that needs a server.
#define SKIP_WITHOUT_ZOOKEEPER() \
  if (!ZookeeperServer::is_installed()) GTEST_SKIP() << "needs libzookeeper-java, libslf4j-java and a JRE"

// One server for all tests that do not stop it; each test has a root of its own.
ZookeeperServer& shared_server() {
  static ZookeeperServer server;
  return server;
}

std::string fresh_root() {
  static std::atomic<int> count{0};
  return "/dcos-service-test-" + std::to_string(++count);
}

std::string config_of(const std::string& servers, const std::string& root, int session_timeout_ms = 10000,
                      const std::string& more = "") {
  return R"({"servers": ")" + servers + R"(", "root": ")" + root + R"(", "session_timeout_ms": )" +
         std::to_string(session_timeout_ms) + more + "}";
}

class ZookeeperBackend final : public Backend {
 public:
  std::string library() const override { return "state-zookeeper"; }
  std::string config() const override { return config_of(shared_server().address(), root_); }

 private:
  const std::string root_ = fresh_root();
};

std::string me() {
  char host[256] = "";
  gethostname(host, sizeof host - 1);
  return std::string(host) + ":" + std::to_string(getpid());
}

class Zookeeper : public testing::Test {
 protected:
  void SetUp() override { SKIP_WITHOUT_ZOOKEEPER(); }
  static ZookeeperServer& server() { return shared_server(); }
  StateUnderTest plugin(int session_timeout_ms = 10000) {
    return StateUnderTest("state-zookeeper", config_of(server().address(), root_, session_timeout_ms));
  }
  std::string lease_of(RawZookeeper& raw) {
    const auto leases = raw.children(root_ + "/lock/leases");
    return leases.size() == 1 ? root_ + "/lock/leases/" + leases.front()
                              : "(" + std::to_string(leases.size()) + ")";
  }

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

TEST_F(Zookeeper, ReadsALargeTreeAtItsStart) {
  {
    auto state = plugin();
    ASSERT_EQ(state.start(), OSTLER_OK);
    for (int part = 0; part < 10; ++part) {
      std::vector<Op> ops;
      for (int i = 0; i < 50; ++i)
        ops.push_back(put("/Tasks/pod-" + std::to_string(part) + "-" + std::to_string(i) + "/TaskInfo", "x"));
      ASSERT_EQ(state.commit(ops), OSTLER_OK);
    }
  }
  auto state = plugin();
  ASSERT_EQ(state.start(), OSTLER_OK);
  ASSERT_EQ(state.commit({remove("/Tasks")}), OSTLER_OK) << "needs all 1001 nodes to be known";
  EXPECT_EQ(state.names("/"), "");
}

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
  auto state = plugin(60000);
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
  auto state = plugin(3000);
  ASSERT_EQ(state.start(), OSTLER_OK);
  ASSERT_EQ(state.commit({put("/a", "1")}), OSTLER_OK);
  const auto begin = std::chrono::steady_clock::now();
  server_->freeze();
  const auto lost = state.wait_for_lost();
  const auto took = std::chrono::steady_clock::now() - begin;
  ASSERT_TRUE(lost.has_value());
  EXPECT_THAT(lost->message,
              MatchesRegex("ZooKeeper has not answered for [0-9.]+ s of a session timeout of 3.0 s: "
                           "another scheduler may own the state soon"));
  EXPECT_GT(took, std::chrono::milliseconds(1500));
  EXPECT_LT(took, std::chrono::milliseconds(3000)) << "the session might have expired before";
  EXPECT_EQ(state.commit({put("/a", "2")}, 100).code, OSTLER_FAILED_PRECONDITION);
  server_->thaw();
  EXPECT_EQ(state.commit({put("/a", "2")}, 100).code, OSTLER_FAILED_PRECONDITION) << "lost is lost";
}

TEST_F(ZookeeperFaults, KeepsItsTimeoutsWhileTheServerIsSilent) {
  auto state = plugin(60000);
  ASSERT_EQ(state.start(), OSTLER_OK);
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
  auto state = plugin(60000);
  const Status status = state.start(300);
  EXPECT_EQ(status.code, OSTLER_UNAVAILABLE);
  EXPECT_THAT(status.message, HasSubstr("cannot be reached: no answer"));
}

// Kills the server at random points of a stream of commits, each repeated until it is
// known to be done: everything is there then, and each version shows one set a commit.
TEST_F(ZookeeperFaults, CarriesOutEachCommitOnceThroughCrashesOfTheServer) {
  auto state = plugin(60000);
  ASSERT_EQ(state.start(), OSTLER_OK);
  std::atomic<bool> is_done{false};
  std::atomic<int> count{0};
  Status failure;
  std::thread committer([&] {
    for (; !is_done && failure.ok(); ++count) {
      const std::string n = std::to_string(count);
      // Now and then a timeout that ends while the server is down, so that the host repeats.
      const uint32_t timeout_ms = count % 3 == 0 ? 50 : 30000;
      Status status;
      do {
        status = state.commit(
            {put("/counter", n), put("/list/" + n, n), remove("/list/" + std::to_string(count - 5))},
            timeout_ms);
      } while (status.code == OSTLER_UNAVAILABLE);
      if (!status.ok()) failure = status;
    }
  });
  // The server is the child of this thread and dies with it, so it is the other that commits.
  for (int crash = 0; crash < 3; ++crash) {
    for (const int next = count + 15 + crash; count < next && !is_done;) std::this_thread::yield();
    server_->kill();
    server_->start();
  }
  for (const int next = count + 15; count < next;) std::this_thread::yield();
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

// A commit that got no answer is never carried out behind the back of the next one.
TEST_F(ZookeeperFaults, AnUndecidedCommitIsSettledBeforeTheNext) {
  auto state = plugin(60000);
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

std::unique_ptr<Backend> new_backend() {
  if (!ZookeeperServer::is_installed()) return nullptr;
  return std::make_unique<ZookeeperBackend>();
}

}  // namespace ostler::test
