// What only the ZooKeeper plugin does: its lock, its session, its layout, its config.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
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
  StateUnderTest plugin(int session_timeout_ms = 10000) {
    return StateUnderTest("state-zookeeper", config_of(server_.address(), root_, session_timeout_ms));
  }
  std::string lease_of(RawZookeeper& raw) {
    const auto leases = raw.children(root_ + "/lock/leases");
    return leases.size() == 1 ? root_ + "/lock/leases/" + leases.front()
                              : "(" + std::to_string(leases.size()) + ")";
  }

  ZookeeperServer& server_ = shared_server();
  const std::string root_ = fresh_root();
};

TEST_F(Zookeeper, WritesPlainNodesBelowItsRootAndALeaseAsCuratorDoes) {
  auto state = plugin();
  ASSERT_EQ(state.start(), OSTLER_OK);
  ASSERT_EQ(state.commit({put("/Tasks/zk-0/TaskInfo", "info")}), OSTLER_OK);
  RawZookeeper raw(server_.address());
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

}  // namespace

std::unique_ptr<Backend> new_backend() {
  if (!ZookeeperServer::is_installed()) return nullptr;
  return std::make_unique<ZookeeperBackend>();
}

}  // namespace ostler::test
