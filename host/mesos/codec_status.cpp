// What the master reports, and how a framework describes itself.
#include <array>

#include "mesos/codec_fields.h"

namespace ostler::mesos {
namespace codec {
namespace {

TaskStatus read_status(const Value& value, const Path& path, Trouble& trouble) {
  Fields fields(value, path, trouble);
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
    container.array("network_infos", [&](const Value& element, const Path& at) {
      Fields network(element, at, trouble);
      network.array("ip_addresses", [&](const Value& address, const Path& where) {
        Fields ip(address, where, trouble);
        if (ip.has("ip_address")) status.ip_addresses.push_back(ip.string("ip_address"));
      });
    });
  });
  return status;
}

OperationStatus read_operation_status(const Value& value, const Path& path, Trouble& trouble) {
  Fields fields(value, path, trouble);
  OperationStatus status;
  status.operation_id = fields.id("operation_id");
  status.state = fields.string("state");
  status.message = fields.string("message");
  status.agent_id = fields.id("agent_id");
  status.resource_provider_id = fields.id("resource_provider_id");
  // The master sends an object here, while acknowledging wants the bare text.
  const std::optional<Value> uuid = fields.find("uuid");
  status.uuid = uuid && uuid->is_string() ? fields.string("uuid") : fields.id("uuid");
  return status;
}

FrameworkInfo read_framework(const Value& value, const Path& path, Trouble& trouble) {
  Fields fields(value, path, trouble);
  FrameworkInfo framework;
  framework.id = fields.id("id");
  framework.name = fields.string("name");
  framework.user = fields.string("user");
  framework.principal = fields.string("principal");
  fields.array("roles", [&](const Value& role, const Path& at) {
    if (const auto name = as<std::string_view>(role)) {
      framework.roles.emplace_back(*name);
    } else {
      trouble.wrong(at, "a string", role);
    }
  });
  fields.array("capabilities", [&](const Value& element, const Path& at) {
    Fields capability(element, at, trouble);
    framework.capabilities.push_back(capability.string("type"));
  });
  framework.failover_timeout_s = fields.number("failover_timeout", 0);
  framework.checkpoint = fields.flag("checkpoint", false);
  framework.hostname = fields.string("hostname");
  framework.webui_url = fields.string("webui_url");
  return framework;
}

void write_addresses(JsonWriter& out, const std::vector<std::string>& addresses) {
  out.array("ip_addresses", addresses, [&](const std::string& address) {
    out.object([&] {
      out.field("ip_address", address);
      out.field("protocol", address.find(':') == std::string::npos ? "IPv4" : "IPv6");
    });
  });
}

}  // namespace
}  // namespace codec

void write(JsonWriter& out, const TaskStatus& status, std::string_view extra) {
  const auto members = [&] {
    out.id_field("task_id", status.task_id);
    out.field("state", to_string(status.state));
    out.field("timestamp", status.timestamp_s);
    if (!status.message.empty()) out.field("message", status.message);
    if (!status.reason.empty()) out.field("reason", status.reason);
    if (!status.source.empty()) out.field("source", status.source);
    if (!status.agent_id.empty()) out.id_field("agent_id", status.agent_id);
    if (!status.executor_id.empty()) out.id_field("executor_id", status.executor_id);
    if (!status.uuid.empty()) out.field("uuid", status.uuid);
    if (status.healthy) out.field("healthy", *status.healthy);
    if (status.has_check) {
      out.object("check_status", [&] {
        out.field("type", "COMMAND");
        out.object("command", [&] {
          if (status.check_exit_code) out.field("exit_code", *status.check_exit_code);
        });
      });
    }
    if (!status.ip_addresses.empty()) {
      out.object("container_status", [&] {
        const std::array networks{&status.ip_addresses};
        out.array("network_infos", networks, [&](const auto* addresses) {
          out.object([&] { codec::write_addresses(out, *addresses); });
        });
      });
    }
  };
  out.object(members, extra);
}

void write(JsonWriter& out, const OperationStatus& status) {
  out.object([&] {
    out.field("state", status.state);
    if (!status.operation_id.empty()) out.id_field("operation_id", status.operation_id);
    if (!status.message.empty()) out.field("message", status.message);
    if (!status.agent_id.empty()) out.id_field("agent_id", status.agent_id);
    if (!status.resource_provider_id.empty())
      out.id_field("resource_provider_id", status.resource_provider_id);
    if (!status.uuid.empty()) out.id_field("uuid", status.uuid);
  });
}

void write(JsonWriter& out, const FrameworkInfo& framework) {
  out.object([&] {
    out.field("name", framework.name);
    out.field("user", framework.user);
    out.array("roles", framework.roles, [&](const std::string& role) { out.value(role); });
    out.field("failover_timeout", framework.failover_timeout_s);
    out.field("checkpoint", framework.checkpoint);
    if (!framework.id.empty()) out.id_field("id", framework.id);
    if (!framework.principal.empty()) out.field("principal", framework.principal);
    if (!framework.hostname.empty()) out.field("hostname", framework.hostname);
    if (!framework.webui_url.empty()) out.field("webui_url", framework.webui_url);
    if (!framework.capabilities.empty()) {
      out.array("capabilities", framework.capabilities,
                [&](const std::string& name) { out.object([&] { out.field("type", name); }); });
    }
  });
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
Result<TaskStatus> task_status_from_text(std::string_view text) {
  return codec::read_text(text, codec::read_status);
}
Result<FrameworkInfo> framework_info_from_text(std::string_view text) {
  return codec::read_text(text, codec::read_framework);
}

}  // namespace ostler::mesos
