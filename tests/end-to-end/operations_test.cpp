// What an operator does to a deployed service, over the HTTP API and with the command line.
#include <nlohmann/json.hpp>

#include "service_test.h"

namespace ostler::harness {
namespace {

using nlohmann::json;

class Operations : public ServiceTest {
 protected:
  // POST; the reply's body when the status is as expected.
  std::string post(const std::string& path, int status = 200, const std::string& body = "") {
    const HttpReply reply = http_post(scheduler_->api() + path, body);
    EXPECT_EQ(reply.status, status) << path << ": " << reply.body << reply.error;
    return reply.body;
  }
  void wait_relaunched(const std::string& task, const std::string& old_id) {
    scheduler_->wait_for(task + " to be launched anew", [&] {
      const std::string now = scheduler_->task_ids()[task];
      return !now.empty() && now != old_id;
    });
    wait_calm();
  }
  void wait_calm() {
    scheduler_->wait_for("the plans to be complete", [&] {
      return scheduler_->is_complete("deploy") && scheduler_->is_complete("recovery");
    });
  }
  std::string task_status(const std::string& pod, const std::string& task) {
    const json status = scheduler_->get_json("/v1/pod/" + pod + "/status");
    for (const json& one : status.at("tasks")) {
      if (one.at("name") == task) return one.value("status", "");
    }
    return "";
  }
  size_t volumes() {
    size_t count = 0;
    const json state = cluster_->state();
    for (const json& agent : state.at("agents")) count += agent.at("volumes").size();
    return count;
  }
};

TEST_F(Operations, RestartAPodInPlaceWithItsData) {
  deploy();
  expect_serving("before");
  const Cluster::Task before = cluster_->task("zookeeper-1-server");
  const auto others = cluster_->live_tasks();
  EXPECT_EQ(post("/v1/pod/zookeeper-9/restart", 404), "Pod zookeeper-9 not found");

  const json answer = json::parse(post("/v1/pod/zookeeper-1/restart"));
  EXPECT_EQ(answer.dump(), R"({"pod":"zookeeper-1","tasks":["zookeeper-1-metrics","zookeeper-1-server"]})");
  wait_relaunched("zookeeper-1-server", before.id);

  const Cluster::Task after = cluster_->task("zookeeper-1-server");
  EXPECT_EQ(after.agent, before.agent);
  EXPECT_EQ(after.volumes, before.volumes);
  EXPECT_NE(cluster_->live_tasks()["zookeeper-1-metrics"], others.at("zookeeper-1-metrics"));
  EXPECT_EQ(cluster_->live_tasks()["zookeeper-0-server"], others.at("zookeeper-0-server"));
  expect_serving("after");
  expect_in_order();
}

TEST_F(Operations, ReplaceAPodOntoAnotherAgentWithNewVolumes) {
  cluster_ =
      std::make_unique<Cluster>(Cluster::Options{at_,
                                                 folder_.path(),
                                                 {"--agents", "4", "--allocation-interval-ms", "200",
                                                  "--update-retry-ms", "1000", "--agent-timeout-ms", "1000"},
                                                 0});
  deploy();
  expect_serving("before");
  const Cluster::Task before = cluster_->task("zookeeper-1-server");
  cluster_->control("agents/" + before.agent + "/kill-host");
  scheduler_->wait_for("Mesos to give the agent up",
                       [&] { return task_status("zookeeper-1", "zookeeper-1-server") == "UNREACHABLE"; });
  scheduler_->wait_health(206);

  post("/v1/pod/zookeeper-1/replace");
  wait_relaunched("zookeeper-1-server", before.id);
  const Cluster::Task after = cluster_->task("zookeeper-1-server");
  EXPECT_NE(after.agent, before.agent);
  EXPECT_NE(after.volumes, before.volumes);

  // The old agent returns: what the pod left there is given back.
  EXPECT_EQ(volumes(), 8U);
  cluster_->control("agents/" + before.agent + "/reconnect");
  scheduler_->wait_for("the old volumes to be destroyed", [&] { return volumes() == 6; });
  EXPECT_EQ(cluster_->state().at("violations").dump(), "[]");
  EXPECT_EQ(cluster_->task("zookeeper-1-server").id, after.id);
  EXPECT_EQ(read_znode(after.agent + ":" + service_["CLIENT_PORT"], "/ostler-test"), "before");
}

TEST_F(Operations, PauseAServerForALookAndResumeIt) {
  deploy();
  const std::string before = cluster_->task("zookeeper-2-server").id;
  post("/v1/pod/zookeeper-2/pause", 404, R"(["nope"])");
  post("/v1/pod/zookeeper-2/pause", 200, R"(["server"])");
  scheduler_->wait_for("the server to be paused",
                       [&] { return task_status("zookeeper-2", "zookeeper-2-server") == "PAUSED"; });
  const Cluster::Task paused = cluster_->task("zookeeper-2-server");
  EXPECT_NE(paused.id, before);
  EXPECT_EQ(paused.volumes.size(), 2U);
  scheduler_->wait_health(206);

  // It is still paused for another process.
  scheduler_->process().signal(SIGKILL);
  scheduler_->wait_exit(patience());
  start_scheduler().wait_subscribed();
  scheduler_->wait_for("the server to be shown as paused",
                       [&] { return task_status("zookeeper-2", "zookeeper-2-server") == "PAUSED"; });
  EXPECT_EQ(cluster_->task("zookeeper-2-server").id, paused.id);

  post("/v1/pod/zookeeper-2/resume");
  wait_relaunched("zookeeper-2-server", paused.id);
  scheduler_->wait_health(200);
  expect_serving("after");
  expect_in_order();
}

TEST_F(Operations, AnInterruptedRolloutStaysInterruptedWhenTheSchedulerIsKilled) {
  deploy();
  const auto before = cluster_->live_tasks();
  EXPECT_EQ(scheduler_->terminate(), 0);
  service_["SERVER_SNAPCOUNT"] = "54321";
  start_scheduler();
  scheduler_->wait_for("the rollout to begin", [&] {
    const HttpReply reply = http_post(scheduler_->api() + "/v1/plans/deploy/interrupt", "");
    return reply.status == 200;
  });
  scheduler_->process().signal(SIGKILL);
  scheduler_->wait_exit(patience());
  start_scheduler().wait_subscribed();
  scheduler_->wait_for("the plan to wait",
                       [&] { return scheduler_->get_json("/v1/plans/deploy").at("status") == "WAITING"; });
  post("/v1/plans/deploy/interrupt", 208);
  post("/v1/plans/nope/continue", 404);
  size_t changed = 0;
  for (const std::string& server : kServers) {
    const auto live = cluster_->live_tasks();
    changed += live.contains(server) && live.at(server) != before.at(server);
  }
  EXPECT_LE(changed, 1U) << "what was begun goes on, nothing else begins";

  ProcessOptions run;
  run.arguments = {at_.ostler(), "plan", "resume", "deploy", "--url", scheduler_->api()};
  run.stdout_path = run.stderr_path = folder_ / "resume.txt";
  Process resume(run);
  EXPECT_EQ(resume.wait(patience()), 0);
  EXPECT_EQ(read_file(folder_ / "resume.txt"), "Received cmd: continue\n");
  scheduler_->wait_deployed();
  expect_serving("after");
  expect_in_order();
}

}  // namespace
}  // namespace ostler::harness
