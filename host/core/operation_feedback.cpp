// What Mesos says about operations and calls: the part of the Engine that learns that
// a RESERVE or an ACCEPT did not happen (operation_tracker.h).
#include "base/exit_code.h"
#include "core/engine.h"
#include "core/names.h"

namespace ostler::core {
namespace {

using Fate = OperationTracker::Fate;

std::string counted(size_t count, const char* one) {
  return std::to_string(count) + " " + one + (count == 1 ? "" : "s");
}

}  // namespace

void Engine::on(mesos::event::OperationUpdate&& event, Now now, Effects& out) {
  const mesos::OperationStatus& status = event.status;
  count(out, "operation_status." + metric_word(status.state));
  const OperationTracker::Outcome outcome = operations_.heard(status);
  take_outcome(status, outcome, now, out);
  // After what it says is stored, since nobody says it again then. Also of operations from
  // before a restart: the agent repeats them until they are acknowledged.
  if (status.uuid.empty()) return;
  const std::string& agent = status.agent_id.empty() ? outcome.operation.agent_id : status.agent_id;
  // Without the provider the agent would not know whom to tell, and aborts (a CHECK of Mesos).
  const std::string& provider =
      status.resource_provider_id.empty() ? outcome.operation.provider_id : status.resource_provider_id;
  out.push_back(
      effect::Call{mesos::call::AcknowledgeOperation{agent, status.operation_id, status.uuid, provider}});
}

void Engine::take_outcome(const mesos::OperationStatus& status, const OperationTracker::Outcome& outcome,
                          Now now, Effects& out) {
  if (outcome.fate == Fate::kUnknown && status.state == "OPERATION_FINISHED") {
    if (const std::string_view id = resource_of_unreserve_id(status.operation_id); !id.empty())
      given_back({std::string(id)}, out);
  }
  if (outcome.fate == Fate::kUnknown || outcome.fate == Fate::kOpen) return;

  const OperationTracker::Operation& operation = outcome.operation;
  const std::vector<std::string_view> ids(operation.resource_ids.begin(), operation.resource_ids.end());
  if (outcome.fate == Fate::kDone) {
    if (operation.type == mesos::Operation::Type::kReserve) tasks_.confirm_resources(ids);
    if (operation.type == mesos::Operation::Type::kUnreserve) given_back(operation.resource_ids, out);
    return;
  }

  // Whoever holds offers is not made others of that agent: those of a lost ACCEPT go back.
  if (outcome.fate == Fate::kLost && operation.offer_ids != nullptr)
    repeater_.failed(mesos::call::Decline{mesos::Ids(*operation.offer_ids), 0}, false, now);
  // What was to be given back is still there. Where Mesos refuses it again and again, the operator of
  // Mesos has to see to it (principals and ACLs, as a rule).
  const bool is_refused = outcome.fate != Fate::kLost && outcome.fate != Fate::kNoFeedback;
  if ((operation.type == mesos::Operation::Type::kUnreserve ||
       operation.type == mesos::Operation::Type::kDestroy) &&
      (!is_refused || departures_.refused(operation.resource_ids, now)))
    sweeper_.leftovers(now);

  std::set<std::string> names;
  for (const std::string_view id : ids) names.merge(std::set<std::string>(tasks_.holders(id)));
  std::string pod, where = operation.agent_id;
  for (const std::string& name : names) {
    Task& task = *tasks_.find(name);
    pod = pod_name(task.launch->pod_type, task.launch->pod_index);
    if (task.launch->task->agent_id == operation.agent_id && !task.launch->hostname.empty())
      where = task.launch->hostname;
    // What became of the launch that came with it, the task's own status tells.
    if (outcome.fate == Fate::kLost && task.live() && task.state() == mesos::TaskState::kStaging)
      reconciler_.ask_again(task.task_id());
    planner_.touch(task.launch->pod_type, task.launch->pod_index);
  }
  const std::string what = std::string(mesos::to_string(operation.type)) + " of " +
                           counted(ids.size(), "resource") + (pod.empty() ? "" : " of " + pod) +
                           " on agent " + where;
  if (outcome.fate == Fate::kNoFeedback) {
    out.push_back(effect::Log{1,
                              "agent " + where +
                                  " gives no feedback on operations; they are sent to it without ids from "
                                  "now on",
                              {}});
    return;
  }
  const std::string why = outcome.fate == Fate::kLost ? "Mesos never received the " + what
                                                      : "Mesos refused the " + what + ": " + status.message;
  for (const std::string& name : names) tasks_.find(name)->refusal = why;
  out.push_back(effect::Log{2, why, {}});
}

void Engine::on(mesos::event::CallRejected&& event, Now now, Effects& out) {
  // Most calls are repeated by whoever waits for their effect. Nobody waits for a DECLINE
  // or a REVIVE: without them no offer comes.
  out.push_back(effect::Log{2,
                            "the master did not take a call: " + event.body,
                            {{"http_status", std::to_string(event.http_status)}}});
  repeater_.failed(event.call, event.http_status == 0, now);
  if (std::holds_alternative<mesos::call::Revive>(event.call))
    demand_.revive_again("the last REVIVE may be lost");
  if (std::holds_alternative<mesos::call::Suppress>(event.call)) demand_.suppress_failed(now);
  const auto* accept = std::get_if<mesos::call::Accept>(&event.call);
  const bool was_about_offers = accept != nullptr || std::holds_alternative<mesos::call::Decline>(event.call);
  if (was_about_offers && !departures_.empty()) {
    departures_.offers_may_be_held(now);
    sweeper_.leftovers(now);
  }
  if (accept == nullptr) return;
  if (event.http_status >= 400 && event.http_status < 500) {
    drop_launches(*accept, "the master refused the launch: " + event.body, now, out);
    return;
  }
  // It may have arrived all the same.
  for (const mesos::Operation& operation : accept->operations) {
    for (const mesos::TaskInfo& task : operation.tasks) reconciler_.ask_again(task.task_id);
  }
}

// The ACCEPT did nothing: its tasks will never run, and nothing was reserved.
void Engine::drop_launches(const mesos::call::Accept& accept, const std::string& why, Now now, Effects& out) {
  operations_.rejected(accept.operations);
  effect::Persist persist;
  for (const mesos::Operation& operation : accept.operations) {
    for (const mesos::TaskInfo& launched : operation.tasks) {
      Task* task = tasks_.find(launched.name);
      if (task == nullptr || !task->live() || task->task_id() != launched.task_id) continue;
      mesos::TaskStatus dropped = *task->status;
      dropped.state = mesos::TaskState::kDropped;
      dropped.source = "SOURCE_MASTER";
      dropped.message = why;
      task->status = dropped;
      task->since_unix_ms = now.unix_ms;
      reconciler_.forget(launched.task_id);
      persist.changes.push_back(change::PutStatus{launched.name, std::move(dropped)});
      planner_.touch(task->launch->pod_type, task->launch->pod_index);
    }
  }
  if (!persist.changes.empty()) out.push_back(std::move(persist));
}

void Engine::on(mesos::event::Error&& event, Now, Effects& out) {
  if (settings_.uninstall && event.message.find("removed") != std::string::npos) {
    if (!uninstalled_) finish_uninstall("Mesos has removed framework " + framework_id_, out);
    return;
  }
  std::string what = "Mesos refused this framework: " + event.message;
  if (event.message.find("removed") != std::string::npos) {
    what += ". Framework '" + framework_id_ +
            "' was torn down, or was away for longer than its failover timeout. Its "
            "tasks are gone; uninstall the service to clear its state, then install it again";
  } else if (event.message.find("failed over") != std::string::npos) {
    what += ". Another scheduler with the same framework id took over";
  }
  out.push_back(effect::Exit{kExitError, what});
}

}  // namespace ostler::core
