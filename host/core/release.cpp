// Giving reservations back: the part of the Engine that remembers what a replaced or
// decommissioned pod held until Mesos says that it is free.
//
// What a released record holds is in nobody's name, so the offer cycle destroys and
// unreserves it as soon as it is offered (offer_cycle.cpp, cleanup). Here it is crossed
// off, once it is certain that it is gone (departures.h).
#include <algorithm>

#include "core/engine.h"
#include "core/names.h"

namespace ostler::core {
namespace {

// Offers are asked for so long on account of something left over; after that it is
// cleaned up when its agent is offered for another reason.
constexpr int64_t kLeftoverPatienceMs = 10 * 60 * 1000;

}  // namespace

// After a restart: the process may have died before it came to this.
void Engine::release_replaced(Now now, Effects& out) {
  std::set<std::string> pods;
  for (const auto& [name, task] : tasks_.all()) {
    if (task.launch && task.launch->permanently_failed)
      pods.insert(pod_name(task.launch->pod_type, task.launch->pod_index));
  }
  for (const std::string& pod : pods) release_if_dead(pod, now, out);
}

// A pod that is to be replaced gives back what it held once nothing runs on it.
void Engine::release_if_dead(const std::string& pod, Now now, Effects& out) {
  const std::vector<std::string> names = tasks_.names_of_pod(pod);
  for (const std::string& name : names) {
    const Task& task = *tasks_.find(name);
    if (!task.launch->permanently_failed) return;
    if (task.live() && !task.is_away(now.mono_ms)) return;
  }
  if (release(names, now, out)) leftovers_changed_ = true;
}

// False when they were released before.
bool Engine::release(const std::vector<std::string>& names, Now now, Effects& out) {
  effect::Persist persist;
  for (const std::string& name : names) {
    const Task* task = tasks_.find(name);
    if (task == nullptr || task->launch->released) continue;
    auto launch = std::make_shared<LaunchRecord>(*task->launch);
    launch->released = true;
    departures_.add(*launch, now);
    persist.changes.push_back(change::PutLaunch{name, launch});
    planner_.touch(launch->pod_type, launch->pod_index);
    tasks_.set_launch(name, std::move(launch));
  }
  if (persist.changes.empty()) return false;
  out.push_back(std::move(persist));
  // What does not show by then is looked for.
  sweeper_.leftovers(now);
  return true;
}

// What the records held that a claim replaces, and the claim does not.
std::vector<Leftover> Engine::leftovers_of(const Step& step, const Claim& claim) const {
  const std::vector<const TaskTable::Entry*>& pod = tasks_.of_pod(step.pod_type, step.pod_index);
  const auto leaves_something = [](const TaskTable::Entry* entry) {
    const LaunchRecord& old = *entry->second.launch;
    return !old.leftovers.empty() || old.permanently_failed || old.released;
  };
  if (std::none_of(pod.begin(), pod.end(), leaves_something)) return {};  // as a rule

  std::set<std::string_view> kept;
  std::set<std::string_view> replaced;
  for (const auto* group : {&claim.launched, &claim.reserved}) {
    for (const auto& [name, launch] : *group) {
      replaced.insert(name);
      for (const Holding& holding : launch->holdings) kept.insert(resource_id_of(holding.resource));
    }
  }
  std::vector<Leftover> out;
  const auto add = [&](Leftover leftover) {
    if (kept.insert(resource_id_of(leftover.resource)).second) out.push_back(std::move(leftover));
  };
  for (const TaskTable::Entry* entry : pod) {
    if (!replaced.contains(entry->first)) continue;
    const LaunchRecord& old = *entry->second.launch;
    for (const Leftover& leftover : old.leftovers) add(leftover);
    if (!old.permanently_failed && !old.released) continue;
    for (const Holding& holding : old.holdings) {
      if (holding.confirmed) add({old.task->agent_id, old.hostname, holding.resource});
    }
  }
  return out;
}

void Engine::given_back(const std::vector<std::string>& resource_ids, Effects& out) {
  departures_.forget(resource_ids);
  const std::set<std::string_view> gone(resource_ids.begin(), resource_ids.end());
  const auto is_gone = [&](const auto& one) { return gone.contains(resource_id_of(one.resource)); };
  for (auto& [name, task] : tasks_.all()) {
    if (!task.launch) continue;
    const LaunchRecord& old = *task.launch;
    if (std::none_of(old.leftovers.begin(), old.leftovers.end(), is_gone) &&
        (!old.released || std::none_of(old.holdings.begin(), old.holdings.end(), is_gone)))
      continue;
    auto launch = std::make_shared<LaunchRecord>(old);
    std::erase_if(launch->leftovers, is_gone);
    if (launch->released) std::erase_if(launch->holdings, is_gone);
    // One by one: a state takes only so much at once.
    out.push_back(effect::Persist{{change::PutLaunch{name, launch}}});
    planner_.touch(launch->pod_type, launch->pod_index);
    tasks_.set_launch(name, std::move(launch));
    leftovers_changed_ = true;
  }
}

// What was to be given back there is gone with it.
void Engine::forget_agent(const std::string& agent_id, Effects& out) {
  std::vector<std::string> ids;
  for (const auto& [name, task] : tasks_.all()) {
    if (!task.launch) continue;
    if (task.launch->released && task.launch->task->agent_id == agent_id) {
      for (const Holding& holding : task.launch->holdings) ids.emplace_back(resource_id_of(holding.resource));
    }
    for (const Leftover& leftover : task.launch->leftovers) {
      if (leftover.agent_id == agent_id) ids.emplace_back(resource_id_of(leftover.resource));
    }
  }
  if (!ids.empty()) given_back(ids, out);
}

// Offers of an agent that still holds something of ours are worth having.
void Engine::want_leftovers(std::vector<DemandItem>& work, Now now) {
  bool is_new = false;
  if (leftovers_changed_) {
    leftovers_changed_ = false;
    std::map<std::string, int64_t> agents;
    for (const auto& [name, task] : tasks_.all()) {
      if (!task.launch) continue;
      for (const Leftover& leftover : task.launch->leftovers) agents.emplace(leftover.agent_id, 0);
    }
    for (auto& [agent, until] : agents) {
      const auto known = leftover_agents_.find(agent);
      is_new |= known == leftover_agents_.end();
      until = known == leftover_agents_.end() ? now.mono_ms + kLeftoverPatienceMs : known->second;
    }
    leftover_agents_ = std::move(agents);
  }
  std::erase_if(leftover_agents_, [&](const auto& one) { return now.mono_ms >= one.second; });
  if (leftover_agents_.empty()) return;
  for (const std::string& role : roles_) work.push_back({role, "a cleanup on agents", is_new});
}

}  // namespace ostler::core
