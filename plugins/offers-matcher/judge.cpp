#include "judge.h"

#include <algorithm>
#include <bit>

namespace ostler::matcher {
namespace {

double per(int64_t need) { return need > 0 ? 1.0 / static_cast<double>(need) : 0.0; }

// Adds what is missing of one scalar, as a part of what is needed.
void compare(int64_t need, int64_t offered, double per_need, uint64_t bit, uint64_t& reasons,
             double& missing) {
  if (need <= offered) return;
  reasons |= bit;
  missing += static_cast<double>(need - offered) * per_need;
}

}  // namespace

uint64_t Judge::compile(std::string_view rule_json) {
  Rule rule = parse_rule(rule_json);
  rules_.emplace(++last_handle_, std::move(rule));
  return last_handle_;
}

void Judge::release(uint64_t handle) { rules_.erase(handle); }

void Judge::evaluate(const ostler_round_t& input, const ostler_out_array_t& verdicts) {
  const Round round(input);
  const uint64_t wanted = uint64_t{round.requirement_count()} * round.offer_count();
  if (verdicts.count < wanted ||
      (wanted > 0 && (verdicts.items == nullptr || verdicts.stride < sizeof(ostler_verdict_t)))) {
    throw BadRound{"there is no room for all verdicts"};
  }
  agents_.read(round);
  placement_.begin(round, agents_);
  const uint32_t offers = round.offer_count();
  for (uint32_t r = 0; r < round.requirement_count(); ++r) {
    const Need need = read(round, r);
    char* row = static_cast<char*>(verdicts.items) + size_t{verdicts.stride} * r * offers;
    if (agents_.is_one_to_one()) {
      for (uint32_t agent = 0; agent < offers; ++agent, row += verdicts.stride) {
        *reinterpret_cast<ostler_verdict_t*>(row) = judge(round, need, agent);
      }
      continue;
    }
    of_agents_.resize(agents_.count());
    for (uint32_t agent = 0; agent < agents_.count(); ++agent) of_agents_[agent] = judge(round, need, agent);
    for (uint32_t offer = 0; offer < offers; ++offer, row += verdicts.stride) {
      *reinterpret_cast<ostler_verdict_t*>(row) = of_agents_[agents_.of_offer(offer)];
    }
  }
}

Judge::Need Judge::read(const Round& round, uint32_t number) {
  const ostler_requirement_t& requirement = round.requirement(number);
  Need need{};
  need.requirement = &requirement;
  need.cpus = requirement.cpus_milli;
  need.mem = requirement.mem_milli;
  need.disk = requirement.disk_milli;
  need.gpus = requirement.gpus_milli;
  need.per_cpus = per(need.cpus);
  need.per_mem = per(need.mem);
  need.per_disk = per(need.disk);
  need.per_gpus = per(need.gpus);
  need.kinds = (need.cpus > 0) + (need.mem > 0) + (need.disk > 0) + (need.gpus > 0);
  const double part = need.kinds > 0 ? 1.0 / need.kinds : 0;
  need.used_cpus = static_cast<double>(std::max<int64_t>(need.cpus, 0)) * part;
  need.used_mem = static_cast<double>(std::max<int64_t>(need.mem, 0)) * part;
  need.used_disk = static_cast<double>(std::max<int64_t>(need.disk, 0)) * part;
  need.used_gpus = static_cast<double>(std::max<int64_t>(need.gpus, 0)) * part;
  need.pool = agents_.pool_of(number);

  const std::vector<uint32_t>& wanted = agents_.wanted_ports();
  uint32_t beyond = 0;
  for (uint32_t i = 0; i < requirement.ports.count; ++i) {
    const ostler_port_need_t& port = round.port(requirement.ports.first + i);
    if (port.port == 0) {
      ++need.dynamic_ports;
      need.has_port_ranges |= port.ranges.count > 0;
      continue;
    }
    const auto at =
        static_cast<size_t>(std::lower_bound(wanted.begin(), wanted.end(), port.port) - wanted.begin());
    if (at < 64) {
      need.ports |= uint64_t{1} << at;
    } else {
      ++beyond;
    }
  }
  need.has_more_ports = beyond > 0;
  need.fixed_ports = static_cast<uint32_t>(std::popcount(need.ports)) + beyond;
  for (uint32_t i = 0; i < requirement.volumes.count; ++i) {
    need.mounts += round.volume(requirement.volumes.first + i).type == OSTLER_VOLUME_MOUNT;
  }
  need.per_port = per(need.fixed_ports + need.dynamic_ports);
  need.per_mount = per(need.mounts);
  need.takes_anything = need.cpus > 0 || need.mem > 0 || need.disk > 0 || need.gpus > 0 ||
                        requirement.ports.count > 0 || need.mounts > 0;

  need.is_bound = requirement.agent_id.size > 0;
  if (need.is_bound) need.bound_to = agents_.find(view(requirement.agent_id));
  if (requirement.placement != 0) {
    const auto rule = rules_.find(requirement.placement);
    need.has_bad_rule = rule == rules_.end();
    if (!need.has_bad_rule) need.allowed = placement_.evaluate(rule->second, requirement);
  }
  return need;
}

ostler_verdict_t Judge::judge(const Round& round, const Need& need, uint32_t agent) {
  const Pool& pool = agents_.pools(need.pool)[agent];
  uint64_t reasons = 0;
  double missing = 0;
  compare(need.cpus, pool.cpus, need.per_cpus, OSTLER_REASON_CPUS, reasons, missing);
  compare(need.mem, pool.mem, need.per_mem, OSTLER_REASON_MEM, reasons, missing);
  compare(need.disk, pool.disk, need.per_disk, OSTLER_REASON_DISK, reasons, missing);
  compare(need.gpus, pool.gpus, need.per_gpus, OSTLER_REASON_GPUS, reasons, missing);
  const uint64_t absent = need.ports & ~pool.ports;
  if (absent != 0 || need.has_more_ports || need.dynamic_ports > 0) {
    if (const uint32_t ports = missing_ports(round, need, agent, pool); ports > 0) {
      reasons |= OSTLER_REASON_PORTS;
      missing += ports * need.per_port;
    }
  }
  if (need.mounts > 0) {
    if (const uint32_t found = assigner_.count_mounts(round, agents_, *need.requirement, pool);
        found < need.mounts) {
      reasons |= OSTLER_REASON_VOLUME;
      missing += (need.mounts - found) * need.per_mount;
    }
  }
  if (need.allowed != nullptr && need.allowed[agent] == 0) reasons |= OSTLER_REASON_PLACEMENT, missing += 1;
  if (need.has_bad_rule) reasons |= OSTLER_REASON_RULE, missing += 1;
  if (need.is_bound && need.bound_to != agent) reasons |= OSTLER_REASON_AGENT, missing += 1;
  if (need.takes_anything && pool.is_offered == 0) reasons |= OSTLER_REASON_ROLE, missing += 1;
  if (need.requirement->resource_ids.count > 0 && (!need.is_bound || need.bound_to == agent)) {
    if (const uint32_t gone = missing_reserved(round, *need.requirement, agent); gone > 0) {
      reasons |= OSTLER_REASON_RESERVED;
      missing += static_cast<double>(gone) / need.requirement->resource_ids.count;
    }
  }
  if (reasons != 0) return {reasons, -missing};

  // How much of what is offered the pod would use: the tighter, the better.
  if (need.kinds == 0) return {0, 1.0};
  const double used = need.used_cpus * pool.per_cpus + need.used_mem * pool.per_mem +
                      need.used_disk * pool.per_disk + need.used_gpus * pool.per_gpus;
  return {0, used};
}

uint32_t Judge::missing_ports(const Round& round, const Need& need, uint32_t agent, const Pool& pool) {
  const ostler_requirement_t& requirement = *need.requirement;
  auto missing = static_cast<uint32_t>(std::popcount(need.ports & ~pool.ports));
  if (need.has_more_ports) {
    const std::vector<uint32_t>& wanted = agents_.wanted_ports();
    for (uint32_t i = 0; i < requirement.ports.count; ++i) {
      const uint32_t port = round.port(requirement.ports.first + i).port;
      if (port == 0) continue;
      const auto at =
          static_cast<size_t>(std::lower_bound(wanted.begin(), wanted.end(), port) - wanted.begin());
      if (at >= 64 && !agents_.has_port(need.pool, agent, at)) ++missing;
    }
  }
  if (need.dynamic_ports == 0) return missing;
  if (need.has_port_ranges) {
    return missing + need.dynamic_ports - assigner_.count_dynamic_ports(round, agents_, requirement, pool);
  }
  // Without ranges any port will do that is no fixed one of the pod.
  const uint32_t taken = need.fixed_ports - missing;
  const uint32_t left = pool.port_count - std::min(pool.port_count, taken);
  return missing + need.dynamic_ports - std::min(need.dynamic_ports, left);
}

uint32_t Judge::missing_reserved(const Round& round, const ostler_requirement_t& need, uint32_t agent) const {
  uint32_t missing = 0;
  for (uint32_t i = 0; i < need.resource_ids.count; ++i) {
    const std::string_view id = round.name(need.resource_ids.first + i);
    uint32_t at = agents_.reserved_of(agent);
    while (at != kNone && agents_.reserved(at).id != id) at = agents_.reserved(at).next;
    missing += at == kNone;
  }
  return missing;
}

}  // namespace ostler::matcher
