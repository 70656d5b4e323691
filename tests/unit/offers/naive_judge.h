// The judge once more, written to be obviously right instead of quick: the model that
// the matcher is compared with. Shares no code with it.
#pragma once

#include <regex.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "round_builder.h"

namespace ostler::test {

// Marathon rows: field, operator, parameter.
using Rows = std::vector<std::vector<std::string>>;

class NaiveJudge {
 public:
  std::vector<Offer> offers;
  std::vector<Placed> placed;

  uint64_t reasons(const Pod& pod, const Rows& rows, const Offer& asked) const {
    // Everything the agent offers, in all of its offers.
    std::vector<OfferedResource> all;
    const Offer* agent = nullptr;
    for (const Offer& offer : offers) {
      if (offer.agent != asked.agent) continue;
      if (agent == nullptr) agent = &offer;
      all.insert(all.end(), offer.resources.begin(), offer.resources.end());
    }
    std::vector<OfferedResource> usable;
    std::set<std::string> reserved;
    for (const OfferedResource& r : all) {
      if ((r.flags & OSTLER_RES_RESERVED) != 0 && (r.flags & OSTLER_RES_FOREIGN) == 0)
        reserved.insert(r.reservation_id);
      if ((r.flags & (OSTLER_RES_RESERVED | OSTLER_RES_FOREIGN | OSTLER_RES_REVOCABLE | OSTLER_RES_SHARED |
                      OSTLER_RES_VOLUME)) != 0)
        continue;
      if (r.allocation_role != pod.role) continue;
      const std::string role = (r.flags & OSTLER_RES_STATIC) != 0 ? r.reservation_role : "*";
      if (role == pod.pre_reserved_role) usable.push_back(r);
    }
    uint64_t out = 0;
    const auto sum = [&](uint32_t kind) {
      int64_t total = 0;
      for (const OfferedResource& r : usable) {
        if (r.kind == kind && (r.flags & OSTLER_RES_MOUNT) == 0 && r.profile.empty()) total += r.milli;
      }
      return total;
    };
    if (pod.cpus > sum(OSTLER_RES_CPUS)) out |= OSTLER_REASON_CPUS;
    if (pod.mem > sum(OSTLER_RES_MEM)) out |= OSTLER_REASON_MEM;
    if (pod.disk > sum(OSTLER_RES_DISK)) out |= OSTLER_REASON_DISK;
    if (pod.gpus > sum(OSTLER_RES_GPUS)) out |= OSTLER_REASON_GPUS;
    if (!ports_fit(pod, usable)) out |= OSTLER_REASON_PORTS;
    if (!mounts_fit(pod, usable)) out |= OSTLER_REASON_VOLUME;
    for (const auto& row : rows) {
      if (!row_holds(row, pod, *agent)) out |= OSTLER_REASON_PLACEMENT;
    }
    const bool is_elsewhere = !pod.agent.empty() && pod.agent != asked.agent;
    if (is_elsewhere) out |= OSTLER_REASON_AGENT;
    for (const std::string& id : pod.resource_ids) {
      if (!is_elsewhere && reserved.count(id) == 0) out |= OSTLER_REASON_RESERVED;
    }
    const bool takes = pod.cpus > 0 || pod.mem > 0 || pod.disk > 0 || pod.gpus > 0 || !pod.ports.empty() ||
                       std::any_of(pod.volumes.begin(), pod.volumes.end(),
                                   [](const VolumeNeed& v) { return v.type == OSTLER_VOLUME_MOUNT; });
    if (takes && usable.empty()) out |= OSTLER_REASON_ROLE;
    return out;
  }

 private:
  // Tries all ways of giving each need a thing of its own.
  static bool all_served(const std::vector<std::vector<uint64_t>>& choices, std::set<uint64_t> taken,
                         size_t from = 0) {
    if (from == choices.size()) return true;
    for (const uint64_t choice : choices[from]) {
      if (!taken.insert(choice).second) continue;
      if (all_served(choices, taken, from + 1)) return true;
      taken.erase(choice);
    }
    return false;
  }

  static bool ports_fit(const Pod& pod, const std::vector<OfferedResource>& usable) {
    std::set<uint64_t> offered;
    for (const OfferedResource& r : usable) {
      for (const Range& range : r.ranges) {
        for (uint64_t port = range.first; port <= range.last; ++port) offered.insert(port);
      }
    }
    std::set<uint64_t> fixed;
    for (const PortNeed& need : pod.ports) {
      if (need.port == 0) continue;
      if (offered.count(need.port) == 0) return false;
      fixed.insert(need.port);
    }
    std::vector<std::vector<uint64_t>> choices;
    for (const PortNeed& need : pod.ports) {
      if (need.port != 0) continue;
      choices.emplace_back();
      for (const uint64_t port : offered) {
        const bool in_range =
            need.ranges.empty() || std::any_of(need.ranges.begin(), need.ranges.end(),
                                               [&](Range r) { return r.first <= port && port <= r.last; });
        if (in_range) choices.back().push_back(port);
      }
    }
    return all_served(choices, fixed);
  }

