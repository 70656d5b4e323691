// The members of each part of a ServiceSpec with their JSON keys, stated once
// for writing and reading. Private to spec_json_*.cpp.
//
// An archive is called as archive(key, member); Read makes members from JSON and
// Write makes JSON from members. Write leaves out members that are empty or zero,
// so those whose default is something else are written always().
#pragma once

#include "spec/service_spec.h"

namespace ostler::spec {

template <class Archive>
void fields(Archive& a, PortRange& range) {
  a.always("begin", range.begin);
  a.always("end", range.end);
}

template <class Archive>
void fields(Archive& a, PortSpec& port) {
  a("port-name", port.name);
  a("value", port.port);
  a("env-key", port.env_key);
  a("advertise", port.advertise);
  a("vip-name", port.vip_prefix);
  a("vip-port", port.vip_port);
  a("ranges", port.ranges);
}

template <class Archive>
void fields(Archive& a, VolumeSpec& volume) {
  a("type", volume.type);
  a("container-path", volume.path);
  a("profiles", volume.profiles);
  a("size", volume.size_mb);
}

template <class Archive>
void fields(Archive& a, ResourceSet& set) {
  a("id", set.id);
  a.thousandths("cpus", set.cpus_milli);
  a.thousandths("gpus", set.gpus_milli);
  a("memory", set.memory_mb);
  a("ports", set.ports);
  a("volume-specifications", set.volumes);
  a("resource-limits", set.limits);
}

template <class Archive>
void fields(Archive& a, ConfigFile& file) {
  a("name", file.name);
  a("relative-path", file.dest);
  a("template-content", file.content);
}

template <class Archive>
void fields(Archive& a, HealthCheck& check) {
  a("command", check.cmd);
  a("max-consecutive-failures", check.max_consecutive_failures);
  a("delay", check.delay_s);
  a("interval", check.interval_s);
  a("timeout", check.timeout_s);
  a("grace-period", check.grace_period_s);
}

template <class Archive>
void fields(Archive& a, ReadinessCheck& check) {
  a("command", check.cmd);
  a("delay", check.delay_s);
  a("interval", check.interval_s);
  a("timeout", check.timeout_s);
}

template <class Archive>
void fields(Archive& a, DiscoverySpec& discovery) {
  a("prefix", discovery.prefix);
  a.always("visibility", discovery.visibility);
}

template <class Archive>
void fields(Archive& a, TransportEncryption& encryption) {
  a("name", encryption.name);
  a("type", encryption.type);
}

template <class Archive>
void fields(Archive& a, TaskSpec& task) {
  a("name", task.name);
  a("goal", task.goal);
  a.always("essential", task.essential);
  a("command", task.cmd);
  a("environment", task.env);
  a("resource-set", task.resource_set);
  a("config-files", task.configs);
  a("health-check-spec", task.health_check);
  a("readiness-check-spec", task.readiness_check);
  a("task-labels", task.labels);
  a("discovery-spec", task.discovery);
  a("kill-grace-period", task.kill_grace_period_s);
  a("transport-encryption", task.transport_encryption);
  a("ipc-mode", task.ipc_mode);
  a("shm-size", task.shm_size_mb);
}

template <class Archive>
void fields(Archive& a, Network& network) {
  a("network-name", network.name);
  a("host-ports", network.host_ports);
  a("container-ports", network.container_ports);
  a("network-labels", network.labels);
}

template <class Archive>
void fields(Archive& a, RLimit& limit) {
  a("name", limit.name);
  a("soft", limit.soft);
  a("hard", limit.hard);
}

template <class Archive>
void fields(Archive& a, SecretSpec& secret) {
  a("secret", secret.secret);
  a("env-key", secret.env_key);
  a("file", secret.file);
}

template <class Archive>
void fields(Archive& a, HostVolume& volume) {
  a("host-path", volume.host_path);
  a("container-path", volume.container_path);
  a("read-only", volume.read_only);
}

template <class Archive>
void fields(Archive& a, ExternalVolume& volume) {
  a.always("type", volume.type);
  a("container-path", volume.container_path);
  a("volume-name", volume.volume_name);
  a("driver-name", volume.driver_name);
  a("volume-mode", volume.mode);
  a("driver-options", volume.driver_options);
}

template <class Archive>
void fields(Archive& a, PodSpec& pod) {
  a("type", pod.type);
  a.always("count", pod.count);
  a("allow-decommission", pod.allow_decommission);
  a("image", pod.image);
  a("networks", pod.networks);
  a("rlimits", pod.rlimits);
  a("uris", pod.uris);
  a("task-specs", pod.tasks);
  a("resource-sets", pod.resource_sets);
  a("placement-rule", pod.placement);
  a("placement-error", pod.placement_error);
  a("volumes", pod.volumes);
  a.always("pre-reserved-role", pod.pre_reserved_role);
  a("secrets", pod.secrets);
  a("host-volumes", pod.host_volumes);
  a("external-volumes", pod.external_volumes);
  a("share-pid-namespace", pod.share_pid_namespace);
  a("seccomp-unconfined", pod.seccomp_unconfined);
  a("seccomp-profile-name", pod.seccomp_profile_name);
  a("ipc-mode", pod.ipc_mode);
  a("shm-size", pod.shm_size_mb);
}

template <class Archive>
void fields(Archive& a, StepSpec& step) {
  a.always("pod-index", step.pod_index);
  a("tasks", step.tasks);
}

template <class Archive>
void fields(Archive& a, PhaseSpec& phase) {
  a("name", phase.name);
  a("pod", phase.pod);
  a("strategy", phase.strategy);
  a("has-custom-steps", phase.has_custom_steps);
  // The steps of other phases follow from the pod; complete_steps() makes them.
  if (phase.has_custom_steps) a("steps", phase.steps);
}

template <class Archive>
void fields(Archive& a, PlanSpec& plan) {
  a("name", plan.name);
  a("strategy", plan.strategy);
  a("phases", plan.phases);
}

template <class Archive>
void fields(Archive& a, ReplacementPolicy& policy) {
  a.always("permanent-failure-timeout-secs", policy.permanent_failure_timeout_s);
  a.always("min-replace-delay-secs", policy.min_replace_delay_s);
}

template <class Archive>
void fields(Archive& a, OptionRule& rule) {
  a("option", rule.option);
  a("value", rule.value);
  a("fixed", rule.fixed);
  a("one-of", rule.one_of);
  a("least", rule.least);
  a("most", rule.most);
  a("differs-from", rule.differs_from);
  a("why", rule.why);
}

template <class Archive>
void fields(Archive& a, ServiceSpec& spec) {
  a("name", spec.name);
  a("role", spec.role);
  a("principal", spec.principal);
  a.always("user", spec.user);
  a("region", spec.region);
  a("web-url", spec.web_url);
  a.always("zookeeper", spec.zookeeper);
  a("replacement-failure-policy", spec.replacement_policy);
  a("pod-specs", spec.pods);
  a("plans", spec.plans);
  a("option-rules", spec.option_rules);
  a("zone-awareness-fixed", spec.zone_awareness_fixed);
}

}  // namespace ostler::spec
