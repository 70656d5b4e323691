// What every configuration must keep to, whatever was there before.
#include <cmath>
#include <cstdio>

#include "core/rules.h"
#include "spec/names.h"
#include "spec/option_rules.h"
#include "spec/spec_json.h"

namespace ostler::core::rules {
namespace {

using spec::PodSpec;
using spec::TaskSpec;

std::string number(double amount) {
  if (std::isinf(amount)) return "unlimited";
  char text[40];
  std::snprintf(text, sizeof text, "%.10g", amount);
  return text;
}

}  // namespace

void service_name_has_no_double_underscore(const ConfigChange& c, Objections& out) {
  if (c.after.name.find("__") == std::string::npos) return;
  value(out, "ServiceName", c.after.name, "Service name may not contain double underscores: " + c.after.name);
}

void pod_types_are_unique(const ConfigChange& c, Objections& out) {
  for (size_t i = 0; i < c.after.pods.size(); ++i) {
    if (c.after.pod(c.after.pods[i].type) == &c.after.pods[i]) continue;
    value(out, "PodSpecs", c.after.pods[i].type, "Two pods have the name '" + c.after.pods[i].type + "'");
  }
}

void placement_is_valid(const ConfigChange& c, Objections& out) {
  for (const PodSpec& pod : c.after.pods) {
    std::string error = pod.placement_error;
    if (error.empty() && c.placement_refusals != nullptr) {
      const auto refused = c.placement_refusals->find(pod.type);
      if (refused != c.placement_refusals->end()) error = refused->second;
    }
    if (error.empty()) continue;
    value(out, "PlacementRule", error,
          "The PlacementRule for PodSpec '" + pod.type + "' had invalid constraints");
  }
}

void limits_cover_requests(const ConfigChange& c, Objections& out) {
  for (const PodSpec& pod : c.after.pods) {
    for (const TaskSpec& task : pod.tasks) {
      const spec::ResourceSet* set = pod.resource_set(task.resource_set);
      if (set == nullptr) continue;
      for (const auto& [name, limit] : set->limits) {
        const double request = name == "cpus" ? static_cast<double>(set->cpus_milli) / 1000
                                              : static_cast<double>(set->memory_mb);
        if (limit >= request) continue;
        value(out, "ResourceLimits", number(limit),
              "The " + std::string(name == "cpus" ? "cpus" : "memory") + " resource-limits for task '" +
                  task.name + "', " + number(limit) + ", is less than the requested amount, " +
                  number(request));
      }
    }
  }
}

void shared_memory_is_consistent(const ConfigChange& c, Objections& out) {
  for (const PodSpec& pod : c.after.pods) {
    if (pod.ipc_mode == "SHARE_PARENT") {
      value(out, pod_field(pod) + ".ipc-mode", pod.ipc_mode, "A pod has no parent to share its IPC with");
    }
    for (const TaskSpec& task : pod.tasks) {
      if (task.ipc_mode != "SHARE_PARENT" || !task.shm_size_mb) continue;
      value(out, "TaskSpec[name:" + task.name + "].shm-size", std::to_string(*task.shm_size_mb),
            "Task '" + task.name + "' shares its pod's /dev/shm, so it cannot have a size of its own");
    }
  }
}

void ports_are_mapped_where_that_works(const ConfigChange& c, Objections& out) {
  for (const PodSpec& pod : c.after.pods) {
    for (const spec::Network& network : pod.networks) {
      if (is_bridge(network) || (network.host_ports.empty() && network.container_ports.empty())) continue;
      value(
          out, pod_field(pod), network.name,
          "Network '" + network.name + "' of pod '" + pod.type + "' cannot map ports; only mesos-bridge can");
    }
  }
}

void nobody_wants_certificates(const ConfigChange& c, Objections& out) {
  for (const PodSpec& pod : c.after.pods) {
    for (const TaskSpec& task : pod.tasks) {
      if (task.transport_encryption.empty()) continue;
      value(out, "transport-encryption", task.name,
            "Ostler issues no TLS artifacts: store a certificate and key as secrets, name them under "
            "'secrets' of "
            "pod '" +
                pod.type + "', and remove transport-encryption from task '" + task.name + "'");
    }
  }
}

void configuration_fits_the_state(const ConfigChange& c, Objections& out) {
  if (c.max_config_bytes == 0) return;
  const size_t size = spec::to_json(c.after).size();
  if (size <= c.max_config_bytes) return;
  value(out, "configuration", std::to_string(size) + " bytes",
        "The configuration has " + std::to_string(size) +
            " bytes as JSON, but the state plugin holds at most " + std::to_string(c.max_config_bytes) +
            "; shorten config templates and environment, or let tasks fetch them");
}

void service_name_fits_dns(const ConfigChange& c, Objections& out) {
  const size_t length = spec::service_without_slashes(c.after.name).size();
  if (c.before != nullptr || length <= 63) return;
  value(out, "service.name", c.after.name,
        "Service name (without slashes) exceeds 63 characters: it has " + std::to_string(length) +
            ", and tasks could not be found by their DNS names");
}

void options_keep_their_rules(const ConfigChange& c, Objections& out) {
  for (spec::OptionBreach& breach : spec::option_breaches(c.before, c.after)) {
    out.push_back({{},
                   std::move(breach.option),
                   breach.is_change,
                   std::move(breach.before),
                   std::move(breach.after),
                   std::move(breach.message)});
  }
}

}  // namespace ostler::core::rules
