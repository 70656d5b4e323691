// A client that writes all the while, through everything an operator does to the ensemble:
// no write that was acknowledged is lost, whatever order the servers went down in.
#include <nlohmann/json.hpp>

#include "harness/steady_writer.h"
#include "service_test.h"

namespace ostler::harness {
namespace {

class Writes : public ServiceTest {
 protected:
  void post(const std::string& path, const std::string& body = "") {
    const HttpReply reply = http_post(scheduler_->api() + path, body);
    ASSERT_EQ(reply.status, 200) << path << ": " << reply.body << reply.error;
  }
  void wait_relaunched(const std::string& task, const std::string& old_id) {
    scheduler_->wait_for(task + " to be launched anew and the plans to be complete", [&] {
      const std::string now = scheduler_->task_ids()[task];
      return !now.empty() && now != old_id && scheduler_->is_complete("deploy") &&
             scheduler_->is_complete("recovery");
    });
  }
  void kill_scheduler() {
    scheduler_->process().signal(SIGKILL);
    scheduler_->wait_exit(patience());
    start_scheduler().wait_subscribed();
  }
  // Restarts or replaces every pod instance, one after the other, with a kill -9 of the
  // scheduler in the middle of each.
  void do_to_each_pod(const std::string& action) {
    for (const std::string pod : {"zookeeper-0", "zookeeper-1", "zookeeper-2"}) {
      const std::string before = cluster_->task(pod + "-server").id;
      post("/v1/pod/" + pod + "/" + action);
      kill_scheduler();
      wait_relaunched(pod + "-server", before);
    }
  }
  // The client goes on.
  void expect_progress(const SteadyWriter& writer, const std::string& what) {
    const int before = writer.acknowledged();
    scheduler_->wait_for("a write after " + what, [&] { return writer.acknowledged() > before; });
  }
};

TEST_F(Writes, AreNotLostThroughWhateverAnOperatorDoes) {
  deploy();
  SteadyWriter writer(scheduler_->client_addresses(), "/steady");
  expect_progress(writer, "the deployment");

  const std::string before_update = cluster_->task("zookeeper-2-server").id;
  EXPECT_EQ(scheduler_->terminate(), 0);
  service_["SERVER_SNAPCOUNT"] = "54321";
  start_scheduler().api();
  scheduler_->wait_for("the update to be half through", [&] {
    return std::any_of(kServers.begin(), kServers.end(),
                       [&](const std::string& server) { return cluster_->runs()[server] == 2; });
  });
  kill_scheduler();
  scheduler_->wait_for("every server to be launched anew", [&] {
    for (const std::string& server : kServers) {
      const auto count = cluster_->runs()[server];
      if (count < 2) return false;
    }
    return scheduler_->is_complete("deploy");
  });
  EXPECT_NE(cluster_->task("zookeeper-2-server").id, before_update);
  expect_progress(writer, "the update");

  do_to_each_pod("restart");
  expect_progress(writer, "the restarts");

  do_to_each_pod("replace");
  expect_progress(writer, "the replacements");

  const std::string before_pause = cluster_->task("zookeeper-1-server").id;
  post("/v1/pod/zookeeper-1/pause");
  kill_scheduler();
  // Not health alone: it says 206 from the moment on at which the pause is wanted.
  scheduler_->wait_for("the server to be paused", [&] {
    const nlohmann::json pod = scheduler_->get_json("/v1/pod/zookeeper-1/status");
    const auto is_paused = [](const nlohmann::json& task) {
      return task.at("name") == "zookeeper-1-server" && task.at("status") == "PAUSED";
    };
    return std::any_of(pod.at("tasks").begin(), pod.at("tasks").end(), is_paused) &&
           scheduler_->get("/v1/health").status == 206;
  });
  expect_progress(writer, "the pause");
  const std::string paused = cluster_->task("zookeeper-1-server").id;
  EXPECT_NE(paused, before_pause);
  post("/v1/pod/zookeeper-1/resume");
  wait_relaunched("zookeeper-1-server", paused);
  expect_progress(writer, "the resumption");

  EXPECT_GT(writer.stop(), 0);
  EXPECT_EQ(writer.lost(), std::vector<int>{});
  RecordProperty("acknowledged", writer.acknowledged());
  RecordProperty("longest_pause_ms", static_cast<int>(writer.longest_pause().count()));
  expect_serving("after everything");
  expect_in_order();
}

}  // namespace
}  // namespace ostler::harness
