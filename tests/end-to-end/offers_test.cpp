// The offer cycle of the whole product: what it reserves, and what it does when Mesos
// refuses, withdraws or returns something. The tasks are only pretended.
#include <nlohmann/json.hpp>

#include "service_test.h"

namespace ostler::harness {
namespace {

using nlohmann::json;

class Offers : public ServiceTest {
 protected:
  // A cluster with these options, and a scheduler of "svc" with `pods` (YAML, indented
  // by two).
  void start(std::vector<std::string> cluster, const std::string& pods, const std::string& plans = "") {
    cluster.insert(cluster.end(), {"--simulate", "--task-delay-ms", "10", "--allocation-interval-ms", "200",
                                   "--update-retry-ms", "1000"});
    cluster_ = std::make_unique<Cluster>(Cluster::Options{at_, folder_.path(), cluster, 0});
    write_file(folder_ / "svc.yml",
               "name: svc\nscheduler:\n  principal: svc-principal\n  user: root\npods:\n" + pods + plans);
  }
  Scheduler& run() {
    start_scheduler({folder_ / "svc.yml"}).wait_deployed();
    return *scheduler_;
  }
  // What is reserved on all agents, "cpus 1000", "disk 1000 data", with milli or ranges left out.
  std::vector<json> reservations() {
    std::vector<json> out;
    const json state = cluster_->state();
    for (const json& agent : state.at("agents")) {
      if (agent.at("standing") != "registered") continue;
      for (const json& one : agent.at("reservations")) out.push_back(one);
    }
    return out;
  }
  static std::string volume_path(const json& resource) {
    return resource.value("/disk/volume/container_path"_json_pointer, "");
  }
  void expect_no_violations() { EXPECT_EQ(cluster_->state().at("violations").dump(), "[]"); }
};

constexpr const char* kNode = R"(  node:
    count: 1
    tasks:
      server:
        goal: RUNNING
        cmd: sleep 1000
        cpus: 0.5
        memory: 64
        volume:
          path: data
          type: ROOT
          size: 500
)";

TEST_F(Offers, ARootVolumeIsExactAndAMountDiskIsTakenWhole) {
  start({"--agents", "1", "--mount-disks", "2000,5000"}, R"(  node:
    count: 1
    tasks:
      server:
        goal: RUNNING
        cmd: sleep 1000
        cpus: 0.5
        memory: 64
        volumes:
          small:
            path: small
            type: ROOT
            size: 500
          big:
            path: big
            type: MOUNT
            size: 3000
)");
  run();
  std::map<std::string, double> volumes;
  for (const json& one : reservations()) {
    if (!volume_path(one).empty()) volumes[volume_path(one)] = one.at("scalar").at("value");
  }
  EXPECT_EQ(volumes, (std::map<std::string, double>{{"small", 500}, {"big", 5000}}));
  expect_no_violations();
}

TEST_F(Offers, ARefusedReserveIsTriedAgainAndLeavesNothingBehind) {
  start({"--agents", "1"}, kNode);
  cluster_->control("refuse", R"({"operation": "RESERVE", "count": 1, "message": "no quota"})");
  run();
  EXPECT_TRUE(scheduler_->has_logged("Mesos refused the RESERVE of 6 resources of node-0 on agent"))
      << scheduler_->log();
  EXPECT_TRUE(scheduler_->has_logged("no quota"));
  EXPECT_EQ(reservations().size(), 6U)
      << "cpus, mem and disk of the executor; cpus, mem and disk of the task";
  expect_no_violations();
}

TEST_F(Offers, ARefusedCreateIsTriedAgainWithTheSameReservations) {
  start({"--agents", "1"}, kNode);
  cluster_->control("refuse", R"({"operation": "CREATE", "count": 1})");
  run();
  EXPECT_TRUE(scheduler_->has_logged("Mesos refused the CREATE of 1 resource of node-0 on agent"));
  EXPECT_EQ(reservations().size(), 6U);
  EXPECT_EQ(cluster_->task("node-0-server").volumes.size(), 1U);
  expect_no_violations();
}

TEST_F(Offers, AnOfferThatIsRescindedCostsNothing) {
  start({"--agents", "1"}, kNode);
  cluster_->control("rescind");
  run();
  EXPECT_EQ(reservations().size(), 6U);
  EXPECT_EQ(cluster_->launches()["node-0-server"], 1);
  expect_no_violations();
}

TEST_F(Offers, AnAcceptThatGetsLostIsFoundAndRepeated) {
  start({"--agents", "1"}, kNode);
  cluster_->control("drop", R"({"call": "ACCEPT", "count": 1, "status": 202})");
  run();
  EXPECT_EQ(reservations().size(), 6U);
  expect_no_violations();
}

TEST_F(Offers, AnAgentThatReturnsUnderANewIdGetsItsPodBack) {
  start({"--agents", "1", "--agent-timeout-ms", "500"}, kNode);
  run();
  const Cluster::Task before = cluster_->task("node-0-server");
  cluster_->control("agents/0/replace");
  scheduler_->wait_for("the pod to run again", [&] {
    const auto now = scheduler_->task_ids()["node-0-server"];
    return now != before.id && scheduler_->is_complete("recovery");
  });
  EXPECT_EQ(cluster_->task("node-0-server").volumes, before.volumes);
  EXPECT_EQ(reservations().size(), 6U);
  expect_no_violations();
}

TEST_F(Offers, AnAgentThatGoesIntoMaintenanceKeepsWhatItRunsAndGetsNothingNew) {
  start({"--agents", "2"}, kNode);
  run();
  const std::string agent = cluster_->task("node-0-server").agent;
  const auto maintenance = [&](bool of_the_other, const char* body) {
    const json state = cluster_->state();
    for (const json& one : state.at("agents")) {
      if ((one.at("address") != agent) == of_the_other)
        cluster_->control("agents/" + one.at("address").get<std::string>() + "/maintenance", body);
    }
  };
  maintenance(false, "{}");
  scheduler_->wait_logged("is to go into maintenance; move what runs there with `pod replace`: node-0");
  scheduler_->wait_for("the answer to the inverse offer",
                       [&] { return cluster_->calls()["DECLINE_INVERSE_OFFERS"] == 1; });
  EXPECT_EQ(cluster_->launches()["node-0-server"], 1);
  // With both away the pod has nowhere to go.
  maintenance(true, "{}");
  ASSERT_EQ(http_post(scheduler_->api() + "/v1/pod/node-0/replace", "").status, 200);
  scheduler_->wait_for(
      "the reason", [&] { return scheduler_->get("/v1/why").body.find("maintenance") != std::string::npos; });
  EXPECT_EQ(cluster_->launches()["node-0-server"], 1);
  maintenance(true, R"({"duration_ms": 0})");
  scheduler_->wait_for("the pod to run elsewhere", [&] {
    return cluster_->launches()["node-0-server"] == 2 && scheduler_->is_complete("recovery");
  });
  EXPECT_NE(cluster_->task("node-0-server").agent, agent);
  expect_no_violations();
}

TEST_F(Offers, AnotherFrameworksReservationsAreNotTouchedAndOurOwnLeftoversAre) {
  start({"--agents", "1"}, kNode);
  const auto reserved = [](const std::string& framework, const std::string& id) {
    const json resource = {{"name", "disk"},
                           {"type", "SCALAR"},
                           {"scalar", {{"value", 100}}},
                           {"disk",
                            {{"persistence", {{"id", "volume-" + id}, {"principal", "svc-principal"}}},
                             {"volume", {{"container_path", "data"}, {"mode", "RW"}}}}},
                           {"reservations",
                            {{{"type", "DYNAMIC"},
                              {"role", "svc-role"},
                              {"principal", "svc-principal"},
                              {"labels",
                               {{"labels",
                                 {{{"key", "framework_id"}, {"value", framework}},
                                  {{"key", "resource_id"}, {"value", id}}}}}}}}}};
    return resource.dump();
  };
  cluster_->control("agents/0/add", reserved("another-framework", "theirs"));
  run();
  const std::string ours = cluster_->state().at("frameworks")[0].at("framework_id");
  scheduler_->terminate();
  cluster_->control("agents/0/add", reserved(ours, "left-over"));
  const auto volumes = [&] {
    std::set<std::string> ids;
    for (const json& one : reservations()) ids.insert(one.value("/disk/persistence/id"_json_pointer, ""));
    return ids;
  };
  ASSERT_TRUE(volumes().contains("volume-left-over"));
  start_scheduler({folder_ / "svc.yml"}).wait_for("the leftover to be given back", [&] {
    return !volumes().contains("volume-left-over");
  });
  EXPECT_TRUE(volumes().contains("volume-theirs"));
  EXPECT_EQ(reservations().size(), 7U) << "ours and theirs";
  expect_no_violations();
}

TEST_F(Offers, AThousandAgentsAndWhyTheLastPodWaits) {
  start({"--agents", "1000", "--cpus", "1"}, R"(  node:
    count: 100
    placement: '[["hostname","UNIQUE"]]'
    tasks:
      server:
        goal: RUNNING
        cmd: sleep 1000
        cpus: 0.5
        memory: 64
  giant:
    count: 1
    tasks:
      server:
        goal: RUNNING
        cmd: sleep 1000
        cpus: 3
        memory: 64
)",
        R"(plans:
  deploy:
    strategy: parallel
    phases:
      nodes:
        strategy: parallel
        pod: node
      giants:
        strategy: parallel
        pod: giant
)");
  Scheduler& scheduler = start_scheduler({folder_ / "svc.yml"});
  scheduler.wait_for("a hundred pods to run and one to wait", [&] {
    return cluster_->live_tasks().size() == 100 &&
           scheduler.get_json("/v1/why/giant-0").at("steps")[0].at("agents") == 1000;
  });
  const json why = scheduler.get_json("/v1/why/giant-0").at("steps")[0];
  EXPECT_EQ(why.at("sentence"), "0 of 1000 agents fit giant-0: 1000 short of cpus");
  EXPECT_EQ(why.at("nearest").at("reasons")[0].at("reason"), "CPUS");
  EXPECT_EQ(scheduler.get_json("/v2/debug/offers").at("acceptedCount"), 100);
  expect_no_violations();
}

}  // namespace
}  // namespace ostler::harness
