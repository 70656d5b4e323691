#include "core/offer_cycle.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <set>

#include "base/large_pages.h"
#include "core/maintenance.h"
#include "core/names.h"
#include "core/provider_operations.h"

namespace ostler::core {
namespace {

using mesos::view;

// What may be given back again within this time is not declined for long.
constexpr int64_t kRetriedSoonMs = 60'000;

// The offers of one batch by agent, and the pools of the agents and roles that were looked at.
class Agents {
 public:
  explicit Agents(const mesos::OfferBatch& batch) : batch_(batch) {}

  // Of the offer's agent; nullptr when it offers nothing to that role.
  AgentPool* pool(uint32_t offer, const std::string& role) {
    const std::string_view agent = view(batch_.offers[offer].agent_id);
    if (order_.empty()) sort();
    const auto [known, is_new] = pools_.try_emplace(std::pair(agent, role));
    if (is_new) {
      std::vector<uint32_t> offers = offers_of(agent, role);
      if (!offers.empty()) known->second = std::make_unique<AgentPool>(batch_, std::move(offers));
    }
    return known->second.get();
  }

 private:
  std::vector<uint32_t> offers_of(std::string_view agent, std::string_view role) const {
    std::vector<uint32_t> out;
    for (auto at = std::lower_bound(order_.begin(), order_.end(), std::pair(agent, uint32_t{0}));
         at != order_.end() && at->first == agent; ++at) {
      if (is_offered_to(batch_, at->second, role)) out.push_back(at->second);
    }
    return out;
  }

  // Only for rounds in which something fits.
  void sort() {
    order_.reserve(batch_.size());
    for (uint32_t i = 0; i < batch_.size(); ++i) order_.emplace_back(view(batch_.offers[i].agent_id), i);
    std::sort(order_.begin(), order_.end());
  }

  const mesos::OfferBatch& batch_;
  std::vector<std::pair<std::string_view, uint32_t>> order_;
  std::map<std::pair<std::string_view, std::string>, std::unique_ptr<AgentPool>> pools_;
};

// The pod's type when its placement rule says just that an agent takes one of them.
std::string unique_type(const spec::PodSpec& pod) {
  if (pod.placement.size() != 1 || pod.placement[0].size() < 2) return {};
  const std::vector<std::string>& row = pod.placement[0];
  if (row[0] != "hostname" && row[0] != "@hostname") return {};
  const bool is_unique = row[1] == "UNIQUE" || (row[1] == "MAX_PER" && row.size() == 3 && row[2] == "1");
  return is_unique ? pod.type : std::string();
}

// The best offer that fits and was not tried yet, or -1.
int64_t best(const ostler_verdict_t* verdicts, size_t count, const std::vector<char>& tried) {
  int64_t found = -1;
  for (size_t i = 0; i < count; ++i) {
    if (verdicts[i].reasons != 0 || tried[i]) continue;
    if (found < 0 || verdicts[i].score > verdicts[found].score) found = static_cast<int64_t>(i);
  }
  return found;
}

// The verdicts of a round, requirement by requirement, kept up with what is placed in it.
class Verdicts {
 public:
  Verdicts(const mesos::OfferBatch& batch, Judge& judge, const Round& round, Now now)
      : batch_(batch), judge_(judge), round_(round), maintenance_(batch, now) {}

  Result<void> evaluate() {
    reserve_large(all_, round_.size() * batch_.size());
    return round_.size() == 0 ? Result<void>() : judge_.evaluate(round_.view(), all_);
  }

  // Those of requirement `r`, valid until the next call.
  Result<const ostler_verdict_t*> row(uint32_t r, const LaunchRequest& request) {
    ostler_verdict_t* row = all_.data() + size_t{r} * batch_.size();
    if (request.in_place()) return row;
    if (const std::string type = unique_type(*request.pod); !type.empty()) {
      // To judge a thousand such pods anew after each launch would cost a second.
      const auto taken = taken_.find(type);
      if (taken != taken_.end()) {
        for (const uint32_t o : taken->second) exclude(row[o]);
      }
    } else if (placed_any_ && !request.pod->placement.empty()) {
      // Placement counts what was placed a moment ago, too.
      Result<void> judged = judge_.evaluate(round_.view(r), again_);
      if (!judged.ok()) return judged.error();
      row = again_.data();
    }
    maintenance_.refuse(row);
    return row;
  }

  void placed(const LaunchRequest& request, std::string_view hostname) {
    placed_any_ = true;
    const std::string type = unique_type(*request.pod);
    if (type.empty()) return;
    std::vector<uint32_t>& taken = taken_[type];
    for (uint32_t o = 0; o < batch_.size(); ++o) {
      if (view(batch_.offers[o].hostname) == hostname) taken.push_back(o);
    }
  }

