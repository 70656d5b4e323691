// Which offers are of agents that go into maintenance; see maintenance.h.
#include "core/maintenance.h"

#include <algorithm>
#include <map>

namespace ostler::core {

Maintenance::Maintenance(const mesos::OfferBatch& batch, Now now) {
  std::map<std::string_view, Closed> agents;
  for (const mesos::Unavailability& one : batch.unavailable) {
    const int64_t begins_in_ms = one.from_ms - now.unix_ms;
    if (begins_in_ms > kSoonMs || one.until_ms <= now.unix_ms) continue;
    agents.emplace(mesos::view(batch.offers[one.offer].agent_id),
                   Closed{one.offer, begins_in_ms, one.until_ms - now.unix_ms});
  }
  if (agents.empty()) return;
  for (uint32_t o = 0; o < batch.size(); ++o) {
    const auto found = agents.find(mesos::view(batch.offers[o].agent_id));
    if (found != agents.end()) closed_.push_back({o, found->second.begins_in_ms, found->second.ends_in_ms});
  }
}

void Maintenance::refuse(ostler_verdict_t* row) const {
  for (const Closed& one : closed_) {
    ostler_verdict_t& verdict = row[one.offer];
    // Among those that do not fit, a score says how near they come: minus what is missing.
    if (verdict.reasons == 0) verdict.score = 0;
    verdict.reasons |= kMaintenanceReason;
    verdict.score -= 1;
  }
}

const Maintenance::Closed* Maintenance::find(uint32_t offer) const {
  const auto found = std::lower_bound(closed_.begin(), closed_.end(), offer,
                                      [](const Closed& one, uint32_t o) { return one.offer < o; });
  return found == closed_.end() || found->offer != offer ? nullptr : &*found;
}

std::optional<int64_t> Maintenance::ends_in_ms(uint32_t offer) const {
  const Closed* found = find(offer);
  return found == nullptr ? std::nullopt : std::optional(found->ends_in_ms);
}

std::string Maintenance::explain(uint32_t offer, std::string reasons_json) const {
  const Closed* found = find(offer);
  if (found == nullptr || !reasons_json.ends_with(']')) return reasons_json;
  const int64_t minutes = (found->begins_in_ms + 59'999) / 60'000;
  const std::string message = found->begins_in_ms <= 0
                                  ? "the agent is in maintenance"
                                  : "the agent goes into maintenance in " + std::to_string(minutes) +
                                        (minutes == 1 ? " minute" : " minutes");
  reasons_json.pop_back();
  if (!reasons_json.ends_with('[')) reasons_json += ',';
  return reasons_json + R"({"reason":"MAINTENANCE","message":")" + message + "\"}]";
}

}  // namespace ostler::core
