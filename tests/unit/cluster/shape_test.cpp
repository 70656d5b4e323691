// A recorded life of a task group, with our events beside the real ones: the same
// fields of the same types, whatever the values.
#include <set>

#include "cluster/http/calls.h"
#include "cluster/http/event_json.h"
#include "recording.h"
#include "world.h"

namespace ostler::cluster {
namespace {

using nlohmann::json;

std::string difference(const json& ours, const json& recorded) {
  std::set<std::string> left, right;
  shape(ours, "", left);
  shape(recorded, "", right);
  // The one thing we have no use for.
  std::erase_if(right, [](auto& path) { return path.ends_with("/container_status/executor_pid:number"); });
  std::string text;
  for (const auto& path : left) text += right.contains(path) ? "" : "only ours: " + path + "\n";
  for (const auto& path : right) text += left.contains(path) ? "" : "only recorded: " + path + "\n";
  return text;
}

TEST(Shape, EventsHaveTheFieldsOfRecordedOnes) {
  const auto lines = read_recording("lifecycle");
  if (lines.empty()) GTEST_SKIP() << "no recordings here";
  World world({}, 0);
  AgentSpec spec;
  spec.address = "127.0.0.11";
  spec.region = "region-1";
  spec.zone = "zone-1";
  spec.attributes = {{"rack", mesos::ValueType::kScalar, true, "r1", 0, {}}};
  spec.resources = {World::scalar("cpus", 4000), World::scalar("mem", 8'192'000),
                    World::scalar("disk", 20'480'000), World::ports(10000, 19999)};
  world.agent_ids.push_back(world.master.add_agent(world.now, spec));
  MasterFacts facts;
  facts.region = "region-1";
  facts.zone = "zone-0";

  const auto recorded = [&](const std::string& type, const std::string& state, const std::string& reason) {
    for (const auto& line : lines) {
      if (line["kind"] != "event" || line["event"]["type"] != type) continue;
      if (state.empty()) return line["event"];
      const auto& status = line["event"]["update"]["status"];
      if (status["state"] == state && status.value("reason", "") == reason) return line["event"];
    }
    return json();
  };
  std::string recorded_id, recorded_offer, recorded_agent, body;
  for (const auto& line : lines) {
    if (line["kind"] == "request" && line["body"].is_object() && line["body"]["type"] == "ACCEPT") {
      recorded_id = line["body"]["framework_id"]["value"];
      recorded_offer = line["body"]["accept"]["offer_ids"][0]["value"];
      recorded_agent = line["body"]["accept"]["operations"][2]["launch_group"]["task_group"]["tasks"][0]
                           ["agent_id"]["value"];
      body = line["body"].dump();
      break;
    }
  }
  auto wanted = world.request();
  wanted.info.principal = "probe-principal";
  wanted.info.roles = {"zk-role"};
  world.subscribe(wanted);
  EXPECT_EQ(difference(json::parse(event_text(world.events.at(0), facts)), recorded("SUBSCRIBED", "", "")), "");
  EXPECT_EQ(difference(json::parse(event_text(world.events.at(1), facts)), recorded("OFFERS", "", "")), "");

  body = replace_all(body, recorded_id, world.framework_id);
  body = replace_all(body, recorded_offer, world.offers.at(0).id);
  body = replace_all(body, recorded_agent, world.agent_ids[0]);
  auto parsed = parse_call(body);
  ASSERT_TRUE(std::holds_alternative<ParsedCall>(parsed)) << std::get<std::string>(parsed);
  world.call(std::get<mesos::Call>(std::get<ParsedCall>(parsed).call));
  ASSERT_EQ(world.starts.size(), 1u) << "the recorded ACCEPT launches here too";
  EXPECT_EQ(world.starts[0].task->kill_grace_s, 5);

  const auto task_id = world.starts[0].task->task_id;
  const auto compare = [&](TaskState state, const std::string& reason) {
    const auto name = std::string(mesos::to_string(state));
    const auto update = world.all<event::Update>().back();
    ASSERT_EQ(mesos::to_string(update.status.state), name);
    EXPECT_EQ(difference(json::parse(event_text(update, facts)), recorded("UPDATE", name, reason)), "")
        << name << " " << reason;
    if (!update.status.uuid.empty()) world.acknowledge(update);
  };
  world.report(task_id, TaskState::kStarting);
  compare(TaskState::kStarting, "");
  world.report(task_id, TaskState::kRunning);
  compare(TaskState::kRunning, "");
  Master::TaskReport report{world.agent_ids[0],
                            world.framework_id,
                            task_id,
                            TaskState::kRunning,
                            {},
                            "REASON_TASK_HEALTH_CHECK_STATUS_UPDATED",
                            "SOURCE_EXECUTOR",
                            true,
                            {},
                            false};
  world.master.report(world.now, report);
  world.collect();
  compare(TaskState::kRunning, "REASON_TASK_HEALTH_CHECK_STATUS_UPDATED");
  report.reason = "REASON_TASK_CHECK_STATUS_UPDATED";
  report.check_exit_code = 1;
  world.master.report(world.now, report);
  world.collect();
  compare(TaskState::kRunning, "REASON_TASK_CHECK_STATUS_UPDATED");
  world.call(mesos::call::Reconcile{});
  compare(TaskState::kRunning, "REASON_RECONCILIATION");
  world.call(mesos::call::Reconcile{{{"no-such-task", world.agent_ids[0]}}});
  compare(TaskState::kGone, "REASON_RECONCILIATION");
  world.report(task_id, TaskState::kKilled, "Command terminated with signal Terminated");
  compare(TaskState::kKilled, "");
  world.pass(100);
  EXPECT_EQ(difference(json::parse(event_text(world.all<event::Failure>().at(0), facts)), recorded("FAILURE", "", "")), "");
}

}  // namespace
}  // namespace ostler::cluster
