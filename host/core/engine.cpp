#include "core/engine.h"

#include <algorithm>

#include "base/exit_code.h"
#include "core/launch_request.h"
#include "core/names.h"
#include "core/roles.h"
#include "core/snapshot_builder.h"

namespace ostler::core {
namespace {

constexpr size_t kMostDifferencesLogged = 100;

std::optional<int64_t> earlier(std::optional<int64_t> a, std::optional<int64_t> b) {
  if (!a) return b;
  if (!b) return a;
  return std::min(*a, *b);
}

}  // namespace

Engine::Engine(Settings settings, StoredState stored, Judge& judge, IdSource& ids)
    : settings_(std::move(settings)),
      judge_(judge),
      ids_(ids),
      stored_(std::move(stored)),
      planner_(stored_.configs, tasks_, ids),
      reconciler_(settings_),
      inquiry_(settings_),
      operations_(settings_, ids),
      killer_(settings_),
      advice_(settings_, planner_, tasks_, killer_),
      demand_(settings_),
      sweeper_(settings_),
      rules_(judge) {
  framework_id_ = stored_.framework_id;
}

void Engine::start(ConfigCandidate candidate, Now now, Effects& out) {
  if (settings_.uninstall) {
    start_uninstall(std::move(candidate.spec), now, out);
    advance(now, out);
    return;
  }
  if (is_uninstalling_elsewhere(out)) return;
  if (candidate.spec) candidate.placement_refusals = rules_.refusals(settings_, *candidate.spec);
  ConfigUpdate update = update_config(stored_, std::move(candidate), settings_, ids_);
  if (!update.spec) {
    std::string list;
    for (const std::string& error : update.errors()) list += "\n- " + error;
    out.push_back(effect::Exit{kExitInitialization,
                               "The configuration is invalid, and there is none from before to keep "
                               "running:" +
                                   list});
    return;
  }
  for (std::vector<Change>& group : update.groups) out.push_back(effect::Persist{std::move(group)});
  for (const std::string& error : update.errors())
    log(out, kLogError, "configuration refused, the old one stays: " + error);
  if (update.changed) {
    log(out, kLogInfo, "new target configuration " + update.target);
    // Names of fields alone: a value may be what nobody should read in a log.
    for (size_t i = 0; i < std::min(update.differences.size(), kMostDifferencesLogged); ++i) {
      const spec::Difference& one = update.differences[i];
      log(out, kLogInfo, "changed (" + std::string(impact_name(one.impact)) + "): " + one.field);
    }
  }
  target_ = update.spec;
  load_tasks(now);
  release_replaced(now, out);
  // The process before may have given a pod up just now.
  if (target_->replacement_policy)
    next_replacement_ms_ = now.mono_ms + target_->replacement_policy->min_replace_delay_s * 1000;
  planner_.set_target(update.target, how_far_deployed(stored_), update.errors(), stored_.plan_controls);
  advance(now, out);
}

void Engine::load_tasks(Now now) {
  roles_ = {target_->role};
  for (const spec::PodSpec& pod : target_->pods) {
    const std::string role = pod.pre_reserved_role + "/" + target_->role;
    if (pod.pre_reserved_role != "*" && std::find(roles_.begin(), roles_.end(), role) == roles_.end())
      roles_.push_back(role);
  }
  for (const std::string& role : held_roles(stored_)) {
    if (std::find(roles_.begin(), roles_.end(), role) == roles_.end()) roles_.push_back(role);
  }
  demand_.set_roles(roles_);
  for (auto& [name, stored] : stored_.tasks) {
    if (!stored.launch) continue;
    tasks_.set_launch(name, stored.launch);
    departures_.add(*stored.launch, now);
    Task& task = tasks_.at(name);
    task.status = stored.status;
    task.goal = stored.goal;
    task.failures = stored.backoff.failures;
    if (stored.backoff.not_before_unix_ms != 0) {
      const int64_t left = stored.backoff.not_before_unix_ms - now.unix_ms;
      task.not_before_ms = now.mono_ms + std::clamp<int64_t>(left, 0, settings_.backoff_max_ms);
    }
    task.since_unix_ms = now.unix_ms;
    if (task.ready()) task.ready_since_ms = now.mono_ms;
  }
  stored_.tasks.clear();
}

void Engine::handle(mesos::Event&& event, Now now, Effects& out) {
  std::visit([&](auto&& e) { on(std::move(e), now, out); }, std::move(event));
  advance(now, out);
}

void Engine::handle(std::vector<mesos::Event>&& events, Now now, Effects& out) {
  for (mesos::Event& event : events)
    std::visit([&](auto&& e) { on(std::move(e), now, out); }, std::move(event));
  advance(now, out);
}

void Engine::handle(const Advice& advice, Now now, Effects& out) {
  advice_.answered(advice, now);
  advance(now, out);
}

void Engine::tick(Now now, Effects& out) { advance(now, out); }

std::optional<int64_t> Engine::wake_at() const {
  if (uninstalled_) return std::nullopt;
  std::optional<int64_t> at = earlier(reconciler_.wake_at(), killer_.wake_at());
  at = earlier(at, demand_.wake_at());
  // Steps that wait for their look ask for agents with it.
  at = earlier(at, demand_waits_ ? std::optional(next_demand_ms_) : inquiry_.wake_at());
  at = earlier(at, sweeper_.wake_at(now_));
  at = earlier(at, operations_.wake_at());
  at = earlier(at, advice_.wake_at());
  at = earlier(at, repeater_.wake_at());
  if (settings_.uninstall && next_teardown_ms_ != 0 && subscribed_) at = earlier(at, next_teardown_ms_);
  if (uninstall_deadline_ms_ != 0) at = earlier(at, uninstall_deadline_ms_);
  if (target_ && !settings_.uninstall && target_->replacement_policy && subscribed_)
    at = earlier(at, next_policy_ms_);
  for (const auto& [agent, until] : leftover_agents_) at = earlier(at, until);
  if (planner_.next_delay_end() != 0) at = earlier(at, std::optional(planner_.next_delay_end()));
  return at;
}

void Engine::advance(Now now, Effects& out) {
  ++revision_;
  now_ = now;
  if (!target_ || uninstalled_) return;
  // First: what a late ACCEPT launches must not come after "never heard of it".
  if (repeater_.tick(now, out)) demand_.revive_again("a DECLINE may have come late");
  reconciler_.tick(tasks_, now, out);
  operations_.tick(now, out);
  give_up_lost_intents(now, out);
  killer_.tick(now, out);
  if (!settings_.uninstall) apply_replacement_policy(now, out);
  if (uninstall_deadline_ms_ != 0 && now.mono_ms >= uninstall_deadline_ms_) give_up_after_timeout(now, out);
  planner_.refresh(now);

  if (planner_.take_progress()) store_progress(out);
  if (!settings_.uninstall && planner_.is_deployed() && how_far_deployed(stored_) != Deployed::kTarget) {
    if (how_far_deployed(stored_) == Deployed::kNever)
      log(out, kLogInfo, "deployment of " + target_->name + " is complete");
    effect::Persist persist;
    for (const auto& [key, value] : {std::pair(kDeployedProperty, std::string("DEPLOY")),
                                     std::pair(kDeployedConfig, stored_.target_config)}) {
      if (std::exchange(stored_.properties[key], value) != value)
        persist.changes.push_back(change::PutProperty{key, value});
    }
    out.push_back(std::move(persist));
  }

  if (!planner_.is_deployed()) {
    has_tidied_ = false;
  } else if (!has_tidied_) {
    has_tidied_ = true;
    forget_unused_configs(out);
  }
  advice_.tick(*target_, now, out);
  planner_.refresh(now);
  if (planner_.take_progress()) store_progress(out);
  if (planner_.tears_down()) carry_on(now, out);
  serve_steps(now, out);
}

// Does for each step under way what it needs: kills what it wants dead, and offers.
void Engine::serve_steps(Now now, Effects& out) {
  // Each look costs time for every step under way, and with many of them events come in
  // a rush: they share one look then.
  constexpr size_t kMany = 100;
  constexpr int64_t kRushMs = 20;
  demand_waits_ = demand_size_ >= kMany && now.mono_ms < next_demand_ms_;
  if (demand_waits_) return;
  next_demand_ms_ = now.mono_ms + kRushMs;
  std::vector<DemandItem> work;
  ++demand_round_;
  inquiry_.begin();
  const bool may_kill = reconciler_.ready(now);  // not on the strength of what was true before a restart
  for (Step* step : planner_.working()) {
    work.push_back(demand_of(*step, now));
    if (may_kill) kill_for(*step, now, out);
  }
  inquiry_.ask(out);
  want_leftovers(work, now);
  demand_size_ = work.size();
  const bool sweeps = sweeper_.begins(now, [&] { return !departures_.empty() || tasks_.any_unreachable(); });
  if (sweeps) {
    // A task that nobody remembers may use what is looked for: then it is in no offer.
    reconciler_.ask_for_all(now);
    ask_for_agents_of_leftovers(out);
  }
  if (sweeper_.is_active(now)) {
    for (const std::string& role : roles_) work.push_back({role, "the search for leftovers", sweeps});
  }
  if (demand_.update(work, now, out)) why_.revived();
}

// Whether they are gone for good: no task is known there any more whose status would tell. Mesos
// answers for the agent, whatever the task is called; what follows is in on_unknown_task().
void Engine::ask_for_agents_of_leftovers(Effects& out) {
  std::set<std::string> agents;
  mesos::call::Reconcile ask;
  for (const auto& [name, task] : tasks_.all()) {
    if (!task.launch) continue;
    for (const Leftover& leftover : task.launch->leftovers) {
      if (agents.insert(leftover.agent_id).second)
        ask.tasks.emplace_back(name + "__leftover", leftover.agent_id);
    }
  }
  if (!ask.tasks.empty()) out.push_back(effect::Call{std::move(ask)});
}

// Offers are wanted while anything is under way, not only while something waits for
// them: to suppress between two steps would cost a revive for the second.
DemandItem Engine::demand_of(Step& step, Now now) {
  // "wants an offer" is part of the item: an offer that came a moment too early, while a
  // task was still being killed, was declined, and would not come again by itself.
  const bool wants_offer =
      (!step.launch.empty() || step.kind == StepKind::kUnreserve) && step.kill.empty() && !step.delayed;
  const auto wish = static_cast<uint8_t>((wants_offer ? 1 : 0) | (step.is_permanent ? 2 : 0));
  const bool is_new = step.seen_working + 1 != demand_round_ || (wish & ~step.seen_wish) != 0;
  step.seen_working = demand_round_;
  step.seen_wish = wish;
  inquiry_.look(step, wants_offer && !step.is_permanent, tasks_, now);
  return {role_of(step), step.name, is_new};
}

void Engine::kill_for(const Step& step, Now now, Effects& out) {
  if (step.delayed) return;
  const bool may_kill = advice_.may_kill(step);
  for (const std::string& name : step.kill) {
    const Task* task = tasks_.find(name);
    if (!may_kill) {
      if (task->state() == mesos::TaskState::kUnreachable || task->unknown) killer_.spare(task->task_id());
      continue;
    }
    if (!killer_.is_dying(task->task_id())) {
      log(out, kLogInfo, "killing " + name + (step.kind == StepKind::kLaunch ? " to launch it anew" : ""),
          {{"task_id", task->task_id()}});
    }
    killer_.kill(task->task_id(), task->launch->task->agent_id, now, out);
  }
}

// The role that offers for this step come to.
std::string_view Engine::role_of(const Step& step) const {
  if (roles_.size() == 1) return roles_.front();
  if (step.kind == StepKind::kUnreserve) {
    for (const std::string& name : step.holders) {
      const Task* task = tasks_.find(name);
      if (task == nullptr || !task->launch) continue;
      for (const Holding& held : task->launch->holdings) {
        if (resource_id_of(held.resource) != step.subject) continue;
        const auto role = std::find(roles_.begin(), roles_.end(), core::role_of(held.resource));
        if (role != roles_.end()) return *role;
      }
    }
  }
  const StepConfig config = planner_.config_of(step);
  if (config.pod == nullptr || config.pod->pre_reserved_role == "*") return roles_.front();
  for (const std::string& role : roles_) {
    if (role == config.pod->pre_reserved_role + "/" + target_->role) return role;
  }
  return roles_.front();
}

// Once a roll-out is over, the configuration it came from is needed no more.
void Engine::forget_unused_configs(Effects& out) {
  std::set<std::string> used{stored_.target_config};
  for (const auto& [name, task] : tasks_.all()) {
    if (task.launch) used.insert(task.launch->config_id);
  }
  std::vector<Change> dropped = drop_unused_configs(stored_, used);
  if (!dropped.empty()) out.push_back(effect::Persist{std::move(dropped)});
}

void Engine::on(mesos::event::Subscribed&& event, Now now, Effects& out) {
  if (!framework_id_.empty() && framework_id_ != event.framework_id) {
    out.push_back(effect::Exit{kExitRegistration, "Mesos registered framework '" + event.framework_id +
                                                      "', but the stored framework is '" + framework_id_ +
                                                      "'"});
    return;
  }
  if (framework_id_.empty()) {
    framework_id_ = stored_.framework_id = event.framework_id;
    out.push_back(effect::Persist{{change::PutFrameworkId{framework_id_}}});
  }
  log(out, kLogInfo, "subscribed to " + event.master, {{"framework_id", framework_id_}});
  subscribed_ = true;
  next_teardown_ms_ = 0;
  local_region_ = event.region;
  reconciler_.subscribed(tasks_, now);
  inquiry_.subscribed();
  operations_.subscribed(now);
  killer_.subscribed(now);
  demand_.subscribed(now);
  sweeper_.subscribed(now);
  why_.revived();
}

void Engine::on(mesos::event::Disconnected&& event, Now, Effects& out) {
  if (subscribed_) log(out, kLogWarning, "disconnected from Mesos: " + event.reason);
  subscribed_ = false;
  reconciler_.disconnected();
  inquiry_.disconnected();
  operations_.disconnected();
  killer_.disconnected();
  repeater_.disconnected();
  demand_.disconnected();
  sweeper_.disconnected();
}

Preview Engine::preview(std::shared_ptr<const spec::ServiceSpec> candidate, Now now) const {
  return core::preview({settings_, stored_, tasks_, known_offers_, judge_, framework_id_, local_region_, now},
                       std::move(candidate));
}

std::shared_ptr<const Snapshot> Engine::snapshot() const {
  const size_t unreconciled = reconciler_.ready(now_) ? 0 : reconciler_.unanswered();
  return build_snapshot({settings_, stored_, target_.get(), framework_id_, subscribed_,
                         demand_.is_suppressed(), tasks_, planner_, why_, unreconciled, now_, uninstalled_,
                         demand_.waiting(now_)});
}

}  // namespace ostler::core
