// Tasks: command, checks, discovery and limits.
#include <limits>

#include "mesos/codec_fields.h"

namespace ostler::mesos {
namespace codec {
namespace {

bool is_command_check(const std::optional<Value>& value) {
  std::string_view type;
  return value && (*value)["type"].get(type) == simdjson::SUCCESS && type == "COMMAND";
}

void read_timing(Fields& fields, Check& check) {
  check.delay_s = fields.number("delay_seconds", check.delay_s);
  check.interval_s = fields.number("interval_seconds", check.interval_s);
  check.timeout_s = fields.number("timeout_seconds", check.timeout_s);
}

// A health check holds its command directly; a check wraps it once more.
std::optional<Check> read_health_check(Fields& task) {
  if (!is_command_check(task.find("health_check"))) return std::nullopt;  // HTTP, TCP: carried through
  Check check;
  check.delay_s = 15;  // Mesos' default, of health checks and checks alike
  check.consecutive_failures = 3;
  check.grace_period_s = 10;
  task.object("health_check", [&](Fields& fields) {
    fields.drop("type");
    read_timing(fields, check);
    const uint64_t failures = fields.natural("consecutive_failures", check.consecutive_failures);
    if (failures > std::numeric_limits<uint32_t>::max()) {
      fields.trouble().say(Path{&fields.path(), "consecutive_failures"}, "expected a 32-bit integer");
    }
    check.consecutive_failures = static_cast<uint32_t>(failures);
    check.grace_period_s = fields.number("grace_period_seconds", check.grace_period_s);
    fields.object("command", [&](Fields& command) { read_command(command, check.command); });
  });
  return check;
}

std::optional<Check> read_check(Fields& task) {
  if (!is_command_check(task.find("check"))) return std::nullopt;
  Check check;
  check.delay_s = 15;
  task.object("check", [&](Fields& fields) {
    fields.drop("type");
    read_timing(fields, check);
    fields.object("command", [&](Fields& outer) {
      outer.object("command", [&](Fields& command) { read_command(command, check.command); });
    });
  });
  return check;
}

void write_timing(JsonWriter& out, const Check& check) {
  out.field("type", "COMMAND");
  out.field("delay_seconds", check.delay_s);
  out.field("interval_seconds", check.interval_s);
  out.field("timeout_seconds", check.timeout_s);
}

void write_health_check(JsonWriter& out, const Check& check) {
  out.object("health_check", [&] {
    write_timing(out, check);
    out.field("consecutive_failures", check.consecutive_failures);
    out.field("grace_period_seconds", check.grace_period_s);
    out.key("command");
    mesos::write(out, check.command);
  });
}

void write_check(JsonWriter& out, const Check& check) {
  out.object("check", [&] {
    write_timing(out, check);
    out.object("command", [&] {
      out.key("command");
      mesos::write(out, check.command);
    });
  });
}

std::optional<Discovery> read_discovery(Fields& task) {
  Discovery discovery;
  const bool present = task.object("discovery", [&](Fields& fields) {
    discovery.name = fields.string("name");
    discovery.visibility = fields.string("visibility", discovery.visibility);
    fields.object("ports", [&](Fields& ports) {
      ports.array("ports", [&](const Value& element, const Path& path) {
        Fields port(element, path, ports.trouble());
        DiscoveryPort read;
        const uint64_t number = port.natural("number", 0);
        if (number > 65535) port.trouble().say(Path{&path, "number"}, "expected a port, 0 to 65535");
        read.number = static_cast<uint32_t>(number);
        read.name = port.string("name");
        read.protocol = port.string("protocol");
        read.visibility = port.string("visibility");
        read.labels = read_labels(port, "labels");
        discovery.ports.push_back(std::move(read));
      });
    });
  });
  if (!present) return std::nullopt;
  return discovery;
}

void write(JsonWriter& out, const Discovery& discovery) {
  out.object("discovery", [&] {
    out.field("visibility", discovery.visibility);
    if (!discovery.name.empty()) out.field("name", discovery.name);
    if (discovery.ports.empty()) return;
    out.object("ports", [&] {
      out.array("ports", discovery.ports, [&](const DiscoveryPort& port) {
        out.object([&] {
          out.field("number", port.number);
          if (!port.name.empty()) out.field("name", port.name);
          if (!port.protocol.empty()) out.field("protocol", port.protocol);
          if (!port.visibility.empty()) out.field("visibility", port.visibility);
          if (!port.labels.empty()) write_labels(out, port.labels);
        });
      });
    });
  });
}

// {"cpus": {"value": 1.5}, "mem": {"value": "Infinity"}}: JSON has no infinity, so
// protobuf's JSON form spells it as a string.
void read_limits(Fields& task, std::map<std::string, double>& limits) {
  const std::optional<Value> found = task.find("limits");
  if (!found) return;
  const Path path{&task.path(), "limits"};
  const auto members = as<simdjson::dom::object>(*found);
  if (!members) {
    task.trouble().wrong(path, "an object", *found);
    return;
  }
  if (members->size() == 0) return;
  for (const auto [name, limit] : *members) {
    const simdjson::simdjson_result<Value> value = limit["value"];
    double most = 0;
    std::string_view text;
    if (value.get(most) == simdjson::SUCCESS) {
      limits[std::string(name)] = most;
    } else if (value.get(text) == simdjson::SUCCESS && text == "Infinity") {
      limits[std::string(name)] = std::numeric_limits<double>::infinity();
    } else {
      task.trouble().wrong(Path{&path, name}, "{\"value\": a number or \"Infinity\"}", limit);
    }
  }
  task.drop("limits");
}

void write_limits(JsonWriter& out, const std::map<std::string, double>& limits) {
  out.object("limits", [&] {
    for (const auto& [name, limit] : limits) {
      const double most = limit;
      out.object(name, [&] { std::isinf(most) ? out.field("value", "Infinity") : out.field("value", most); });
    }
  });
}

}  // namespace

TaskInfo read_task(const Value& value, const Path& path, Trouble& trouble) {
  Fields fields(value, path, trouble);
  TaskInfo task;
  task.name = fields.string("name");
  task.task_id = fields.id("task_id");
  task.agent_id = fields.id("agent_id");
  task.resources = read_resources(fields, "resources");
  fields.object("command", [&](Fields& command) { read_command(command, task.command); });
  if (std::optional<Value> container = fields.take("container"))
    task.container = read_container(*container, Path{&path, "container"}, trouble);
  task.health_check = read_health_check(fields);
  task.check = read_check(fields);
  task.discovery = read_discovery(fields);
  fields.object("kill_policy", [&](Fields& policy) {
    policy.object("grace_period", [&](Fields& period) {
      if (!period.has("nanoseconds")) return;
      task.kill_grace_s = static_cast<double>(period.integer("nanoseconds", 0)) / 1e9;
    });
  });
  task.labels = read_labels(fields, "labels");
  read_limits(fields, task.limits);
  task.extra = fields.rest();
  return task;
}

}  // namespace codec

void write(JsonWriter& out, const TaskInfo& task) {
  const auto members = [&] {
    out.field("name", task.name);
    out.id_field("task_id", task.task_id);
    out.id_field("agent_id", task.agent_id);
    if (!task.resources.empty()) codec::write_resources(out, "resources", task.resources);
    if (task.command != CommandInfo{}) {
      out.key("command");
      write(out, task.command);
    }
    if (task.container) {
      out.key("container");
      write(out, *task.container);
    }
    if (task.health_check) codec::write_health_check(out, *task.health_check);
    if (task.check) codec::write_check(out, *task.check);
    if (task.discovery) codec::write(out, *task.discovery);
    if (task.kill_grace_s) {
      out.object("kill_policy", [&] {
        out.object("grace_period", [&] { out.field("nanoseconds", std::llround(*task.kill_grace_s * 1e9)); });
      });
    }
    if (!task.labels.empty()) codec::write_labels(out, task.labels);
    if (!task.limits.empty()) codec::write_limits(out, task.limits);
  };
  out.object(members, task.extra);
}

Result<TaskInfo> task_info_from_json(const nlohmann::json& value) {
  return codec::read_document(value, codec::read_task);
}
Result<TaskInfo> task_info_from_text(std::string_view text) {
  return codec::read_text(text, codec::read_task);
}

}  // namespace ostler::mesos
