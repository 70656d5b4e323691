#include "core/repeater.h"

#include <utility>

namespace ostler::core {

void Repeater::failed(const mesos::Call& call, Now now) {
  const bool is_first = offers_.empty();
  if (const auto* decline = std::get_if<mesos::call::Decline>(&call)) {
    offers_.append(decline->offer_ids);
    if (is_first) next_ms_ = now.mono_ms + kPauseMs;
  } else if (const auto* accept = std::get_if<mesos::call::Accept>(&call)) {
    offers_.append(accept->offer_ids);
    next_ms_ = now.mono_ms;
  }
}

void Repeater::tick(Now now, Effects& out) {
  if (offers_.empty() || now.mono_ms < next_ms_) return;
  out.push_back(effect::Call{mesos::call::Decline{std::exchange(offers_, {}), kRefuseS}});
}

std::optional<int64_t> Repeater::wake_at() const {
  if (offers_.empty()) return std::nullopt;
  return next_ms_;
}

}  // namespace ostler::core
