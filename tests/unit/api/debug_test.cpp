// /v1/debug and /v1/state/zone against the sample snapshot: the literal bodies.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "api/api.h"
#include "sample_snapshot.h"

namespace ostler::api {
namespace {

using nlohmann::json;

class DebugTest : public ::testing::Test {
 protected:
  DebugTest() {
    snapshot_ = test::sample_snapshot();
    snapshot_.plans[0].phases[0].steps[0].tasks = {"zookeeper-0-server"};
    snapshot_.plans[0].phases[0].steps[1].tasks = {"zookeeper-1-server"};
    core::TaskView& task = snapshot_.pods[1].tasks[0];
    task.zone = "eu-1a";
    core::LaunchRecord launch = *task.launch;
    launch.hostname = "10.0.0.1";
    mesos::Resource reserved;
    reserved.reservations.push_back({true, "zk-role", "zk", {{"resource_id", "r-1"}}});
    launch.holdings.push_back({"server/cpus", reserved, true});
    task.launch = std::make_shared<const core::LaunchRecord>(launch);
    mesos::TaskStatus status = *task.last_status;
    status.ip_addresses = {"10.0.0.1"};
    task.last_status = std::make_shared<const mesos::TaskStatus>(status);
    api_.publish(std::make_shared<const core::Snapshot>(snapshot_));
  }
  Response get(std::string_view path, std::string_view query = "") {
    Request request;
    request.method = "GET";
    request.path = path;
    request.query = query;
    return api_.handle(request);
  }
  json body(std::string_view path, std::string_view query = "") { return json::parse(get(path, query).body); }

  core::Snapshot snapshot_;
  MetricsRegistry metrics_;
  Api api_{ApiOptions{}, metrics_};
};

TEST_F(DebugTest, ShowsAllPlansWithWhatIsDoneAndTheirTree) {
  const json all = body("/v1/debug/plans");
  EXPECT_EQ(all["schedulerState"], "DEPLOYING");
  EXPECT_EQ(all["activePlans"], json::parse(R"(["deploy"])"));
  EXPECT_EQ(all["plans"].size(), 3U);
  EXPECT_EQ(all["plans"][0], json::parse(R"({
    "name": "deploy", "status": "IN_PROGRESS", "strategy": "serial", "totalSteps": 2, "completedSteps": 1,
    "phases": [{"name": "node-update", "status": "IN_PROGRESS", "strategy": "serial", "steps": [
      {"name": "zookeeper-0:[server]", "status": "COMPLETE", "errors": []},
      {"name": "zookeeper-1:[server]", "status": "STARTING", "errors": []}]}]})"));
  EXPECT_EQ(all["serviceTopology"][0], json::parse(R"({"name": "deploy", "type": "plan", "children": [
    {"name": "node-update", "type": "phase", "children": [
      {"name": "zookeeper-0:[server]", "type": "step", "children": []},
      {"name": "zookeeper-1:[server]", "type": "step", "children": []}]}]})"));
}

TEST_F(DebugTest, TellsWhatTheSchedulerIsAbout) {
  const auto state = [&] {
    api_.publish(std::make_shared<const core::Snapshot>(snapshot_));
    return body("/v1/debug/plans")["schedulerState"].get<std::string>();
  };
  snapshot_.plans[0].status = core::Status::kComplete;
  EXPECT_EQ(state(), "DEPLOYED");
  snapshot_.plans[2].status = core::Status::kInProgress;
  EXPECT_EQ(state(), "RUNNING") << "a plan of its own";
  snapshot_.plans.push_back({"decommission", "serial", core::Status::kInProgress, {}, {}});
  EXPECT_EQ(state(), "DECOMMISSIONING");
  snapshot_.plans[1].status = core::Status::kPending;
  EXPECT_EQ(state(), "RECOVERING");
}

TEST_F(DebugTest, FiltersByNamesThatExistWithoutRegardToCase) {
  const json one = body("/v1/debug/plans", "plan=DEPLOY&phase=Node-Update&step=zookeeper-1:[server]");
  ASSERT_EQ(one["plans"].size(), 1U);
  ASSERT_EQ(one["plans"][0]["phases"][0]["steps"].size(), 1U);
  EXPECT_EQ(one["plans"][0]["phases"][0]["steps"][0]["name"], "zookeeper-1:[server]");
  EXPECT_EQ(one["plans"][0]["totalSteps"], 2) << "of the whole plan";
  const std::pair<const char*, const char*> wrong[] = {
      {"step=s", "a step is given without its plan and phase"},
      {"phase=p", "a phase is given without its plan"},
      {"plan=backup", "there is no plan 'backup'"},
      {"plan=deploy&phase=x", "there is no phase 'x' in plan 'deploy'"},
      {"plan=deploy&phase=node-update&step=x",
       "there is no step 'x' in phase 'node-update' of plan 'deploy'"},
  };
  for (const auto& [query, why] : wrong) {
    for (const char* path : {"/v1/debug/plans", "/v1/debug/taskStatuses"}) {
      EXPECT_EQ(get(path, query).status, 200U);
      EXPECT_EQ(body(path, query), json({{"invalid-input", why}})) << path;
    }
  }
}

TEST_F(DebugTest, ShowsTheTasksOfEachStep) {
  EXPECT_EQ(body("/v1/debug/taskStatuses", "plan=deploy"), json::parse(R"([{"name": "deploy", "phases": [
    {"name": "node-update", "steps": [
      {"name": "zookeeper-0:[server]", "taskStatus": [
        {"name": "zookeeper-0-server", "taskStatus": "TASK_RUNNING", "taskId": "zookeeper-0-server__1"}]},
      {"name": "zookeeper-1:[server]", "taskStatus": [{"name": "zookeeper-1-server"}]}]}]}])"));
}

TEST_F(DebugTest, ShowsReservationsByHost) {
  EXPECT_EQ(body("/v1/debug/reservations"), json::parse(R"({"10.0.0.1": ["r-1"]})"));
}

TEST_F(DebugTest, ShowsZonesByTaskAndByAddress) {
  EXPECT_EQ(body("/v1/state/zone/tasks"), json::parse(R"({"zookeeper-0-server": "eu-1a"})"));
  EXPECT_EQ(get("/v1/state/zone/tasks/zookeeper-0-server").body, "eu-1a");
  EXPECT_EQ(get("/v1/state/zone/zookeeper/10.0.0.1").body, "eu-1a");
  EXPECT_EQ(get("/v1/state/zone/tasks/zookeeper-10-server").status, 404U) << "it has no agent";
  EXPECT_EQ(get("/v1/state/zone/zookeeper/10.0.0.2").status, 404U);
  EXPECT_EQ(get("/v1/state/zone/backup/10.0.0.1").status, 404U) << "another pod's";
}

}  // namespace
}  // namespace ostler::api
