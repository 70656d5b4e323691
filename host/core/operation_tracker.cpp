#include "core/operation_tracker.h"

#include <algorithm>
#include <limits>

#include "core/claim.h"
#include "core/departures.h"

namespace ostler::core {
namespace {

// One RECONCILE_OPERATIONS names at most so many; the rest follows with the next tick.
constexpr size_t kMaxAsked = 1000;

bool did_not_happen(std::string_view state) {
  return state == "OPERATION_ERROR" || state == "OPERATION_FAILED" || state == "OPERATION_DROPPED" ||
         state == "OPERATION_GONE_BY_OPERATOR";
}

// The words of the master for an agent too old, or set up, to give no feedback: it names
// the capabilities RESOURCE_PROVIDER and AGENT_OPERATION_FEEDBACK, or the first alone.
bool lacks_capability(std::string_view message) {
  return message.find("requested feedback") != std::string_view::npos ||
         message.find("AGENT_OPERATION_FEEDBACK") != std::string_view::npos;
}

}  // namespace

void OperationTracker::sent(const std::string& agent_id, const std::vector<std::string>& offer_ids,
                            std::vector<mesos::Operation>& operations, Now now) {
  if (without_feedback_.contains(agent_id)) return;
  std::shared_ptr<const std::vector<std::string>> offers;
  if (prefix_.empty()) prefix_ = ids_.uuid() + "-";
  for (mesos::Operation& operation : operations) {
    // Mesos refuses ids on launches: the tasks' own statuses tell.
    if (operation.type == mesos::Operation::Type::kLaunchGroup || !operation.id.empty()) continue;
    operation.id = prefix_ + std::to_string(++count_);
    if (operation.type == mesos::Operation::Type::kUnreserve && operation.resources.size() == 1)
      operation.id = unreserve_id(resource_id_of(operation.resources.front()), operation.id);
    Open& open = open_[operation.id];
    open.operation.type = operation.type;
    open.operation.agent_id = agent_id;
    if (!operation.resources.empty()) open.operation.provider_id = operation.resources.front().provider_id;
    if (offers == nullptr) offers = std::make_shared<const std::vector<std::string>>(offer_ids);
    open.operation.offer_ids = offers;
    for (const mesos::Resource& resource : operation.resources)
      open.operation.resource_ids.emplace_back(resource_id_of(resource));
    open.pause_ms = settings_.reconcile_first_ms;
    open.ask_ms = now.mono_ms + open.pause_ms;
    next_ask_ms_ = open_.size() == 1 ? open.ask_ms : std::min(next_ask_ms_, open.ask_ms);
  }
}

OperationTracker::Outcome OperationTracker::heard(const mesos::OperationStatus& status) {
  const auto found = open_.find(status.operation_id);
  if (found == open_.end()) return {};
  Outcome out{Fate::kOpen, found->second.operation};
  if (status.state == "OPERATION_FINISHED") {
    out.fate = Fate::kDone;
  } else if (did_not_happen(status.state)) {
    out.fate = Fate::kRefused;
    if (lacks_capability(status.message)) {
      out.fate = Fate::kNoFeedback;
      without_feedback_.insert(out.operation.agent_id);
    }
  } else if (status.state == "OPERATION_UNKNOWN") {
    out.fate = Fate::kLost;
  } else {
    // PENDING, RECOVERING, UNREACHABLE: asked again, or the agent says so itself.
    return out;
  }
  open_.erase(found);
  return out;
}

void OperationTracker::rejected(const std::vector<mesos::Operation>& operations) {
  for (const mesos::Operation& operation : operations) open_.erase(operation.id);
}

void OperationTracker::subscribed(Now now) {
  connected_ = true;
  for (auto& [id, open] : open_) {
    open.ask_ms = now.mono_ms;
    open.pause_ms = settings_.reconcile_first_ms;
  }
  next_ask_ms_ = now.mono_ms;
}

void OperationTracker::tick(Now now, Effects& out) {
  if (!connected_ || open_.empty() || now.mono_ms < next_ask_ms_) return;
  mesos::call::ReconcileOperations ask;
  next_ask_ms_ = std::numeric_limits<int64_t>::max();
  for (auto& [id, open] : open_) {
    if (now.mono_ms >= open.ask_ms && ask.operations.size() < kMaxAsked) {
      ask.operations.emplace_back(id, open.operation.agent_id);
      open.pause_ms = std::min(open.pause_ms * 2, settings_.reconcile_max_ms);
      open.ask_ms = now.mono_ms + open.pause_ms;
    }
    next_ask_ms_ = std::min(next_ask_ms_, open.ask_ms);
  }
  if (!ask.operations.empty()) out.push_back(effect::Call{std::move(ask)});
}

std::optional<int64_t> OperationTracker::wake_at() const {
  if (!connected_ || open_.empty()) return std::nullopt;
  return next_ask_ms_;
}

}  // namespace ostler::core
