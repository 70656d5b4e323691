#include "cluster/http/event_json.h"

#include <arpa/inet.h>

#include <array>

#include "mesos/codec.h"
#include "mesos/milli.h"

namespace ostler::cluster {
namespace {

using mesos::JsonWriter;

class Writer {
 public:
  Writer(JsonWriter& out, const MasterFacts& master) : out_(out), master_(master) {}

  void operator()(const event::Subscribed& e) const {
    in_addr address{};
    ::inet_pton(AF_INET, master_.host.c_str(), &address);
    say("SUBSCRIBED", "subscribed", [&] {
      out_.id_field("framework_id", e.framework_id);
      out_.field("heartbeat_interval_seconds", master_.heartbeat_s);
      out_.object("master_info", [&] {
        out_.field("id", e.master_id);
        out_.field("ip", address.s_addr);
        out_.field("port", master_.port);
        out_.field("pid", "master@" + master_.host + ":" + std::to_string(master_.port));
        out_.field("hostname", master_.host);
        out_.field("version", "1.12.0");
        host("address", master_.host, master_.port);
        constexpr std::array kCapabilities{"AGENT_UPDATE", "AGENT_DRAINING", "QUOTA_V2"};
        out_.array("capabilities", kCapabilities,
                   [&](const char* name) { out_.object([&] { out_.field("type", name); }); });
        if (!master_.zone.empty()) domain(master_.region, master_.zone);
      });
    });
  }
  void operator()(const event::Offers& e) const {
    say("OFFERS", "offers", [&] { out_.array("offers", e.offers, [&](const Offer& one) { offer(one); }); });
  }
  void operator()(const event::Rescind& e) const {
    say("RESCIND", "rescind", [&] { out_.id_field("offer_id", e.offer_id); });
  }
  void operator()(const event::InverseOffer& e) const {
    say("INVERSE_OFFERS", "inverse_offers", [&] {
      const std::array offers{&e};
      out_.array("inverse_offers", offers, [&](const event::InverseOffer* one) {
        out_.object([&] {
          out_.id_field("id", one->id);
          out_.id_field("framework_id", one->framework_id);
          out_.id_field("agent_id", one->agent_id);
          url(one->agent->address);
          unavailability(one->maintenance);
        });
      });
    });
  }
  void operator()(const event::Update& e) const;
  void operator()(const event::OperationUpdate& e) const {
    say("UPDATE_OPERATION_STATUS", "update_operation_status", [&] {
      out_.key("status");
      write(out_, e.status);
    });
  }
  void operator()(const event::Failure& e) const {
    say("FAILURE", "failure", [&] {
      out_.id_field("agent_id", e.agent_id);
      if (e.executor_id.empty()) return;
      out_.id_field("executor_id", e.executor_id);
      out_.field("status", e.status);
    });
  }
  void operator()(const event::Error& e) const {
    say("ERROR", "error", [&] { out_.field("message", e.message); });
  }

 private:
  template <typename Body>
  void say(std::string_view type, std::string_view field, Body body) const {
    out_.object([&] {
      out_.field("type", type);
      out_.object(field, body);
    });
  }
  void host(std::string_view field, const std::string& name, int port) const {
    out_.object(field, [&] {
      out_.field("hostname", name);
      out_.field("ip", name);
      out_.field("port", port);
    });
  }
  void domain(const std::string& region, const std::string& zone) const {
    out_.object("domain", [&] {
      out_.object("fault_domain", [&] {
        out_.object("region", [&] { out_.field("name", region); });
        out_.object("zone", [&] { out_.field("name", zone); });
      });
    });
  }
  void unavailability(const Maintenance& maintenance) const {
    constexpr int64_t kNsAMs = 1'000'000;
    out_.object("unavailability", [&] {
      out_.object("start", [&] { out_.field("nanoseconds", maintenance.from_unix_ms * kNsAMs); });
      out_.object("duration", [&] { out_.field("nanoseconds", maintenance.duration_ms * kNsAMs); });
    });
  }
  void url(const std::string& address) const {
    out_.object("url", [&] {
      out_.field("scheme", "http");
      host("address", address, 5051);
      out_.field("path", "/slave(1)");
    });
  }
  void attribute(const Attribute& attribute) const;
  void offer(const Offer& offer) const;

  JsonWriter& out_;
  const MasterFacts& master_;
};

void Writer::attribute(const Attribute& attribute) const {
  out_.object([&] {
    out_.field("name", attribute.name);
    if (attribute.is_text) {
      out_.field("type", "TEXT");
      out_.object("text", [&] { out_.field("value", attribute.text); });
    } else if (attribute.type == mesos::ValueType::kRanges) {
      out_.field("type", "RANGES");
      out_.object("ranges", [&] {
        out_.array("range", attribute.ranges, [&](const mesos::Range& range) {
          out_.object([&] {
            out_.field("begin", range.begin);
            out_.field("end", range.end);
          });
        });
      });
    } else {
      out_.field("type", "SCALAR");
      out_.object("scalar", [&] { out_.field("value", mesos::from_milli(attribute.milli)); });
    }
  });
}

void Writer::offer(const Offer& offer) const {
  const auto& agent = *offer.agent;
  out_.object([&] {
    out_.id_field("id", offer.id);
    out_.id_field("framework_id", offer.framework_id);
    out_.id_field("agent_id", offer.agent_id);
    out_.field("hostname", agent.address);
    url(agent.address);
    if (offer.maintenance) unavailability(*offer.maintenance);
    out_.array("resources", offer.resources, [&](const mesos::Resource& one) { write(out_, one); });
    out_.object("allocation_info", [&] { out_.field("role", offer.role); });
    if (!agent.zone.empty()) domain(agent.region, agent.zone);
    if (!agent.attributes.empty())
      out_.array("attributes", agent.attributes, [&](const Attribute& one) { attribute(one); });
    if (!offer.executor_ids.empty()) {
      out_.array("executor_ids", offer.executor_ids,
                 [&](const std::string& id) { out_.object([&] { out_.field("value", id); }); });
    }
  });
}

// A real master says of a status what ours has no field for.
std::string more_of(const event::Update& e) {
  if (e.container_id.empty() && e.unreachable_ms <= 0) return {};
  JsonWriter out;
  out.object([&] {
    if (!e.container_id.empty()) {
      out.object("container_status", [&] {
        out.object("container_id", [&] {
          out.field("value", e.container_id);
          out.id_field("parent", e.parent_container_id);
        });
      });
    }
    if (e.unreachable_ms > 0) {
      out.object("unreachable_time", [&] { out.field("nanoseconds", e.unreachable_ms * 1'000'000); });
    }
  });
  return out.take();
}

void Writer::operator()(const event::Update& e) const {
  say("UPDATE", "update", [&] {
    out_.key("status");
    write(out_, e.status, more_of(e));
  });
}

}  // namespace

std::string event_text(const Event& event, const MasterFacts& master) {
  JsonWriter out;
  std::visit(Writer(out, master), event);
  return out.take();
}

std::string heartbeat_text() { return R"({"type":"HEARTBEAT"})"; }

std::string record(const std::string& text) { return std::to_string(text.size()) + "\n" + text; }

}  // namespace ostler::cluster