  // Why the first of these, all of one agent, is refused. The judge gets a round of them alone,
  // or it would look through all for those of the agent.
  std::string explain(uint32_t r, const std::vector<uint32_t>& offers) {
    std::vector<ostler_offer_t> alone;
    for (const uint32_t offer : offers) alone.push_back(batch_.offers[offer]);
    ostler_round_t round = round_.view(r);
    round.offers = {alone.data(), static_cast<uint32_t>(alone.size()), sizeof(ostler_offer_t)};
    return maintenance_.explain(offers.front(), judge_.explain(round, 0, 0));
  }

 private:
  static void exclude(ostler_verdict_t& verdict) {
    if (verdict.reasons & OSTLER_REASON_PLACEMENT) return;
    if (verdict.reasons == 0) verdict.score = 0;
    verdict.reasons |= OSTLER_REASON_PLACEMENT;
    verdict.score -= 1;
  }

  const mesos::OfferBatch& batch_;
  Judge& judge_;
  const Round& round_;
  const Maintenance maintenance_;
  std::vector<ostler_verdict_t> all_, again_;
  bool placed_any_ = false;
  // By pod type whose rule is that an agent takes one: offers of hosts that got one now.
  std::map<std::string, std::vector<uint32_t>> taken_;
};

// Gives back what carries our labels and belongs to nothing: volumes first, since a
// reservation with a volume on it cannot be given back.
std::vector<mesos::Operation> cleanup(const mesos::OfferBatch& batch,
                                      const std::vector<uint32_t>& belong_to_nothing) {
  std::vector<mesos::Resource> destroy;
  std::vector<mesos::Operation> unreserve;  // one each: so its id can name it (departures.h)
  for (const uint32_t at : belong_to_nothing) {
    mesos::Resource full = batch.resource(at);
    if (batch.resources[at].flags & OSTLER_RES_VOLUME) {
      destroy.push_back(full);
      // What is left after DESTROY: the reservation without its volume. A MOUNT disk keeps its source.
      mesos::Disk left;
      left.source = full.disk->source;
      full.disk.reset();
      if (left.source) full.disk = std::move(left);
    }
    mesos::Operation& operation = unreserve.emplace_back();
    operation.type = mesos::Operation::Type::kUnreserve;
    operation.resources.push_back(std::move(full));
  }
  std::vector<mesos::Operation> out;
  add_operations(out, mesos::Operation::Type::kDestroy, std::move(destroy));
  std::move(unreserve.begin(), unreserve.end(), std::back_inserter(out));
  return out;
}

}  // namespace

bool OfferCycle::is_held_by(std::string_view resource_id, const PodSet& busy) const {
  const std::set<std::string>& holders = tasks_.holders(resource_id);
  return std::any_of(holders.begin(), holders.end(), [&](const std::string& name) {
    const LaunchRecord& launch = *tasks_.find(name)->launch;
    return busy.contains(std::pair<std::string_view, int32_t>(launch.pod_type, launch.pod_index));
  });
}

Result<CycleResult> OfferCycle::run(const mesos::OfferBatch& batch, const std::vector<Candidate>& candidates,
                                    const PodSet& busy, Now now) {
  CycleResult out;
  Agents agents(batch);
  Round round(batch, tasks_, local_region_);
  std::vector<size_t> asked;  // requirement -> candidate
  for (size_t c = 0; c < candidates.size(); ++c) {
    Result<uint64_t> rule =
        rules_.handle(context_.settings, *candidates[c].request.service, *candidates[c].request.pod);
    if (!rule.ok() && !candidates[c].request.in_place()) {
      out.unserved.emplace_back(c, "its placement rule is invalid: " + rule.error().message);
      continue;
    }
    round.add(context_.settings, candidates[c].request, rule.ok() ? *rule : 0, context_.role);
    asked.push_back(c);
  }

  Verdicts verdicts(batch, judge_, round, now);
  if (Result<void> judged = verdicts.evaluate(); !judged.ok()) return judged.error();

  // By agent and role: a fixed order.
  std::map<std::pair<std::string, std::string>, CycleResult::Accept> accepts;
  std::vector<char> used;         // by offer; empty: none
  std::set<uint32_t> soon_again;  // offers that will be wanted in a moment
  for (size_t r = 0; r < asked.size(); ++r) {
    const Candidate& candidate = candidates[asked[r]];
    Result<const ostler_verdict_t*> judged = verdicts.row(static_cast<uint32_t>(r), candidate.request);
    if (!judged.ok()) return judged.error();
    const ostler_verdict_t* row = *judged;
    std::vector<char> tried(batch.size(), 0);
    std::string why;
    bool served = false;
    for (int64_t o = best(row, batch.size(), tried); o >= 0 && !served; o = best(row, batch.size(), tried)) {
      tried[static_cast<size_t>(o)] = 1;
      if (const ostler_offer_t& offer = batch.offers[static_cast<size_t>(o)];
          candidate.request.shunned_agents.contains(view(offer.agent_id))) {
        why = "agent " + std::string(view(offer.hostname)) +
              ": a task that was replaced, or is to be, may still run there";
        soon_again.insert(static_cast<uint32_t>(o));
        continue;
      }
      const std::string hostname(view(batch.offers[static_cast<size_t>(o)].hostname));
      const std::string role = allocation_role_of(candidate.request, context_.role);
      AgentPool* pool = agents.pool(static_cast<uint32_t>(o), role);
      if (pool == nullptr) {
        why = "agent " + hostname + ": it offers nothing to role '" + role + "'";
        continue;
      }
      Result<Claim> claimed = claim(context_, candidate.request, *pool);
      if (!claimed.ok()) {
        why = "agent " + hostname + ": " + claimed.error().message;
        continue;
      }
      served = true;
      CycleResult::Accept& accept = accepts[{claimed->agent_id, claimed->role}];
      if (accept.offer_ids.empty()) {
        accept.agent_id = claimed->agent_id;
        accept.role = claimed->role;
        used.resize(batch.size());
        for (const uint32_t number : pool->offers()) {
          accept.offer_ids.emplace_back(view(batch.offers[number].id));
          used[number] = 1;
        }
      }
      ++accept.launches;
      for (mesos::Operation& operation : claimed->operations)
        accept.operations.push_back(std::move(operation));
      const LaunchRecord& first = *claimed->launched.front().second;
      if (!candidate.request.in_place()) {  // what is in its place counts there already
        round.place(candidate.request,
                    Place{first.task->agent_id, first.hostname, first.region, first.zone, first.attributes});
        verdicts.placed(candidate.request, first.hostname);
      }
      why_.served(candidate.step->id, pod_name(candidate.request.pod->type, candidate.request.index),
                  static_cast<uint32_t>(o));
      out.claims.emplace_back(asked[r], std::move(*claimed));
    }
    if (!served) {
      const std::string pod = pod_name(candidate.request.pod->type, candidate.request.index);
      const bool any_fits =
          std::any_of(row, row + batch.size(), [](const auto& v) { return v.reasons == 0; });
      why_.judged(candidate.step->id, pod, row,
                  [&](const auto& offers) { return verdicts.explain(static_cast<uint32_t>(r), offers); });
      if (!any_fits || why.empty()) {
        // With a region in the rule, an agent that it refuses may as well be elsewhere.
        const bool is_regional = PlacementRules::adds_region(context_.settings, *candidate.request.pod);
        why = why_.sentence(candidate.step->id, pod,
                            is_regional ? std::string() : unique_type(*candidate.request.pod));
      }
      out.unserved.emplace_back(asked[r], std::move(why));
    }
  }

  std::vector<uint32_t> garbage;
  size_t at = 0;
  for (uint32_t o = 0; o < batch.size(); ++o) {
    const ostler_offer_t& offer = batch.offers[o];
    if (!used.empty() && used[o]) continue;
    garbage.clear();
    bool is_wanted_soon = soon_again.contains(o);
    batch.each_reserved(offer, at, [&](uint32_t index) {
      const std::string_view id = view(batch.resources[index].reservation_id);
      if (id.empty()) return;
      if (tasks_.keeps(id)) {
        is_wanted_soon = is_wanted_soon || is_held_by(id, busy);
      } else if (const int64_t left_ms = departures_.put_off_ms(id, now); left_ms > 0) {
        is_wanted_soon |= left_ms <= kRetriedSoonMs;
      } else {
        garbage.push_back(index);
      }
    });
    if (!garbage.empty()) {
      out.accepts.push_back(
          {std::string(view(offer.agent_id)), {}, {std::string(view(offer.id))}, cleanup(batch, garbage), 0});
    } else if (is_wanted_soon) {
      // Its pod is down and will want this: once its other tasks are dead, its back-off is
      // over, or the rest of what it holds comes in another offer.
      out.decline_short.push_back(o);
    } else {
      out.decline_long.push_back(o);
    }
  }
  for (auto& [agent_and_role, accept] : accepts) out.accepts.push_back(std::move(accept));
  return out;
}

}  // namespace ostler::core
