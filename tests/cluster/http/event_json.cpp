#include "cluster/http/event_json.h"

#include <arpa/inet.h>

#include <nlohmann/json.hpp>

#include "mesos/codec.h"

namespace ostler::cluster {
namespace {

using nlohmann::json;

json id(const std::string& value) { return {{"value", value}}; }

json domain(const std::string& region, const std::string& zone) {
  return {{"fault_domain", {{"region", {{"name", region}}}, {"zone", {{"name", zone}}}}}};
}

json scalar(int64_t milli) { return {{"value", static_cast<double>(milli) / 1000}}; }

json attribute_json(const Attribute& attribute) {
  json out{{"name", attribute.name}};
  if (attribute.is_text) {
    out["type"] = "TEXT";
    out["text"] = {{"value", attribute.text}};
  } else if (attribute.type == mesos::ValueType::kRanges) {
    json ranges = json::array();
    for (const auto& range : attribute.ranges) ranges.push_back({{"begin", range.begin}, {"end", range.end}});
    out["type"] = "RANGES";
    out["ranges"] = {{"range", std::move(ranges)}};
  } else {
    out["type"] = "SCALAR";
    out["scalar"] = scalar(attribute.milli);
  }
  return out;
}

json offer_json(const Offer& offer) {
  const auto& agent = *offer.agent;
  json resources = json::array();
  for (const auto& resource : offer.resources) resources.push_back(mesos::to_json(resource));
  json attributes = json::array();
  for (const auto& attribute : agent.attributes) attributes.push_back(attribute_json(attribute));
  json out{{"id", id(offer.id)},
           {"framework_id", id(offer.framework_id)},
           {"agent_id", id(offer.agent_id)},
           {"hostname", agent.address},
           {"url",
            {{"scheme", "http"},
             {"address", {{"hostname", agent.address}, {"ip", agent.address}, {"port", 5051}}},
             {"path", "/slave(1)"}}},
           {"resources", std::move(resources)},
           {"allocation_info", {{"role", offer.role}}}};
  if (!agent.zone.empty()) out["domain"] = domain(agent.region, agent.zone);
  if (!attributes.empty()) out["attributes"] = std::move(attributes);
  for (const auto& executor : offer.executor_ids) out["executor_ids"].push_back(id(executor));
  return out;
}

struct Writer {
  const MasterFacts& master;

  json operator()(const event::Subscribed& e) const {
    in_addr address{};
    ::inet_pton(AF_INET, master.host.c_str(), &address);
    json info{
        {"id", e.master_id},
        {"ip", address.s_addr},
        {"port", master.port},
        {"pid", "master@" + master.host + ":" + std::to_string(master.port)},
        {"hostname", master.host},
        {"version", "1.12.0"},
        {"address", {{"hostname", master.host}, {"ip", master.host}, {"port", master.port}}},
        {"capabilities", {{{"type", "AGENT_UPDATE"}}, {{"type", "AGENT_DRAINING"}}, {{"type", "QUOTA_V2"}}}}};
    if (!master.zone.empty()) info["domain"] = domain(master.region, master.zone);
    return {{"type", "SUBSCRIBED"},
            {"subscribed",
             {{"framework_id", id(e.framework_id)},
              {"heartbeat_interval_seconds", master.heartbeat_s},
              {"master_info", std::move(info)}}}};
  }
  json operator()(const event::Offers& e) const {
    json offers = json::array();
    for (const auto& offer : e.offers) offers.push_back(offer_json(offer));
    return {{"type", "OFFERS"}, {"offers", {{"offers", std::move(offers)}}}};
  }
  json operator()(const event::Rescind& e) const {
    return {{"type", "RESCIND"}, {"rescind", {{"offer_id", id(e.offer_id)}}}};
  }
  json operator()(const event::Update& e) const {
    auto status = mesos::to_json(e.status);
    if (!e.container_id.empty()) {
      status["container_status"]["container_id"] = {{"value", e.container_id},
                                                    {"parent", id(e.parent_container_id)}};
    }
    if (e.unreachable_ms > 0) status["unreachable_time"] = {{"nanoseconds", e.unreachable_ms * 1'000'000}};
    return {{"type", "UPDATE"}, {"update", {{"status", std::move(status)}}}};
  }
  json operator()(const event::OperationUpdate& e) const {
    return {{"type", "UPDATE_OPERATION_STATUS"},
            {"update_operation_status", {{"status", mesos::to_json(e.status)}}}};
  }
  json operator()(const event::Failure& e) const {
    json failure{{"agent_id", id(e.agent_id)}};
    if (!e.executor_id.empty()) {
      failure["executor_id"] = id(e.executor_id);
      failure["status"] = e.status;
    }
    return {{"type", "FAILURE"}, {"failure", std::move(failure)}};
  }
  json operator()(const event::Error& e) const {
    return {{"type", "ERROR"}, {"error", {{"message", e.message}}}};
  }
};

}  // namespace

json to_json(const Event& event, const MasterFacts& master) { return std::visit(Writer{master}, event); }

json heartbeat_json() { return {{"type", "HEARTBEAT"}}; }

std::string record(const json& value) {
  const auto text = mesos::json_text(value);
  return std::to_string(text.size()) + "\n" + text;
}

}  // namespace ostler::cluster
