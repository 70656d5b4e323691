// The service goes, and nothing of it stays on the cluster or in the store.
#include <nlohmann/json.hpp>
#include <set>

#include "service_test.h"

namespace ostler::harness {
namespace {

using nlohmann::json;

class Uninstall : public ServiceTest {
 protected:
  void start_uninstall() {
    service_["SDK_UNINSTALL"] = "true";
    start_scheduler();
  }
  void wait_uninstalled() {
    scheduler_->wait_for("the uninstall to be complete", [&] { return scheduler_->is_complete("deploy"); });
  }
  void expect_nothing_left() {
    const json state = cluster_->state();
    EXPECT_EQ(state.at("violations").dump(), "[]");
    for (const json& agent : state.at("agents")) {
      EXPECT_EQ(agent.at("reservations").dump(), "[]");
      EXPECT_EQ(agent.at("volumes").dump(), "[]");
      EXPECT_EQ(agent.at("executors").dump(), "[]");
    }
    EXPECT_TRUE(cluster_->live_tasks().empty());
    expect_complete();
  }
  void expect_complete() {
    EXPECT_GE(cluster_->calls()["TEARDOWN"], 1);
    scheduler_->wait_health(200);
    EXPECT_EQ(scheduler_->get_json("/v1/uninstall").at("complete"), true);
    EXPECT_EQ(scheduler_->get("/v1/state/frameworkId").status, 404);
  }
};

// One of the machines is gone with all that ran there.
class UninstallWithoutAnAgent : public Uninstall {
 protected:
  // A deployed service, then one agent away; the service's uninstall with these variables
  // waits for that agent alone. Returns its address.
  std::string begin(const Environment& variables) {
    cluster_ = std::make_unique<Cluster>(Cluster::Options{
        at_,
        folder_.path(),
        {"--allocation-interval-ms", "200", "--update-retry-ms", "1000", "--agent-timeout-ms", "1000"},
        0});
    deploy();
    const Cluster::Task lost = cluster_->task("zookeeper-1-server");
    EXPECT_EQ(scheduler_->terminate(), 0);
    cluster_->control("agents/" + lost.agent + "/kill-host");
    service_.insert(variables.begin(), variables.end());
    start_uninstall();
    scheduler_->wait_for("all other agents to be empty", [&] { return held_elsewhere(lost.agent) == 0; });
    scheduler_->wait_for("the list to name that agent alone", [&] {
      const json status = scheduler_->get_json("/v1/uninstall");
      return status.at("agents").size() == 1 && status.at("agents")[0].at("agent") == lost.agent;
    });
    return lost.agent;
  }
  size_t held_elsewhere(const std::string& lost) const {
    size_t count = 0;
    const json state = cluster_->state();
    for (const json& agent : state.at("agents")) {
      if (agent.at("address") != lost) count += agent.at("reservations").size() + agent.at("volumes").size();
    }
    return count;
  }
  // Its reservations by their resource ids, as Mesos has them.
  std::set<std::string> held_on(const std::string& address) const {
    std::set<std::string> ids;
    const json state = cluster_->state();
    for (const json& agent : state.at("agents")) {
      if (agent.at("address") != address) continue;
      for (const json& resource : agent.at("reservations")) {
        for (const json& label : resource.at("reservations").back().at("labels").at("labels")) {
          if (label.at("key") == "resource_id") ids.insert(label.at("value"));
        }
      }
    }
    return ids;
  }
  std::string ostler(const std::vector<std::string>& words, int expected_exit) {
    ProcessOptions run;
    run.arguments = {at_.ostler()};
    run.arguments.insert(run.arguments.end(), words.begin(), words.end());
    run.arguments.insert(run.arguments.end(), {"--url", scheduler_->api()});
    run.stdout_path = run.stderr_path = folder_ / "ostler.txt";
    write_file(run.stdout_path, "");
    Process process(run);
    EXPECT_EQ(process.wait(patience()), expected_exit) << read_file(run.stdout_path);
    return read_file(run.stdout_path);
  }
};

TEST_F(UninstallWithoutAnAgent, ListsWhatItWaitsForAndIsToldToGiveItUp) {
  const std::string lost = begin({});
  const json listed = json::parse(ostler({"uninstall", "status", "--json"}, 0));
  EXPECT_EQ(listed.at("complete"), false);
  EXPECT_EQ(listed.at("agents")[0].at("resources").get<std::set<std::string>>(), held_on(lost));
  EXPECT_EQ(scheduler_->get("/v1/plans/deploy").status, 202);

  // It goes on waiting after a kill, and an agent that has nothing is no way out.
  scheduler_->process().signal(SIGKILL);
  scheduler_->wait_exit(patience());
  start_uninstall();
  scheduler_->wait_subscribed();
  EXPECT_EQ(ostler({"uninstall", "abandon", "10.9.9.9"}, 1), "Agent 10.9.9.9 with anything left not found\n");
  EXPECT_EQ(json::parse(ostler({"uninstall", "status", "--json"}, 0)).at("agents"), listed.at("agents"));

  EXPECT_EQ(ostler({"uninstall", "abandon", lost}, 0), "gave up " + std::to_string(held_on(lost).size()) +
                                                           " reservations and 2 tasks on " + lost + "\n");
  wait_uninstalled();
  EXPECT_EQ(held_elsewhere(lost), 0U);
  EXPECT_FALSE(held_on(lost).empty()) << "they are left behind, as was said";
  expect_complete();
}

TEST_F(UninstallWithoutAnAgent, GivesItUpWhenTheTimeLimitIsOver) {
  const std::string lost = begin({{"OSTLER_UNINSTALL_TIMEOUT_S", "1"}});
  wait_uninstalled();
  EXPECT_TRUE(scheduler_->has_logged("OSTLER_UNINSTALL_TIMEOUT_S is over: gave up " +
                                     std::to_string(held_on(lost).size()) + " reservations and 2 tasks on " +
                                     lost));
  EXPECT_EQ(held_elsewhere(lost), 0U);
  expect_complete();
}

TEST_F(Uninstall, LeavesNothingBehind) {
  deploy();
  EXPECT_EQ(scheduler_->terminate(), 0);
  start_uninstall();
  wait_uninstalled();
  expect_nothing_left();

  // Started once more it does not register anew.
  const int subscribed = cluster_->calls()["SUBSCRIBE"];
  EXPECT_EQ(scheduler_->terminate(), 0);
  start_scheduler();
  wait_uninstalled();
  EXPECT_EQ(cluster_->calls()["SUBSCRIBE"], subscribed);
}

TEST_F(Uninstall, FinishesAfterItWasKilledInTheMiddleAndCannotBeTakenBack) {
  deploy();
  EXPECT_EQ(scheduler_->terminate(), 0);
  start_uninstall();
  scheduler_->wait_for("the first task to be killed", [&] { return cluster_->live_tasks().size() < 6; });
  scheduler_->process().signal(SIGKILL);
  scheduler_->wait_exit(patience());

  service_.erase("SDK_UNINSTALL");
  EXPECT_EQ(start_scheduler().wait_exit(patience()), 11);

  start_uninstall();
  wait_uninstalled();
  expect_nothing_left();
}

}  // namespace
}  // namespace ostler::harness
