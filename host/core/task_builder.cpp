#include "core/task_builder.h"

#include <algorithm>

#include "core/config_templates.h"
#include "core/container.h"
#include "core/names.h"
#include "core/network.h"
#include "spec/placement.h"

namespace ostler::core {
namespace {

using Variables = std::map<std::string, std::string>;

// What checks see too: no templates, no secrets, no region or zone.
Variables base_environment(const TaskRequest& r) {
  Variables env = r.settings.extra_task_env;
  for (const auto& [name, value] : r.task.env) env[name] = value;
  // Injected names override the user's.
  const std::string name = task_name(r.pod.type, r.index, r.task.name);
  env["TASK_NAME"] = name;
  env[name] = "true";
  env["POD_INSTANCE_INDEX"] = std::to_string(r.index);
  env["FRAMEWORK_NAME"] = r.service.name;
  env["FRAMEWORK_HOST"] = spec::framework_host(r.service.name, r.settings.service_tld);
  env["FRAMEWORK_VIP_HOST"] = spec::framework_vip_host(r.service.name, r.settings.vip_tld);
  env["SCHEDULER_API_HOSTNAME"] = r.settings.api_hostname;
  env["SCHEDULER_API_PORT"] = std::to_string(r.settings.api_port);
  env["PLACEMENT_REFERENCED_REGION"] = spec::placement_names(r.pod.placement, "@region") ? "true" : "false";
  env["PLACEMENT_REFERENCED_ZONE"] = spec::placement_names(r.pod.placement, "@zone") ? "true" : "false";
  if (const spec::ResourceSet* set = r.pod.resource_set(r.task.resource_set)) {
    for (const spec::PortSpec& port : set->ports) {
      const auto number = r.ports.find(port.name);
      if (!port.env_key.empty() && number != r.ports.end())
        env[port.env_key] = std::to_string(number->second);
    }
  }
  return env;
}

std::vector<mesos::EnvironmentVariable> variables(const Variables& env) {
  std::vector<mesos::EnvironmentVariable> out;
  out.reserve(env.size());
  for (const auto& [name, value] : env) out.push_back({name, value, {}});
  return out;
}

mesos::CommandInfo check_command(const std::string& cmd, const Variables& env) {
  mesos::CommandInfo command;
  command.value = cmd;
  command.environment = variables(env);
  return command;
}

// `env` is the base of its environment.
mesos::CommandInfo task_command(const TaskRequest& r, Variables env) {
  mesos::CommandInfo command;
  command.value = r.paused ? r.settings.pause_command : r.task.cmd;
  command.user = r.service.user;
  std::vector<std::string> uris = r.pod.uris;
  const bool has_helper = std::any_of(uris.begin(), uris.end(),
                                      [](const std::string& uri) { return uri.ends_with("/bootstrap"); });
  if (r.paused && !has_helper && !r.settings.bootstrap_uri.empty()) uris.push_back(r.settings.bootstrap_uri);
  for (const std::string& uri : uris) {
    mesos::Uri fetch;
    fetch.value = uri;
    // The helper is a program, not an archive, unless the package ships it packed.
    fetch.executable = uri.ends_with("/bootstrap");
    command.uris.push_back(fetch);
  }
  add_config_templates(r, env, command);
  if (!r.place.region.empty()) env["REGION"] = r.place.region;
  if (!r.place.zone.empty()) env["ZONE"] = r.place.zone;
  for (const auto& [name, value] : r.parameters) env[name] = value;
  command.environment = variables(env);
  for (const spec::SecretSpec& secret : r.pod.secrets) {
    if (!secret.env_key.empty()) command.environment.push_back({secret.env_key, {}, secret.secret});
  }
  return command;
}

std::string join_attributes(const Place& place) {
  std::string text;
  for (const auto& [name, value] : place.attributes) {
    if (!text.empty()) text += ';';
    text += name + ":" + value;
  }
  return text;
}

mesos::Discovery discovery_of(const TaskRequest& r) {
  mesos::Discovery discovery;
  discovery.name = dns_label(r.task, r.pod.type, r.index);
  if (r.task.discovery) discovery.visibility = r.task.discovery->visibility;
  const spec::ResourceSet* set = r.pod.resource_set(r.task.resource_set);
  if (set == nullptr) return discovery;
  for (const spec::PortSpec& port : set->ports) {
    const auto number = r.ports.find(port.name);
    if (number == r.ports.end()) continue;
    mesos::DiscoveryPort entry;
    entry.number = number->second;
    entry.name = port.name;
    entry.visibility = port.advertise || port.vip_prefix ? "EXTERNAL" : "CLUSTER";
    if (port.vip_prefix) {
      // The SDK draws a random label key; ours is stable, so that an unchanged task is equal.
      entry.labels.emplace_back("VIP_" + port.name, *port.vip_prefix + ":" + std::to_string(port.vip_port));
      if (!r.pod.networks.empty()) entry.labels.emplace_back("network-scope", network_scope(r.pod));
    }
    discovery.ports.push_back(entry);
  }
  return discovery;
}

}  // namespace

mesos::TaskInfo build_task(const TaskRequest& r) {
  Variables env = base_environment(r);
  mesos::TaskInfo info;
  info.name = task_name(r.pod.type, r.index, r.task.name);
  info.agent_id = r.place.agent_id;
  info.container = task_container(r.service, r.pod, r.index, r.task);
  info.kill_grace_s = static_cast<double>(r.task.kill_grace_period_s);
  info.discovery = discovery_of(r);
  if (r.task.health_check && !r.paused) {
    const spec::HealthCheck& check = *r.task.health_check;
    mesos::Check& out = info.health_check.emplace();
    out.command = check_command(check.cmd, env);
    out.delay_s = static_cast<double>(check.delay_s);
    out.interval_s = static_cast<double>(check.interval_s);
    out.timeout_s = static_cast<double>(check.timeout_s);
    out.consecutive_failures = check.max_consecutive_failures;
    out.grace_period_s = static_cast<double>(check.grace_period_s);
  }
  if (r.paused) {
    // Never ready, so that no plan takes a paused task for a working one.
    mesos::Check& out = info.check.emplace();
    out.command = check_command("exit 1", env);
    out.interval_s = out.timeout_s = 5;
  } else if (r.task.readiness_check) {
    const spec::ReadinessCheck& check = *r.task.readiness_check;
    mesos::Check& out = info.check.emplace();
    out.command = check_command(check.cmd, env);
    out.delay_s = static_cast<double>(check.delay_s);
    out.interval_s = static_cast<double>(check.interval_s);
    out.timeout_s = static_cast<double>(check.timeout_s);
  }
  info.command = task_command(r, std::move(env));
  info.labels = {{"target_configuration", r.config_id},
                 {"task_type", r.pod.type},
                 {"index", std::to_string(r.index)},
                 {"offer_attributes", join_attributes(r.place)},
                 {"offer_hostname", r.place.hostname}};
  if (!r.place.region.empty()) info.labels.emplace_back("offer_region", r.place.region);
  if (!r.place.zone.empty()) info.labels.emplace_back("offer_zone", r.place.zone);
  for (const auto& label : r.task.labels) info.labels.push_back(label);
  if (const spec::ResourceSet* set = r.pod.resource_set(r.task.resource_set)) info.limits = set->limits;
  return info;
}

mesos::ExecutorInfo build_executor(const Settings& settings, const spec::ServiceSpec& service,
                                   const spec::PodSpec& pod, int32_t index,
                                   const std::vector<uint32_t>& ports, const std::string& framework_id) {
  mesos::ExecutorInfo executor;
  executor.name = pod.type;
  executor.framework_id = framework_id;
  executor.container = executor_container(service, pod, index, ports);
  if (!settings.dcos_space.empty()) executor.labels.emplace_back("DCOS_SPACE", settings.dcos_space);
  return executor;
}

}  // namespace ostler::core
