// What the tests of the ZooKeeper plugin share: a server, and a root of their own each.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <string>

#include "support/raw_zookeeper.h"
#include "support/state_under_test.h"
#include "support/zookeeper_server.h"

namespace ostler::test {

// Before anything else of a test that needs a server.
#define SKIP_WITHOUT_ZOOKEEPER() \
  if (!ZookeeperServer::is_installed()) GTEST_SKIP() << "needs libzookeeper-java, libslf4j-java and a JRE"

// One server for all tests that do not stop it; each test has a root of its own.
inline ZookeeperServer& shared_server() {
  static ZookeeperServer server;
  return server;
}

inline std::string fresh_root() {
  static std::atomic<int> count{0};
  return "/dcos-service-test-" + std::to_string(++count);
}

inline std::string config_of(const std::string& servers, const std::string& root,
                             int session_timeout_ms = 10000, const std::string& more = "") {
  return R"({"servers": ")" + servers + R"(", "root": ")" + root + R"(", "session_timeout_ms": )" +
         std::to_string(session_timeout_ms) + more + "}";
}

inline std::string me() {
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

}  // namespace ostler::test
