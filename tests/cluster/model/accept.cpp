// ACCEPT: checks the offers, carries out the operations in order, gives the rest back.
//
// A refused operation does not stop the later ones. It is dropped in silence unless it
// has an id; then its status tells, and a good one is repeated until acknowledged.
#include <algorithm>

#include "cluster/model/master.h"

namespace ostler::cluster {

using mesos::Operation;

namespace {

std::optional<std::string> no_feedback(const Agent& agent, const Operation& operation) {
  if (operation.id.empty() || agent.spec->has_operation_feedback) return std::nullopt;
  return "Operation on agent default resources requested feedback, but agent " + agent.id +
         " does not have the required AGENT_OPERATION_FEEDBACK and RESOURCE_PROVIDER capabilities";
}

// What the master says of an operation on an agent that it has no word from.
std::string_view state_by(Standing standing) {
  switch (standing) {
    case Standing::kUnreachable:
      return "OPERATION_UNREACHABLE";
    case Standing::kGone:
      return "OPERATION_GONE_BY_OPERATOR";
    case Standing::kRecovered:
      return "OPERATION_RECOVERING";
    default:
      return "OPERATION_UNKNOWN";
  }
}

}  // namespace

void Master::refuse_operations(Operation::Type type, uint64_t count, std::string message) {
  refusals_[type] = {count, std::move(message)};
}

std::optional<std::string> Master::injected_refusal(const Operation& operation) {
  const auto found = refusals_.find(operation.type);
  if (found == refusals_.end() || found->second.count == 0) return std::nullopt;
  --found->second.count;
  return found->second.message;
}

std::optional<std::string> Master::invalid_offers(const std::string& framework_id,
                                                  const std::vector<std::string>& ids) const {
  if (ids.empty()) return "No offers specified";
  std::set<std::string> seen;
  const Offer* first = nullptr;
  for (const auto& id : ids) {
    if (!seen.insert(id).second) return "Duplicate offer " + id + " in offer list";
    const auto found = offers_.find(id);
    if (found == offers_.end()) return "Offer " + id + " is no longer valid";
    const auto& offer = found->second;
    if (offer.framework_id != framework_id) {
      return "Offer " + id + " has invalid framework " + offer.framework_id + " while framework " +
             framework_id + " is expected";
    }
    if (first == nullptr) first = &offer;
    if (offer.agent_id != first->agent_id) {
      return "Aggregated offers must belong to one single agent. Offer " + id + " uses agent " +
             offer.agent_id + " and agent " + first->agent_id;
    }
    if (offer.role != first->role) {
      return "Aggregated offers must be allocated to the same role. Offer " + id + " uses role " +
             offer.role + " but another is using role " + first->role;
    }
  }
  return std::nullopt;
}

void Master::accept(int64_t now_ms, const std::string& framework_id, mesos::call::Accept&& call) {
  auto& framework = frameworks_.at(framework_id);
  if (rescind_accepted_ > 0) {
    --rescind_accepted_;
    for (const auto& id : call.offer_ids) {
      if (!offers_.contains(id)) continue;
      auto offer = take_offer(id);
      release(*agents_by_id_.at(offer->agent_id), &framework, std::move(offer->resources));
      to_framework(framework_id, event::Rescind{id});
    }
  }
  const auto error = invalid_offers(framework_id, call.offer_ids);
  Resources offered;
  Agent* agent = nullptr;
  std::string role;
  for (const auto& id : call.offer_ids) {
    const auto found = offers_.find(id);
    if (found == offers_.end() || found->second.framework_id != framework_id) continue;
    auto offer = take_offer(id);
    agent = agents_by_id_.at(offer->agent_id);
    role = offer->role;
    if (error) {
      release(*agent, &framework, std::move(offer->resources));
    } else if (offered.empty()) {
      offered = std::move(offer->resources);
    } else {
      add(offered, std::move(offer->resources));
    }
  }
  if (error) {
    for (const auto& operation : call.operations) {
      for (const mesos::TaskInfo& task : operation.tasks) {
        emit_update(now_ms, framework_id,
                    {master_status(now_ms, task.task_id, task.agent_id,
                                   framework.can("PARTITION_AWARE") ? mesos::TaskState::kDropped
                                                                    : mesos::TaskState::kLost,
                                   "REASON_INVALID_OFFERS", "Task launched with invalid offers: " + *error),
                     {},
                     {},
                     0});
      }
      if (operation.type != Operation::Type::kLaunchGroup && !operation.id.empty()) {
        to_framework(framework_id,
                     event::OperationUpdate{{operation.id,
                                             "OPERATION_ERROR",
                                             "Operation attempted with invalid offers: " + *error,
                                             {},
                                             {}}});
      }
    }
    return;
  }
  Resources working = offered;
  for (auto& operation : call.operations) {
    if (operation.type == Operation::Type::kLaunchGroup) {
      launch_group(now_ms, framework_id, *agent, std::move(operation), role, working);
    } else if (auto refused = no_feedback(*agent, operation)) {
      to_framework(framework_id, event::OperationUpdate{{operation.id, "OPERATION_ERROR", *refused, {}, {}}});
    } else if (refused = injected_refusal(operation);
               refused || (refused = apply(framework, *agent, operation, role, working))) {
      if (operation.id.empty()) continue;
      to_framework(framework_id, event::OperationUpdate{{operation.id, "OPERATION_ERROR", *refused, {}, {}}});
    } else if (!operation.id.empty()) {
      operation_done(now_ms, framework_id, *agent, operation);
    }
  }
  // What no operation touched counts as declined; what was converted comes again soon.
  auto declined = common(offered, working);
  release(*agent, &framework, std::move(working));
  add_filter(now_ms, framework, *agent, role, std::move(declined), call.refuse_s);
}

void Master::operation_done(int64_t now_ms, const std::string& framework_id, Agent& agent,
                            const Operation& operation) {
  const auto uuid = new_uuid_base64();
  const auto& provider_id = operation.resources.front().provider_id;
  agent.operations.push_back(
      {framework_id, {operation.id, "OPERATION_FINISHED", {}, uuid, agent.id, provider_id}, 0});
  send_operation(now_ms, agent.index, uuid, options_.update_retry_ms);
}

void Master::send_operation(int64_t now_ms, uint32_t agent_index, const std::string& uuid, int64_t wait_ms) {
  auto& agent = *agents_[agent_index];
  const auto found = std::find_if(agent.operations.begin(), agent.operations.end(),
                                  [&](auto& operation) { return operation.status.uuid == uuid; });
  if (found == agent.operations.end()) return;
  if (agent.standing == Standing::kRegistered)
    to_framework(found->framework_id, event::OperationUpdate{found->status});
  schedule(now_ms + wait_ms, [this, agent_index, uuid, wait_ms](int64_t now) {
    send_operation(now, agent_index, uuid, std::min(2 * wait_ms, kMaxRetryMs));
  });
}

void Master::acknowledge_operation(const mesos::call::AcknowledgeOperation& call) {
  auto* agent = find_agent(call.agent_id);
  if (agent == nullptr || agent->standing != Standing::kRegistered) return;
  // One that does not name the provider never reaches it.
  std::erase_if(agent->operations, [&](auto& operation) {
    return operation.status.uuid == call.uuid &&
           operation.status.resource_provider_id == call.resource_provider_id;
  });
}

void Master::reconcile_operations(const std::string& framework_id,
                                  const mesos::call::ReconcileOperations& call) {
  for (const auto& [operation_id, agent_id] : call.operations) {
    const Agent* asked = agent(agent_id);
    mesos::OperationStatus status{operation_id, "OPERATION_UNKNOWN", {}, {}, agent_id};
    if (asked != nullptr) status.state = state_by(asked->standing);
    status.message = agent_id.empty() ? "Reconciliation: Operation is unknown and no 'agent_id' was provided"
                                      : "Reconciliation: Operation is unknown";
    for (const auto& known : agents_) {
      if (!agent_id.empty() && known->id != agent_id) continue;
      if (known->standing != Standing::kRegistered) continue;  // the agent's, not the master's
      for (const auto& pending : known->operations) {
        if (pending.framework_id != framework_id || pending.status.operation_id != operation_id) continue;
        status = pending.status;
        status.uuid.clear();
        status.message = "Reconciliation: Latest operation status";
      }
    }
    to_framework(framework_id, event::OperationUpdate{std::move(status)});
  }
}

}  // namespace ostler::cluster
