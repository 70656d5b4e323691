// A service of one's own beside the ensemble: clients that may be taken away again, and a
// plan that an operator starts with parameters. What the operator did to it survives
// kill -9 of the scheduler.
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "service_test.h"

namespace ostler::harness {
namespace {

using nlohmann::json;
using Notes = std::multiset<std::string>;

// In front of the plans: a pod that may shrink. Its `note` runs when the plan of that name
// does; in the pod instance HOLD it waits for ever instead of being done.
constexpr const char* kClients = R"(  client:
    count: {{CLIENT_COUNT}}
    allow-decommission: true
    uris: [{{{BOOTSTRAP_URI}}}]
    tasks:
      worker:
        goal: RUNNING
        cmd: "echo work >> client-data/work && exec sleep 100000"
        cpus: 0.1
        memory: 32
        volumes: {data: {path: client-data, type: ROOT, size: 16}}
      note:
        goal: FINISH
        cmd: "if [ \"$HOLD\" = \"$POD_INSTANCE_INDEX\" ]; then exec sleep 100000; fi; chmod +x bootstrap && ./bootstrap -zk-ready zookeeper-0-server.$FRAMEWORK_HOST:{{CLIENT_PORT}} && echo \"$NOTE\" > note.txt"
        cpus: 0.1
        memory: 32
)";
constexpr const char* kClientPhase = R"(      client-deploy:
        strategy: serial
        pod: client
        steps: [{default: [[worker]]}]
)";
constexpr const char* kNotePlan = R"(  note:
    strategy: serial
    phases:
      write:
        strategy: serial
        pod: client
        steps: [{default: [[note]]}]
)";

class OwnPlans : public ServiceTest {
 protected:
  OwnPlans() {
    const std::string folder = folder_ / "service";
    std::filesystem::copy(at_.share() + "/service", folder, std::filesystem::copy_options::recursive);
    std::string yaml = read_file(folder + "/svc.yml");
    const auto insert_before = [&](const std::string& place, const std::string& text) {
      const size_t at = yaml.find(place);
      if (at == std::string::npos) throw HarnessError("no '" + place + "' in svc.yml");
      yaml.insert(at, text);
    };
    insert_before("# What an ensemble demands", kNotePlan);
    insert_before("  # Every later change", kClientPhase);
    insert_before("plans:\n", kClients);
    const std::string update_end = "        pod: zookeeper\n  note:";
    yaml.insert(yaml.find(update_end) + update_end.find("  note:"), kClientPhase);
    write_file(folder + "/svc.yml", yaml);
    service_["CLIENT_COUNT"] = "2";
  }

  Scheduler& start() { return start_scheduler({folder_ / "service/svc.yml"}); }
  void restart_after_kill() {
    scheduler_->process().signal(SIGKILL);
    scheduler_->wait_exit(patience());
    start().wait_subscribed();
  }
  std::string status(const std::string& plan) {
    return json::parse(scheduler_->get("/v1/plans/" + plan).body).at("status");
  }
  void wait_status(const std::string& plan, const std::string& wanted) {
    scheduler_->wait_for("plan " + plan + " to be " + wanted, [&] { return status(plan) == wanted; });
  }
  void post(const std::string& path, const std::string& body = "") {
    const HttpReply reply = http_post(scheduler_->api() + path, body);
    EXPECT_EQ(reply.status, 200) << path << ": " << reply.body << reply.error;
  }
  // What all notes of a pod say, in sandboxes of tasks that have long ended.
  Notes notes(const std::string& pod) {
    Notes all;
    for (const auto& file : std::filesystem::recursive_directory_iterator(
             folder_ / "cluster/agents", std::filesystem::directory_options::skip_permission_denied)) {
      if (file.path().filename() == "note.txt" &&
          file.path().string().find(pod + "-note") != std::string::npos)
        all.insert(read_file(file.path()));
    }
    return all;
  }
  int runs(const std::string& task) { return cluster_->runs()[task]; }
};

