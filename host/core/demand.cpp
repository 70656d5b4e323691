#include "core/demand.h"

#include <algorithm>
#include <utility>

#include "base/utc.h"

namespace ostler::core {
namespace {
constexpr int64_t kRefillMs = 256000;  // one token; the SDK's bucket
// After a call failed, for as long as an overloaded master may still come upon it.
constexpr int64_t kLateMs = 90000;
}  // namespace

void Demand::set_roles(const std::vector<std::string>& roles) {
  for (const std::string& role : roles) is_suppressed_.try_emplace(role, false);
}

void Demand::subscribed(Now now) {
  connected_ = true;
  for (auto& [role, suppressed] : is_suppressed_) suppressed = false;
  is_filtered_ = false;
  // One for the stream before may have gone out on this one, which came about meanwhile.
  const bool may_be_suppressed = suppressed_ms_ != 0 && now.mono_ms - suppressed_ms_ < kLateMs;
  late_suppress_ms_ = may_be_suppressed ? now.mono_ms : 0;
  revive_.clear();
  if (refilled_ms_ == 0) refilled_ms_ = now.mono_ms;
}

bool Demand::is_suppressed() const {
  return !is_suppressed_.empty() && std::all_of(is_suppressed_.begin(), is_suppressed_.end(),
                                                [](const auto& role) { return role.second; });
}

void Demand::revive_again(const char* why) {
  is_filtered_ = true;
  for (const auto& [role, suppressed] : is_suppressed_) {
    if (!suppressed) revive_.try_emplace(role, why);
  }
}

void Demand::suppress_failed(Now now) { late_suppress_ms_ = now.mono_ms + kLateMs; }

std::string Demand::reasons() const {
  std::string out;
  for (const auto& [role, reason] : revive_) out += (out.empty() ? "" : "; ") + role + ": " + reason;
  return out;
}

std::string Demand::waiting(Now now) const {
  if (!connected_ || revive_.empty()) return {};
  return "agents that were declined for long are offered again after a REVIVE, which its rate limit allows "
         "at " +
         utc_text(now.unix_ms + next_revive_ms() - now.mono_ms) + " (" + reasons() + ")";
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

void Demand::suppress(const std::set<std::string_view>& wanted, Now now, Effects& out) {
  if (settings_.never_suppress) return;
  mesos::call::Suppress call;
  for (auto& [role, suppressed] : is_suppressed_) {
    if (suppressed || wanted.contains(role)) continue;
    suppressed = true;
    revive_.erase(role);
    call.roles.push_back(role);
  }
  if (call.roles.empty()) return;
  suppressed_ms_ = now.mono_ms;
  out.push_back(effect::Call{std::move(call)});
  out.push_back(effect::Metric{effect::Metric::Kind::kAdd, "suppresses", 1});
  out.push_back(effect::Metric{effect::Metric::Kind::kSet, "is_suppressed", is_suppressed() ? 1.0 : 0.0});
}

bool Demand::update(const std::vector<DemandItem>& work, Now now, Effects& out) {
  std::set<std::string_view> wanted;
  std::string_view last;
  for (const DemandItem& item : work) {
    if (item.role != last || wanted.empty()) wanted.insert(last = item.role);
    if (item.is_new && is_filtered_ && connected_)
      revive_.try_emplace(std::string(item.role), std::string(item.what) + " is new");
  }
  if (!connected_) return false;
  if (late_suppress_ms_ != 0 && now.mono_ms >= late_suppress_ms_) {
    late_suppress_ms_ = 0;
    revive_again("a SUPPRESS may have come late");
  }
  suppress(wanted, now, out);
  for (const std::string_view role : wanted) {
    const auto known = is_suppressed_.find(role);
    if (known != is_suppressed_.end() && known->second)
      revive_.try_emplace(std::string(role), "there is work again");
  }
  std::erase_if(revive_, [&](const auto& one) { return !wanted.contains(one.first); });
  if (revive_.empty()) {
    is_throttled_ = false;
    return false;
  }
  if (!take_token(now)) {
    if (!std::exchange(is_throttled_, true))
      out.push_back(effect::Metric{effect::Metric::Kind::kAdd, "revives.throttles", 1});
    return false;
  }
  is_throttled_ = false;
  mesos::call::Revive call;
  for (const auto& [role, reason] : revive_) {
    call.roles.push_back(role);
    is_suppressed_[role] = false;
  }
  const std::string why = reasons();
  revive_.clear();
  // Other roles' declines may go on hiding agents: their next new item asks again.
  is_filtered_ = call.roles.size() < is_suppressed_.size();
  out.push_back(effect::Log{0, "asking Mesos for all offers again, for role " + why, {}});
  out.push_back(effect::Call{std::move(call)});
  out.push_back(effect::Metric{effect::Metric::Kind::kAdd, "revives", 1});
  out.push_back(effect::Metric{effect::Metric::Kind::kSet, "is_suppressed", 0});
  return true;
}

int64_t Demand::next_revive_ms() const {
  return tokens_ > 0 ? earliest_revive_ms_ : std::max(earliest_revive_ms_, refilled_ms_ + kRefillMs);
}

std::optional<int64_t> Demand::wake_at() const {
  if (!connected_) return std::nullopt;
  std::optional<int64_t> at;
  if (!revive_.empty()) at = next_revive_ms();
  if (late_suppress_ms_ != 0) at = std::min(at.value_or(late_suppress_ms_), late_suppress_ms_);
  return at;
}

}  // namespace ostler::core
