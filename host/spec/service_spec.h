// What a svc.yml means once rendered, read and checked: the ServiceSpec.
//
// Names follow the keys of svc.yml (java-sdk-spec-api-state.md, section 1). A
// spec is a value: immutable once built, compared whole, stored as JSON.
// Amounts of cpus are thousandths, of memory and disk megabytes.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ostler::spec {

using Labels = std::vector<std::pair<std::string, std::string>>;

struct PortRange {
  uint16_t begin = 0;
  uint16_t end = 65535;  // inclusive
  bool operator==(const PortRange&) const = default;
};

struct PortSpec {
  std::string name;
  uint16_t port = 0;  // 0: dynamic
  std::string env_key;
  bool advertise = false;
  std::optional<std::string> vip_prefix;  // set: the port has a VIP
  uint16_t vip_port = 0;
  std::vector<PortRange> ranges;
  bool operator==(const PortSpec&) const = default;
};

enum class VolumeType : uint8_t { kRoot, kMount };

struct VolumeSpec {
  std::string path;
  VolumeType type = VolumeType::kRoot;
  std::vector<std::string> profiles;
  int64_t size_mb = 0;
  bool operator==(const VolumeSpec&) const = default;
};

struct ResourceSet {
  std::string id;
  int64_t cpus_milli = 0;
  int64_t gpus_milli = 0;
  int64_t memory_mb = 0;
  std::vector<PortSpec> ports;
  std::vector<VolumeSpec> volumes;
  std::map<std::string, double> limits;  // "cpus", "mem"; infinity: unlimited
  bool operator==(const ResourceSet&) const = default;
};

struct ConfigFile {
  std::string name;
  std::string dest;
  std::string content;  // the template's text as read at load
  bool operator==(const ConfigFile&) const = default;
};

struct HealthCheck {
  std::string cmd;
  int64_t interval_s = 0, grace_period_s = 0, delay_s = 0, timeout_s = 0;
  uint32_t max_consecutive_failures = 0;
  bool operator==(const HealthCheck&) const = default;
};

struct ReadinessCheck {
  std::string cmd;
  int64_t interval_s = 0, delay_s = 0, timeout_s = 0;
  bool operator==(const ReadinessCheck&) const = default;
};

struct DiscoverySpec {
  std::string prefix;
  std::string visibility = "CLUSTER";
  bool operator==(const DiscoverySpec&) const = default;
};

enum class Goal : uint8_t { kRunning, kFinish, kOnce };

struct TransportEncryption {
  std::string name;
  std::string type;  // "TLS" or "KEYSTORE"
  bool operator==(const TransportEncryption&) const = default;
};

struct TaskSpec {
  std::string name;
  Goal goal = Goal::kRunning;
  bool essential = true;
  std::string cmd;
  std::map<std::string, std::string> env;  // TASKCFG_* routing already applied
  std::string resource_set;                // id of one of the pod's resource sets
  std::vector<ConfigFile> configs;
  std::optional<HealthCheck> health_check;
  std::optional<ReadinessCheck> readiness_check;
  Labels labels;
  std::optional<DiscoverySpec> discovery;
  int64_t kill_grace_period_s = 0;
  std::vector<TransportEncryption> transport_encryption;
  std::string ipc_mode;
  std::optional<int64_t> shm_size_mb;
  bool operator==(const TaskSpec&) const = default;
};

struct Network {
  std::string name;
  std::vector<uint16_t> host_ports;
  std::vector<uint16_t> container_ports;
  Labels labels;
  bool operator==(const Network&) const = default;
};

struct RLimit {
  std::string name;                   // "RLIMIT_NOFILE"
  std::optional<int64_t> soft, hard;  // both unset: unlimited
  bool operator==(const RLimit&) const = default;
};

struct SecretSpec {
  std::string secret;  // path in the secret store
  std::string env_key;
  std::string file;
  bool operator==(const SecretSpec&) const = default;
};

struct HostVolume {
  std::string host_path, container_path;
  bool read_only = false;
  bool operator==(const HostVolume&) const = default;
};

struct ExternalVolume {
  std::string type = "DOCKER";
  std::string container_path, volume_name, driver_name;
  std::string mode;  // "RW", "RO" or ""
  std::vector<std::pair<std::string, std::string>> driver_options;
  bool operator==(const ExternalVolume&) const = default;
};

