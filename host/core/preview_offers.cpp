#include "core/preview_offers.h"

#include <algorithm>
#include <set>

#include "core/maintenance.h"
#include "core/names.h"
#include "core/why.h"

namespace ostler::core {
namespace {

using mesos::view;

std::string age(const KnownOffers::Kept& kept, Now now) {
  return std::to_string((now.mono_ms - kept.mono_ms) / 1000) + " s ago";
}

// The newest offers of each agent, newest first; agents whose newest were used are left out.
template <typename Body>
void each_batch(const KnownOffers& offers, Body body) {
  std::set<std::string, std::less<>> seen;
  for (const KnownOffers::Kept& kept : offers.batches()) {
    std::vector<uint32_t> current;
    std::set<std::string, std::less<>> here;
    for (uint32_t i = 0; i < kept.batch.size(); ++i) {
      const std::string_view agent = view(kept.batch.offers[i].agent_id);
      if (seen.find(agent) != seen.end()) continue;
      here.emplace(agent);
      if (kept.stale_agents.find(agent) == kept.stale_agents.end()) current.push_back(i);
    }
    seen.merge(here);
    if (!current.empty()) body(kept, current);
  }
}

// "none of 3 agents had room: 2 short of memory, 1 excluded by placement".
std::string what_was_missing(const std::vector<uint64_t>& reasons) {
  std::string text = "none of " + std::to_string(reasons.size()) + " known agents had room";
  const char* separator = ": ";
  for (size_t reason = 0; reason < kWhyReasons; ++reason) {
    const auto hit = std::count_if(reasons.begin(), reasons.end(),
                                   [&](uint64_t r) { return (r & why_reason_bits(reason)) != 0; });
    if (hit == 0) continue;
    text += separator + std::to_string(hit) + " " + std::string(why_reason_text(reason));
    separator = ", ";
  }
  return text;
}

}  // namespace

std::string describe_known(const KnownOffers& offers, Now now) {
  std::set<std::string> agents;
  const KnownOffers::Kept* newest = nullptr;
  const KnownOffers::Kept* oldest = nullptr;
  each_batch(offers, [&](const KnownOffers::Kept& kept, const std::vector<uint32_t>& current) {
    if (newest == nullptr) newest = &kept;
    oldest = &kept;
    for (const uint32_t i : current) agents.emplace(view(kept.batch.offers[i].agent_id));
  });
  if (agents.empty()) {
    return "no offers are held and none is remembered, so it is not known whether the cluster has room; "
           "Mesos is asked "
           "for offers when there is something to launch";
  }
  const std::string count = std::to_string(agents.size()) + (agents.size() == 1 ? " agent" : " agents");
  return "no offers are held; compared with the last ones of " + count + ", seen " + age(*oldest, now) +
         (newest == oldest ? "" : " to " + age(*newest, now)) + ", which may have changed since";
}

AgentPool* PreviewOffers::pool(const KnownOffers::Kept& kept, const std::string& agent_id,
                               const std::string& role) {
  auto& pool = pools_[{&kept, agent_id, role}];
  if (!pool) {
    std::vector<uint32_t> offers;
    for (uint32_t i = 0; i < kept.batch.size(); ++i) {
      if (view(kept.batch.offers[i].agent_id) == agent_id && is_offered_to(kept.batch, i, role))
        offers.push_back(i);
    }
    if (!offers.empty()) pool = std::make_unique<AgentPool>(kept.batch, std::move(offers));
  }
  return pool.get();
}

void PreviewOffers::compare(const LaunchRequest& request, PreviewStep& step, std::optional<Place>& place) {
  place.reset();
  const bool takes_more = std::any_of(step.operations.begin(), step.operations.end(),
                                      [](const PreviewOperation& one) { return one.type == "RESERVE"; });
  if (!takes_more) {
    step.fits = true;
    step.offers = "takes only what it holds already";
    return;
  }
  if (request.in_place()) {
    compare_growth(request, step);
    return;
  }
  const Result<uint64_t> rule = rules_.handle(input_.settings, *request.service, *request.pod);
  if (!rule.ok()) {
    step.fits = false;
    step.offers = "its placement rule is invalid: " + rule.error().message;
    return;
  }
  compare_new(request, *rule, step, place);
}

void PreviewOffers::compare_new(const LaunchRequest& request, uint64_t rule, PreviewStep& step,
                                std::optional<Place>& place) {
  const ClaimContext context{input_.settings, input_.framework_id, target_.principal, target_.role, ids_};
  std::vector<ostler_verdict_t> row;
  std::vector<uint64_t> seen;
  std::string why;
  each_batch(input_.offers, [&](const KnownOffers::Kept& kept, const std::vector<uint32_t>& current) {
    if (step.fits == true) return;
    Round round(kept.batch, tasks_, input_.local_region);
    round.add(input_.settings, request, rule, target_.role);
    if (!input_.judge.evaluate(round.view(), row).ok()) return;
    Maintenance(kept.batch, input_.now).refuse(row);
    for (const uint32_t i : current) {
      seen.push_back(row[i].reasons);
      if (row[i].reasons != 0) continue;
      const std::string role = allocation_role_of(request, target_.role);
      AgentPool* free = pool(kept, std::string(view(kept.batch.offers[i].agent_id)), role);
      if (free == nullptr) {
        why = "agent " + std::string(view(kept.batch.offers[i].hostname)) + ": it offers nothing to role '" +
              role + "'";
        continue;
      }
      Result<Claim> claimed = claim(context, request, *free);
      if (!claimed.ok()) {
        why = "agent " + std::string(view(free->offer().hostname)) + ": " + claimed.error().message;
        continue;
      }
      const LaunchRecord& first = *claimed->launched.front().second;
      place = Place{first.task->agent_id, first.hostname, first.region, first.zone, first.attributes};
      step.fits = true;
      step.offers = "agent " + first.hostname + " had room for it " + age(kept, input_.now);
      return;
    }
  });
  if (step.fits) return;
  if (seen.empty()) {
    step.offers = "not known: no offers are remembered";
    return;
  }
  step.fits = false;
  step.offers = why.empty() ? what_was_missing(seen) : why;
}

// What it holds is in use and in no offer; only what it grows by has to be free.
void PreviewOffers::compare_growth(const LaunchRequest& request, PreviewStep& step) {
  std::vector<ostler_verdict_t> row;
  each_batch(input_.offers, [&](const KnownOffers::Kept& kept, const std::vector<uint32_t>& current) {
    if (step.fits) return;
    for (const uint32_t i : current) {
      if (view(kept.batch.offers[i].agent_id) != request.agent_id) continue;
      Round round(kept.batch, tasks_, input_.local_region);
      round.add(input_.settings, request, 0, target_.role);
      if (!input_.judge.evaluate(round.view(), row).ok()) return;
      row[i].reasons &= ~static_cast<uint64_t>(OSTLER_REASON_RESERVED);
      const std::string host(view(kept.batch.offers[i].hostname));
      step.fits = row[i].reasons == 0;
      step.offers =
          *step.fits ? "agent " + host + " had that much free " + age(kept, input_.now)
                     : what_was_missing({row[i].reasons}) + " (" + host + ", " + age(kept, input_.now) + ")";
      return;
    }
  });
  if (!step.fits) {
    step.offers =
        "not known: no offer of the agent that it runs on is remembered; if the growth does not fit, the pod "
        "waits for it after its tasks were killed";
  }
}

}  // namespace ostler::core
