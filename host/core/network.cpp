#include "core/network.h"

#include <algorithm>
#include <set>

namespace ostler::core {
namespace {

constexpr uint32_t kFirstDynamicPort = 1025;

bool has_bridge(const spec::PodSpec& pod) {
  return std::any_of(pod.networks.begin(), pod.networks.end(),
                     [](const spec::Network& network) { return network.name == kBridge; });
}

}  // namespace

bool uses_agent_ports(const spec::PodSpec& pod) { return pod.networks.empty() || has_bridge(pod); }

std::string network_scope(const spec::PodSpec& pod) { return has_bridge(pod) ? "host" : "container"; }

std::map<std::string, uint32_t> container_ports(const spec::PodSpec& pod, const spec::ResourceSet& wanted) {
  std::set<uint32_t> taken;
  for (const spec::ResourceSet& set : pod.resource_sets) {
    for (const spec::PortSpec& port : set.ports) taken.insert(port.port);
  }
  std::map<std::string, uint32_t> out;
  uint32_t next = kFirstDynamicPort;
  // All sets are walked, so that each finds the numbers that are left for it.
  for (const spec::ResourceSet& set : pod.resource_sets) {
    for (const spec::PortSpec& port : set.ports) {
      uint32_t number = port.port;
      if (number == 0) {
        while (taken.contains(next)) ++next;
        number = next++;
      }
      if (set.id == wanted.id) out[port.name] = number;
    }
  }
  return out;
}

std::vector<std::pair<uint32_t, uint32_t>> bridge_mappings(const spec::Network& network,
                                                           const std::vector<uint32_t>& ports) {
  std::vector<std::pair<uint32_t, uint32_t>> out;
  std::set<uint32_t> mapped;  // the agent's: a port of svc.yml is one of those, as in the SDK
  for (size_t i = 0; i < network.host_ports.size() && i < network.container_ports.size(); ++i) {
    out.emplace_back(network.host_ports[i], network.container_ports[i]);
    mapped.insert(network.host_ports[i]);
  }
  for (const uint32_t port : ports) {
    if (mapped.insert(port).second) out.emplace_back(port, port);
  }
  return out;
}

}  // namespace ostler::core
