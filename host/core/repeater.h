// Says again what the master did not take, where nothing else would notice.
//
// An offer belongs to us until it is declined or used; when the DECLINE is lost, its
// agent is never offered again, and Mesos by default takes nothing back. Offers end with
// the stream, and so does what is kept here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/effect.h"

namespace ostler::core {

class Repeater {
 public:
  // A call that failed; `may_come`: it may be carried out all the same, also later. Of an
  // ACCEPT only the offers are given back, at once: should it arrive after all, it is too
  // late, and Mesos drops its launches.
  void failed(const mesos::Call& call, bool may_come, Now now);
  void disconnected() { *this = {}; }
  // True when a DECLINE that failed for now may have hidden its agents for long: it can
  // have come after a REVIVE that followed it.
  bool tick(Now now, Effects& out);
  std::optional<int64_t> wake_at() const;

 private:
  // A second, since a master that refuses everything should not be asked at once again.
  static constexpr int64_t kPauseMs = 1000;
  static constexpr double kRefuseS = 1;  // it is to be offered again: nobody looked at it lately

  mesos::Ids offers_;
  bool may_have_hidden_ = false;
  int64_t next_ms_ = 0;
};

}  // namespace ostler::core
