// What happens to a deployed service: tasks die, the master is started anew, its
// configuration changes.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "service_test.h"

namespace ostler::harness {
namespace {

class Service : public ServiceTest {
 protected:
  // Waits until the scheduler shows another task of that name, and all is well again.
  void wait_relaunched(const std::string& task, const std::string& old_id) {
    scheduler_->wait_for(task + " to be launched anew", [&] {
      const std::string now = scheduler_->task_ids()[task];
      return !now.empty() && now != old_id;
    });
    scheduler_->wait_for("the recovery to be complete", [&] { return scheduler_->is_complete("recovery"); });
  }
};

TEST_F(Service, GetsACrashedServerBackInPlaceWithItsData) {
  deploy();
  expect_serving("before the crash");
  const Cluster::Task before = cluster_->task("zookeeper-1-server");
  const auto others = cluster_->live_tasks();

  cluster_->control("tasks/" + before.id + "/kill");
  wait_relaunched("zookeeper-1-server", before.id);

  const Cluster::Task after = cluster_->task("zookeeper-1-server");
  EXPECT_EQ(after.agent, before.agent);
  EXPECT_EQ(after.volumes, before.volumes);
  EXPECT_EQ(after.volumes.size(), 2U);
  EXPECT_EQ(cluster_->live_tasks()["zookeeper-0-server"], others.at("zookeeper-0-server"));
  EXPECT_EQ(cluster_->live_tasks()["zookeeper-2-server"], others.at("zookeeper-2-server"));
  EXPECT_EQ(read_znode(after.agent + ":" + service_["CLIENT_PORT"], "/ostler-test"), "before the crash");
  expect_serving("after the crash");
  expect_in_order();
}

TEST_F(Service, KeepsTheServerWhenItsMetricsTaskCrashes) {
  deploy();
  const Cluster::Task metrics = cluster_->task("zookeeper-0-metrics");
  const auto before = cluster_->live_tasks();

  cluster_->control("tasks/" + metrics.id + "/kill");
  wait_relaunched("zookeeper-0-metrics", metrics.id);

  auto after = cluster_->live_tasks();
  EXPECT_NE(after["zookeeper-0-metrics"], metrics.id);
  after["zookeeper-0-metrics"] = metrics.id;
  EXPECT_EQ(after, before);
  expect_server_launches(1);
  expect_in_order();
}

TEST_F(Service, RegistersAgainWhenTheMasterIsStartedAnew) {
  deploy();
  const auto before = cluster_->live_tasks();
  const int subscribed = cluster_->calls()["SUBSCRIBE"];

  cluster_->control("master/restart", R"({"down_ms": 300, "agents_after_ms": 500})");
  scheduler_->wait_for("the scheduler to subscribe again", [&] {
    const HttpReply reply = http_get("http://" + cluster_->master() + "/control/state");
    return reply.status == 200 && cluster_->calls()["SUBSCRIBE"] > subscribed;
  });
  // The agents come back later than the scheduler: its tasks must not be given up.
  scheduler_->wait_for("all agents to be registered", [&] {
    size_t registered = 0;
    const nlohmann::json state = cluster_->state();
    for (const auto& agent : state.at("agents")) registered += agent.at("standing") == "registered";
    return registered == 3;
  });
  scheduler_->wait_for("the plans to be complete", [&] {
    return scheduler_->is_complete("deploy") && scheduler_->is_complete("recovery");
  });

  EXPECT_EQ(cluster_->live_tasks(), before);
  expect_server_launches(1);
  expect_serving("after the master's restart");
  expect_in_order();
}

TEST_F(Service, RollsAChangeOutOneServerAfterTheOtherAndTheLeaderLast) {
  deploy();
  expect_serving("before the change");
  const auto before = cluster_->live_tasks();
  const auto addresses = scheduler_->client_addresses();
  const auto leads = [](const std::string& address) { return server_state(address).mode == "leader"; };
  const std::string leader_address = *std::find_if(addresses.begin(), addresses.end(), leads);

  EXPECT_EQ(scheduler_->terminate(), 0);
  service_["SERVER_SNAPCOUNT"] = "54321";
  start_scheduler().api();
  size_t most_down = 0;
  std::vector<std::string> order;  // servers, as they were launched anew
  scheduler_->wait_for("every server to be launched anew and the plan to be complete", [&] {
    const auto live = cluster_->live_tasks();
    size_t down = 0, changed = 0;
    for (const std::string& server : kServers) {
      down += live.count(server) == 0;
      if (live.count(server) == 0 || live.at(server) == before.at(server)) continue;
      ++changed;
      if (std::find(order.begin(), order.end(), server) == order.end()) order.push_back(server);
    }
    most_down = std::max(most_down, down);
    return changed == 3 && scheduler_->is_complete("deploy");
  });

  EXPECT_LE(most_down, 1U);
  const std::string leader_host = leader_address.substr(0, leader_address.find(':'));
  EXPECT_NE(read_file(cluster_->task(order.back()).sandbox + "/zoo.cfg")
                .find("clientPortAddress=" + leader_host + "\n"),
            std::string::npos)
      << "what led goes last";
  for (const std::string& server : kServers) {
    const std::string config = read_file(cluster_->task(server).sandbox + "/zoo.cfg");
    EXPECT_NE(config.find("snapCount=54321\n"), std::string::npos) << config;
  }
  EXPECT_EQ(read_znode(scheduler_->client_addresses()[0], "/ostler-test"), "before the change");
  expect_server_launches(2);
  expect_serving("after the change");
  expect_in_order();
}

}  // namespace
}  // namespace ostler::harness
