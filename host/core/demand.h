// Whether we want offers: SUPPRESS when there is no work, REVIVE when there is new
// work that earlier declines may be hiding (java-sdk-engine.md, 3). By role: what one
// role lacks wipes no filters of the others.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/effect.h"
#include "core/settings.h"

namespace ostler::core {

// Something to do for which offers to `role` are wanted.
struct DemandItem {
  std::string_view role;
  std::string_view what;  // "zookeeper-0:[server]", for the log
  bool is_new = false;    // it was not there at the last update
};

class Demand {
 public:
  explicit Demand(const Settings& settings) : settings_(settings), tokens_(settings.revive_burst) {}

  // All roles this framework is subscribed with.
  void set_roles(const std::vector<std::string>& roles);
  // A fresh subscription gets all offers: nothing is suppressed or filtered.
  void subscribed(Now now);
  void disconnected() { connected_ = false; }
  void declined_long() { is_filtered_ = true; }
  // A call failed that may have left agents hidden: REVIVE is to be said (again).
  void revive_again(const char* why);
  // A SUPPRESS failed, and may come all the same: also after a REVIVE that follows it.
  void suppress_failed(Now now);

  // Says what there is to do now. A new item asks for a revive of its role. True when
  // one was sent.
  bool update(const std::vector<DemandItem>& work, Now now, Effects& out);
  std::optional<int64_t> wake_at() const;
  // No role gets offers.
  bool is_suppressed() const;
  // What a REVIVE that waits for its rate limit is for, and until when, for people; empty:
  // none waits.
  std::string waiting(Now now) const;

 private:
  bool take_token(Now now);
  int64_t next_revive_ms() const;
  std::string reasons() const;
  void suppress(const std::set<std::string_view>& wanted, Now now, Effects& out);

  const Settings& settings_;
  bool connected_ = false;
  bool is_filtered_ = false;                                // some agent's offers are declined for long
  std::map<std::string, bool, std::less<>> is_suppressed_;  // by role
  std::map<std::string, std::string> revive_;               // roles to revive, and why
  bool is_throttled_ = false;
  int64_t suppressed_ms_ = 0;     // when SUPPRESS was last sent; 0: never
  int64_t late_suppress_ms_ = 0;  // a SUPPRESS that failed has come by then, or never will; 0: none
  int64_t tokens_;
  int64_t refilled_ms_ = 0;
  int64_t earliest_revive_ms_ = 0;
};

}  // namespace ostler::core
