#include "mesos/call_writer.h"

#include "mesos/codec.h"

namespace ostler::mesos {
namespace {

// One overload a call: its type, and the field with what it says.
class Writer {
 public:
  explicit Writer(JsonWriter& out) : out_(out) {}

  void operator()(const call::Accept& accept) {
    say("ACCEPT", "accept", [&] {
      ids("offer_ids", accept.offer_ids);
      out_.array("operations", accept.operations, [&](const Operation& one) { write(out_, one); });
      filters(accept.refuse_s);
    });
  }
  void operator()(const call::Decline& decline) {
    say("DECLINE", "decline", [&] {
      ids("offer_ids", decline.offer_ids);
      filters(decline.refuse_s);
    });
  }
  void operator()(const call::Revive& revive) {
    say("REVIVE", "revive", [&] { roles(revive.roles); });
  }
  void operator()(const call::Suppress& suppress) {
    say("SUPPRESS", "suppress", [&] { roles(suppress.roles); });
  }
  void operator()(const call::Kill& kill) {
    say("KILL", "kill", [&] {
      out_.id_field("task_id", kill.task_id);
      agent(kill.agent_id);
    });
  }
  void operator()(const call::Acknowledge& acknowledge) {
    say("ACKNOWLEDGE", "acknowledge", [&] {
      out_.id_field("agent_id", acknowledge.agent_id);
      out_.id_field("task_id", acknowledge.task_id);
      out_.field("uuid", acknowledge.uuid);
    });
  }
  void operator()(const call::AcknowledgeOperation& acknowledge) {
    say("ACKNOWLEDGE_OPERATION_STATUS", "acknowledge_operation_status", [&] {
      agent(acknowledge.agent_id);
      if (!acknowledge.resource_provider_id.empty())
        out_.id_field("resource_provider_id", acknowledge.resource_provider_id);
      out_.id_field("operation_id", acknowledge.operation_id);
      out_.field("uuid", acknowledge.uuid);
    });
  }
  void operator()(const call::Reconcile& reconcile) {
    // The field must be there, even if empty.
    say("RECONCILE", "reconcile", [&] { pairs("tasks", "task_id", reconcile.tasks); });
  }
  void operator()(const call::ReconcileOperations& reconcile) {
    say("RECONCILE_OPERATIONS", "reconcile_operations",
        [&] { pairs("operations", "operation_id", reconcile.operations); });
  }
  void operator()(const call::DeclineInverseOffers& decline) {
    say("DECLINE_INVERSE_OFFERS", "decline_inverse_offers", [&] {
      ids("inverse_offer_ids", decline.inverse_offer_ids);
      filters(decline.refuse_s);
    });
  }
  void operator()(const call::Teardown&) { out_.field("type", "TEARDOWN"); }

 private:
  template <typename Body>
  void say(std::string_view type, std::string_view field, Body body) {
    out_.field("type", type);
    out_.object(field, body);
  }
  void ids(std::string_view field, const auto& values) {
    out_.array(field, values,
               [&](std::string_view value) { out_.object([&] { out_.field("value", value); }); });
  }
  void agent(const std::string& id) {
    if (!id.empty()) out_.id_field("agent_id", id);
  }
  void filters(double refuse_s) {
    out_.object("filters", [&] { out_.field("refuse_seconds", refuse_s); });
  }
  void roles(const std::vector<std::string>& names) {  // no roles: all of them
    if (!names.empty()) out_.array("roles", names, [&](const std::string& name) { out_.value(name); });
  }
  // Of an id and the agent's, which may be unknown.
  template <typename Pairs>
  void pairs(std::string_view field, std::string_view id_field, const Pairs& all) {
    out_.array(field, all, [&](const auto& one) {
      out_.object([&] {
        out_.id_field(id_field, one.first);
        agent(one.second);
      });
    });
  }

  JsonWriter& out_;
};

}  // namespace

std::string_view call_name(const Call& call) {
  constexpr std::string_view kNames[] = {"ACCEPT",
                                         "DECLINE",
                                         "REVIVE",
                                         "SUPPRESS",
                                         "KILL",
                                         "ACKNOWLEDGE",
                                         "ACKNOWLEDGE_OPERATION_STATUS",
                                         "RECONCILE",
                                         "TEARDOWN",
                                         "RECONCILE_OPERATIONS",
                                         "DECLINE_INVERSE_OFFERS"};
  return kNames[call.index()];
}

std::string write_call(const Call& call, const std::string& framework_id) {
  JsonWriter out;
  out.object([&] {
    out.id_field("framework_id", framework_id);
    std::visit(Writer(out), call);
  });
  return out.take();
}

std::string write_subscribe(const FrameworkInfo& framework) {
  JsonWriter out;
  out.object([&] {
    if (!framework.id.empty()) out.id_field("framework_id", framework.id);
    out.field("type", "SUBSCRIBE");
    out.object("subscribe", [&] {
      out.key("framework_info");
      write(out, framework);
    });
  });
  return out.take();
}

}  // namespace ostler::mesos
