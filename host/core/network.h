// What a pod's networks mean for its ports (java-sdk-spec-api-state.md, 1.4 and 1.6).
//
// On the agent's own network and behind the bridge, ports are the agent's and are reserved.
// On any other network each container has an address of its own: nothing is reserved,
// and the numbers follow from the specification alone.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "spec/service_spec.h"

namespace ostler::core {

inline constexpr std::string_view kBridge = "mesos-bridge";

// Whether the pod's ports are taken from offers.
bool uses_agent_ports(const spec::PodSpec& pod);

// "host" for a bridge with port maps, "container" for other named networks.
std::string network_scope(const spec::PodSpec& pod);

// Numbers by port name of one set of a pod that has addresses of its own. Dynamic ports
// get the first numbers from 1025 on that no port of the pod has.
std::map<std::string, uint32_t> container_ports(const spec::PodSpec& pod, const spec::ResourceSet& set);

// What the bridge passes on: the ports that svc.yml maps, and each of `ports` (the agent's
// that the pod holds) that is not among them to itself. (agent's port, container's port),
// in this order, each of the agent's once.
std::vector<std::pair<uint32_t, uint32_t>> bridge_mappings(const spec::Network& network,
                                                           const std::vector<uint32_t>& ports);

}  // namespace ostler::core
