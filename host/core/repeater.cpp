#include "core/repeater.h"

namespace ostler::core {

void Repeater::failed(const mesos::Call& call, Now now) {
  const std::vector<std::string>* offers = nullptr;
  if (const auto* accept = std::get_if<mesos::call::Accept>(&call)) offers = &accept->offer_ids;
  if (const auto* decline = std::get_if<mesos::call::Decline>(&call)) offers = &decline->offer_ids;
  if (offers == nullptr) return;
  if (offers_.empty()) next_ms_ = now.mono_ms + kPauseMs;
  offers_.insert(offers_.end(), offers->begin(), offers->end());
}

void Repeater::tick(Now now, Effects& out) {
  if (offers_.empty() || now.mono_ms < next_ms_) return;
  out.push_back(effect::Call{mesos::call::Decline{std::move(offers_), kRefuseS}});
  offers_.clear();
}

std::optional<int64_t> Repeater::wake_at() const {
  if (offers_.empty()) return std::nullopt;
  return next_ms_;
}

}  // namespace ostler::core
