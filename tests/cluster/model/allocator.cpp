// Offers: who gets what is free on an agent, and the filters that hold offers back.
//
// Each round goes over the agents; what is free there goes as one offer to the role
// (and in it the framework) that holds the fewest CPUs. A held offer blocks its part
// of the agent. Filters compare with what was declined: a bigger offer passes.
#include <algorithm>

#include "cluster/model/master.h"

namespace ostler::cluster {
namespace {

// What Mesos calls allocatable: less is not worth an offer.
constexpr int64_t kMinCpusMilli = 10;
constexpr int64_t kMinMemMilli = 32'000;

bool is_for(const Resource& resource, const std::string& role) {
  const auto& reserved = reserved_role(resource);
  return reserved.empty() || reserved == "*" || reserved == role ||
         (role.size() > reserved.size() && role.starts_with(reserved) && role[reserved.size()] == '/');
}

bool is_worth_an_offer(const Resources& resources) {
  return total_milli(resources, "cpus") >= kMinCpusMilli || total_milli(resources, "mem") >= kMinMemMilli;
}

}  // namespace

void Master::allocate(int64_t now_ms, Agent* only) {
  struct Candidate {
    const std::string* framework_id;
    Framework* framework;
    const std::string* role;
  };
  std::vector<Candidate> candidates;
  for (auto& [id, framework] : frameworks_) {
    if (!framework.is_connected) continue;
    for (const auto& role : framework.info.roles) {
      if (!framework.suppressed.contains(role)) candidates.push_back({&id, &framework, &role});
    }
  }
  if (candidates.empty()) return;
  std::map<std::string, event::Offers> batches;
  for (const auto& agent : agents_) {
    if (only != nullptr && agent.get() != only) continue;
    if (agent->standing != Standing::kRegistered || agent->available.empty()) continue;
    if (candidates.size() > 1) {
      std::stable_sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
        return a.framework->cpus[*a.role] < b.framework->cpus[*b.role];
      });
    }
    for (const auto& candidate : candidates) {
      // Most often all of it is for the role; a copy is made of what is offered alone.
      const bool is_all =
          std::all_of(agent->available.begin(), agent->available.end(),
                      [&](const auto& resource) { return is_for(resource, *candidate.role); });
      if (is_all && is_filtered(now_ms, *candidate.framework, *agent, *candidate.role, agent->available))
        continue;
      if (is_all && !is_worth_an_offer(agent->available)) continue;
      Resources mine;
      if (is_all) {
        mine.swap(agent->available);
      } else {
        for (const auto& resource : agent->available) {
          if (is_for(resource, *candidate.role)) mine.push_back(resource);
        }
        if (!is_worth_an_offer(mine)) continue;
        if (is_filtered(now_ms, *candidate.framework, *agent, *candidate.role, mine)) continue;
        std::erase_if(agent->available, [&](const Resource& r) { return is_for(r, *candidate.role); });
      }
      offer(*agent, *candidate.framework_id, *candidate.framework, *candidate.role, std::move(mine), batches);
      if (agent->available.empty()) break;
    }
  }
  for (auto& [framework_id, offers] : batches) to_framework(framework_id, std::move(offers));
}

void Master::offer(Agent& agent, const std::string& framework_id, Framework& framework,
                   const std::string& role, Resources resources,
                   std::map<std::string, event::Offers>& batches) {
  framework.cpus[role] += total_milli(resources, "cpus");
  set_allocation(resources, role);
  Offer made{id_ + "-O" + std::to_string(next_offer_++),
             framework_id,
             agent.id,
             role,
             agent.spec,
             std::move(resources),
             {},
             agent.maintenance};
  for (const auto& [key, executor] : agent.executors) {
    if (key.first == framework_id) made.executor_ids.push_back(key.second);
  }
  agent.offers.push_back(made.id);
  batches[framework_id].offers.push_back(made);
  offers_.emplace(made.id, std::move(made));
}

