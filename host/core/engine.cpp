#include "core/engine.h"

#include <algorithm>
#include <numeric>

#include "base/exit_code.h"
#include "core/launch_request.h"
#include "core/names.h"
#include "core/snapshot_builder.h"

namespace ostler::core {
namespace {

constexpr size_t kMostDifferencesLogged = 100;
constexpr const char* kDeployedProperty = "last-completed-update-type";

std::optional<int64_t> earlier(std::optional<int64_t> a, std::optional<int64_t> b) {
  if (!a) return b;
  if (!b) return a;
  return std::min(*a, *b);
}

void log(Effects& out, int32_t level, std::string message,
         std::vector<std::pair<std::string_view, std::string>> fields = {}) {
  out.push_back(effect::Log{level, std::move(message), std::move(fields)});
}
constexpr int32_t kInfo = 1, kWarning = 2, kError = 3;

void count(Effects& out, std::string name, double amount = 1) {
  out.push_back(effect::Metric{effect::Metric::Kind::kAdd, std::move(name), amount});
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

}  // namespace

Engine::Engine(Settings settings, StoredState stored, Judge& judge, IdSource& ids)
    : settings_(std::move(settings)),
      judge_(judge),
      ids_(ids),
      stored_(std::move(stored)),
      planner_(stored_.configs, tasks_, ids),
      reconciler_(settings_),
      operations_(settings_, ids),
      killer_(settings_),
      advice_(settings_, planner_, tasks_),
      demand_(settings_),
      sweeper_(settings_),
      rules_(judge) {
  framework_id_ = stored_.framework_id;
}

void Engine::start(std::shared_ptr<const spec::ServiceSpec> candidate, Now now, Effects& out) {
  if (settings_.uninstall) {
    start_uninstall(std::move(candidate), now, out);
    advance(now, out);
    return;
  }
  if (is_uninstalling_elsewhere(out)) return;
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
    log(out, kError, "configuration refused, the old one stays: " + error);
  if (update.changed) {
    log(out, kInfo, "new target configuration " + update.target);
    // Names of fields alone: a value may be what nobody should read in a log.
    for (size_t i = 0; i < std::min(update.differences.size(), kMostDifferencesLogged); ++i) {
      const spec::Difference& one = update.differences[i];
      log(out, kInfo, "changed (" + std::string(impact_name(one.impact)) + "): " + one.field);
    }
  }
  target_ = update.spec;
  load_tasks(now);
  release_replaced(now, out);
  planner_.set_target(update.target, stored_.properties.contains(kDeployedProperty), update.errors(),
                      stored_.plan_controls);
  advance(now, out);
}

void Engine::load_tasks(Now now) {
  roles_ = {target_->role};
  for (const spec::PodSpec& pod : target_->pods) {
    const std::string role = pod.pre_reserved_role + "/" + target_->role;
    if (pod.pre_reserved_role != "*" && std::find(roles_.begin(), roles_.end(), role) == roles_.end())
      roles_.push_back(role);
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

void Engine::handle(const Advice& advice, Now now, Effects& out) {
  advice_.answered(advice, now);
  advance(now, out);
}

void Engine::tick(Now now, Effects& out) { advance(now, out); }

std::optional<int64_t> Engine::wake_at() const {
  if (uninstalled_) return std::nullopt;
  std::optional<int64_t> at = earlier(reconciler_.wake_at(), killer_.wake_at());
  at = earlier(at, demand_.wake_at());
  if (demand_waits_) at = earlier(at, std::optional(next_demand_ms_));
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
  reconciler_.tick(tasks_, now, out);
  operations_.tick(now, out);
  give_up_lost_intents(now, out);
  killer_.tick(now, out);
  repeater_.tick(now, out);
  if (!settings_.uninstall) apply_replacement_policy(now, out);
  if (uninstall_deadline_ms_ != 0 && now.mono_ms >= uninstall_deadline_ms_) give_up_after_timeout(now, out);
  planner_.refresh(now);

  if (!settings_.uninstall && planner_.is_deployed() && !stored_.properties.contains(kDeployedProperty)) {
    stored_.properties[kDeployedProperty] = "DEPLOY";
    out.push_back(effect::Persist{{change::PutProperty{kDeployedProperty, "DEPLOY"}}});
    log(out, kInfo, "deployment of " + target_->name + " is complete");
  }

  if (!planner_.is_deployed()) {
    has_tidied_ = false;
  } else if (!has_tidied_) {
    has_tidied_ = true;
    forget_unused_configs(out);
  }
  advice_.tick(*target_, now, out);
  planner_.refresh(now);
  carry_on(now, out);
  update_demand(now, out);
}

// Offers are wanted while anything is under way, not only while something waits for
// them: to suppress between two steps would cost a revive for the second.
void Engine::update_demand(Now now, Effects& out) {
  // Each look costs time for every step under way, and with many of them events come in
  // a rush: they share one look then.
  constexpr size_t kMany = 100;
  constexpr int64_t kRushMs = 20;
  demand_waits_ = demand_size_ >= kMany && now.mono_ms < next_demand_ms_;
  if (demand_waits_) return;
  next_demand_ms_ = now.mono_ms + kRushMs;
  std::vector<DemandItem> work;
  ++demand_round_;
  const bool may_kill = reconciler_.ready(now);  // not on the strength of what was true before a restart
  for (Step* step : planner_.working()) {
    // "wants an offer" is part of the item: an offer that came a moment too early, while a
    // task was still being killed, was declined, and would not come again by itself.
    const bool wants_offer =
        (!step->launch.empty() || step->kind == StepKind::kUnreserve) && step->kill.empty() && !step->delayed;
    const auto wish = static_cast<uint8_t>((wants_offer ? 1 : 0) | (step->is_permanent ? 2 : 0));
    const bool is_new = step->seen_working + 1 != demand_round_ || (wish & ~step->seen_wish) != 0;
    step->seen_working = demand_round_;
    step->seen_wish = wish;
    work.push_back({role_of(*step), step->name, is_new});
    if (step->delayed || !may_kill || !advice_.may_kill(*step)) continue;
    for (const std::string& name : step->kill) {
      const Task* task = tasks_.find(name);
      if (!killer_.is_dying(task->task_id())) {
        log(out, kInfo, "killing " + name + (step->kind == StepKind::kLaunch ? " to launch it anew" : ""),
            {{"task_id", task->task_id()}});
      }
      killer_.kill(task->task_id(), task->launch->task.agent_id, now, out);
    }
  }
  want_leftovers(work, now);
  demand_size_ = work.size();
  sweeper_.tick(now);
  if (sweeper_.is_active(now)) {
    const bool is_new = sweeper_.take_new();
    // An agent that is away may come back under a new id, which only its offers tell.
    if (is_new && tasks_.any_unreachable()) sweeper_.leftovers(now);
    for (const std::string& role : roles_) work.push_back({role, "the search for leftovers", is_new});
  }
  if (demand_.update(work, now, out)) why_.revived();
}

// The role that offers for this step come to.
std::string_view Engine::role_of(const Step& step) const {
  if (roles_.size() == 1) return roles_.front();
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
  log(out, kInfo, "subscribed to " + event.master, {{"framework_id", framework_id_}});
  subscribed_ = true;
  next_teardown_ms_ = 0;
  local_region_ = event.region;
  reconciler_.subscribed(tasks_, now);
  operations_.subscribed(now);
  killer_.subscribed(now);
  demand_.subscribed(now);
  sweeper_.subscribed(now);
  why_.revived();
}

void Engine::on(mesos::event::Disconnected&& event, Now, Effects& out) {
  if (subscribed_) log(out, kWarning, "disconnected from Mesos: " + event.reason);
  subscribed_ = false;
  reconciler_.disconnected();
  operations_.disconnected();
  killer_.disconnected();
  repeater_.disconnected();
  demand_.disconnected();
  sweeper_.disconnected();
}

void Engine::decline(const mesos::OfferBatch& batch, const std::vector<uint32_t>& offers, double refuse_s,
                     const char* counter, Effects& out) {
  if (offers.empty()) return;
  count(out, counter, static_cast<double>(offers.size()));
  mesos::call::Decline call;
  call.refuse_s = refuse_s;
  call.offer_ids.reserve(offers.size());
  const int64_t until_unix_ms = now_.unix_ms + static_cast<int64_t>(refuse_s * 1000);
  for (const uint32_t number : offers) {
    call.offer_ids.emplace_back(mesos::view(batch.offers[number].id));
    why_.declined(number, until_unix_ms);
  }
  out.push_back(effect::Call{std::move(call)});
}

void Engine::decline_all(const mesos::OfferBatch& batch, Effects& out) {
  std::vector<uint32_t> all(batch.size());
  std::iota(all.begin(), all.end(), 0U);
  decline(batch, all, settings_.refuse_short_s, "declines.short", out);
}

LaunchRequest Engine::request_for(const Step& step) const {
  return launch_request(stored_.configs, tasks_, planner_.config_of(step), step);
}

Preview Engine::preview(std::shared_ptr<const spec::ServiceSpec> candidate, Now now) const {
  return core::preview({settings_, stored_, tasks_, known_offers_, judge_, framework_id_, local_region_, now},
                       std::move(candidate));
}

void Engine::on(mesos::event::Offers&& event, Now now, Effects& out) {
  const mesos::OfferBatch& batch = event.batch;
  count(out, "offers.received", static_cast<double>(batch.size()));
  if (batch.empty() || !target_ || uninstalled_) return;
  now_ = now;
  why_.offered(batch, now);
  if (!reconciler_.ready(now)) {
    decline_all(batch, out);
    return;
  }
  confirm_what_is_offered(batch, now, out);
  if (const std::vector<std::string> gone = departures_.missing(batch, now); !gone.empty())
    given_back(gone, out);
  planner_.refresh(now);

  std::vector<Candidate> candidates;
  for (Step* step : planner_.working()) {
    if (step->launch.empty() || !step->kill.empty() || step->delayed) continue;
    candidates.push_back({step, request_for(*step)});
  }
  const ClaimContext context{settings_, framework_id_, target_->principal, target_->role, ids_};
  OfferCycle cycle(context, judge_, rules_, tasks_, local_region_, why_);
  Result<CycleResult> result = cycle.run(batch, candidates);
  if (!result.ok()) {
    log(out, kError, "offers could not be judged: " + result.error().message);
    decline_all(batch, out);
    return;
  }
  for (auto& [number, claim] : result->claims) record_claim(*candidates[number].step, claim, now, out);
  for (auto& [number, why] : result->unserved) {
    Step& step = *candidates[number].step;
    step.prepared = true;
    step.message = why;
    planner_.touch(step.pod_type, step.pod_index);
  }
  for (CycleResult::Accept& accept : result->accepts) {
    for (const mesos::Operation& operation : accept.operations) {
      count(out, "operation." + lower(mesos::to_string(operation.type)));
    }
    operations_.sent(accept.agent_id, accept.offer_ids, accept.operations, now);
    mesos::call::Accept call{std::move(accept.offer_ids), std::move(accept.operations),
                             settings_.refuse_accepted_s};
    for (const mesos::Operation& operation : call.operations) {
      if (operation.type == mesos::Operation::Type::kUnreserve)
        departures_.told(operation, accept.agent_id, now);
    }
    out.push_back(effect::Call{std::move(call)});
  }
  if (!result->decline_long.empty()) demand_.declined_long();
  decline(batch, result->decline_short, settings_.refuse_short_s, "declines.short", out);
  decline(batch, result->decline_long, settings_.refuse_long_s, "declines.long", out);
  sweeper_.offered();
  count(out, "offers.processed", static_cast<double>(batch.size()));
  std::set<std::string, std::less<>> used;
  for (const CycleResult::Accept& accept : result->accepts) used.insert(accept.agent_id);
  known_offers_.keep(std::move(event.batch), std::move(used), now);
}

// Persist, then act: the launch and its STAGING status are stored together before the
// ACCEPT that follows; should the ACCEPT never arrive, reconciliation says so.
void Engine::record_claim(Step& step, const Claim& claim, Now now, Effects& out) {
  effect::Persist persist;
  std::string where;
  std::vector<Leftover> leftovers = leftovers_of(step, claim);
  leftovers_changed_ |= !leftovers.empty();
  for (const auto& [name, made] : claim.reserved) {
    Task& task = tasks_.at(name);
    // A task that has finished stays so, wherever its pod goes.
    auto launch = std::make_shared<LaunchRecord>(*made);
    const bool has_finished = task.launched() && task.state() == mesos::TaskState::kFinished;
    if (has_finished) launch->task.task_id = task.task_id();
    tasks_.set_launch(name, launch);
    if (!has_finished) task.status.reset();
    persist.changes.push_back(change::PutLaunch{name, launch});
  }
  for (const auto& [name, made] : claim.launched) {
    std::shared_ptr<const LaunchRecord> launch = made;
    if (!leftovers.empty()) {
      auto with = std::make_shared<LaunchRecord>(*made);
      with->leftovers = std::exchange(leftovers, {});
      departures_.add(*with, now);
      launch = std::move(with);
    }
    // What its earlier launch held elsewhere is nobody's now.
    const Task* before = tasks_.find(name);
    if (before != nullptr && before->launch && before->launch->task.agent_id != launch->task.agent_id)
      sweeper_.leftovers(now);
    tasks_.set_launch(name, launch);
    Task& task = tasks_.at(name);
    mesos::TaskStatus staging;
    staging.task_id = launch->task.task_id;
    staging.state = mesos::TaskState::kStaging;
    staging.agent_id = launch->task.agent_id;
    staging.executor_id = launch->executor.executor_id;
    staging.timestamp_s = static_cast<double>(now.unix_ms) / 1000;
    task.status = staging;
    task.unknown = false;
    task.refusal.clear();
    task.ready_since_ms = 0;
    task.since_unix_ms = now.unix_ms;
    reconciler_.launched(staging.task_id, now);
    where = launch->hostname;
    persist.changes.push_back(change::PutLaunch{name, launch});
    persist.changes.push_back(change::PutStatus{name, staging});
  }
  out.push_back(std::move(persist));
  log(out, kInfo, "launching " + step.name + " on " + where);
  step.prepared = false;
  planner_.touch(step.pod_type, step.pod_index);
}

std::shared_ptr<const Snapshot> Engine::snapshot() const {
  const size_t unreconciled = reconciler_.ready(now_) ? 0 : reconciler_.unanswered();
  return build_snapshot({settings_, stored_, target_.get(), framework_id_, subscribed_,
                         demand_.is_suppressed(), tasks_, planner_, why_, unreconciled, now_, uninstalled_});
}

}  // namespace ostler::core
