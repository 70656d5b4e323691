#include "agents.h"

#include <algorithm>

namespace ostler::matcher {
namespace {

constexpr uint32_t kNotFree =
    OSTLER_RES_RESERVED | OSTLER_RES_FOREIGN | OSTLER_RES_REVOCABLE | OSTLER_RES_SHARED | OSTLER_RES_VOLUME;

// "*" and nothing both mean unreserved.
std::string_view plain_role(std::string_view role) { return role == "*" ? std::string_view() : role; }

// Amounts come from the network: a sum must not overflow, and nobody offers less than
// nothing.
void add(int64_t& sum, int64_t amount) {
  if (amount <= 0) return;
  if (__builtin_add_overflow(sum, amount, &sum)) sum = INT64_MAX;
}

}  // namespace

void Agents::read(const Round& round) {
  ids_.clear();
  agent_of_.clear();
  first_offer_.clear();
  ids_.number_all(
      round.offer_count(), [&](uint32_t i) { return view(round.offer(i).agent_id); },
      [&](uint32_t i, uint32_t number) {
        agent_of_.push_back(number - 1);
        if (number > first_offer_.size()) first_offer_.push_back(i);
      });
  read_requirements(round);

  pools_.assign(roles_.size() * count(), Pool{});
  more_words_ = wanted_ports_.size() > 64 ? (wanted_ports_.size() - 1) / 64 : 0;
  more_ports_.assign(pools_.size() * more_words_, 0);
  mounts_.clear();
  ranges_.clear();
  reserved_.clear();
  reserved_head_.assign(count(), kNone);
  has_matched_ = false;
  for (uint32_t i = 0; i < round.offer_count(); ++i) read_offer(round, round.offer(i), agent_of_[i]);
  for (Pool& pool : pools_) {
    pool.per_cpus = 1.0F / static_cast<float>(std::max<int64_t>(pool.cpus, 1));
    pool.per_mem = 1.0F / static_cast<float>(std::max<int64_t>(pool.mem, 1));
    pool.per_disk = 1.0F / static_cast<float>(std::max<int64_t>(pool.disk, 1));
    pool.per_gpus = 1.0F / static_cast<float>(std::max<int64_t>(pool.gpus, 1));
  }
}

uint32_t Agents::find(std::string_view agent_id) const {
  const uint32_t number = ids_.find(agent_id);
  return number == 0 ? kNone : number - 1;
}

void Agents::read_requirements(const Round& round) {
  roles_.clear();
  pool_of_.clear();
  wanted_ports_.clear();
  wants_mounts_ = wants_ranges_ = wants_reserved_ = false;
  for (uint32_t r = 0; r < round.requirement_count(); ++r) {
    const ostler_requirement_t& need = round.requirement(r);
    round.check_requirement(need);
    const Roles roles{view(need.role), plain_role(view(need.pre_reserved_role))};
    uint32_t pool = 0;
    while (pool < roles_.size() &&
           (roles_[pool].allocation != roles.allocation || roles_[pool].reservation != roles.reservation))
      ++pool;
    if (pool == roles_.size()) roles_.push_back(roles);
    pool_of_.push_back(pool);

    wants_reserved_ |= need.resource_ids.count > 0;
    for (uint32_t i = 0; i < need.volumes.count; ++i) {
      wants_mounts_ |= round.volume(need.volumes.first + i).type == OSTLER_VOLUME_MOUNT;
    }
    for (uint32_t i = 0; i < need.ports.count; ++i) {
      const ostler_port_need_t& port = round.port(need.ports.first + i);
      if (port.port != 0) wanted_ports_.push_back(port.port);
      wants_ranges_ |= port.port == 0;
    }
  }
  std::sort(wanted_ports_.begin(), wanted_ports_.end());
  wanted_ports_.erase(std::unique(wanted_ports_.begin(), wanted_ports_.end()), wanted_ports_.end());
}

void Agents::match_roles(std::string_view allocation, std::string_view reservation) {
  if (has_matched_ && matched_.allocation == allocation && matched_.reservation == reservation) return;
  has_matched_ = true;
  matched_ = {allocation, reservation};
  matching_.clear();
  for (uint32_t pool = 0; pool < roles_.size(); ++pool) {
    const Roles& wanted = roles_[pool];
    if (wanted.reservation != reservation) continue;
    if (allocation.empty() || wanted.allocation.empty() || wanted.allocation == allocation)
      matching_.push_back(pool);
  }
}

void Agents::read_offer(const Round& round, const ostler_offer_t& offer, uint32_t agent) {
  round.check_resources(offer.resources);
  round.check_attributes(offer.attributes);
  for (uint32_t i = 0; i < offer.resources.count; ++i) {
    const ostler_resource_t& resource = round.resource(offer.resources.first + i);
    if ((resource.flags & kNotFree) != 0) {
      const bool is_ours = (resource.flags & OSTLER_RES_FOREIGN) == 0 && resource.reservation_id.size > 0;
      if (!wants_reserved_ || !is_ours) continue;
      reserved_.push_back({view(resource.reservation_id), reserved_head_[agent]});
      reserved_head_[agent] = static_cast<uint32_t>(reserved_.size() - 1);
      continue;
    }
    const bool is_static = (resource.flags & OSTLER_RES_STATIC) != 0;
    match_roles(view(resource.allocation_role),
                is_static ? plain_role(view(resource.reservation_role)) : std::string_view());
    for (const uint32_t number : matching_) {
      Pool& pool = pools_[size_t{number} * count() + agent];
      pool.is_offered = 1;
      switch (resource.kind) {
        case OSTLER_RES_CPUS:
          add(pool.cpus, resource.milli);
          break;
        case OSTLER_RES_MEM:
          add(pool.mem, resource.milli);
          break;
        case OSTLER_RES_GPUS:
          add(pool.gpus, resource.milli);
          break;
        case OSTLER_RES_DISK:
          if ((resource.flags & OSTLER_RES_MOUNT) != 0) {
            if (!wants_mounts_) break;
            mounts_.push_back({resource.milli, view(resource.profile), pool.mounts});
            pool.mounts = static_cast<uint32_t>(mounts_.size() - 1);
          } else if (resource.profile.size == 0) {
            add(pool.disk, resource.milli);
          }
          break;
        case OSTLER_RES_PORTS:
          add_ports(round, resource, number, agent);
          break;
        default:
          break;
      }
    }
  }
}

void Agents::add_ports(const Round& round, const ostler_resource_t& resource, uint32_t number,
                       uint32_t agent) {
  round.check_ranges(resource.ranges);
  const size_t at = size_t{number} * count() + agent;
  Pool& pool = pools_[at];
  for (uint32_t i = 0; i < resource.ranges.count; ++i) {
    const ostler_range_t& range = round.range(resource.ranges.first + i);
    if (range.last < range.first) continue;
    const uint64_t size = std::min<uint64_t>(range.last - range.first, UINT32_MAX - 1) + 1;
    pool.port_count = static_cast<uint32_t>(std::min<uint64_t>(pool.port_count + size, UINT32_MAX));
    size_t wanted = 0;
    while (wanted < wanted_ports_.size() && wanted_ports_[wanted] < range.first) ++wanted;
    for (; wanted < wanted_ports_.size() && wanted_ports_[wanted] <= range.last; ++wanted) {
      if (wanted < 64) {
        pool.ports |= uint64_t{1} << wanted;
      } else {
        more_ports_[at * more_words_ + (wanted - 64) / 64] |= uint64_t{1} << wanted % 64;
      }
    }
    if (!wants_ranges_) continue;
    ranges_.push_back({range.first, range.last, pool.ranges});
    pool.ranges = static_cast<uint32_t>(ranges_.size() - 1);
  }
}

}  // namespace ostler::matcher
