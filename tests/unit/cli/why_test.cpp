#include "cli/why.h"

#include <gtest/gtest.h>


namespace ostler::cli {
namespace {

constexpr const char* kAnswer = R"({"service": "zk", "declined_agents": 2, "silent_agents": [
    {"agent_id": "S9", "hostname": "10.0.0.9", "last_offered": null, "pods": ["zookeeper-1"]}],
  "steps": [{"plan": "deploy", "step": "zookeeper-2:[server]", "pod": "zookeeper-2", "status": "PREPARED",
    "sentence": "0 of 7 agents fit zookeeper-2: 3 short of memory, 4 already run a zookeeper pod",
    "blockers": ["offers are suppressed, because nothing could be done with them"],
    "nearest": {"agent_id": "S3", "hostname": "10.0.3.7", "at": "2026-01-01T12:04:00Z", "reasons": [
      {"reason": "MEM", "needed": 4000, "offered": 3584, "message": "needs 4000 MB of memory, 3584 offered"}]},
    "history": {"minutes": [
      {"from": "2026-01-01T12:00:00Z", "agents": 7, "fitting": 0, "reasons": {"PORTS": 7}},
      {"from": "2026-01-01T12:01:00Z", "agents": 7, "fitting": 0, "reasons": {"PORTS": 7}},
      {"from": "2026-01-01T12:03:00Z", "agents": 7, "fitting": 0, "reasons": {"MEM": 3, "PLACEMENT": 4}}],
      "hours": []}}]})";

TEST(Why, TellsTheStoryInWords) {
  const auto text = why_text(kAnswer, "");
  ASSERT_TRUE(text.ok());
  EXPECT_EQ(
      *text,
      "zookeeper-2:[server] (deploy, PREPARED)\n"
      "  0 of 7 agents fit zookeeper-2: 3 short of memory, 4 already run a zookeeper pod\n"
      "  blocked: offers are suppressed, because nothing could be done with them\n"
      "  nearest fit: 10.0.3.7: needs 4000 MB of memory, 3584 offered\n"
      "  history (UTC):\n"
      "    12:00 PORTS 7\n"
      "    12:03 MEM 3, PLACEMENT 4\n"
      "2 agents were declined and will not be offered for a while, unless something new is wanted\n"
      "agent 10.0.0.9 was not offered since the scheduler started; it holds what belongs to zookeeper-1\n");
}

TEST(Why, SaysWhenNothingWaits) {
  EXPECT_EQ(*why_text(R"({"steps": []})", ""), "nothing waits\n");
  EXPECT_EQ(*why_text(R"({"steps": []})", "zookeeper-0"), "zookeeper-0 waits for nothing\n");
}

TEST(Why, RefusesAnAnswerThatIsNotOurs) {
  EXPECT_FALSE(why_text("<html>", "").ok());
  EXPECT_FALSE(why_text("[1]", "").ok());
  EXPECT_TRUE(why_text(R"({"steps": [1, {"sentence": 5, "nearest": {"reasons": [2]}}]})", "").ok());
}

}  // namespace
}  // namespace ostler::cli
