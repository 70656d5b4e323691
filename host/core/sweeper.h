// When to look for what is left over on agents, although nothing is to be launched.
//
// An idle scheduler suppresses offers, and would never see a reservation that belongs
// to nothing: of a pod that was replaced while its agent was away, of an operation
// that was refused. So for a short while after each registration, a minute later, soon after something
// may have been left behind, and else once an hour, offers are wanted all the same;
// what the offer cycle finds in them it gives back.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "core/effect.h"
#include "core/settings.h"

namespace ostler::core {

class Sweeper {
 public:
  explicit Sweeper(const Settings& settings) : settings_(settings) {}

  // All offers come by themselves: one look is enough, if it comes soon. Another one a
  // little later finds what was not on offer yet: a crash may have lost a release.
  void subscribed(Now now) {
    connected_ = true;
    ends_with_offers_ = true;
    until_ms_ = now.mono_ms + settings_.sweep_window_ms;
    next_ms_ = now.mono_ms + settings_.sweep_soon_ms;
  }
  void disconnected() { connected_ = false; }
  void offered() {
    if (ends_with_offers_) until_ms_ = 0;
    ends_with_offers_ = false;
  }
  // Something of ours may have been left on an agent. A look that comes earlier, for another
  // reason, may be too early for it.
  void leftovers(Now now) {
    again_ms_ = now.mono_ms + settings_.sweep_soon_ms;
    next_ms_ = std::min(next_ms_, again_ms_);
  }

  void tick(Now now) {
    if (!connected_ || now.mono_ms < next_ms_) return;
    ends_with_offers_ = false;
    is_new_ = true;
    until_ms_ = now.mono_ms + settings_.sweep_window_ms;
    next_ms_ = now.mono_ms + settings_.sweep_period_ms;
    if (again_ms_ > now.mono_ms) next_ms_ = std::min(next_ms_, again_ms_);
  }
  bool is_active(Now now) const { return connected_ && now.mono_ms < until_ms_; }
  // True once at the begin of each sweep but that of a registration.
  bool take_new() { return std::exchange(is_new_, false); }
  std::optional<int64_t> wake_at(Now now) const {
    if (!connected_) return std::nullopt;
    return is_active(now) ? std::min(until_ms_, next_ms_) : next_ms_;
  }

 private:
  const Settings& settings_;
  bool connected_ = false;
  bool ends_with_offers_ = false;
  bool is_new_ = false;
  int64_t until_ms_ = 0;  // mono
  int64_t next_ms_ = 0;
  int64_t again_ms_ = 0;
};

}  // namespace ostler::core
