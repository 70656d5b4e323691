#include "core/container.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/network.h"
#include "spec/names.h"

namespace ostler::core {
namespace {

using Json = nlohmann::json;

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

Json networks(const spec::PodSpec& pod, const std::vector<uint32_t>& ports) {
  Json list = Json::array();
  for (const spec::Network& network : pod.networks) {
    Json entry = {{"name", network.name}};
    if (!network.labels.empty()) {
      Json labels = Json::array();
      for (const auto& [key, value] : network.labels) labels.push_back({{"key", key}, {"value", value}});
      entry["labels"] = {{"labels", labels}};
    }
    Json mappings = Json::array();
    if (network.name == kBridge) {
      for (const auto& [agent, container] : bridge_mappings(network, ports)) {
        mappings.push_back({{"host_port", agent}, {"container_port", container}});
      }
    }
    if (!mappings.empty()) entry["port_mappings"] = mappings;
    list.push_back(entry);
  }
  return list;
}

// A volume driver knows volumes by name only, so each instance needs one of its own,
// unless Portworx is told to share it.
mesos::Volume external_volume(const spec::ServiceSpec& service, const spec::PodSpec& pod, int32_t index,
                              const spec::ExternalVolume& volume) {
  const bool is_portworx = volume.driver_name == "pxd";
  const char* joint = is_portworx ? "-" : "_";
  auto options = volume.driver_options;
  const bool is_shared =
      is_portworx && std::find(options.begin(), options.end(),
                               std::pair<std::string, std::string>("shared", "true")) != options.end();
  std::string name = spec::escape_service_name(volume.volume_name.empty() ? service.name + joint + pod.type
                                                                          : volume.volume_name);
  if (!is_shared) name += joint + std::to_string(index);
  if (is_portworx) options.emplace_back("nodes", "LocalNode");

  Json docker = {{"driver", volume.driver_name}};
  for (const auto& [key, value] : options) {
    docker["driver_options"]["parameter"].push_back({{"key", key}, {"value", value}});
  }
  mesos::Volume out;
  out.source = mesos::Volume::Source::kDocker;
  out.source_path = name;
  out.container_path = volume.container_path;
  out.read_only = volume.mode == "RO";
  out.extra = Json{{"source", {{"docker_volume", docker}}}}.dump();
  return out;
}

// Volumes that stand on the executor and on each of its tasks.
void add_common_volumes(const spec::ServiceSpec& service, const spec::PodSpec& pod, int32_t index,
                        mesos::ContainerInfo& container) {
  for (const spec::ExternalVolume& volume : pod.external_volumes) {
    container.volumes.push_back(external_volume(service, pod, index, volume));
  }
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

mesos::ContainerInfo executor_container(const spec::ServiceSpec& service, const spec::PodSpec& pod,
                                        int32_t index, const std::vector<uint32_t>& ports) {
  mesos::ContainerInfo container;
  add_common_volumes(service, pod, index, container);
  Json extra = Json::object();
  if (!pod.rlimits.empty()) extra["rlimit_info"] = {{"rlimits", rlimits(pod)}};
  if (!pod.networks.empty()) extra["network_infos"] = networks(pod, ports);
  Json linux_info = {{"share_cgroups", false}};
  add_shared_memory(linux_info, pod.ipc_mode, pod.shm_size_mb);
  extra["linux_info"] = linux_info;
  container.extra = extra.dump();
  return container;
}

mesos::ContainerInfo task_container(const spec::ServiceSpec& service, const spec::PodSpec& pod, int32_t index,
                                    const spec::TaskSpec& task) {
  mesos::ContainerInfo container;
  container.docker_image = pod.image;
  // Every task has a /tmp of its own. A relative host path lies in the sandbox; a
  // SANDBOX_PATH of type SELF would be refused by Mesos' isolator, which knows PARENT only.
  mesos::Volume tmp;
  tmp.container_path = "/tmp";
  tmp.host_path = "tmp";
  container.volumes.push_back(tmp);
  add_common_volumes(service, pod, index, container);
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
