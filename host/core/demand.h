// Whether we want offers: SUPPRESS when there is no work, REVIVE when there is new
// work that earlier declines may be hiding (java-sdk-engine.md, 3).
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "core/effect.h"
#include "core/settings.h"

namespace ostler::core {

class Demand {
 public:
  explicit Demand(const Settings& settings) : settings_(settings), tokens_(settings.revive_burst) {}

  // A fresh subscription gets all offers: nothing is suppressed or filtered.
  void subscribed(Now now);
  void disconnected() { connected_ = false; }
  void declined_long() { is_filtered_ = true; }
  // The master may not have taken the last REVIVE: it is to be said again.
  void revive_failed() {
    is_filtered_ = true;
    wants_revive_ = !work_.empty();
  }

  // Says what there is to do now, one text an item ("zookeeper-0:[server] recovery").
  // An item that was not there before asks for a revive.
  void update(const std::set<std::string>& work, bool may_suppress, const std::string& role, Now now,
              Effects& out);
  std::optional<int64_t> wake_at() const;
  bool is_suppressed() const { return is_suppressed_; }

 private:
  bool take_token(Now now);

  const Settings& settings_;
  bool connected_ = false;
  bool is_suppressed_ = false;
  bool is_filtered_ = false;  // some agent's offers are declined for long
  bool wants_revive_ = false;
  std::set<std::string> work_;
  int64_t tokens_;
  int64_t refilled_ms_ = 0;
  int64_t earliest_revive_ms_ = 0;
};

}  // namespace ostler::core
