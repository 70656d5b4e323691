#include "core/killer.h"

#include <algorithm>

namespace ostler::core {
namespace {

constexpr int64_t kMostPauseMs = 60'000;

}  // namespace

void Killer::kill(const std::string& task_id, const std::string& agent_id, Now now, Effects& out) {
  const auto [victim, fresh] = dying_.try_emplace(task_id, Victim{agent_id, now.mono_ms, 0});
  if (!fresh || !connected_) return;
  victim->second.next_ms = now.mono_ms + settings_.kill_retry_ms;
  out.push_back(effect::Call{mesos::call::Kill{task_id, agent_id}});
}

void Killer::put_off(const std::string& task_id, Now now) {
  const auto victim = dying_.find(task_id);
  if (victim == dying_.end()) return;
  int64_t& pause_ms = victim->second.pause_ms;
  pause_ms = std::min(std::max(2 * pause_ms, settings_.kill_retry_ms), kMostPauseMs);
  victim->second.next_ms = std::max(victim->second.next_ms, now.mono_ms + pause_ms);
}

void Killer::reached(const std::string& task_id, Now now) {
  const auto victim = dying_.find(task_id);
  if (victim == dying_.end() || victim->second.pause_ms == 0) return;
  victim->second.pause_ms = 0;
  victim->second.next_ms = now.mono_ms;
}

void Killer::subscribed(Now now) {
  connected_ = true;
  for (auto& [task_id, victim] : dying_) victim.next_ms = now.mono_ms;
}

void Killer::tick(Now now, Effects& out) {
  if (!connected_) return;
  for (auto& [task_id, victim] : dying_) {
    if (now.mono_ms < victim.next_ms) continue;
    victim.next_ms = now.mono_ms + settings_.kill_retry_ms;
    out.push_back(effect::Call{mesos::call::Kill{task_id, victim.agent_id}});
  }
}

std::optional<int64_t> Killer::wake_at() const {
  std::optional<int64_t> at;
  if (!connected_) return at;
  for (const auto& [task_id, victim] : dying_) at = at ? std::min(*at, victim.next_ms) : victim.next_ms;
  return at;
}

}  // namespace ostler::core
