// A service that runs gets another configuration: what it may change is rolled out while
// clients go on, what it may not is refused, and what stays the same disturbs nobody.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "harness/steady_writer.h"
#include "service_test.h"

namespace ostler::harness {
namespace {

using nlohmann::json;

class Reconfiguration : public ServiceTest {
 protected:
  // A restart of the scheduler with other variables, as an update of its app is.
  Scheduler& restart_with(const Environment& changes) {
    EXPECT_EQ(scheduler_->terminate(), 0);
    for (const auto& [name, value] : changes) service_[name] = value;
    return start_scheduler();
  }

  std::string target() { return scheduler_->get_json("/v1/configurations/targetId").at(0); }

  // `ostler preview` of the service with these variables besides its own.
  std::string preview(const Environment& changes, int expected_exit) {
    Environment env = service_;
    for (const auto& [name, value] : changes) env[name] = value;
    std::string lines;
    for (const auto& [name, value] : env) lines += name + "=" + value + "\n";
    write_file(folder_ / "preview.env", lines);
    const std::string out = folder_ / "preview.txt";
    write_file(out, "");
    Process process({{at_.ostler(), "preview", at_.share() + "/service/svc.yml", "--url", scheduler_->api(),
                      "--env", folder_ / "preview.env"},
                     {},
                     out,
                     out});
    EXPECT_EQ(process.wait(patience()), expected_exit) << read_file(out);
    return read_file(out);
  }

