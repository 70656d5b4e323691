// Agents that come, go, come back or are given up, and the restart of the master.
#include "cluster/model/master.h"

namespace ostler::cluster {

using mesos::TaskState;

namespace {
// After a restart of a master with a registry on disk; Mesos' default is 10 minutes.
constexpr int64_t kReregisterTimeoutMs = 600'000;
constexpr int64_t kReregisterStepMs = 100;
}  // namespace

std::string_view to_string(Standing standing) {
  switch (standing) {
    case Standing::kRegistered:
      return "registered";
    case Standing::kDisconnected:
      return "disconnected";
    case Standing::kUnreachable:
      return "unreachable";
    case Standing::kGone:
      return "gone";
    case Standing::kForgotten:
      return "forgotten";
    case Standing::kRecovered:
      return "recovered";
  }
  return "?";
}

Agent* Master::find_agent(const std::string& agent_id) {
  const auto found = agents_by_id_.find(agent_id);
  return found == agents_by_id_.end() ? nullptr : found->second;
}

const Agent* Master::agent(const std::string& agent_id) const {
  const auto found = agents_by_id_.find(agent_id);
  return found == agents_by_id_.end() ? nullptr : found->second;
}

std::string Master::add_agent(int64_t now_ms, AgentSpec spec) {
  auto agent = std::make_unique<Agent>();
  agent->index = static_cast<uint32_t>(agents_.size());
  agent->id = id_ + "-S" + std::to_string(agent->index);
  agent->available = spec.resources;
  agent->spec = std::make_shared<const AgentSpec>(std::move(spec));
  auto* added = agent.get();
  agents_by_id_[added->id] = added;
  agents_.push_back(std::move(agent));
  settled_until_ms_ = 0;
  allocate(now_ms, added);
  return added->id;
}

bool Master::disconnect_agent(int64_t now_ms, const std::string& agent_id) {
  auto* agent = find_agent(agent_id);
  if (agent == nullptr || !agent->is_linked || agent->standing == Standing::kGone) return false;
  agent->is_linked = false;
  const auto epoch = ++agent->link_epoch;
  if (agent->standing != Standing::kRegistered) return true;
  agent->standing = Standing::kDisconnected;
  withdraw_offers(*agent);
  schedule(now_ms + options_.agent_timeout_ms, [this, agent, epoch](int64_t now) {
    if (agent->link_epoch == epoch && agent->standing == Standing::kDisconnected) give_up(now, *agent);
  });
  return true;
}

bool Master::set_maintenance(int64_t now_ms, const std::string& agent_id, std::optional<Maintenance> when) {
  Agent* agent = find_agent(agent_id);
  if (agent == nullptr) return false;
  agent->maintenance = when;
  withdraw_offers(*agent);
  if (when) {
    std::set<std::string> users;
    for (const auto& [key, executor] : agent->executors) users.insert(key.first);
    for (const std::string& user : users)
      to_framework(user, event::InverseOffer{id_ + "-O" + std::to_string(next_offer_++), user, agent->id,
                                             agent->spec, *when});
  }
  allocate(now_ms, agent);
  return true;
}

void Master::give_up(int64_t now_ms, Agent& agent) {
  agent.standing = Standing::kUnreachable;
  agent.unreachable_ms = now_ms;
  for (auto& [framework_id, framework] : frameworks_) {
    for (auto& [key, task] : agent.tasks) {
      if (key.first != framework_id) continue;
      framework.tasks.erase(key.second);
      // The master goes by what it was told: a task that died while its agent was away
      // is unreachable, too.
      if (task.forwarded && mesos::is_terminal(task.forwarded->status.state)) continue;
      framework.unreachable[key.second] = {agent.id, now_ms};
      event::Update update;
      update.status =
          master_status(now_ms, key.second, agent.id,
                        framework.can("PARTITION_AWARE") ? TaskState::kUnreachable : TaskState::kLost,
                        "REASON_AGENT_REMOVED", "health check timed out");
      update.status.executor_id = task.executor_id;
      update.unreachable_ms = now_ms;
      to_framework(framework_id, std::move(update));
    }
    to_framework(framework_id, event::Failure{agent.id, {}, 0});
  }
}

bool Master::reconnect_agent(int64_t now_ms, const std::string& agent_id) {
  auto* agent = find_agent(agent_id);
  if (agent == nullptr || agent->is_linked || agent->is_replaced || agent->standing == Standing::kGone)
    return false;
  agent->is_linked = true;
  ++agent->link_epoch;
  register_agent(now_ms, *agent);
  return true;
}

void Master::register_agent(int64_t now_ms, Agent& agent) {
  const auto before = agent.standing;
  agent.standing = Standing::kRegistered;
  settled_until_ms_ = 0;
  std::vector<Agent::Key> orphans;
  for (auto& [key, task] : agent.tasks) {
    if (removed_.contains(key.first)) {
      orphans.push_back(key);
      continue;
    }
    // A new master takes the agent's word, also for frameworks yet to come.
    if (!task.forwarded && task.state != TaskState::kStaging) {
      task.forwarded = task_update(now_ms, agent, task);
    }
    auto* framework = find_framework(key.first);
    if (framework == nullptr) continue;
    framework->tasks[key.second] = &agent;
    framework->unreachable.erase(key.second);
    if (before != Standing::kUnreachable || !task.live()) continue;
    auto update = task_update(now_ms, agent, task);
    update.status.source = "SOURCE_MASTER";
    update.status.reason = "REASON_AGENT_REREGISTERED";
    update.status.message = "Unreachable agent re-reregistered";
    to_framework(key.first, std::move(update));
  }
  for (const auto& key : orphans) {
    auto& task = agent.tasks.at(key);
    if (task.live()) {
      kill_task(now_ms, agent, key.first, task, std::nullopt);
    } else {
      erase_task(agent, key.first, key.second);
    }
  }
  flush_updates(now_ms, agent);
  allocate(now_ms, &agent);
}

bool Master::mark_agent_gone(int64_t now_ms, const std::string& agent_id) {
  auto* agent = find_agent(agent_id);
  if (agent == nullptr || agent->standing == Standing::kGone) return false;
  agent->standing = Standing::kGone;
  ++agent->link_epoch;
  std::vector<Agent::Key> keys;
  for (auto& [key, task] : agent->tasks) keys.push_back(key);
  for (const auto& key : keys) {
    auto& task = agent->tasks.at(key);
    auto* framework = find_framework(key.first);
    // The master tells of what it knows to be there, also of what ended and was not acknowledged;
    // of an agent that a fail-over left it waiting for it knows nothing (MESOS-9739).
    const bool is_known = framework != nullptr &&
                          framework->tasks.erase(key.second) + framework->unreachable.erase(key.second) > 0;
    if (is_known) {
      auto status =
          master_status(now_ms, key.second, agent->id,
                        framework->can("PARTITION_AWARE") ? TaskState::kGoneByOperator : TaskState::kLost,
                        "REASON_AGENT_REMOVED_BY_OPERATOR", "Agent has been marked gone");
      status.executor_id = task.executor_id;
      to_framework(key.first, event::Update{std::move(status), {}, {}, 0});
    }
    if (!task.live()) continue;
    outputs_.push_back(output::KillTask{agent->id, key.first, key.second, 0});
  }
  withdraw_offers(*agent);
  for (const auto& [framework_id, framework] : frameworks_) {
    to_framework(framework_id, event::Failure{agent->id, {}, 0});
  }
  return true;
}

bool Master::add_resource(int64_t now_ms, const std::string& agent_id, Resource resource) {
  auto* agent = find_agent(agent_id);
  if (agent == nullptr) return false;
  resource.allocation_role.clear();
  if (is_volume(resource)) agent->volumes.insert(resource.disk->persistence_id);
  add(agent->available, std::move(resource));
  settled_until_ms_ = 0;
  allocate(now_ms, agent);
  return true;
}

std::string Master::replace_agent(int64_t now_ms, const std::string& agent_id) {
  auto* old = find_agent(agent_id);
  if (old == nullptr || old->standing == Standing::kGone) return {};
  disconnect_agent(now_ms, agent_id);
  withdraw_offers(*old);
  std::vector<Agent::Key> executors;
  for (const auto& [key, executor] : old->executors) executors.push_back(key);
  for (const auto& [framework_id, executor_id] : executors)
    executor_died(now_ms, agent_id, framework_id, executor_id, 9);
  // Nothing of what ended there will ever be told.
  for (auto& [key, task] : old->tasks) {
    task.pending.clear();
    ++task.retry;
  }
  old->is_replaced = true;
  auto spec = *old->spec;
  spec.resources = std::exchange(old->available, {});
  auto volumes = std::exchange(old->volumes, {});
  const auto id = add_agent(now_ms, std::move(spec));
  find_agent(id)->volumes = std::move(volumes);
  return id;
}

void Master::restart(int64_t now_ms, bool replicated_registry, int64_t agents_after_ms) {
  if (agents_after_ms < 0) agents_after_ms = options_.agent_reregister_ms;
  for (auto& [framework_id, framework] : frameworks_) {
    if (framework.is_connected) outputs_.push_back(output::EndStream{framework.stream_id, true});
    drop_offers(framework_id);
  }
  frameworks_.clear();
  removed_.clear();
  id_ = ids_.uuid();
  next_framework_ = 0;
  next_offer_ = 0;
  for (const auto& owned : agents_) {
    auto* agent = owned.get();
    if (agent->standing == Standing::kGone) continue;
    const bool was_unreachable = agent->standing == Standing::kUnreachable && replicated_registry;
    if (!was_unreachable) agent->standing = replicated_registry ? Standing::kRecovered : Standing::kForgotten;
    for (auto& [key, task] : agent->tasks) task.forwarded.reset();
    const auto epoch = ++agent->link_epoch;
    schedule(now_ms + agents_after_ms + agent->index * kReregisterStepMs, [this, agent, epoch](int64_t now) {
      if (agent->link_epoch == epoch && agent->is_linked) register_agent(now, *agent);
    });
    if (replicated_registry && !was_unreachable) {
      schedule(now_ms + kReregisterTimeoutMs, [this, agent, master = id_](int64_t now) {
        if (id_ == master && agent->standing == Standing::kRecovered) give_up(now, *agent);
      });
    }
  }
}

}  // namespace ostler::cluster
