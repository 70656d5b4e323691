// What the master reports, and how a framework describes itself.
#include "mesos/codec_fields.h"

namespace ostler::mesos {
namespace codec {
namespace {

TaskStatus read_status(json&& value, const Path& path, Trouble& trouble) {
  Fields fields(std::move(value), path, trouble);
  TaskStatus status;
  status.task_id = fields.id("task_id");
  // A state that this version does not know is UNKNOWN: not terminal, so nothing
  // is relaunched because of it.
  status.state = task_state(fields.string("state"));
  status.message = fields.string("message");
  status.reason = fields.string("reason");
  status.source = fields.string("source");
  status.agent_id = fields.id("agent_id");
  status.executor_id = fields.id("executor_id");
  status.uuid = fields.string("uuid");
  status.timestamp_s = fields.number("timestamp", 0);
  if (fields.has("healthy")) status.healthy = fields.flag("healthy", false);
  fields.object("check_status", [&](Fields& check) {
    check.object("command", [&](Fields& command) {
      status.has_check = true;
      if (command.has("exit_code")) status.check_exit_code = command.int32("exit_code", 0);
    });
  });
  fields.object("container_status", [&](Fields& container) {
    container.array("network_infos", [&](json&& element, const Path& at) {
      Fields network(std::move(element), at, trouble);
      network.array("ip_addresses", [&](json&& address, const Path& where) {
        Fields ip(std::move(address), where, trouble);
        if (ip.has("ip_address")) status.ip_addresses.push_back(ip.string("ip_address"));
      });
    });
  });
  return status;
}

OperationStatus read_operation_status(json&& value, const Path& path, Trouble& trouble) {
  Fields fields(std::move(value), path, trouble);
  OperationStatus status;
  status.operation_id = fields.id("operation_id");
  status.state = fields.string("state");
  status.message = fields.string("message");
  status.agent_id = fields.id("agent_id");
  // The master sends an object here, while acknowledging wants the bare text.
  const json* uuid = fields.find("uuid");
  status.uuid = uuid != nullptr && uuid->is_string() ? fields.string("uuid") : fields.id("uuid");
  return status;
}

FrameworkInfo read_framework(json&& value, const Path& path, Trouble& trouble) {
  Fields fields(std::move(value), path, trouble);
  FrameworkInfo framework;
  framework.id = fields.id("id");
  framework.name = fields.string("name");
  framework.user = fields.string("user");
  framework.principal = fields.string("principal");
  fields.array("roles", [&](json&& role, const Path& at) {
    if (!role.is_string()) {
      trouble.wrong(at, "a string", role);
    } else {
      framework.roles.push_back(role.get<std::string>());
    }
  });
  fields.array("capabilities", [&](json&& element, const Path& at) {
    Fields capability(std::move(element), at, trouble);
    framework.capabilities.push_back(capability.string("type"));
  });
  framework.failover_timeout_s = fields.number("failover_timeout", 0);
  framework.checkpoint = fields.flag("checkpoint", false);
  framework.hostname = fields.string("hostname");
  framework.webui_url = fields.string("webui_url");
  return framework;
}

}  // namespace
}  // namespace codec

nlohmann::json to_json(const TaskStatus& status) {
  using nlohmann::json;
  json out = {{"task_id", codec::id_json(status.task_id)},
              {"state", to_string(status.state)},
              {"timestamp", status.timestamp_s}};
  if (!status.message.empty()) out["message"] = status.message;
  if (!status.reason.empty()) out["reason"] = status.reason;
  if (!status.source.empty()) out["source"] = status.source;
  if (!status.agent_id.empty()) out["agent_id"] = codec::id_json(status.agent_id);
  if (!status.executor_id.empty()) out["executor_id"] = codec::id_json(status.executor_id);
  if (!status.uuid.empty()) out["uuid"] = status.uuid;
  if (status.healthy) out["healthy"] = *status.healthy;
  if (status.has_check) {
    json command = json::object();
    if (status.check_exit_code) command["exit_code"] = *status.check_exit_code;
    out["check_status"] = {{"type", "COMMAND"}, {"command", std::move(command)}};
  }
  if (!status.ip_addresses.empty()) {
    json list = json::array();
    for (const std::string& address : status.ip_addresses) {
      list.push_back(
          {{"ip_address", address}, {"protocol", address.find(':') == std::string::npos ? "IPv4" : "IPv6"}});
    }
    json network = {{"ip_addresses", std::move(list)}};
    out["container_status"] = {{"network_infos", json::array({std::move(network)})}};
  }
  return out;
}

nlohmann::json to_json(const OperationStatus& status) {
  using nlohmann::json;
  json out = {{"state", status.state}};
  if (!status.operation_id.empty()) out["operation_id"] = codec::id_json(status.operation_id);
  if (!status.message.empty()) out["message"] = status.message;
  if (!status.agent_id.empty()) out["agent_id"] = codec::id_json(status.agent_id);
  if (!status.uuid.empty()) out["uuid"] = codec::id_json(status.uuid);
  return out;
}

nlohmann::json to_json(const FrameworkInfo& framework) {
  using nlohmann::json;
  json out = {{"name", framework.name},
              {"user", framework.user},
              {"roles", framework.roles},
              {"failover_timeout", framework.failover_timeout_s},
              {"checkpoint", framework.checkpoint}};
  if (!framework.id.empty()) out["id"] = codec::id_json(framework.id);
  if (!framework.principal.empty()) out["principal"] = framework.principal;
  if (!framework.hostname.empty()) out["hostname"] = framework.hostname;
  if (!framework.webui_url.empty()) out["webui_url"] = framework.webui_url;
  json capabilities = json::array();
  for (const std::string& name : framework.capabilities) capabilities.push_back({{"type", name}});
  if (!capabilities.empty()) out["capabilities"] = std::move(capabilities);
  return out;
}

Result<TaskStatus> task_status_from_json(const nlohmann::json& value) {
  return codec::read_document(value, codec::read_status);
}
Result<OperationStatus> operation_status_from_json(const nlohmann::json& value) {
  return codec::read_document(value, codec::read_operation_status);
}
Result<FrameworkInfo> framework_info_from_json(const nlohmann::json& value) {
  return codec::read_document(value, codec::read_framework);
}
std::string task_status_text(const TaskStatus& status) { return json_text(to_json(status)); }
std::string framework_info_text(const FrameworkInfo& framework) { return json_text(to_json(framework)); }
Result<TaskStatus> task_status_from_text(std::string_view text) {
  return codec::read_text(text, codec::read_status);
}
Result<FrameworkInfo> framework_info_from_text(std::string_view text) {
  return codec::read_text(text, codec::read_framework);
}

}  // namespace ostler::mesos
