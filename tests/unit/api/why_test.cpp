// The literal bodies of /v1/why and /v2/debug/offers.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "api/resources.h"
#include "sample_snapshot.h"

namespace ostler::api {
namespace {

core::Snapshot waiting() {
  core::Snapshot snapshot = test::sample_snapshot();
  auto why = std::make_shared<core::WhyPicture>();
  core::WhyStep step;
  step.plan = "deploy";
  step.phase = "node-update";
  step.step = "zookeeper-1:[server]";
  step.pod = "zookeeper-1";
  step.status = "PREPARED";
  step.sentence = "0 of 2 agents fit zookeeper-1: 1 short of memory, 1 already runs a zookeeper pod";
  step.agents = 2;
  step.counts[3] = 1;
  step.counts[8] = 1;
  step.looked_unix_ms = 1'700'000'000'000;
  step.nearest = core::WhyStep::Nearest{
      "S1", "10.0.0.1", R"([{"reason":"MEM","needed":4000,"offered":3584,"message":"needs more"}])",
      1'700'000'000'000};
  step.minutes.push_back({1'699'999'980'000, 2, 0, step.counts});
  why->steps.push_back(step);
  why->silent_agents.push_back({"S9", "10.0.0.9", 0, {"zookeeper-0"}});
  why->silent_agents.push_back({"S8", "10.0.0.8", 0, {}});
  why->declined_agents = 5;
  why->accepted = 1;
  why->rejected = 2;
  why->failures[3] = 2;
  why->rejected_agents["10.0.0.1"] = 2;
  why->outcomes.push_back(
      {1'700'000'000'000, "zookeeper-1", "O1", "S1", "10.0.0.1", false, "short of memory"});
  why->outcomes.push_back({1'700'000'001'000, "zookeeper-0", "O2", "S2", "10.0.0.2", true, "fits"});
  snapshot.why = why;
  return snapshot;
}

nlohmann::json body(const Response& response) { return nlohmann::json::parse(response.body); }

TEST(WhyApi, TellsAllOfIt) {
  const Response response = why_all(waiting());
  EXPECT_EQ(response.status, 200u);
  EXPECT_EQ(body(response), nlohmann::json::parse(R"({
    "service": "confluent-zookeeper",
    "steps": [{
      "plan": "deploy", "phase": "node-update", "step": "zookeeper-1:[server]", "pod": "zookeeper-1",
      "status": "PREPARED",
      "sentence": "0 of 2 agents fit zookeeper-1: 1 short of memory, 1 already runs a zookeeper pod",
      "blockers": [], "agents": 2, "fitting": 0, "looked_at": "2023-11-14T22:13:20Z",
      "funnel": [{"reason": "MEM", "agents": 1, "text": "1 short of memory"},
                 {"reason": "PLACEMENT", "agents": 1, "text": "1 excluded by placement"}],
      "nearest": {"agent_id": "S1", "hostname": "10.0.0.1", "at": "2023-11-14T22:13:20Z",
                  "reasons": [{"reason": "MEM", "needed": 4000, "offered": 3584, "message": "needs more"}]},
      "history": {"minutes": [{"from": "2023-11-14T22:13:00Z", "agents": 2, "fitting": 0,
                               "reasons": {"MEM": 1, "PLACEMENT": 1}}], "hours": []}}],
    "silent_agents": [{"agent_id": "S9", "hostname": "10.0.0.9", "last_offered": null,
                       "pods": ["zookeeper-0"]},
      {"agent_id": "S8", "hostname": "10.0.0.8", "last_offered": null, "pods": []}],
    "declined_agents": 5})"));
}

TEST(WhyApi, TellsOfOnePod) {
  const auto waits = body(why_pod(waiting(), "zookeeper-1"));
  EXPECT_EQ(waits["steps"].size(), 1u);
  ASSERT_EQ(waits["silent_agents"].size(), 1u);
  EXPECT_EQ(waits["silent_agents"][0]["agent_id"], "S8") << "it might fit there";
  const auto other = body(why_pod(waiting(), "zookeeper-0"));
  EXPECT_EQ(other["steps"].size(), 0u);
  ASSERT_EQ(other["silent_agents"].size(), 1u);
  EXPECT_EQ(other["silent_agents"][0]["agent_id"], "S9") << "it holds what belongs to the pod";
  EXPECT_EQ(why_pod(waiting(), "kafka-0").status, 404u);
  EXPECT_EQ(why_all(test::sample_snapshot()).status, 200u) << "before anything is known";
}

TEST(WhyApi, DebugOffersHasTheSdksShape) {
  EXPECT_EQ(body(debug_offers(waiting())), nlohmann::json::parse(R"({
    "acceptedCount": 1, "rejectedCount": 2, "failureReasons": {"MEM": 2},
    "rejectedAgents": {"10.0.0.1": 2},
    "offers": [
      {"timestamp": 1700000001000, "pod-instance-name": "zookeeper-0", "outcome": "pass",
       "explanation": "fits", "offer": {"id": "O2", "agent_id": "S2", "hostname": "10.0.0.2"}},
      {"timestamp": 1700000000000, "pod-instance-name": "zookeeper-1", "outcome": "fail",
       "explanation": "short of memory", "offer": {"id": "O1", "agent_id": "S1", "hostname": "10.0.0.1"}}]})"));
}

}  // namespace
}  // namespace ostler::api
