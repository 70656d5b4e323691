#include "core/sharing.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/footprint.h"

namespace ostler::core {

std::vector<std::pair<std::string, std::shared_ptr<const LaunchRecord>>> records_to_follow(
    const Claim& claim, const TaskTable& tasks) {
  const LaunchRecord& first = *claim.launched.front().second;
  const std::vector<const TaskTable::Entry*>& pod = tasks.of_pod(first.pod_type, first.pod_index);
  const auto is_written = [&](const TaskTable::Entry* entry) {
    const auto has_its_name = [&](const auto& one) { return one.first == entry->first; };
    return std::any_of(claim.launched.begin(), claim.launched.end(), has_its_name) ||
           std::any_of(claim.reserved.begin(), claim.reserved.end(), has_its_name);
  };
  if (std::all_of(pod.begin(), pod.end(), is_written)) return {};  // as a rule

  std::map<std::string_view, const Holding*> now;
  std::set<std::string_view> sets;  // the executor's is the empty one
  for (const auto* group : {&claim.launched, &claim.reserved}) {
    for (const auto& [name, launch] : *group) {
      for (const Holding& holding : launch->holdings) {
        now.emplace(holding.key, &holding);
        sets.insert(resource_set_of_key(holding.key));
      }
    }
  }
  std::vector<std::pair<std::string, std::shared_ptr<const LaunchRecord>>> out;
  for (const TaskTable::Entry* entry : pod) {
    const LaunchRecord& other = *entry->second.launch;
    if (is_written(entry) || other.permanently_failed || other.released ||
        other.task->agent_id != first.task->agent_id)
      continue;
    auto launch = std::make_shared<LaunchRecord>(other);
    std::erase_if(launch->holdings, [&](const Holding& holding) {
      return sets.contains(resource_set_of_key(holding.key)) && !now.contains(holding.key);
    });
    for (Holding& holding : launch->holdings) {
      const auto shared = now.find(holding.key);
      if (shared != now.end()) holding = *shared->second;
    }
    if (!(launch->holdings == other.holdings)) out.emplace_back(entry->first, std::move(launch));
  }
  return out;
}

}  // namespace ostler::core
