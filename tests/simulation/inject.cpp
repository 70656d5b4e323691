// Makes faults happen.
#include <algorithm>

#include "base/exit_code.h"
#include "simulation/service.h"
#include "simulation/world.h"

namespace ostler::simulation {
namespace {

constexpr int64_t kSessionMs = 10'000;
constexpr int64_t kFenceMs = kSessionMs * 5 / 6;  // as plugins/state-zookeeper/fence.h

}  // namespace

void World::note(const Fault& fault) {
  hits_.push_back(fault);
  if (is_traced()) trace("FAULT " + to_text(fault));
}

// The fault of that kind that waits for this moment, if there is one; it is used up.
const Fault* World::hit(FaultKind kind, int64_t ordinal) {
  if (is_healed_) return nullptr;
  const auto found = std::find_if(waiting_.begin(), waiting_.end(),
                                  [&](const Fault& f) { return f.kind == kind && f.at == ordinal; });
  if (found == waiting_.end()) return nullptr;
  const Fault fault = *found;
  waiting_.erase(found);
  note(fault);
  return &hits_.back();
}

bool World::dies_before_effect() { return hit(FaultKind::kCrash, ++counts_.effects) != nullptr; }

CommitFate World::fate_of_commit() {
  if (failing_commits_ > 0) {
    --failing_commits_;
    return CommitFate::kFails;
  }
  const int64_t number = ++counts_.commits;
  if (const Fault* fault = hit(FaultKind::kCommitFails, number)) {
    failing_commits_ = fault->which;
    return CommitFate::kFails;
  }
  if (hit(FaultKind::kCommitUnknown, number) != nullptr) return CommitFate::kUnknown;
  if (hit(FaultKind::kCrashAfterCommit, number) != nullptr) return CommitFate::kCrashesAfter;
  return CommitFate::kDone;
}

const cluster::Agent& World::agent_of(uint32_t which) const {
  return *master_.agents()[which % master_.agents().size()];
}

void World::lose_agent(const std::string& id, int64_t length_ms, bool tasks_die) {
  if (!master_.disconnect_agent(now_ms_, id)) return;
  if (tasks_die) {
    std::vector<cluster::Agent::Key> executors;
    for (const auto& [key, executor] : master_.agent(id)->executors) executors.push_back(key);
    for (const auto& [framework_id, executor_id] : executors)
      master_.executor_died(now_ms_, id, framework_id, executor_id, 9);
  }
  after(length_ms, [this, id] { master_.reconnect_agent(now_ms_, id); });
}

// An operator says when an agent will be away, and means it or not.
void World::maintain(const Fault& fault) {
  const std::string id = agent_of(fault.which).id;
  const int64_t away_ms = fault.length_ms / 2, begins_ms = fault.length_ms - away_ms;
  master_.set_maintenance(now_ms_, id, cluster::Maintenance{now().unix_ms + begins_ms, away_ms});
  if (fault.which >= 8) after(begins_ms, [this, id, away_ms] { lose_agent(id, away_ms, true); });
  after(fault.length_ms, [this, id] { master_.set_maintenance(now_ms_, id, std::nullopt); });
}

void World::remove_framework(const Fault& fault) {
  was_removed_ = true;
  if (fault.which == 1) {
    if (master_.frameworks().contains(framework_id_))
      master_.handle(now_ms_, framework_id_, mesos::call::Teardown{});
    return;
  }
  down_until_ms_ = now_ms_ + fault.length_ms;
  if (scheduler_) scheduler_->kill(true, 137, "killed");
}

bool World::is_removed() const {
  return !framework_id_.empty() && !master_.frameworks().contains(framework_id_) && !exits_.empty() &&
         exits_.back().second.find("Framework has been removed") != std::string::npos;
}

void World::fail_task(uint32_t which, bool whole_executor) {
  std::vector<std::pair<const cluster::Agent*, const cluster::Task*>> live;
  std::vector<std::string> frameworks;
  for (const auto& agent : master_.agents()) {
    for (const auto& [key, task] : agent->tasks) {
      if (!task.live()) continue;
      live.emplace_back(agent.get(), &task);
      frameworks.push_back(key.first);
    }
  }
  if (live.empty()) return;
  const auto& [agent, task] = live[which % live.size()];
  if (whole_executor) {
    const std::string agent_id = agent->id, executor_id = task->executor_id;
    master_.executor_died(now_ms_, agent_id, frameworks[which % live.size()], executor_id, 9);
  } else {
    tasks_.end(now_ms_, task->info->task_id, mesos::TaskState::kFailed, "Command exited with status 1");
  }
}

// Another framework is offered what is free, keeps it for a while and gives it back.
void World::hoard(int64_t ms) {
  mesos::FrameworkInfo info;
  info.name = "rival";
  info.roles = {"rival"};
  info.capabilities = {"MULTI_ROLE", "RESERVATION_REFINEMENT", "PARTITION_AWARE"};
  const std::string stream = master_.subscribe(now_ms_, {info, {}, {}});
  after(ms, [this, stream] { master_.stream_closed(now_ms_, stream); });
}

void World::inject(const Fault& fault) {
  if (!is_timed(fault.kind)) {
    waiting_.push_back(fault);
    return;
  }
  note(fault);
  switch (fault.kind) {
    case FaultKind::kStop:
      if (scheduler_) scheduler_->terminate();
      break;
    case FaultKind::kPause: {
      if (!scheduler_ || scheduler_->is_paused()) break;
      scheduler_->pause();
      const uint64_t number = scheduler_->number();
      if (fault.length_ms > kSessionMs) end_session(number, kSessionMs);
      after(fault.length_ms, [this, number, ms = fault.length_ms] {
        for (Scheduler* one : {scheduler_.get(), second_.get()}) {
          if (one == nullptr || one->number() != number) continue;
          if (ms > kFenceMs && !one->is_waiting() && !one->ignores_fence()) {
            one->kill(false, kExitLock, "the state is not owned any more");
          } else {
            one->resume();
          }
          return;
        }
      });
      break;
    }
    case FaultKind::kSecondStarts: {
      if (second_) break;
      second_ = std::make_unique<Scheduler>(*this, store_, ++last_process_, service_of(variant_), core_ids_,
                                            setup_.is_exact, setup_.defect);
      if (is_traced()) trace("process " + std::to_string(last_process_) + " starts besides");
      Scheduler* besides = second_.get();
      besides->begin();
      break;
    }
    case FaultKind::kStoreAway:
      store_.is_away = true;
      after(fault.length_ms, [this] { store_.is_away = false; });
      if (fault.length_ms > kFenceMs) {
        after(kFenceMs, [this] {
          // Nobody can own it now, and the sessions of all run out.
          if (scheduler_ && !scheduler_->is_waiting() && store_.is_away && !scheduler_->is_paused())
            scheduler_->kill(false, kExitLock, "the state is not owned any more");
        });
      }
      break;
    case FaultKind::kStreamCut:
      if (link_) close(link_, "connection reset by peer", true);
      break;
    case FaultKind::kStreamSlow:
      slow_ms_ = fault.length_ms;
      slow_until_ms_ = now_ms_ + fault.length_ms;
      break;
    case FaultKind::kAgentAway:
      lose_agent(agent_of(fault.which).id, fault.length_ms, false);
      break;
    case FaultKind::kHostDies:
      lose_agent(agent_of(fault.which).id, fault.length_ms, true);
      break;
    case FaultKind::kAgentNewId:
      if (!master_.replace_agent(now_ms_, agent_of(fault.which).id).empty())
        lost_agents_ = has_renamed_agents_ = true;
      break;
    case FaultKind::kAgentGone:
      if (master_.mark_agent_gone(now_ms_, agent_of(fault.which).id)) {
        lost_agents_ = true;
        watch_.agent_given_up(agent_of(fault.which).id);
      }
      break;
    case FaultKind::kMaintenance:
      maintain(fault);
      break;
    case FaultKind::kFrameworkRemoved:
      remove_framework(fault);
      break;
    case FaultKind::kOffersRescinded: {
      const std::string id = agent_of(fault.which).id;
      if (master_.disconnect_agent(now_ms_, id)) master_.reconnect_agent(now_ms_, id);
      break;
    }
    case FaultKind::kMasterFailover:
      master_.restart(now_ms_, (fault.which & 1) != 0, fault.length_ms);
      break;
    case FaultKind::kTaskFails:
      fail_task(fault.which, false);
      break;
    case FaultKind::kExecutorFails:
      fail_task(fault.which, true);
      break;
    case FaultKind::kCrashLoop:
      failing_starts_ += fault.which;
      break;
    case FaultKind::kRivalHoards:
      hoard(fault.length_ms);
      break;
    case FaultKind::kConfigFlip:
      variant_ = fault.which;
      if (scheduler_) scheduler_->terminate();
      break;
    case FaultKind::kCommand:
    case FaultKind::kForceComplete:
    case FaultKind::kPodRestart:
    case FaultKind::kPodReplace:
    case FaultKind::kPodPause:
    case FaultKind::kUninstall:
    case FaultKind::kPlan:
      operate(fault);
      break;
    case FaultKind::kClockJumps:
      clock_offset_ms_ += (fault.which & 1) != 0 ? 3'600'000 : -3'600'000;
      break;
    default:
      break;
  }
}

void World::heal() {
  is_healed_ = true;
  if (is_traced()) trace("all faults are over");
  waiting_.clear();
  failing_starts_ = failing_commits_ = 0;
  slow_until_ms_ = 0;
  store_.is_away = false;
  master_is_up = true;
  for (const auto& agent : master_.agents()) master_.reconnect_agent(now_ms_, agent->id);
}

}  // namespace ostler::simulation
