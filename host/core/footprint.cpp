#include "core/footprint.h"

namespace ostler::core {
namespace {

constexpr int64_t kMilli = 1000;

Need scalar(Need::Kind kind, std::string_view owner, int64_t milli) {
  Need need;
  need.kind = kind;
  need.key = std::string(owner) + "/" + resource_name(kind);
  need.milli = milli;
  return need;
}

Need volume(std::string_view owner, const spec::VolumeSpec& spec) {
  Need need;
  need.kind = Need::Kind::kVolume;
  need.key = std::string(owner) + "/volume/" + spec.path;
  need.milli = spec.size_mb * kMilli;
  need.volume = &spec;
  return need;
}

}  // namespace

const char* resource_name(Need::Kind kind) {
  switch (kind) {
    case Need::Kind::kCpus:
      return "cpus";
    case Need::Kind::kMem:
      return "mem";
    case Need::Kind::kGpus:
      return "gpus";
    case Need::Kind::kPort:
      return "ports";
    case Need::Kind::kDisk:
    case Need::Kind::kVolume:
      return "disk";
  }
  return "";
}

std::vector<Need> executor_needs(const Settings& settings, const spec::PodSpec& pod) {
  std::vector<Need> needs;
  if (settings.executor_cpus_milli > 0)
    needs.push_back(scalar(Need::Kind::kCpus, "executor", settings.executor_cpus_milli));
  if (settings.executor_mem_mb > 0)
    needs.push_back(scalar(Need::Kind::kMem, "executor", settings.executor_mem_mb * kMilli));
  if (settings.executor_disk_mb > 0)
    needs.push_back(scalar(Need::Kind::kDisk, "executor", settings.executor_disk_mb * kMilli));
  for (const spec::VolumeSpec& v : pod.volumes) needs.push_back(volume("pod", v));
  return needs;
}

std::vector<Need> resource_set_needs(const spec::ResourceSet& set) {
  std::vector<Need> needs;
  // Static ports before dynamic ones, so that a dynamic port never takes a static one's number.
  for (const bool dynamic : {false, true}) {
    for (const spec::PortSpec& port : set.ports) {
      if ((port.port == 0) != dynamic) continue;
      Need need;
      need.kind = Need::Kind::kPort;
      need.key = set.id + "/port/" + port.name;
      need.port = &port;
      needs.push_back(need);
    }
  }
  if (set.cpus_milli > 0) needs.push_back(scalar(Need::Kind::kCpus, set.id, set.cpus_milli));
  if (set.gpus_milli > 0) needs.push_back(scalar(Need::Kind::kGpus, set.id, set.gpus_milli));
  if (set.memory_mb > 0) needs.push_back(scalar(Need::Kind::kMem, set.id, set.memory_mb * kMilli));
  for (const spec::VolumeSpec& v : set.volumes) needs.push_back(volume(set.id, v));
  return needs;
}

bool is_executor_key(std::string_view key) { return key.starts_with("executor/") || key.starts_with("pod/"); }

std::string_view resource_set_of_key(std::string_view key) {
  return is_executor_key(key) ? std::string_view() : key.substr(0, key.find('/'));
}

}  // namespace ostler::core
