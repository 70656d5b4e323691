// What a pod instance needs from an agent, item by item.
//
// Every item has a key under which it is held and found again at a relaunch (see
// Holding), so a relaunch compares needs with holdings instead of guessing from
// amounts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/settings.h"
#include "spec/service_spec.h"

namespace ostler::core {

struct Need {
  enum class Kind : uint8_t { kCpus, kMem, kDisk, kGpus, kPort, kVolume };
  Kind kind = Kind::kCpus;
  std::string key;
  int64_t milli = 0;                         // of scalars and volumes
  const spec::PortSpec* port = nullptr;      // of kPort
  const spec::VolumeSpec* volume = nullptr;  // of kVolume
};

// Needs point into the spec and the settings, which must outlive them.
std::vector<Need> executor_needs(const Settings& settings, const spec::PodSpec& pod);
std::vector<Need> resource_set_needs(const spec::ResourceSet& set);

// True when `key` belongs to the executor or the pod itself, not to a resource set.
bool is_executor_key(std::string_view key);
// "server-resource-set" of "server-resource-set/port/client"; empty for the executor's.
std::string_view resource_set_of_key(std::string_view key);

// Mesos' name of a resource of that kind: "cpus", "mem", "disk", "gpus", "ports".
const char* resource_name(Need::Kind kind);

}  // namespace ostler::core