TEST_F(OwnPlans, WhatAnOperatorDoesToAPlanSurvivesKillsOfTheScheduler) {
  start_cluster();
  start().wait_deployed();
  expect_serving("before");
  const auto before = cluster_->live_tasks();
  EXPECT_EQ(status("note"), "WAITING") << "nobody has started it";

  post("/v1/plans/note/start", R"({"NOTE": "first", "HOLD": "0"})");
  scheduler_->wait_for("the first note to run",
                       [&] { return cluster_->live_tasks().contains("client-0-note"); });
  post("/v1/plans/note/interrupt");
  restart_after_kill();
  wait_status("note", "WAITING");

  // What is forced counts as done, but the plan is still interrupted.
  post("/v1/plans/note/forceComplete?phase=write&step=client-0:%5Bnote%5D");
  restart_after_kill();
  const json phase = scheduler_->get_json("/v1/plans/note").at("phases").at(0);
  EXPECT_EQ(phase.at("steps").at(0).at("status"), "COMPLETE");
  EXPECT_EQ(runs("client-1-note"), 0);
  EXPECT_EQ(runs("client-0-note"), 1) << "the start adopts what runs";

  // It goes on with the parameters that it was started with.
  post("/v1/plans/note/continue");
  wait_status("note", "COMPLETE");
  EXPECT_EQ(notes("client-1"), Notes{"first\n"});
  EXPECT_EQ(notes("client-0"), Notes{});
  restart_after_kill();
  wait_status("note", "COMPLETE");

  // One step again, with the same parameters; then all anew with others. What still runs for
  // the first start would be waited for: a stop says that it is to end.
  post("/v1/plans/note/restart?phase=write&step=client-1:%5Bnote%5D");
  scheduler_->wait_for("the second note of client-1",
                       [&] { return notes("client-1").size() == 2 && status("note") == "COMPLETE"; });
  post("/v1/plans/note/stop");
  post("/v1/plans/note/start", R"({"NOTE": "second"})");
  scheduler_->wait_for("new notes of both",
                       [&] { return notes("client-0").size() == 1 && notes("client-1").size() == 3; });
  wait_status("note", "COMPLETE");
  EXPECT_EQ(notes("client-0"), Notes{"second\n"});
  EXPECT_EQ(notes("client-1"), (Notes{"first\n", "first\n", "second\n"}));

  const auto after = cluster_->live_tasks();
  EXPECT_EQ(after, before) << "neither servers nor workers were touched";
  EXPECT_EQ(cluster_->violations(), std::vector<std::string>{});
  expect_serving("after");
}

TEST_F(OwnPlans, APodThatMayShrinkIsTakenAwayAlsoWhenTheSchedulerIsKilledInTheMiddle) {
  start_cluster();
  start().wait_deployed();
  expect_serving("before");
  auto staying = cluster_->live_tasks();
  staying.erase("client-1-worker");
  const Cluster::Task leaving = cluster_->task("client-1-worker");
  ASSERT_EQ(leaving.volumes.size(), 1U);
  const auto everything = [&] { return cluster_->state().dump(); };

  EXPECT_EQ(scheduler_->terminate(), 0);
  service_["CLIENT_COUNT"] = "1";
  start();
  scheduler_->wait_for("the kill of what is too much",
                       [&] { return !cluster_->live_tasks().contains("client-1-worker"); });
  restart_after_kill();
  scheduler_->wait_for("its volume to be destroyed",
                       [&] { return everything().find(leaving.volumes[0]) == std::string::npos; });
  scheduler_->wait_for("the deployment to be complete", [&] {
    return scheduler_->is_complete("deploy") && !scheduler_->task_ids().contains("client-1-worker");
  });
  EXPECT_EQ(cluster_->live_tasks(), staying);
  EXPECT_EQ(scheduler_->get("/v1/pod/client-1/status").status, 404);
  scheduler_->wait_for("its reservations to be given back", [&] {
    int workers = 0;
    const json state = cluster_->state();
    for (const json& agent : state.at("agents")) {
      for (const json& resource : agent.at("reservations"))
        workers += resource.at("name") == "disk" && resource.at("scalar").at("value") == 16;
    }
    return workers == 1;
  });

  // It may come back, as a new one.
  EXPECT_EQ(scheduler_->terminate(), 0);
  service_["CLIENT_COUNT"] = "2";
  start();
  scheduler_->wait_for("the second client", [&] {
    return cluster_->live_tasks().contains("client-1-worker") && scheduler_->is_complete("deploy");
  });
  EXPECT_NE(cluster_->task("client-1-worker").volumes, leaving.volumes);
  EXPECT_EQ(read_file(cluster_->task("client-1-worker").sandbox + "/client-data/work"), "work\n");
  auto now = cluster_->live_tasks();
  now.erase("client-1-worker");
  EXPECT_EQ(now, staying);
  EXPECT_EQ(cluster_->violations(), std::vector<std::string>{});
  expect_serving("after");
}

}  // namespace
}  // namespace ostler::harness
