// ZooKeeper servers that answer and cannot be written to: what the scheduler says and does.
#include <nlohmann/json.hpp>

#include "service_test.h"
#include "support/raw_zookeeper.h"

namespace ostler::harness {
namespace {

class State : public ServiceTest {
 protected:
  void use_zookeeper() {
    use_store(Store::kZookeeper);
    zookeeper_ = std::make_unique<test::ZookeeperServer>(
        64, std::vector<std::string>{"readonlymode.enabled=true", "zookeeper.enforceQuota=true"});
    service_["FRAMEWORK_ZOOKEEPER"] = zookeeper_->address();
    std::string manifest = read_file(manifest_);
    const std::string line = "library: state-zookeeper.so ";
    manifest.replace(manifest.find(line), line.size(),
                     "config: {session_timeout_ms: 6000}\n    library: state-zookeeper.so ");
    manifest_ = make_manifest(manifest);
  }

  void wait_health_says(const std::string& text) {
    scheduler_->wait_for("/v1/health to say '" + text + "'", [&] {
      const HttpReply reply = scheduler_->get("/v1/health");
      return reply.status != 200 && reply.body.find(text) != std::string::npos;
    });
  }
};

// What a server without a quorum knows may be old, and a second scheduler may own the
// state on the other side: so this one ends, and the next waits for a quorum.
TEST_F(State, AStateThatBecomesReadOnlyEndsTheSchedulerAndKillsNothing) {
  use_zookeeper();
  deploy();
  const auto tasks = cluster_->live_tasks();
  zookeeper_->start_without_quorum();
  EXPECT_EQ(scheduler_->wait_exit(patience()), 8) << scheduler_->log();
  // It may be over before it hears more than that its server is gone.
  EXPECT_TRUE(scheduler_->has_logged("ZooKeeper " + zookeeper_->address() + " cannot be reached: "));
  EXPECT_TRUE(scheduler_->has_logged("the state is not owned any more, ending at once"));

  const auto calls = cluster_->calls();
  start_scheduler();
  wait_health_says("state's backend: ZooKeeper " + zookeeper_->address() +
                   " cannot be reached: the server closed the connection, as one does that has no quorum");
  EXPECT_EQ(cluster_->calls(), calls) << "nothing is said to Mesos";
  zookeeper_->kill();
  zookeeper_->start();
  scheduler_->wait_deployed();
  EXPECT_EQ(cluster_->live_tasks(), tasks);
  expect_serving("with a quorum again");
  expect_server_launches(1);
}

TEST_F(State, AQuotaThatIsExceededIsSaidAndTheServiceGoesOnOnceItIsRaised) {
  use_zookeeper();
  start_cluster();
  const std::string limits = "/zookeeper/quota/dcos-service-" + service_.at("FRAMEWORK_NAME");
  test::RawZookeeper raw(zookeeper_->address());
  raw.create(limits + "/zookeeper_limits", "count=-1,bytes=-1=;byteHardLimit=1500;countHardLimit=-1");
  raw.create(limits + "/zookeeper_stats", "count=0,bytes=0");
  start_scheduler();
  wait_health_says("state: cannot be written: ");
  wait_health_says("a quota on it is exceeded; raise it with setquota of zkCli.sh (listquota shows it)");
  EXPECT_EQ(cluster_->calls().count("ACCEPT"), 0U) << "nothing is launched that is not stored";
  ASSERT_EQ(raw.remove(limits + "/zookeeper_limits"), 0);
  scheduler_->wait_deployed();
  expect_serving("within the quota");
  expect_server_launches(1);
}

}  // namespace
}  // namespace ostler::harness