struct PodSpec {
  std::string type;  // the pod's key in svc.yml
  int32_t count = 0;
  std::vector<TaskSpec> tasks;             // in file order
  std::vector<ResourceSet> resource_sets;  // named ones, then the implicit "<task>-resource-set"
  // Marathon constraint rows, e.g. {{"hostname","UNIQUE"}}; all must hold.
  std::vector<std::vector<std::string>> placement;
  std::string
      placement_error;  // set when the text is no valid constraint: fits nowhere, and a validator refuses it
  std::string image;
  std::vector<Network> networks;
  std::vector<RLimit> rlimits;
  std::vector<std::string> uris;
  std::vector<VolumeSpec> volumes;  // pod level: shared by all tasks
  std::string pre_reserved_role = "*";
  std::vector<SecretSpec> secrets;
  std::vector<HostVolume> host_volumes;
  std::vector<ExternalVolume> external_volumes;
  bool share_pid_namespace = false;
  bool allow_decommission = false;
  bool seccomp_unconfined = false;
  std::string seccomp_profile_name;
  std::string ipc_mode;
  std::optional<int64_t> shm_size_mb;
  bool operator==(const PodSpec&) const = default;

  const TaskSpec* task(std::string_view name) const;
  const ResourceSet* resource_set(std::string_view id) const;
};

enum class Strategy : uint8_t {
  kSerial,
  kParallel,
  kSerialCanary,
  kParallelCanary,
  kDependency,        // parallel with steps of its own: an instance's steps in order, instances side by side
  kDependencyCanary,  // the same after the canaries
  kRandom,
};

// "serial", "parallel-canary", "dependency" ...: as the HTTP API shows it.
std::string_view strategy_name(Strategy strategy);

// One step of a phase: which tasks of which instance it launches.
struct StepSpec {
  int32_t pod_index = 0;
  std::vector<std::string> tasks;
  bool operator==(const StepSpec&) const = default;
};

// `steps` is always complete: a phase without steps in svc.yml has one per
// instance with all its tasks, expanded when the spec is built.
struct PhaseSpec {
  std::string name;
  std::string pod;
  Strategy strategy = Strategy::kSerial;
  bool has_custom_steps = false;
  std::vector<StepSpec> steps;
  bool operator==(const PhaseSpec&) const = default;
};

struct PlanSpec {
  std::string name;
  Strategy strategy = Strategy::kSerial;
  std::vector<PhaseSpec> phases;
  bool operator==(const PlanSpec&) const = default;
};

struct ReplacementPolicy {
  int64_t permanent_failure_timeout_s = 1200;
  int64_t min_replace_delay_s = 10;
  bool operator==(const ReplacementPolicy&) const = default;
};

enum class Fixed : uint8_t {
  kNo,
  kAlways,   // never after the installation
  kOnceSet,  // an unset option may be set later
};

// "no", "always", "once-set".
std::string_view fixed_name(Fixed fixed);

// What the service itself demands of one of its options (`x-ostler` in svc.yml), with
// the value that the option had when this spec was made.
struct OptionRule {
  std::string option;  // a variable's name, "NODE_COUNT"
  std::string value;   // empty: unset
  Fixed fixed = Fixed::kNo;
  std::vector<std::string> one_of;  // empty: anything
  std::optional<int64_t> least, most;
  std::vector<std::string> differs_from;  // options whose values it must not have
  std::string why;                        // a sentence for the operator
  bool operator==(const OptionRule&) const = default;
};

struct ServiceSpec {
  std::string name;
  std::string web_url;
  std::string principal;
  std::string zookeeper = "master.mesos:2181";
  std::string user = "root";
  std::string role;    // computed from the name and the environment
  std::string region;  // SERVICE_REGION
  std::optional<ReplacementPolicy> replacement_policy;
  std::vector<PodSpec> pods;    // in file order
  std::vector<PlanSpec> plans;  // "deploy" first, generated when svc.yml has none
  std::vector<OptionRule> option_rules;
  std::vector<std::string> zone_awareness_fixed;  // pods that may not begin or end to refer to zones
  bool operator==(const ServiceSpec&) const = default;

  const PodSpec* pod(std::string_view type) const;
  const PlanSpec* plan(std::string_view name) const;
  const OptionRule* option_rule(std::string_view option) const;
};

}  // namespace ostler::spec
