#include "simulation/defect.h"

#include <algorithm>

namespace ostler::simulation {
namespace {

namespace call = mesos::call;
namespace change = core::change;
using mesos::TaskState;

void drop_changes(core::Effects& effects, bool (*is_dropped)(const core::Change&)) {
  for (core::Effect& effect : effects) {
    if (auto* persist = std::get_if<core::effect::Persist>(&effect))
      std::erase_if(persist->changes, is_dropped);
  }
}

}  // namespace

std::string_view to_string(Defect defect) {
  switch (defect) {
    case Defect::kNone:
      return "none";
    case Defect::kSkipWriteAhead:
      return "skip write-ahead";
    case Defect::kForgetDeclines:
      return "forget declines";
    case Defect::kReuseTaskIds:
      return "reuse task ids";
    case Defect::kNeverAcknowledge:
      return "never acknowledge";
    case Defect::kUnknownIsLost:
      return "unknown is lost";
    case Defect::kUnreachableIsLost:
      return "unreachable is lost";
    case Defect::kForgetFrameworkId:
      return "forget the framework id";
    case Defect::kForgetStatuses:
      return "forget statuses";
    case Defect::kNeverReconcile:
      return "never reconcile";
    case Defect::kKillOnce:
      return "kill once";
    case Defect::kNeverRevive:
      return "never revive";
    case Defect::kKillAtStart:
      return "kill at start";
    case Defect::kTrustLostCommits:
      return "trust lost commits";
    case Defect::kKeepWritingUnowned:
      return "ignore the loss of ownership";
    case Defect::kSkipLock:
      return "skip the lock";
    case Defect::kDestroyVolumes:
      return "destroy volumes";
    case Defect::kTouchForeign:
      return "touch what is foreign";
    case Defect::kIgnorePlacement:
      return "ignore placement";
    case Defect::kForgetHoldings:
      return "forget holdings";
    case Defect::kForgetTarget:
      return "forget the target";
    case Defect::kForgetPauses:
      return "forget pauses";
    case Defect::kOverruleAdvisor:
      return "overrule the advisor";
    case Defect::kForgetPlans:
      return "forget what was done to plans";
    case Defect::kReplaceEarly:
      return "replace early";
    case Defect::kReplaceInARow:
      return "replace one after the other";
    case Defect::kCount:
      break;
  }
  return "?";
}

std::shared_ptr<const spec::ServiceSpec> Planted::read(
    std::shared_ptr<const spec::ServiceSpec> service) const {
  if (defect_ != Defect::kReplaceEarly && defect_ != Defect::kReplaceInARow) return service;
  if (!service->replacement_policy) return service;
  spec::ServiceSpec bent = *service;
  if (defect_ == Defect::kReplaceEarly) bent.replacement_policy->permanent_failure_timeout_s /= 4;
  if (defect_ == Defect::kReplaceInARow) bent.replacement_policy->min_replace_delay_s = 0;
  return std::make_shared<const spec::ServiceSpec>(std::move(bent));
}

void Planted::bend(core::StoredState& state) {
  if (defect_ == Defect::kForgetTarget) state.target_config.clear();
  if (defect_ != Defect::kForgetHoldings) return;
  for (auto& [name, task] : state.tasks) {
    if (!task.launch) continue;
    auto copy = std::make_shared<core::LaunchRecord>(*task.launch);
    copy->holdings.clear();
    task.launch = std::move(copy);
  }
}

void Planted::bend(mesos::Event& event) {
  if (auto* update = std::get_if<mesos::event::Update>(&event)) {
    TaskState& state = update->status.state;
    if (defect_ == Defect::kUnknownIsLost && state == TaskState::kUnknown) state = TaskState::kLost;
    if (defect_ == Defect::kUnreachableIsLost && state == TaskState::kUnreachable) state = TaskState::kLost;
  }
  const auto* offers = std::get_if<mesos::event::Offers>(&event);
  if (offers == nullptr) return;
  offered_volumes_.clear();
  offered_reservations_.clear();
  if (defect_ != Defect::kDestroyVolumes && defect_ != Defect::kTouchForeign) return;
  for (const ostler_offer_t& offer : offers->batch.offers) {
    for (uint32_t i = 0; i < offer.resources.count; ++i) {
      const ostler_resource_t& resource = offers->batch.resources[offer.resources.first + i];
      const bool is_ours = (resource.flags & OSTLER_RES_RESERVED) != 0;
      const bool is_volume = (resource.flags & OSTLER_RES_VOLUME) != 0;
      if (is_ours && is_volume) offered_volumes_.push_back(offers->batch.resource(offer.resources.first + i));
      if ((resource.flags & OSTLER_RES_FOREIGN) && !is_volume)
        offered_reservations_.push_back(offers->batch.resource(offer.resources.first + i));
    }
    if (offered_volumes_.empty() && offered_reservations_.empty()) continue;
    offer_id_ = std::string(mesos::view(offer.id));
    return;
  }
}

bool Planted::drops(const mesos::Call& one) {
  switch (defect_) {
    case Defect::kForgetDeclines:
      return std::holds_alternative<call::Decline>(one);
    case Defect::kNeverAcknowledge:
      return std::holds_alternative<call::Acknowledge>(one);
    case Defect::kNeverReconcile:
      return std::holds_alternative<call::Reconcile>(one);
    case Defect::kNeverRevive:
      return std::holds_alternative<call::Revive>(one);
    case Defect::kKillOnce:
      if (const auto* kill = std::get_if<call::Kill>(&one)) return kills_[kill->task_id]++ > 0;
      return false;
    default:
      return false;
  }
}

void Planted::bend(const core::Engine& engine, core::Effects& effects) {
  std::erase_if(effects, [&](const core::Effect& effect) {
    const auto* one = std::get_if<core::effect::Call>(&effect);
    return one != nullptr && drops(one->call);
  });
  if (defect_ == Defect::kForgetFrameworkId)
    drop_changes(effects, [](const auto& c) { return std::holds_alternative<change::PutFrameworkId>(c); });
  if (defect_ == Defect::kForgetPauses)
    drop_changes(effects, [](const auto& c) { return std::holds_alternative<change::PutGoalOverride>(c); });
  if (defect_ == Defect::kForgetPlans)
    drop_changes(effects, [](const auto& c) { return std::holds_alternative<change::PutPlanControl>(c); });
  if (defect_ == Defect::kForgetStatuses)
    drop_changes(effects, [](const auto& c) { return std::holds_alternative<change::PutStatus>(c); });

  const bool is_first_of_stream = std::any_of(effects.begin(), effects.end(), [](const core::Effect& effect) {
    const auto* one = std::get_if<core::effect::Call>(&effect);
    return one != nullptr && std::holds_alternative<call::Reconcile>(one->call);
  });
  if (defect_ == Defect::kKillAtStart && is_first_of_stream && !has_started_) {
    has_started_ = true;
    for (const auto& [name, task] : engine.tasks().all()) {
      if (task.live()) effects.push_back(core::effect::Call{call::Kill{task.task_id(), {}}});
    }
  }
  for (core::Effect& effect : effects) {
    auto* one = std::get_if<core::effect::Call>(&effect);
    if (one == nullptr) continue;
    auto* decline = std::get_if<call::Decline>(&one->call);
    if (decline == nullptr) continue;
    mesos::Ids others;
    for (const std::string_view id : decline->offer_ids)
      if (id != offer_id_) others.push_back(id);
    if (others.size() == decline->offer_ids.size()) continue;
    mesos::Operation operation;
    if (defect_ == Defect::kDestroyVolumes && !offered_volumes_.empty()) {
      operation.type = mesos::Operation::Type::kDestroy;
      operation.resources = offered_volumes_;
    } else if (defect_ == Defect::kTouchForeign && !offered_reservations_.empty()) {
      operation.type = mesos::Operation::Type::kUnreserve;
      operation.resources = offered_reservations_;
    } else {
      return;
    }
    decline->offer_ids = std::move(others);
    effects.push_back(core::effect::Call{call::Accept{{offer_id_}, {operation}, 1}});
    return;
  }
}

}  // namespace ostler::simulation
