#include "assign.h"

#include <algorithm>

namespace ostler::matcher {

std::vector<uint64_t>& Assigner::options_of(size_t need) {
  if (options_.size() <= need) options_.resize(need + 1);
  options_[need].clear();
  return options_[need];
}

// Kuhn's algorithm. There are a handful of needs, so plain vectors beat maps.
uint32_t Assigner::largest_matching(size_t needs) {
  taken_.clear();
  uint32_t matched = 0;
  for (uint32_t need = 0; need < needs; ++need) {
    visited_.clear();
    matched += improve(need) ? 1 : 0;
  }
  return matched;
}

bool Assigner::improve(uint32_t need) {
  for (const uint64_t thing : options_[need]) {
    if (std::find(visited_.begin(), visited_.end(), thing) != visited_.end()) continue;
    visited_.push_back(thing);
    size_t at = 0;
    while (at < taken_.size() && taken_[at].first != thing) ++at;
    if (at == taken_.size()) {
      taken_.push_back({thing, need});
      return true;
    }
    // Its owner may be content with something else.
    if (improve(taken_[at].second)) {
      taken_[at].second = need;
      return true;
    }
  }
  return false;
}

uint32_t Assigner::count_mounts(const Round& round, const Agents& agents, const ostler_requirement_t& need,
                                const Pool& pool) {
  size_t needs = 0;
  for (uint32_t i = 0; i < need.volumes.count; ++i) {
    const ostler_volume_need_t& volume = round.volume(need.volumes.first + i);
    if (volume.type != OSTLER_VOLUME_MOUNT) continue;
    std::vector<uint64_t>& options = options_of(needs++);
    for (uint32_t at = pool.mounts; at != kNone; at = agents.mount(at).next) {
      const Mount& mount = agents.mount(at);
      bool fits = volume.profiles.count == 0 && mount.profile.empty();
      for (uint32_t p = 0; p < volume.profiles.count && !fits; ++p)
        fits = round.name(volume.profiles.first + p) == mount.profile;
      if (fits && mount.milli >= volume.milli) options.push_back(at);
    }
  }
  return largest_matching(needs);
}

uint32_t Assigner::count_dynamic_ports(const Round& round, const Agents& agents,
                                       const ostler_requirement_t& need, const Pool& pool) {
  fixed_.clear();
  size_t needs = 0;
  for (uint32_t i = 0; i < need.ports.count; ++i) {
    const ostler_port_need_t& port = round.port(need.ports.first + i);
    if (port.port != 0) fixed_.push_back(port.port);
    needs += port.port == 0;
  }
  std::sort(fixed_.begin(), fixed_.end());
  size_t number = 0;
  for (uint32_t i = 0; i < need.ports.count; ++i) {
    const ostler_port_need_t& port = round.port(need.ports.first + i);
    if (port.port != 0) continue;
    std::vector<uint64_t>& options = options_of(number++);
    // As many choices as there are needs are enough: one is always left.
    const auto add = [&](uint64_t first, uint64_t last) {
      for (uint64_t candidate = first; candidate <= last && options.size() < needs; ++candidate) {
        const bool is_fixed = std::binary_search(fixed_.begin(), fixed_.end(), candidate);
        if (!is_fixed && std::find(options.begin(), options.end(), candidate) == options.end())
          options.push_back(candidate);
        if (candidate == UINT64_MAX) break;
      }
    };
    for (uint32_t at = pool.ranges; at != kNone; at = agents.range(at).next) {
      const PortRange& offered = agents.range(at);
      if (port.ranges.count == 0) add(offered.first, offered.last);
      for (uint32_t k = 0; k < port.ranges.count; ++k) {
        const ostler_range_t& wanted = round.need_range(port.ranges.first + k);
        if (wanted.last >= wanted.first)
          add(std::max(offered.first, wanted.first), std::min(offered.last, wanted.last));
      }
    }
  }
  return largest_matching(needs);
}

}  // namespace ostler::matcher
