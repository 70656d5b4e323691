#include "core/repeater.h"

#include <utility>

namespace ostler::core {

void Repeater::failed(const mesos::Call& call, bool may_come, Now now) {
  const bool is_first = offers_.empty();
  if (const auto* decline = std::get_if<mesos::call::Decline>(&call)) {
    offers_.append(decline->offer_ids);
    may_have_hidden_ |= may_come && decline->refuse_s > kRefuseS;
    if (is_first) next_ms_ = now.mono_ms + kPauseMs;
  } else if (const auto* accept = std::get_if<mesos::call::Accept>(&call)) {
    offers_.append(accept->offer_ids);
    next_ms_ = now.mono_ms;
  }
}

bool Repeater::tick(Now now, Effects& out) {
  if (offers_.empty() || now.mono_ms < next_ms_) return false;
  out.push_back(effect::Call{mesos::call::Decline{std::exchange(offers_, {}), kRefuseS}});
  return std::exchange(may_have_hidden_, false);
}

std::optional<int64_t> Repeater::wake_at() const {
  if (offers_.empty()) return std::nullopt;
  return next_ms_;
}

}  // namespace ostler::core
