// When to look for what is left over on agents, although nothing is to be launched.
//
// An idle scheduler suppresses offers, and would never see a reservation that belongs to
// nothing: of a pod that was replaced while its agent was away, of an operation that was
// refused. So for a short while after each registration, a minute later, and soon after
// something may have been left behind, offers are wanted all the same; what the offer cycle
// finds in them it gives back. Its agent may be away at just that minute, so each pause is
// as long as the time since the cause, up to an hour: what comes to light late is found
// before as much time again has passed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "core/effect.h"
#include "core/settings.h"

namespace ostler::core {

class Sweeper {
 public:
  explicit Sweeper(const Settings& settings) : settings_(settings) {}

  // All offers come by themselves: one look is enough, if it comes soon. Others follow for
  // what was not on offer yet: a crash may have lost a release.
  void subscribed(Now now) {
    connected_ = true;
    ends_with_offers_ = true;
    until_ms_ = now.mono_ms + settings_.sweep_window_ms;
    cause_ms_ = now.mono_ms;
    next_ms_ = now.mono_ms + settings_.sweep_soon_ms;
  }
  void disconnected() { connected_ = false; }
  void offered() {
    if (ends_with_offers_) until_ms_ = 0;
    ends_with_offers_ = false;
  }
  // Something of ours may have been left on an agent.
  void leftovers(Now now) {
    cause_ms_ = now.mono_ms;
    next_ms_ = std::min(next_ms_, now.mono_ms + settings_.sweep_soon_ms);
  }

  // True when a sweep begins, but for that of a registration. `is_known` is asked then whether
  // something is known to be left, or an agent away: it is back soon as a rule, maybe under a
  // new id, which only its offers tell.
  template <typename IsKnown>
  bool begins(Now now, IsKnown&& is_known) {
    if (!connected_ || now.mono_ms < next_ms_) return false;
    ends_with_offers_ = false;
    until_ms_ = now.mono_ms + settings_.sweep_window_ms;
    const bool known = is_known();
    const int64_t since_ms = now.mono_ms - cause_ms_;
    next_ms_ = now.mono_ms + std::clamp(known ? since_ms / kKnownShare : since_ms, settings_.sweep_soon_ms,
                                        known ? settings_.sweep_known_ms : settings_.sweep_period_ms);
    return true;
  }
  bool is_active(Now now) const { return connected_ && now.mono_ms < until_ms_; }
  std::optional<int64_t> wake_at(Now now) const {
    if (!connected_) return std::nullopt;
    return is_active(now) ? std::min(until_ms_, next_ms_) : next_ms_;
  }

 private:
  static constexpr int64_t kKnownShare = 15;  // of the time since the cause

  const Settings& settings_;
  bool connected_ = false;
  bool ends_with_offers_ = false;
  int64_t until_ms_ = 0;  // mono
  int64_t next_ms_ = 0;
  int64_t cause_ms_ = 0;
};

}  // namespace ostler::core
