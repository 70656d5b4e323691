#include "mesos/call_writer.h"

#include <nlohmann/json.hpp>

#include "mesos/codec.h"

namespace ostler::mesos {
namespace {

using nlohmann::json;

json id(const std::string& value) { return json{{"value", value}}; }

json ids(const std::vector<std::string>& values) {
  json list = json::array();
  for (const std::string& value : values) list.push_back(id(value));
  return list;
}

json roles(const std::vector<std::string>& names) {
  json body = json::object();  // no roles: all of them
  if (!names.empty()) body["roles"] = names;
  return body;
}

// One overload a call: its name, its field, and what goes in there.
struct Form {
  std::string_view name;
  const char* field;
  json body;
};

Form form(const call::Accept& accept) {
  json operations = json::array();
  for (const Operation& operation : accept.operations) operations.push_back(to_json(operation));
  return {"ACCEPT",
          "accept",
          {{"offer_ids", ids(accept.offer_ids)},
           {"operations", std::move(operations)},
           {"filters", {{"refuse_seconds", accept.refuse_s}}}}};
}
Form form(const call::Decline& decline) {
  return {"DECLINE",
          "decline",
          {{"offer_ids", ids(decline.offer_ids)}, {"filters", {{"refuse_seconds", decline.refuse_s}}}}};
}
Form form(const call::Revive& revive) { return {"REVIVE", "revive", roles(revive.roles)}; }
Form form(const call::Suppress& suppress) { return {"SUPPRESS", "suppress", roles(suppress.roles)}; }
Form form(const call::Kill& kill) {
  json body = {{"task_id", id(kill.task_id)}};
  if (!kill.agent_id.empty()) body["agent_id"] = id(kill.agent_id);
  return {"KILL", "kill", std::move(body)};
}
Form form(const call::Acknowledge& acknowledge) {
  return {"ACKNOWLEDGE",
          "acknowledge",
          {{"agent_id", id(acknowledge.agent_id)},
           {"task_id", id(acknowledge.task_id)},
           {"uuid", acknowledge.uuid}}};
}
Form form(const call::AcknowledgeOperation& acknowledge) {
  json body = {{"operation_id", id(acknowledge.operation_id)}, {"uuid", acknowledge.uuid}};
  if (!acknowledge.agent_id.empty()) body["agent_id"] = id(acknowledge.agent_id);
  return {"ACKNOWLEDGE_OPERATION_STATUS", "acknowledge_operation_status", std::move(body)};
}
Form form(const call::Reconcile& reconcile) {
  json tasks = json::array();
  for (const auto& [task_id, agent_id] : reconcile.tasks) {
    json task = {{"task_id", id(task_id)}};
    if (!agent_id.empty()) task["agent_id"] = id(agent_id);
    tasks.push_back(std::move(task));
  }
  return {"RECONCILE", "reconcile", {{"tasks", std::move(tasks)}}};  // the field must be there, even if empty
}
Form form(const call::ReconcileOperations& reconcile) {
  json operations = json::array();
  for (const auto& [operation_id, agent_id] : reconcile.operations) {
    json operation = {{"operation_id", id(operation_id)}};
    if (!agent_id.empty()) operation["agent_id"] = id(agent_id);
    operations.push_back(std::move(operation));
  }
  return {"RECONCILE_OPERATIONS", "reconcile_operations", {{"operations", std::move(operations)}}};
}
Form form(const call::DeclineInverseOffers& decline) {
  return {"DECLINE_INVERSE_OFFERS",
          "decline_inverse_offers",
          {{"inverse_offer_ids", ids(decline.inverse_offer_ids)},
           {"filters", {{"refuse_seconds", decline.refuse_s}}}}};
}
Form form(const call::Teardown&) { return {"TEARDOWN", nullptr, nullptr}; }

}  // namespace

std::string_view call_name(const Call& call) {
  constexpr std::string_view kNames[] = {
      "ACCEPT",    "DECLINE", "REVIVE", "SUPPRESS", "KILL", "ACKNOWLEDGE", "ACKNOWLEDGE_OPERATION_STATUS",
      "RECONCILE", "TEARDOWN", "RECONCILE_OPERATIONS", "DECLINE_INVERSE_OFFERS"};
  return kNames[call.index()];
}

std::string write_call(const Call& call, const std::string& framework_id) {
  Form written = std::visit([](const auto& kind) { return form(kind); }, call);
  json out = {{"framework_id", id(framework_id)}, {"type", written.name}};
  if (written.field != nullptr) out[written.field] = std::move(written.body);
  return json_text(out);
}

std::string write_subscribe(const FrameworkInfo& framework) {
  json out = {{"type", "SUBSCRIBE"}, {"subscribe", {{"framework_info", to_json(framework)}}}};
  if (!framework.id.empty()) out["framework_id"] = id(framework.id);
  return json_text(out);
}

}  // namespace ostler::mesos