  static bool mounts_fit(const Pod& pod, const std::vector<OfferedResource>& usable) {
    std::vector<std::vector<uint64_t>> choices;
    for (const VolumeNeed& need : pod.volumes) {
      if (need.type != OSTLER_VOLUME_MOUNT) continue;
      choices.emplace_back();
      for (size_t i = 0; i < usable.size(); ++i) {
        const OfferedResource& r = usable[i];
        if (r.kind != OSTLER_RES_DISK || (r.flags & OSTLER_RES_MOUNT) == 0 || r.milli < need.milli) continue;
        const bool wanted = need.profiles.empty() ? r.profile.empty()
                                                  : std::find(need.profiles.begin(), need.profiles.end(),
                                                              r.profile) != need.profiles.end();
        if (wanted) choices.back().push_back(i);
      }
    }
    return all_served(choices, {});
  }

  // The values of a field, of an agent (Offer) or of a placed pod.
  template <typename T>
  static std::vector<std::string> values(const T& of, const std::string& field, bool is_group_by) {
    const auto some = [](const std::string& text) {
      return text.empty() ? std::vector<std::string>() : std::vector<std::string>{text};
    };
    if (field == "hostname" || field == "@hostname") return some(of.hostname);
    if (field == "@zone") return some(of.zone);
    if (field == "@region") return some(of.region);
    std::vector<std::string> out;
    for (const auto& [name, text] : of.attributes) {
      if (name == field && !(is_group_by && !out.empty())) out.push_back(text);
    }
    return out;
  }

  // By POSIX, whose expressions mean the same as RE2's as far as the test uses them.
  static bool matches(const std::string& text, const std::string& pattern) {
    regex_t compiled;
    if (::regcomp(&compiled, ("^(" + pattern + ")$").c_str(), REG_EXTENDED | REG_NOSUB) != 0) std::abort();
    const bool found = ::regexec(&compiled, text.c_str(), 0, nullptr, 0) == 0;
    ::regfree(&compiled);
    return found;
  }

  static std::optional<long long> number(const std::string& text) {
    if (!matches(text, "-?[0-9]*[.]?[0-9]*") || text.find_first_of("0123456789") == std::string::npos)
      return std::nullopt;
    return std::llround(std::strtod(text.c_str(), nullptr) * 1000);
  }
  static bool same(const std::string& a, const std::string& b) {
    return a == b || (number(a) && number(a) == number(b));
  }

  bool row_holds(const std::vector<std::string>& row, const Pod& pod, const Offer& agent) const {
    const std::string& field = row[0];
    const std::string& op = row[1];
    const std::string parameter = row.size() > 2 ? row[2] : "";
    const std::vector<std::string> have = values(agent, field, op == "GROUP_BY");
    const bool is_attribute = field[0] != '@' && field != "hostname";
    const auto is_same = [&](const std::string& v) { return same(v, parameter); };
    const auto is_like = [&](const std::string& v) {
      char decimals[40];
      std::snprintf(decimals, sizeof decimals, "%.3f", std::strtod(v.c_str(), nullptr));
      return matches(v, parameter) || (is_attribute && number(v) && matches(decimals, parameter));
    };
    if (op == "IS" || op == "CLUSTER") return std::any_of(have.begin(), have.end(), is_same);
    if (op == "IS_NOT")
      return (is_attribute || !have.empty()) && std::none_of(have.begin(), have.end(), is_same);
    if (op == "LIKE") return std::any_of(have.begin(), have.end(), is_like);
    if (op == "UNLIKE") return std::none_of(have.begin(), have.end(), is_like);

    std::map<std::string, int> counts;
    for (const Placed& other : placed) {
      if (other.type != pod.type || other.name == pod.name) continue;
      for (const std::string& value : values(other, field, op == "GROUP_BY")) ++counts[value];
    }
    const auto count = [&](const std::string& v) { return counts.count(v) != 0 ? counts.at(v) : 0; };
    if (op == "UNIQUE" || op == "MAX_PER") {
      if (have.empty()) return field == "@region";
      const int limit = op == "UNIQUE" ? 1 : std::stoi(parameter);
      return std::all_of(have.begin(), have.end(),
                         [&](const std::string& v) { return count(v) + 1 <= limit; });
    }
    // GROUP_BY
    if (have.empty()) return false;
    int least = counts.empty() ? 0 : INT32_MAX, most = 0;
    for (const auto& [value, n] : counts) least = std::min(least, n), most = std::max(most, n);
    const int mine = count(have[0]);
    if (least != most && mine > least) return false;
    if (parameter.empty() || static_cast<int>(counts.size()) >= std::stoi(parameter)) return true;
    return mine == 0;
  }
};

}  // namespace ostler::test
