// Kills tasks until they are dead: a KILL can be lost like any call, so it is
// repeated until a terminal status comes. Not stored; who must die is derived anew
// after a restart.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "core/effect.h"
#include "core/settings.h"

namespace ostler::core {

class Killer {
 public:
  explicit Killer(const Settings& settings) : settings_(settings) {}

  // Kills now, or as soon as there is a stream, unless that is under way already.
  void kill(const std::string& task_id, const std::string& agent_id, Now now, Effects& out);
  // Mesos does not know it: its agent is not there. When that is back it is to die at once, but who
  // may be away for good is told more and more rarely.
  void put_off(const std::string& task_id, Now now);
  // Somebody has spoken of it who knows it: what was put off is said at the next tick.
  void reached(const std::string& task_id, Now now);
  void dead(const std::string& task_id) { dying_.erase(task_id); }
  // It is not to die any more, unless it has heard of that already.
  void spare(const std::string& task_id) { dying_.erase(task_id); }
  bool is_dying(const std::string& task_id) const { return dying_.contains(task_id); }
  // Says the task id and the agent id of each that is not known to be dead.
  template <typename Each>
  void each(Each&& say) const {
    for (const auto& [task_id, victim] : dying_) say(task_id, victim.agent_id);
  }
  // The stream was renewed: say everything again.
  void subscribed(Now now);
  void disconnected() { connected_ = false; }
  void tick(Now now, Effects& out);
  std::optional<int64_t> wake_at() const;

 private:
  struct Victim {
    std::string agent_id;
    int64_t next_ms = 0;
    int64_t pause_ms = 0;
  };
  const Settings& settings_;
  bool connected_ = false;
  std::map<std::string, Victim> dying_;
};

}  // namespace ostler::core
