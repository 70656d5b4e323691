#include "core/demand.h"

#include <algorithm>

namespace ostler::core {
namespace {
constexpr int64_t kRefillMs = 256000;  // one token; the SDK's bucket
}

void Demand::subscribed(Now now) {
  connected_ = true;
  is_suppressed_ = false;
  is_filtered_ = false;
  wants_revive_ = false;
  if (refilled_ms_ == 0) refilled_ms_ = now.mono_ms;
}

bool Demand::take_token(Now now) {
  const int64_t gained = (now.mono_ms - refilled_ms_) / kRefillMs;
  if (gained > 0) {
    tokens_ = std::min(settings_.revive_burst, tokens_ + gained);
    refilled_ms_ += gained * kRefillMs;
  }
  if (now.mono_ms < earliest_revive_ms_ || tokens_ == 0) return false;
  --tokens_;
  earliest_revive_ms_ = now.mono_ms + settings_.revive_interval_ms;
  return true;
}

void Demand::update(const std::set<std::string>& work, bool may_suppress, const std::string& role, Now now,
                    Effects& out) {
  const bool has_new =
      std::any_of(work.begin(), work.end(), [&](const std::string& w) { return !work_.contains(w); });
  work_ = work;
  if (!connected_) return;
  if (work.empty()) {
    wants_revive_ = false;
    if (may_suppress && !is_suppressed_ && !settings_.never_suppress) {
      is_suppressed_ = true;
      out.push_back(effect::Call{mesos::call::Suppress{{role}}});
      out.push_back(effect::Metric{effect::Metric::Kind::kAdd, "suppresses", 1});
      out.push_back(effect::Metric{effect::Metric::Kind::kSet, "is_suppressed", 1});
    }
    return;
  }
  if ((has_new && is_filtered_) || is_suppressed_) wants_revive_ = true;
  if (!wants_revive_) return;
  if (!take_token(now)) {
    out.push_back(effect::Metric{effect::Metric::Kind::kAdd, "revives.throttles", 1});
    return;
  }
  wants_revive_ = is_suppressed_ = is_filtered_ = false;
  out.push_back(effect::Call{mesos::call::Revive{{role}}});
  out.push_back(effect::Metric{effect::Metric::Kind::kAdd, "revives", 1});
  out.push_back(effect::Metric{effect::Metric::Kind::kSet, "is_suppressed", 0});
}

std::optional<int64_t> Demand::wake_at() const {
  if (!connected_ || !wants_revive_) return std::nullopt;
  return tokens_ > 0 ? earliest_revive_ms_ : std::max(earliest_revive_ms_, refilled_ms_ + kRefillMs);
}

}  // namespace ostler::core
