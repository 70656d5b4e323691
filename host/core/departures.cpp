#include "core/departures.h"

#include <algorithm>
#include <set>
#include <utility>

#include "core/claim.h"

namespace ostler::core {
namespace {

using mesos::view;

// More than a call is given (30 s, mesos/client.h) and an executor takes to end.
constexpr int64_t kProofMs = 35'000;

// Between two tries to give back what Mesos refuses to take back.
constexpr int64_t kFirstRefusalPauseMs = 5'000;
constexpr int64_t kMostRefusalPauseMs = 3'600'000;

constexpr std::string_view kPrefix = "unreserve_";
constexpr size_t kMostIdBytes = 150;  // Mesos takes operation ids of 255

// What Mesos takes as part of an operation's id, with room to spare.
bool is_plain(std::string_view id) {
  return !id.empty() && id.size() <= kMostIdBytes && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
  });
}

}  // namespace

std::string unreserve_id(std::string_view resource_id, std::string_view unique) {
  if (!is_plain(resource_id)) return std::string(unique);
  return std::string(kPrefix) + std::string(resource_id) + "_" + std::string(unique);
}

std::string_view resource_of_unreserve_id(std::string_view operation_id) {
  if (!operation_id.starts_with(kPrefix)) return {};
  operation_id.remove_prefix(kPrefix.size());
  const size_t end = operation_id.rfind('_');
  return end == std::string_view::npos ? std::string_view() : operation_id.substr(0, end);
}

void Departures::add(const mesos::Resource& resource, const std::string& agent_id, Now now) {
  departures_.try_emplace(std::string(resource_id_of(resource)),
                          Departure{agent_id, resource.allocation_role, now.mono_ms + kProofMs, false});
}

void Departures::add(const LaunchRecord& record, Now now) {
  if (record.released) {
    for (const Holding& holding : record.holdings) add(holding.resource, record.task->agent_id, now);
  }
  for (const Leftover& leftover : record.leftovers) add(leftover.resource, leftover.agent_id, now);
}

void Departures::in_use_on(const std::string& agent_id, Now now) {
  for (auto& [id, departure] : departures_) {
    if (departure.was_free || departure.agent_id != agent_id) continue;
    departure.proven_from_ms = std::max(departure.proven_from_ms, now.mono_ms + kProofMs);
  }
}

void Departures::told(const mesos::Operation& unreserve, const std::string& agent_id, Now now) {
  for (const mesos::Resource& resource : unreserve.resources) {
    departures_[std::string(resource_id_of(resource))] = {agent_id, resource.allocation_role,
                                                          now.mono_ms + kProofMs, true};
  }
}

void Departures::offers_may_be_held(Now now) {
  for (auto& [id, departure] : departures_)
    departure.proven_from_ms = std::max(departure.proven_from_ms, now.mono_ms + kProofMs);
}

std::vector<std::string> Departures::missing(const mesos::OfferBatch& batch, Now now) const {
  std::vector<std::string> gone;
  if (departures_.empty()) return gone;
  std::set<std::pair<std::string_view, std::string_view>> agents;  // and the roles of their offers
  std::set<std::string_view> offered;
  for (const ostler_offer_t& offer : batch.offers) {
    for (uint32_t i = 0; i < offer.resources.count; ++i) {
      const ostler_resource_t& resource = batch.resources[offer.resources.first + i];
      agents.emplace(view(offer.agent_id), view(resource.allocation_role));
    }
  }
  for (const uint32_t index : batch.reserved) offered.insert(view(batch.resources[index].reservation_id));
  for (const auto& [id, departure] : departures_) {
    if (now.mono_ms < departure.proven_from_ms || offered.contains(id)) continue;
    if (agents.contains({departure.agent_id, departure.role})) gone.push_back(id);
  }
  return gone;
}

bool Departures::refused(const std::vector<std::string>& resource_ids, Now now) {
  bool is_news = false;
  for (const std::string& id : resource_ids) {
    const auto [refusal, is_first] = refusals_.try_emplace(id);
    is_news |= is_first;
    int64_t& pause_ms = refusal->second.pause_ms;
    pause_ms = std::clamp(2 * pause_ms, kFirstRefusalPauseMs, kMostRefusalPauseMs);
    refusal->second.until_ms = now.mono_ms + pause_ms;
  }
  return is_news;
}

int64_t Departures::put_off_ms(std::string_view resource_id, Now now) const {
  const auto refusal = refusals_.find(resource_id);
  return refusal == refusals_.end() ? 0 : std::max<int64_t>(0, refusal->second.until_ms - now.mono_ms);
}

void Departures::forget(const std::vector<std::string>& resource_ids) {
  for (const std::string& id : resource_ids) {
    departures_.erase(id);
    refusals_.erase(id);
  }
}

}  // namespace ostler::core
