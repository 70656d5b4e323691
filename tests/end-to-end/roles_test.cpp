// A service of two roles: one pod of what is free, and one of what the operator reserved
// statically for a role. Which role gets offers when, and what people see of the rate at
// which offers may be asked for again. The tasks are only pretended.
#include <sys/wait.h>

#include <nlohmann/json.hpp>

#include "service_test.h"

namespace ostler::harness {
namespace {

using nlohmann::json;

class TwoRoles : public ServiceTest {
 protected:
  void start(const std::string& pods) {
    cluster_ = std::make_unique<Cluster>(Cluster::Options{
        at_,
        folder_.path(),
        {"--agents", "2", "--simulate", "--task-delay-ms", "10", "--allocation-interval-ms", "200"},
        0});
    write_file(folder_ / "svc.yml",
               "name: svc\nscheduler:\n  principal: svc-principal\n  user: root\npods:\n" + pods);
    service_["OSTLER_LOG_LEVEL"] = "debug";
    start_scheduler({folder_ / "svc.yml"});
  }
  // As `mesos-agent --resources` gives them to DC/OS' public agents.
  void reserve_statically(const std::string& agent) {
    for (const char* resource :
         {R"({"name": "cpus", "type": "SCALAR", "scalar": {"value": 2})",
          R"({"name": "mem", "type": "SCALAR", "scalar": {"value": 1024})",
          R"({"name": "disk", "type": "SCALAR", "scalar": {"value": 4096})",
          R"({"name": "ports", "type": "RANGES", "ranges": {"range": [{"begin": 600, "end": 700}]})"}) {
      cluster_->control(
          "agents/" + agent + "/add",
          std::string(resource) + R"(, "reservations": [{"type": "STATIC", "role": "slave_public"}]})");
    }
  }
  std::vector<std::string> suppressed() {
    std::vector<std::string> roles;
    const json state = cluster_->state();
    for (const json& role : state.at("frameworks")[0].at("suppressed")) roles.push_back(role);
    std::sort(roles.begin(), roles.end());
    return roles;
  }
  // How the reservations on all agents are stacked, "STATIC slave_public, DYNAMIC slave_public/svc-role",
  // and the names of what is reserved so.
  std::map<std::string, std::set<std::string>> stacks() {
    std::map<std::string, std::set<std::string>> out;
    const json state = cluster_->state();
    for (const json& agent : state.at("agents")) {
      for (const json& one : agent.at("reservations")) {
        std::string stack;
        for (const json& reservation : one.at("reservations")) {
          stack += (stack.empty() ? "" : ", ") + reservation.at("type").get<std::string>() + " " +
                   reservation.at("role").get<std::string>();
        }
        out[stack].insert(one.at("name").get<std::string>());
      }
    }
    return out;
  }
  void expect_no_violations() { EXPECT_EQ(cluster_->state().at("violations").dump(), "[]"); }
};

constexpr const char* kPods = R"(  node:
    count: 1
    tasks:
      server: {goal: RUNNING, cmd: sleep 1000, cpus: 0.5, memory: 64}
  edge:
    count: 1
    pre-reserved-role: slave_public
    tasks:
      proxy:
        goal: RUNNING
        cmd: sleep 1000
        cpus: 0.5
        memory: 64
        ports: {http: {port: 650}}
        volume: {path: data, type: ROOT, size: 100}
)";

TEST_F(TwoRoles, EachPodGetsWhatItsRoleIsOfferedAndEachRoleIsSuppressedAlone) {
  start(kPods);
  const std::string plain = "svc-role", refined = "slave_public/svc-role";
  scheduler_->wait_for("the first pod, and its role to be suppressed", [&] {
    return cluster_->live_tasks().contains("node-0-server") && suppressed() == std::vector{plain};
  });
  EXPECT_FALSE(cluster_->live_tasks().contains("edge-0-proxy"));
  scheduler_->wait_for("the reason", [&] {
    const json why = scheduler_->get_json("/v1/why/edge-0");
    return why.at("steps")[0].at("sentence").get<std::string>().ends_with("2 offering nothing to its role");
  });

  reserve_statically("1");
  scheduler_->wait_deployed();
  scheduler_->wait_for("both roles to be suppressed", [&] {
    return suppressed() == std::vector{refined, plain};
  });
  const auto reserved = stacks();
  EXPECT_EQ(reserved.at("DYNAMIC " + plain), (std::set<std::string>{"cpus", "mem", "disk"}));
  EXPECT_EQ(reserved.at("STATIC slave_public, DYNAMIC " + refined),
            (std::set<std::string>{"cpus", "mem", "disk", "ports"}));
  EXPECT_EQ(reserved.at("STATIC slave_public"), (std::set<std::string>{"cpus", "mem", "disk", "ports"}))
      << "the rest";

  // Only the role with work is revived.
  const size_t before = scheduler_->log().size();
  ASSERT_EQ(http_post(scheduler_->api() + "/v1/pod/edge-0/replace", "").status, 200);
  scheduler_->wait_for("the pod to be replaced", [&] {
    return cluster_->launches()["edge-0-proxy"] == 2 && scheduler_->is_complete("recovery") &&
           suppressed() == std::vector{refined, plain};
  });
  const std::string log = scheduler_->log().substr(before);
  EXPECT_NE(log.find("asking Mesos for all offers again, for role " + refined + ": "), std::string::npos)
      << log;
  EXPECT_EQ(log.find("for role " + plain), std::string::npos);
  EXPECT_EQ(cluster_->launches()["node-0-server"], 1);
  expect_no_violations();
}

TEST_F(TwoRoles, AnUninstallGivesBackWhatWasRefinedAndLeavesTheStaticReservations) {
  start(kPods);
  reserve_statically("0");
  scheduler_->wait_deployed();
  scheduler_->terminate();
  service_["SDK_UNINSTALL"] = "true";
  start_scheduler({folder_ / "svc.yml"});
  scheduler_->wait_for("the uninstall", [&] { return scheduler_->is_complete("deploy"); });
  const auto left = stacks();
  ASSERT_EQ(left.size(), 1U) << ::testing::PrintToString(left);
  EXPECT_EQ(left.at("STATIC slave_public"), (std::set<std::string>{"cpus", "mem", "disk", "ports"}));
  expect_no_violations();
}

// A REVIVE wipes the filters of all agents, so there is one in 5 s; who waits for it is told.
TEST_F(TwoRoles, AReviveThatWaitsForItsRateLimitIsSaid) {
  start(
      "  node:\n    count: 1\n    tasks:\n      server: {goal: RUNNING, cmd: sleep 1000, cpus: 0.5, memory: "
      "64}\n");
  scheduler_->wait_deployed();
  const std::string sentence = "a REVIVE, which its rate limit allows at 20";
  const std::string output = folder_ / "why";
  std::string said;
  int code = 0;
  bool is_said = false;
  for (int round = 2; round < 12 && !is_said; ++round) {
    // Or what the pod gives back would be offered without a REVIVE.
    scheduler_->wait_for("the suppression",
                         [&] { return suppressed() == std::vector<std::string>{"svc-role"}; });
    ASSERT_EQ(http_post(scheduler_->api() + "/v1/pod/node-0/replace", "").status, 200);
    scheduler_->wait_for("the replacement, or the reason why it waits", [&] {
      code = std::system((at_.ostler() + " why node-0 --url " + scheduler_->api() + " >" + output).c_str());
      said = read_file(output);
      is_said = said.find(sentence) != std::string::npos;
      return is_said ||
             (cluster_->launches()["node-0-server"] == round && scheduler_->is_complete("recovery"));
    });
  }
  ASSERT_TRUE(is_said) << said;
  EXPECT_EQ(WEXITSTATUS(code), 2) << "something waits";
  EXPECT_GE(scheduler_->get_json("/v1/metrics").at("counters").at("revives.throttles").at("count"), 1);
  scheduler_->wait_for("the REVIVE and what it was for", [&] {
    return scheduler_->get("/v1/why").body.find(sentence) == std::string::npos &&
           scheduler_->is_complete("recovery");
  });
  expect_no_violations();
}

}  // namespace
}  // namespace ostler::harness
