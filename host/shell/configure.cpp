#include "shell/configure.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "spec/names.h"
#include "spec/placement.h"

namespace ostler::shell {
namespace {

constexpr double kFailoverTimeoutS = 1209600;  // two weeks, the SDK's

std::vector<std::string> servers(const std::string& connect) {
  std::vector<std::string> out;
  for (size_t from = 0; from <= connect.size();) {
    const size_t comma = std::min(connect.find(',', from), connect.size());
    if (comma > from) out.push_back(connect.substr(from, comma - from));
    from = comma + 1;
  }
  return out;
}

bool wants_gpus(const spec::ServiceSpec& service) {
  for (const spec::PodSpec& pod : service.pods) {
    for (const spec::ResourceSet& set : pod.resource_sets) {
      if (set.gpus_milli > 0) return true;
    }
  }
  return false;
}

// Agents of other regions are asked for only by a service that says where it wants to be;
// the SDK asks always, and then keeps the others out by a rule.
bool is_region_aware(const spec::ServiceSpec& service, const spec::SchedulerEnvironment& env) {
  if (!env.allow_region_awareness) return false;
  return !service.region.empty() ||
         std::any_of(service.pods.begin(), service.pods.end(), [](const spec::PodSpec& pod) {
           return spec::placement_names(pod.placement, "@region");
         });
}

}  // namespace

core::Settings settings_of(const spec::ServiceSpec& service, const spec::SchedulerEnvironment& env,
                           uint16_t api_port) {
  core::Settings out;
  out.service_tld = env.service_tld;
  out.vip_tld = env.vip_tld;
  out.api_hostname = spec::api_host(env, service.name);
  out.api_port = api_port != 0 ? api_port : env.port_api;
  out.dcos_space = env.secrets_space;
  out.executor_cpus_milli = env.executor_cpus_milli;
  out.executor_mem_mb = env.executor_mem_mb;
  out.executor_disk_mb = env.executor_disk_mb;
  out.is_region_aware = is_region_aware(service, env);
  out.never_suppress = env.disable_suppress;
  out.implicit_delay_ms = env.implicit_reconciliation_delay_ms;
  out.implicit_period_ms = env.implicit_reconciliation_period_ms;
  out.bootstrap_uri = env.bootstrap_uri;
  // Without the helper a command that begins with it would fail again and again.
  const bool needs_helper = env.pause_command.find("./bootstrap") != std::string::npos;
  if (!needs_helper || !env.bootstrap_uri.empty()) out.pause_command = env.pause_command;
  out.uninstall = env.uninstall;
  out.uninstall_timeout_ms = env.uninstall_timeout_s * 1000;
  if (env.enable_backoff) {
    out.backoff_always = true;
    out.backoff_initial_ms = env.backoff_initial_s * 1000;
    out.backoff_factor = env.backoff_factor;
    out.backoff_max_ms = env.backoff_max_s * 1000;
  }
  return out;
}

mesos::FrameworkInfo framework_of(const spec::ServiceSpec& service, const spec::SchedulerEnvironment& env,
                                  const std::string& framework_id,
                                  const std::vector<std::string>& held_roles) {
  mesos::FrameworkInfo framework;
  framework.id = framework_id;
  framework.name = service.name;
  framework.user = service.user;
  framework.principal = service.principal;
  framework.roles = {service.role};
  const auto add_role = [&](const std::string& role) {
    if (std::find(framework.roles.begin(), framework.roles.end(), role) == framework.roles.end())
      framework.roles.push_back(role);
  };
  for (const spec::PodSpec& pod : service.pods) {
    if (pod.pre_reserved_role != "*") add_role(pod.pre_reserved_role + "/" + service.role);
  }
  for (const std::string& role : held_roles) add_role(role);
  framework.capabilities = {"MULTI_ROLE", "RESERVATION_REFINEMENT", "PARTITION_AWARE"};
  if (wants_gpus(service)) framework.capabilities.push_back("GPU_RESOURCES");
  if (is_region_aware(service, env)) framework.capabilities.push_back("REGION_AWARE");
  framework.failover_timeout_s = kFailoverTimeoutS;
  framework.checkpoint = true;
  framework.webui_url = service.web_url;
  return framework;
}

void add_plugin_defaults(plugins::Kind kind, const std::string& plugin_id, const std::string& service,
                         const std::string& zookeeper, const spec::SchedulerEnvironment& env,
                         nlohmann::json& config) {
  if (!config.is_object()) return;  // create() says what is wrong with it
  const auto add = [&](const char* key, nlohmann::json value) {
    if (!config.contains(key)) config[key] = std::move(value);
  };
  const std::string folder = spec::escape_service_name(service);
  if (kind == plugins::Kind::kHttp) {
    add("port", env.port_api);
    add("address", "0.0.0.0");
  } else if (plugin_id == "io.ostler.state.zookeeper") {
    add("servers", servers(zookeeper));
    add("root", "/dcos-service-" + folder);
  } else if (plugin_id == "io.ostler.state.sqlite") {
    add("path", env.state_dir + "/" + folder + "/state.db");
  } else if (plugin_id == "io.ostler.metrics.statsd" && !env.statsd_host.empty()) {
    add("host", env.statsd_host);
    add("port", env.statsd_port);
    add("interval_ms", env.statsd_poll_interval_s * 1000);
  }
}

}  // namespace ostler::shell
