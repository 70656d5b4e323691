// Calls look as a real master takes them.
#include "mesos/call_writer.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "mesos/codec.h"
#include "recordings.h"

namespace ostler::mesos {
namespace {

using nlohmann::json;

void expect_call(const Call& call, const char* expected) {
  json with_id = json::parse(expected);
  with_id["framework_id"] = {{"value", "F1"}};
  EXPECT_EQ(json::parse(write_call(call, "F1")), with_id);
  EXPECT_EQ(call_name(call), with_id["type"].get<std::string>());
}

TEST(CallWriter, WritesEveryCall) {
  expect_call(call::Decline{{"O1", "O2"}, 1209600},
              R"({"type":"DECLINE","decline":{"offer_ids":[{"value":"O1"},{"value":"O2"}],
                  "filters":{"refuse_seconds":1209600.0}}})");
  expect_call(call::Revive{{"zk"}}, R"({"type":"REVIVE","revive":{"roles":["zk"]}})");
  expect_call(call::Revive{}, R"({"type":"REVIVE","revive":{}})");
  expect_call(call::Suppress{{"zk"}}, R"({"type":"SUPPRESS","suppress":{"roles":["zk"]}})");
  expect_call(call::Kill{"t", "S"},
              R"({"type":"KILL","kill":{"task_id":{"value":"t"},"agent_id":{"value":"S"}}})");
  expect_call(call::Kill{"t", ""}, R"({"type":"KILL","kill":{"task_id":{"value":"t"}}})");
  expect_call(
      call::Acknowledge{"S", "t", "QQ=="},
      R"({"type":"ACKNOWLEDGE","acknowledge":{"agent_id":{"value":"S"},"task_id":{"value":"t"},"uuid":"QQ=="}})");
  expect_call(call::AcknowledgeOperation{"S", "op", "QQ=="},
              R"({"type":"ACKNOWLEDGE_OPERATION_STATUS","acknowledge_operation_status":
                  {"agent_id":{"value":"S"},"operation_id":{"value":"op"},"uuid":"QQ=="}})");
  expect_call(call::AcknowledgeOperation{"S", "op", "QQ==", "csi"},
              R"({"type":"ACKNOWLEDGE_OPERATION_STATUS","acknowledge_operation_status":
                  {"agent_id":{"value":"S"},"resource_provider_id":{"value":"csi"},
                   "operation_id":{"value":"op"},"uuid":"QQ=="}})");
  expect_call(call::Reconcile{{{"t", "S"}, {"u", ""}}},
              R"({"type":"RECONCILE","reconcile":{"tasks":[{"task_id":{"value":"t"},"agent_id":{"value":"S"}},
                  {"task_id":{"value":"u"}}]}})");
  expect_call(call::Teardown{}, R"({"type":"TEARDOWN"})");
}

TEST(CallWriter, AnImplicitReconciliationStillHasItsField) {
  expect_call(call::Reconcile{}, R"({"type":"RECONCILE","reconcile":{"tasks":[]}})");
}

TEST(CallWriter, SubscribesWithTheIdInBothPlaces) {
  FrameworkInfo framework;
  framework.name = "zookeeper";
  framework.user = "nobody";
  framework.roles = {"zk"};
  json subscribe = json::parse(write_subscribe(framework));
  EXPECT_EQ(subscribe["type"], "SUBSCRIBE");
  EXPECT_FALSE(subscribe.contains("framework_id"));
  EXPECT_FALSE(subscribe["subscribe"]["framework_info"].contains("id"));
  framework.id = "F1";
  subscribe = json::parse(write_subscribe(framework));
  EXPECT_EQ(subscribe["framework_id"]["value"], "F1");
  EXPECT_EQ(subscribe["subscribe"]["framework_info"]["id"]["value"], "F1");
}

// The words of opfeedback.jsonl.
TEST(CallWriter, NamesTheAgentOfAnOperationWhereItIsKnown) {
  const json written =
      json::parse(write_call(call::ReconcileOperations{{{"op-1", "S0"}, {"op-2", ""}}}, "F1"));
  EXPECT_EQ(written["type"], "RECONCILE_OPERATIONS");
  EXPECT_EQ(written["reconcile_operations"],
            json::parse(R"({"operations": [{"operation_id": {"value": "op-1"}, "agent_id": {"value": "S0"}},
                                           {"operation_id": {"value": "op-2"}}]})"));
}

TEST(CallWriter, DeclinesInverseOffers) {
  const json written = json::parse(write_call(call::DeclineInverseOffers{{"I1"}, 60}, "F1"));
  EXPECT_EQ(written["type"], "DECLINE_INVERSE_OFFERS");
  EXPECT_EQ(written["decline_inverse_offers"],
            json::parse(R"({"inverse_offer_ids": [{"value": "I1"}], "filters": {"refuse_seconds": 60.0}})"));
}

// Reads each recorded ACCEPT whose operations are all of ours, and writes it again.
TEST(CallWriterRecordings, AcceptsAreWrittenAsRecorded) {
  const auto lines = testing::all_recordings();
  OSTLER_NEED_RECORDINGS(lines);
  int count = 0;
  for (const json& line : lines) {
    if (line["kind"] != "request" || !line["body"].is_object() || line["body"].value("type", "") != "ACCEPT")
      continue;
    const json& body = line["body"];
    // Some recordings show what the master refuses: calls with a part missing.
    if (!body.contains("/framework_id/value"_json_pointer) ||
        !body.contains("/accept/filters/refuse_seconds"_json_pointer) ||
        !body.contains("/accept/offer_ids"_json_pointer))
      continue;
    call::Accept accept;
    accept.refuse_s = body["accept"]["filters"]["refuse_seconds"];
    for (const json& id : body["accept"]["offer_ids"]) accept.offer_ids.push_back(id.value("value", ""));
    bool is_ours = body["accept"].contains("operations");
    for (const json& operation : body["accept"].value("operations", json::array())) {
      const auto read = operation_from_json(operation);
      is_ours = is_ours && read && to_json(*read) == operation;
      if (read) accept.operations.push_back(*read);
    }
    if (!is_ours) continue;
    EXPECT_EQ(json::parse(write_call(accept, body["framework_id"]["value"])), body);
    ++count;
  }
  EXPECT_GT(count, 10);
}

}  // namespace
}  // namespace ostler::mesos
