// Why an offer does not fit, in words. Judges the one agent again, so that the hot
// path carries no text.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "judge.h"

namespace ostler::matcher {
namespace {

using Json = nlohmann::ordered_json;

// Thousandths as a number without needless decimals: 4000 -> 4, 1500 -> 1.5.
Json amount(int64_t milli) {
  if (milli % 1000 == 0) return milli / 1000;
  return static_cast<double>(milli) / 1000;
}

void add_scalar(Json& out, uint64_t reasons, uint64_t bit, const char* name, const char* unit, int64_t needed,
                int64_t offered) {
  if ((reasons & bit) == 0) return;
  out.push_back({{"reason", name},
                 {"needed", amount(needed)},
                 {"offered", amount(offered)},
                 {"message", "needs " + amount(needed).dump() + " " + unit + ", " + amount(offered).dump() +
                                 " offered"}});
}

void add(Json& out, uint64_t reasons, uint64_t bit, const char* name, const std::string& message) {
  if ((reasons & bit) != 0) out.push_back({{"reason", name}, {"message", message}});
}

std::string range_text(uint64_t first, uint64_t last) {
  return first == last ? std::to_string(first) : std::to_string(first) + "-" + std::to_string(last);
}

}  // namespace

std::string Judge::ports_text(const Round& round, const Need& need, const Pool& pool) const {
  const ostler_requirement_t& requirement = *need.requirement;
  std::string missing;
  uint32_t dynamic = 0;
  for (uint32_t i = 0; i < requirement.ports.count; ++i) {
    const ostler_port_need_t& port = round.port(requirement.ports.first + i);
    if (port.port == 0) {
      ++dynamic;
      continue;
    }
    bool is_offered = false;
    for (uint32_t at = pool.ranges; at != kNone && !is_offered; at = agents_.range(at).next) {
      is_offered = agents_.range(at).first <= port.port && port.port <= agents_.range(at).last;
    }
    if (!is_offered) missing += (missing.empty() ? "" : ", ") + std::to_string(port.port);
  }
  std::string text = missing.empty() ? "" : "needs port " + missing + ", which is not offered";
  if (dynamic > 0 && missing.empty()) {
    text = "needs " + std::to_string(dynamic) + " more port" + (dynamic == 1 ? "" : "s") +
           " of its ranges, too few are offered";
  }
  std::vector<PortRange> offered;
  for (uint32_t at = pool.ranges; at != kNone; at = agents_.range(at).next)
    offered.push_back(agents_.range(at));
  std::sort(offered.begin(), offered.end(),
            [](const PortRange& a, const PortRange& b) { return a.first < b.first; });
  text += offered.empty() ? "; the offer has no ports" : "; offered are ";
  constexpr size_t kMaxShown = 10;
  for (size_t i = 0; i < std::min(offered.size(), kMaxShown); ++i)
    text += (i > 0 ? ", " : "") + range_text(offered[i].first, offered[i].last);
  if (offered.size() > kMaxShown)
    text += " and " + std::to_string(offered.size() - kMaxShown) + " more ranges";
  return text;
}

std::string Judge::mounts_text(const Round& round, const Need& need, const Pool& pool, uint32_t found) const {
  const auto disk_text = [](int64_t milli, const std::string& profile) {
    return amount(milli).dump() + " MB " + (profile.empty() ? "without a profile" : "of profile " + profile);
  };
  std::vector<std::pair<std::string, uint32_t>> wanted;  // with how many of them, in the spec's order
  const ostler_requirement_t& requirement = *need.requirement;
  for (uint32_t i = 0; i < requirement.volumes.count; ++i) {
    const ostler_volume_need_t& volume = round.volume(requirement.volumes.first + i);
    if (volume.type != OSTLER_VOLUME_MOUNT) continue;
    std::string profiles;
    for (uint32_t p = 0; p < volume.profiles.count; ++p)
      profiles += (p > 0 ? " or '" : "'") + std::string(round.name(volume.profiles.first + p)) + "'";
    const std::string text = disk_text(volume.milli, profiles);
    const auto same =
        std::find_if(wanted.begin(), wanted.end(), [&](const auto& one) { return one.first == text; });
    if (same == wanted.end()) {
      wanted.emplace_back(text, 1);
    } else {
      ++same->second;
    }
  }
  uint32_t disks = 0;
  const Mount* largest = nullptr;
  for (uint32_t at = pool.mounts; at != kNone; at = agents_.mount(at).next) {
    ++disks;
    if (largest == nullptr || agents_.mount(at).milli > largest->milli) largest = &agents_.mount(at);
  }
  std::string text = "needs ";
  constexpr size_t kMaxWanted = 10;
  for (size_t i = 0; i < std::min(wanted.size(), kMaxWanted); ++i) {
    const auto& [disk, count] = wanted[i];
    text += (i > 0 ? " and " : "") + std::to_string(count) + " MOUNT disk" + (count == 1 ? "" : "s") +
            " of at least " + disk;
  }
  if (wanted.size() > kMaxWanted)
    text += " and " + std::to_string(wanted.size() - kMaxWanted) + " more kinds of disks";
  text += ", " + std::to_string(found) + " of the " + std::to_string(disks) + " offered fit";
  if (largest != nullptr) {
    const std::string profile(largest->profile);
    text += "; the largest offered is " +
            disk_text(largest->milli, profile.empty() ? profile : "'" + profile + "'");
  }
  return text + "; " + std::to_string(need.mounts - found) +
         " more such on this agent, or volumes of type ROOT, would do";
}

std::string Judge::explain(const ostler_round_t& input, uint32_t requirement, uint32_t offer) {
  const Round whole(input);
  if (requirement >= whole.requirement_count() || offer >= whole.offer_count())
    throw BadRound{"no such requirement or offer in the round"};

  // A round of the agent's offers and the one requirement, plus one that wants any port,
  // which makes the table keep all port ranges.
  const std::string_view agent_id = view(whole.offer(offer).agent_id);
  std::vector<ostler_offer_t> offers;
  for (uint32_t i = 0; i < whole.offer_count(); ++i) {
    if (i + 16 < whole.offer_count()) __builtin_prefetch(whole.offer(i + 16).agent_id.data);
    if (view(whole.offer(i).agent_id) == agent_id) offers.push_back(whole.offer(i));
  }
  ostler_requirement_t wanted[2] = {whole.requirement(requirement), {}};
  std::vector<ostler_port_need_t> ports;
  whole.check_requirement(wanted[0]);
  for (uint32_t i = 0; i < wanted[0].ports.count; ++i) ports.push_back(whole.port(wanted[0].ports.first + i));
  ports.push_back({});
  wanted[0].ports = {0, static_cast<uint32_t>(ports.size() - 1)};
  wanted[1].role = wanted[0].role;
  wanted[1].pre_reserved_role = wanted[0].pre_reserved_role;
  wanted[1].ports = {static_cast<uint32_t>(ports.size() - 1), 1};
  ostler_round_t small = input;
  small.struct_size = sizeof small;
  small.offers = {offers.data(), static_cast<uint32_t>(offers.size()), sizeof(ostler_offer_t)};
  small.requirements = {wanted, 2, sizeof(ostler_requirement_t)};
  small.ports = {ports.data(), static_cast<uint32_t>(ports.size()), sizeof(ostler_port_need_t)};

  const Round round(small);
  agents_.read(round);
  placement_.begin(round, agents_);
  const Need need = read(round, 0);
  const Pool& pool = agents_.pools(need.pool)[0];
  const uint64_t reasons = judge(round, need, 0).reasons;

  Json out = Json::array();
  add_scalar(out, reasons, OSTLER_REASON_CPUS, "CPUS", "cpus", need.cpus, pool.cpus);
  add_scalar(out, reasons, OSTLER_REASON_MEM, "MEM", "MB of memory", need.mem, pool.mem);
  add_scalar(out, reasons, OSTLER_REASON_DISK, "DISK", "MB of disk", need.disk, pool.disk);
  add_scalar(out, reasons, OSTLER_REASON_GPUS, "GPUS", "gpus", need.gpus, pool.gpus);
  if ((reasons & OSTLER_REASON_PORTS) != 0)
    add(out, reasons, OSTLER_REASON_PORTS, "PORTS", ports_text(round, need, pool));
  if ((reasons & OSTLER_REASON_VOLUME) != 0) {
    const uint32_t found = assigner_.count_mounts(round, agents_, *need.requirement, pool);
    out.push_back({{"reason", "VOLUME"},
                   {"needed", need.mounts},
                   {"offered", found},
                   {"message", mounts_text(round, need, pool, found)}});
  }
  if ((reasons & OSTLER_REASON_PLACEMENT) != 0) {
    for (const std::string& refusal : placement_.refusals(rules_.at(wanted[0].placement), wanted[0], 0)) {
      add(out, reasons, OSTLER_REASON_PLACEMENT, "PLACEMENT", "refused by " + refusal);
    }
  }
  add(out, reasons, OSTLER_REASON_RULE, "RULE", "its placement rule is not known");
  add(out, reasons, OSTLER_REASON_AGENT, "AGENT",
      "is bound to agent '" + std::string(view(wanted[0].agent_id)) + "'");
  add(out, reasons, OSTLER_REASON_ROLE, "ROLE",
      "nothing is offered to role '" + std::string(view(wanted[0].role)) + "'" +
          (wanted[0].pre_reserved_role.size > 0 && view(wanted[0].pre_reserved_role) != "*"
               ? " from what is reserved for '" + std::string(view(wanted[0].pre_reserved_role)) + "'"
               : ""));
  if ((reasons & OSTLER_REASON_RESERVED) != 0) {
    const uint32_t missing = missing_reserved(round, wanted[0], 0);
    const uint32_t all = wanted[0].resource_ids.count;
    out.push_back({{"reason", "RESERVED"},
                   {"needed", all},
                   {"offered", all - missing},
                   {"message", "needs its " + std::to_string(all) + " reserved resources, " +
                                   std::to_string(all - missing) + " offered"}});
  }
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace ostler::matcher
