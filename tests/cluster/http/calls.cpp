#include "cluster/http/calls.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cluster/http/schema.h"
#include "cluster/model/base64.h"
#include "mesos/codec.h"

namespace ostler::cluster {
namespace {

using nlohmann::json;

std::string id(const json& object, const char* field) {
  const auto found = object.find(field);
  return found == object.end() || found->is_null() ? std::string() : found->value("value", "");
}

bool has(const json& object, const char* field) {
  const auto found = object.find(field);
  return found != object.end() && !found->is_null();
}

// The elements of a list, none where it is missing. Not value(), which would copy them all.
template <typename Object>
Object& list(Object& object, const char* field) {
  static json none = json::array();
  const auto found = object.find(field);
  return found == object.end() ? none : *found;
}

std::vector<std::string> ids(const json& object, const char* field) {
  std::vector<std::string> all;
  for (const json& one : list(object, field)) all.push_back(one["value"]);
  return all;
}

std::vector<std::string> texts(const json& object, const char* field) {
  return list(object, field).template get<std::vector<std::string>>();
}

double refuse_seconds(const json& object) {
  const auto filters = object.find("filters");
  return filters == object.end() || filters->is_null() ? 5.0 : filters->value("refuse_seconds", 5.0);
}

std::vector<std::pair<std::string, std::string>> pairs(const json& object, const char* field,
                                                       const char* name) {
  std::vector<std::pair<std::string, std::string>> all;
  for (const json& one : list(object, field)) all.emplace_back(id(one, name), id(one, "agent_id"));
  return all;
}

// Throws the text of the answer.
struct Invalid {
  std::string text;
};

Master::Subscribe subscribe(json& body) {
  Master::Subscribe request;
  auto info = mesos::framework_info_from_json(body["framework_info"]);
  if (!info) throw Invalid{"Failed to convert JSON into Call protobuf: " + info.error().text()};
  request.info = std::move(*info);
  request.legacy_role = body["framework_info"].value("role", "");
  request.suppressed_roles = texts(body, "suppressed_roles");
  return request;
}

mesos::call::Accept accept(json& body) {
  mesos::call::Accept call;
  call.offer_ids = ids(body, "offer_ids");
  call.refuse_s = refuse_seconds(body);
  for (json& one : list(body, "operations")) {
    auto operation = mesos::operation_from_json(std::move(one));
    if (!operation) throw Invalid{"Failed to convert JSON into Call protobuf: " + operation.error().text()};
    call.operations.push_back(std::move(*operation));
  }
  return call;
}

std::string checked_uuid(const json& body) {
  const std::string text = body["uuid"];
  if (from_base64(text)->size() != 16) throw Invalid{"Failed to validate scheduler::Call: Not a valid UUID"};
  return text;
}

decltype(ParsedCall::call) kill(json& body) {
  mesos::call::Kill call{id(body, "task_id"), id(body, "agent_id")};
  const auto grace = json::json_pointer("/kill_policy/grace_period/nanoseconds");
  if (!body.contains(grace)) return mesos::Call(call);
  return extra_call::KillWithGrace{call, body[grace].get<int64_t>() / 1'000'000};
}

// The field with the call's content and how to read it; without one: no content needed.
struct Form {
  const char* type;
  const char* field;
  decltype(ParsedCall::call) (*read)(json& body);
};
const Form kForms[] = {
    {"ACCEPT", "accept", [](json& b) -> decltype(ParsedCall::call) { return mesos::Call(accept(b)); }},
    {"DECLINE", "decline",
     [](json& b) -> decltype(ParsedCall::call) {
       return mesos::Call(mesos::call::Decline{mesos::Ids(ids(b, "offer_ids")), refuse_seconds(b)});
     }},
    {"KILL", "kill", kill},
    {"ACKNOWLEDGE", "acknowledge",
     [](json& b) -> decltype(ParsedCall::call) {
       return mesos::Call(mesos::call::Acknowledge{id(b, "agent_id"), id(b, "task_id"), checked_uuid(b)});
     }},
    {"ACKNOWLEDGE_OPERATION_STATUS", "acknowledge_operation_status",
     [](json& b) -> decltype(ParsedCall::call) {
       return mesos::Call(mesos::call::AcknowledgeOperation{id(b, "agent_id"), id(b, "operation_id"),
                                                            checked_uuid(b), id(b, "resource_provider_id")});
     }},
    {"RECONCILE", "reconcile",
     [](json& b) -> decltype(ParsedCall::call) {
       return mesos::Call(mesos::call::Reconcile{pairs(b, "tasks", "task_id")});
     }},
    {"RECONCILE_OPERATIONS", "reconcile_operations",
     [](json& b) -> decltype(ParsedCall::call) {
       return mesos::Call(mesos::call::ReconcileOperations{pairs(b, "operations", "operation_id")});
     }},
    {"SHUTDOWN", "shutdown",
     [](json& b) -> decltype(ParsedCall::call) {
       return extra_call::Shutdown{id(b, "executor_id"), id(b, "agent_id")};
     }},
    {"UPDATE_FRAMEWORK", "update_framework",
     [](json& b) -> decltype(ParsedCall::call) { return extra_call::UpdateFramework{subscribe(b)}; }},
    {"REVIVE", nullptr,
     [](json& b) -> decltype(ParsedCall::call) {
       return mesos::Call(mesos::call::Revive{texts(b.value("revive", json::object()), "roles")});
     }},
    {"SUPPRESS", nullptr,
     [](json& b) -> decltype(ParsedCall::call) {
       return mesos::Call(mesos::call::Suppress{texts(b.value("suppress", json::object()), "roles")});
     }},
    {"TEARDOWN", nullptr,
     [](json&) -> decltype(ParsedCall::call) { return mesos::Call(mesos::call::Teardown{}); }},
};

constexpr const char* kIgnored[] = {"MESSAGE", "REQUEST", "ACCEPT_INVERSE_OFFERS", "DECLINE_INVERSE_OFFERS"};

ParsedCall read(json& document) {
  const auto invalid = [](const std::string& text) {
    return Invalid{"Failed to validate scheduler::Call: " + text};
  };
  ParsedCall parsed;
  parsed.type = document.value("type", "");
  parsed.framework_id = id(document, "framework_id");
  if (parsed.type == "SUBSCRIBE") {
    if (!has(document, "subscribe")) throw invalid("Expecting 'subscribe' to be present");
    auto request = subscribe(document["subscribe"]);
    if (request.info.id != parsed.framework_id) {
      throw invalid("'framework_id' differs from 'subscribe.framework_info.id'");
    }
    parsed.call = std::move(request);
    return parsed;
  }
  const Form* form = nullptr;
  for (const auto& one : kForms) {
    if (parsed.type == one.type) form = &one;
  }
  const bool ignored = std::any_of(std::begin(kIgnored), std::end(kIgnored),
                                   [&](const char* type) { return parsed.type == type; });
  if (form == nullptr && !ignored) throw invalid("Expecting 'type' to be present");
  if (!has(document, "framework_id")) throw invalid("Expecting 'framework_id' to be present");
  if (ignored) {
    parsed.call = extra_call::Ignored{};
    return parsed;
  }
  if (form->field != nullptr && !has(document, form->field)) {
    throw invalid(std::string("Expecting '") + form->field + "' to be present");
  }
  parsed.call = form->read(form->field == nullptr ? document : document[form->field]);
  return parsed;
}

}  // namespace

std::variant<ParsedCall, std::string> parse_call(std::string_view body) {
  auto document = mesos::parse_json(body);
  // A real parser prints the rest of the line after "near"; for what breaks off, nothing.
  if (!document) return "Failed to parse body into JSON: syntax error at line 1 near: ";
  if (auto error = invalid_call_document(*document))
    return "Failed to convert JSON into Call protobuf: " + *error;
  try {
    return read(*document);
  } catch (const Invalid& invalid) {
    return invalid.text;
  } catch (const json::exception&) {
    // A null where the schema let it pass as absent.
    return "Failed to convert JSON into Call protobuf: Not expecting a JSON null";
  }
}

}  // namespace ostler::cluster
