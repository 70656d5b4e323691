#include "core/container.h"

#include <nlohmann/json.hpp>

namespace ostler::core {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kBridge = "mesos-bridge";

Json rlimits(const spec::PodSpec& pod) {
  Json list = Json::array();
  for (const spec::RLimit& limit : pod.rlimits) {
    // svc.yml says RLIMIT_NOFILE, Mesos RLMT_NOFILE.
    Json entry = {{"type", "RLMT_" + limit.name.substr(limit.name.find('_') + 1)}};
    if (limit.soft) entry["soft"] = *limit.soft;
    if (limit.hard) entry["hard"] = *limit.hard;
    list.push_back(entry);
  }
  return list;
}

Json networks(const spec::PodSpec& pod) {
  Json list = Json::array();
  for (const spec::Network& network : pod.networks) {
    Json entry = {{"name", network.name}};
    if (!network.labels.empty()) {
      Json labels = Json::array();
      for (const auto& [key, value] : network.labels) labels.push_back({{"key", key}, {"value", value}});
      entry["labels"] = {{"labels", labels}};
    }
    Json mappings = Json::array();
    for (size_t i = 0; i < network.host_ports.size() && i < network.container_ports.size(); ++i) {
      mappings.push_back(
          {{"host_port", network.host_ports[i]}, {"container_port", network.container_ports[i]}});
    }
    if (!mappings.empty()) entry["port_mappings"] = mappings;
    list.push_back(entry);
  }
  return list;
}

// Volumes that stand on the executor and on each of its tasks.
void add_common_volumes(const spec::PodSpec& pod, mesos::ContainerInfo& container) {
  for (const spec::HostVolume& volume : pod.host_volumes) {
    mesos::Volume out;
    out.container_path = volume.container_path;
    out.host_path = volume.host_path;
    out.read_only = volume.read_only;
    container.volumes.push_back(out);
  }
  for (const spec::SecretSpec& secret : pod.secrets) {
    if (secret.file.empty() && !secret.env_key.empty()) continue;
    mesos::Volume out;
    out.source = mesos::Volume::Source::kSecret;
    out.source_path = secret.secret;
    out.container_path = secret.file.empty() ? secret.secret : secret.file;
    out.read_only = true;
    container.volumes.push_back(out);
  }
}

void add_shared_memory(Json& linux_info, const std::string& ipc_mode,
                       const std::optional<int64_t>& shm_size_mb) {
  if (!ipc_mode.empty()) linux_info["ipc_mode"] = ipc_mode;
  if (shm_size_mb) linux_info["shm_size"] = *shm_size_mb;
}

}  // namespace

std::string network_scope(const spec::PodSpec& pod) {
  for (const spec::Network& network : pod.networks) {
    if (network.name == kBridge) return "host";
  }
  return "container";
}

mesos::ContainerInfo executor_container(const spec::ServiceSpec& service, const spec::PodSpec& pod) {
  (void)service;
  mesos::ContainerInfo container;
  add_common_volumes(pod, container);
  Json extra = Json::object();
  if (!pod.rlimits.empty()) extra["rlimit_info"] = {{"rlimits", rlimits(pod)}};
  if (!pod.networks.empty()) extra["network_infos"] = networks(pod);
  Json linux_info = {{"share_cgroups", false}};
  add_shared_memory(linux_info, pod.ipc_mode, pod.shm_size_mb);
  extra["linux_info"] = linux_info;
  container.extra = extra.dump();
  return container;
}

mesos::ContainerInfo task_container(const spec::PodSpec& pod, const spec::TaskSpec& task) {
  mesos::ContainerInfo container;
  container.docker_image = pod.image;
  // Every task has a /tmp of its own. A relative host path lies in the sandbox; a
  // SANDBOX_PATH of type SELF would be refused by Mesos' isolator, which knows PARENT only.
  mesos::Volume tmp;
  tmp.container_path = "/tmp";
  tmp.host_path = "tmp";
  container.volumes.push_back(tmp);
  add_common_volumes(pod, container);
  // The executor holds the pod's volumes; its tasks see them through their parent.
  for (const spec::VolumeSpec& volume : pod.volumes) {
    mesos::Volume out;
    out.container_path = volume.path;
    out.source = mesos::Volume::Source::kSandboxParent;
    out.source_path = volume.path;
    container.volumes.push_back(out);
  }
  Json extra = Json::object();
  if (!pod.rlimits.empty()) extra["rlimit_info"] = {{"rlimits", rlimits(pod)}};
  Json linux_info = {{"share_cgroups", false}};
  if (pod.share_pid_namespace) linux_info["share_pid_namespace"] = true;
  if (pod.seccomp_unconfined) linux_info["seccomp"] = {{"unconfined", true}};
  if (!pod.seccomp_profile_name.empty()) linux_info["seccomp"] = {{"profile_name", pod.seccomp_profile_name}};
  add_shared_memory(linux_info, task.ipc_mode, task.shm_size_mb);
  extra["linux_info"] = linux_info;
  container.extra = extra.dump();
  return container;
}

}  // namespace ostler::core