bool Master::is_filtered(int64_t now_ms, Framework& framework, const Agent& agent, const std::string& role,
                         const Resources& resources) {
  const auto found = framework.filters.find(agent.index);
  if (found == framework.filters.end()) return false;
  auto& filters = found->second;
  std::erase_if(filters, [&](const Filter& filter) { return filter.until_ms <= now_ms; });
  if (filters.empty()) {
    framework.filters.erase(found);
    return false;
  }
  return std::any_of(filters.begin(), filters.end(), [&](const Filter& filter) {
    return filter.role == role && contains(filter.resources, resources);
  });
}

void Master::add_filter(int64_t now_ms, Framework& framework, const Agent& agent, const std::string& role,
                        Resources resources, double refuse_s) {
  if (refuse_s < 0) refuse_s = 5;
  if (refuse_s == 0 || resources.empty()) return;
  // A year is for ever here, and keeps huge values from overflowing.
  const auto wait_ms = static_cast<int64_t>(std::min(refuse_s, 31'536'000.0) * 1000);
  set_allocation(resources, "");
  framework.filters[agent.index].push_back(
      {role, std::move(resources), now_ms + std::max(wait_ms, options_.allocation_interval_ms)});
}

std::optional<Offer> Master::take_offer(const std::string& offer_id) {
  const auto found = offers_.find(offer_id);
  if (found == offers_.end()) return std::nullopt;
  Offer offer = std::move(found->second);
  offers_.erase(found);
  std::erase(agents_by_id_.at(offer.agent_id)->offers, offer_id);
  return offer;
}

void Master::release(Agent& agent, Framework* framework, Resources resources) {
  settled_until_ms_ = 0;
  for (auto& resource : resources) {
    if (framework != nullptr && resource.name == "cpus")
      framework->cpus[resource.allocation_role] -= resource.milli;
    resource.allocation_role.clear();
    add(agent.available, std::move(resource));
  }
}

void Master::withdraw_offers(Agent& agent) {
  const auto ids = agent.offers;
  for (const auto& id : ids) {
    auto offer = take_offer(id);
    release(agent, find_framework(offer->framework_id), std::move(offer->resources));
    to_framework(offer->framework_id, event::Rescind{id});
  }
}

void Master::drop_offers(const std::string& framework_id) {
  std::vector<std::string> ids;
  for (const auto& [id, offer] : offers_) {
    if (offer.framework_id == framework_id) ids.push_back(id);
  }
  std::sort(ids.begin(), ids.end());
  for (const auto& id : ids) {
    auto offer = take_offer(id);
    release(*agents_by_id_.at(offer->agent_id), find_framework(framework_id), std::move(offer->resources));
  }
}

void Master::decline(int64_t now_ms, const std::string& framework_id, const mesos::call::Decline& call) {
  auto& framework = frameworks_.at(framework_id);
  for (const std::string_view one : call.offer_ids) {
    const std::string id(one);
    const auto found = offers_.find(id);
    if (found == offers_.end() || found->second.framework_id != framework_id) continue;
    auto offer = take_offer(id);
    auto& agent = *agents_by_id_.at(offer->agent_id);
    release(agent, &framework, offer->resources);
    add_filter(now_ms, framework, agent, offer->role, std::move(offer->resources), call.refuse_s);
  }
}

void Master::set_suppressed(int64_t now_ms, const std::string& framework_id,
                            const std::vector<std::string>& roles, bool on) {
  auto& framework = frameworks_.at(framework_id);
  const auto& own = framework.info.roles;
  std::vector<std::string> which;
  for (const auto& role : roles.empty() ? own : roles) {
    if (std::find(own.begin(), own.end(), role) != own.end()) which.push_back(role);
  }
  settled_until_ms_ = 0;
  if (which.empty()) return;
  for (const auto& role : which) {
    if (on) {
      framework.suppressed.insert(role);
      continue;
    }
    framework.suppressed.erase(role);
    for (auto& [agent, filters] : framework.filters) {
      std::erase_if(filters, [&](const Filter& filter) { return filter.role == role; });
    }
  }
  if (!on) allocate(now_ms);
}

}  // namespace ostler::cluster