  // Refused: in the plan and in the health, with both values and the way back; the
  // ensemble is as it was.
  void expect_refused(const std::string& option, std::string before, const std::string& after) {
    const auto tasks = cluster_->live_tasks();
    const std::string old_target = target();
    restart_with({{option, after}}).wait_subscribed();
    const std::string what = "Field: '" + option + "'; Transition: '" + before + "' => '" + after + "'";
    const std::string back = "Set " + option + " back to '" + before + "' to proceed";
    const HttpReply plan = scheduler_->get("/v1/plans/deploy");
    EXPECT_EQ(plan.status, 417);
    EXPECT_NE(plan.body.find(what), std::string::npos) << plan.body;
    EXPECT_NE(plan.body.find(back), std::string::npos) << plan.body;
    EXPECT_EQ(json::parse(plan.body).at("status"), "ERROR");
    const HttpReply health = scheduler_->get("/v1/health?verbose=true");
    EXPECT_EQ(health.status, 500);
    EXPECT_NE(health.body.find(what), std::string::npos) << health.body;
    EXPECT_NE(health.body.find(back), std::string::npos) << health.body;
    EXPECT_EQ(target(), old_target);
    EXPECT_EQ(cluster_->live_tasks(), tasks);

    restart_with({{option, before}}).wait_deployed();
    scheduler_->wait_health(200);
    EXPECT_EQ(target(), old_target);
    EXPECT_EQ(cluster_->live_tasks(), tasks);
  }
};

TEST_F(Reconfiguration, RollsMoreMemoryOutWithoutLosingAWrite) {
  deploy();
  expect_serving("before the change");
  const std::string shown = preview({{"NODE_MEM", "320"}}, 0);
  EXPECT_NE(shown.find("memory: '256' => '320' (restart)"), std::string::npos) << shown;
  EXPECT_NE(shown.find("RESERVE 64 MB of mem"), std::string::npos) << shown;
  EXPECT_NE(shown.find("  3. deploy node-update zookeeper-2:[server, metrics]"), std::string::npos) << shown;

  const auto before = cluster_->live_tasks();
  const std::string old_target = target();
  const auto addresses = scheduler_->client_addresses();
  SteadyWriter writer(addresses, "/steady");
  scheduler_->wait_for("the client to write", [&] { return writer.acknowledged() > 0; });

  restart_with({{"NODE_MEM", "320"}}).api();
  size_t most_down = 0;
  scheduler_->wait_for("every server to be launched anew and the plan to be complete", [&] {
    const auto live = cluster_->live_tasks();
    size_t down = 0, changed = 0;
    for (const std::string& server : kServers) {
      down += live.count(server) == 0;
      changed += live.count(server) != 0 && live.at(server) != before.at(server);
    }
    most_down = std::max(most_down, down);
    return changed == 3 && scheduler_->is_complete("deploy");
  });
  EXPECT_LE(most_down, 1U) << "two of three servers are a quorum";
  const int so_far = writer.acknowledged();
  scheduler_->wait_for("the client to write on", [&] { return writer.acknowledged() > so_far; });
  EXPECT_GT(writer.stop(), 0);
  EXPECT_EQ(writer.lost(), std::vector<int>());
  RecordProperty("acknowledged_writes", writer.acknowledged());
  RecordProperty("longest_pause_ms", static_cast<int>(writer.longest_pause().count()));

  expect_server_launches(2);
  expect_serving("after the change");
  EXPECT_NE(target(), old_target);
  EXPECT_EQ(scheduler_->get_json("/v1/configurations").size(), 1U) << "the old one is forgotten";
  EXPECT_EQ(cluster_->violations(), std::vector<std::string>());
}

TEST_F(Reconfiguration, RefusesWhatAnEnsembleCannotChangeAndGoesOn) {
  deploy();
  expect_serving("before the refusals");
  const int kills = cluster_->calls()["KILL"];
  const std::string shown = preview({{"NODE_COUNT", "5"}}, 1);
  EXPECT_NE(
      shown.find(
          "would be refused, and nothing would change:\n  NODE_COUNT: '3' => '5': NODE_COUNT cannot change"),
      std::string::npos)
      << shown;
  expect_refused("NODE_COUNT", "3", "5");
  expect_refused("CLIENT_PORT", service_["CLIENT_PORT"], std::to_string(free_ports({}).client));
  EXPECT_EQ(cluster_->calls()["KILL"], kills);
  expect_server_launches(1);
  expect_serving("after the refusals");
  expect_in_order();
}

TEST_F(Reconfiguration, KeepsTheOldTargetWhenTheFileCannotBeReadAtAll) {
  deploy();
  expect_serving("before");
  const auto tasks = cluster_->live_tasks();
  const std::string old_target = target();
  const auto expect_kept = [&](const std::string& why) {
    start_scheduler().wait_subscribed();
    const HttpReply plan = scheduler_->get("/v1/plans/deploy");
    EXPECT_EQ(plan.status, 417);
    EXPECT_NE(plan.body.find(why), std::string::npos) << plan.body;
    const HttpReply health = scheduler_->get("/v1/health?verbose=true");
    EXPECT_EQ(health.status, 500);
    EXPECT_NE(health.body.find(why), std::string::npos) << health.body;
    EXPECT_EQ(target(), old_target);
    EXPECT_EQ(cluster_->live_tasks(), tasks);
    EXPECT_EQ(scheduler_->terminate(), 0);
  };
  EXPECT_EQ(scheduler_->terminate(), 0);

  // A value that is none: the file says whose it is.
  service_["NODE_MEM"] = "much";
  expect_kept("Field: 'pods.zookeeper.tasks.server.memory'; Value: ''much''");
  // No YAML any more: FRAMEWORK_NAME says it.
  service_["NODE_MEM"] = "256\n: [";
  expect_kept("svc.yml:");

  service_["NODE_MEM"] = "256";
  start_scheduler().wait_deployed();
  scheduler_->wait_health(200);
  EXPECT_EQ(target(), old_target);
  EXPECT_EQ(cluster_->live_tasks(), tasks);
  expect_server_launches(1);
  expect_serving("after");
}

TEST_F(Reconfiguration, EndsWhenTheFirstFileCannotBeRead) {
  start_cluster();
  service_["NODE_MEM"] = "much";
  Scheduler& scheduler = start_scheduler();
  EXPECT_EQ(scheduler.wait_exit(patience()), 1);
  const std::string log = scheduler.log();
  EXPECT_NE(log.find("found 'much', expected a whole number of megabytes"), std::string::npos) << log;
  EXPECT_NE(log.find("svc.yml cannot be deployed; `ostler check` shows the same"), std::string::npos) << log;
  EXPECT_EQ(cluster_->calls()["SUBSCRIBE"], 0);
}

TEST_F(Reconfiguration, KillsAndStoresNothingForTheSameConfiguration) {
  deploy();
  scheduler_->wait_for("the scheduler to suppress offers", [&] { return cluster_->calls()["SUPPRESS"] > 0; });
  const auto tasks = cluster_->live_tasks();
  const auto calls = cluster_->calls();
  const json configurations = scheduler_->get_json("/v1/configurations");
  const json stored = scheduler_->get_json("/v1/configurations/target");
  EXPECT_NE(preview({}, 0).find("nothing would change: this configuration is in force"), std::string::npos);

  restart_with({}).wait_subscribed();
  scheduler_->wait_deployed();
  EXPECT_EQ(scheduler_->get_json("/v1/configurations"), configurations);
  EXPECT_EQ(scheduler_->get_json("/v1/configurations/target"), stored);
  EXPECT_EQ(cluster_->live_tasks(), tasks);
  EXPECT_EQ(cluster_->calls()["KILL"], calls.count("KILL") != 0 ? calls.at("KILL") : 0);
  EXPECT_EQ(cluster_->calls()["ACCEPT"], calls.at("ACCEPT"));
  expect_server_launches(1);
}

}  // namespace
}  // namespace ostler::harness
