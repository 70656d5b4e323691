// Offers: the part of the Engine that uses or declines each batch, and records what it
// launches before the ACCEPT goes out.
#include <algorithm>
#include <map>
#include <numeric>

#include "core/engine.h"
#include "core/launch_request.h"
#include "core/maintenance.h"
#include "core/names.h"
#include "core/sharing.h"

namespace ostler::core {
namespace {

// Its instances are spread evenly over some values: each launch makes room where there was none.
bool spreads(const spec::PodSpec& pod) {
  const auto counts = [](const std::string& word) {
    return word == "GROUP_BY" || word.find("RoundRobin") != std::string::npos;
  };
  return std::any_of(pod.placement.begin(), pod.placement.end(),
                     [&](const auto& row) { return std::any_of(row.begin(), row.end(), counts); });
}

}  // namespace

void Engine::decline(const mesos::OfferBatch& batch, const std::vector<uint32_t>& offers, double refuse_s,
                     const char* counter, Effects& out) {
  if (offers.empty()) return;
  count(out, counter, static_cast<double>(offers.size()));
  mesos::call::Decline call;
  call.refuse_s = refuse_s;
  const size_t usual = mesos::view(batch.offers[offers.front()].id).size() + 1;
  call.offer_ids.reserve(offers.size(), offers.size() * usual);
  const int64_t until_unix_ms = now_.unix_ms + static_cast<int64_t>(refuse_s * 1000);
  for (const uint32_t number : offers) {
    call.offer_ids.push_back(mesos::view(batch.offers[number].id));
    why_.declined(number, until_unix_ms);
  }
  out.push_back(effect::Call{std::move(call)});
}

// An agent in maintenance is looked at again at its end, or in some minutes: that it was called
// off is only told with an offer, and Mesos makes none before it was told to.
void Engine::decline_long(const mesos::OfferBatch& batch, std::vector<uint32_t> offers, Now now,
                          Effects& out) {
  std::map<double, std::vector<uint32_t>> sooner;  // by seconds
  if (!batch.unavailable.empty()) {
    const Maintenance maintenance(batch, now);
    std::erase_if(offers, [&](uint32_t offer) {
      const auto ends_in_ms = maintenance.ends_in_ms(offer);
      if (!ends_in_ms) return false;
      const double ends_in_s = static_cast<double>(*ends_in_ms) / 1000;
      const double look_in_s = std::min({ends_in_s, Maintenance::kLookAgainS, settings_.refuse_long_s});
      sooner[std::max(settings_.refuse_short_s, look_in_s)].push_back(offer);
      return true;
    });
  }
  for (const auto& [refuse_s, some] : sooner) decline(batch, some, refuse_s, "declines.long", out);
  decline(batch, offers, settings_.refuse_long_s, "declines.long", out);
}

void Engine::decline_all(const mesos::OfferBatch& batch, Effects& out) {
  std::vector<uint32_t> all(batch.size());
  std::iota(all.begin(), all.end(), 0U);
  decline(batch, all, settings_.refuse_short_s, "declines.short", out);
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
  if (!departures_.empty()) {
    for (const auto& [name, task] : tasks_.all()) {
      if (!task.launch || !task.launch->released || !task.live()) continue;
      departures_.in_use_on(task.launch->task->agent_id, now);
    }
  }
  if (const std::vector<std::string> gone = departures_.missing(batch, now); !gone.empty()) {
    given_back(gone, out);
    reconciler_.ask_for_all(now);  // unless a task uses it that nobody remembers
  }
  planner_.refresh(now);

  const std::set<std::string, std::less<>> shunned = agents_of_replaced_tasks();
  std::vector<Candidate> candidates;
  PodSet busy;
  for (Step* step : planner_.working()) {
    busy.emplace(step->pod_type, step->pod_index);
    if (step->launch.empty() || !step->kill.empty() || step->delayed) continue;
    candidates.push_back({step, launch_request(stored_.configs, tasks_, planner_.config_of(*step), *step)});
    LaunchRequest& request = candidates.back().request;
    if (!request.in_place()) request.shunned_agents.insert(shunned.begin(), shunned.end());
  }
  const ClaimContext context{settings_, framework_id_, target_->principal, target_->role, ids_};
  OfferCycle cycle(context, judge_, rules_, tasks_, departures_, local_region_, why_);
  Result<CycleResult> result = cycle.run(batch, candidates, busy, now);
  if (!result.ok()) {
    log(out, kLogError, "offers could not be judged: " + result.error().message);
    decline_all(batch, out);
    return;
  }
  std::map<std::pair<std::string_view, std::string_view>, CycleResult::Accept*> launching;  // agent, role
  for (CycleResult::Accept& one : result->accepts) {
    if (one.launches == 0) {
      accept(one, now, out);
    } else {
      launching[{one.agent_id, one.role}] = &one;
    }
  }
  // Each ACCEPT as soon as its own launches are stored, not behind everybody's.
  for (auto& [number, claim] : result->claims) {
    record_claim(*candidates[number].step, claim, now, out);
    CycleResult::Accept& one = *launching.at({claim.agent_id, claim.role});
    if (--one.launches == 0) accept(one, now, out);
  }
  for (auto& [number, why] : result->unserved) {
    Step& step = *candidates[number].step;
    step.prepared = true;
    step.message = why;
    planner_.touch(step.pod_type, step.pod_index);
    // Its rule may take an agent now that it refused before, and that was declined for long.
    if (!result->claims.empty() && spreads(*candidates[number].request.pod)) step.seen_wish = 0;
  }
  if (!result->decline_long.empty()) demand_.declined_long();
  decline(batch, result->decline_short, settings_.refuse_short_s, "declines.short", out);
  decline_long(batch, std::move(result->decline_long), now, out);
  sweeper_.offered();
  count(out, "offers.processed", static_cast<double>(batch.size()));
  std::set<std::string, std::less<>> used;
  for (const CycleResult::Accept& accept : result->accepts) used.insert(accept.agent_id);
  known_offers_.keep(std::move(event.batch), std::move(used), now);
}

// No record tells of a task whose pod runs elsewhere by now; until it is dead, its agent is
// not free, whatever placement finds in the records.
std::set<std::string, std::less<>> Engine::agents_of_replaced_tasks() const {
  std::set<std::string, std::less<>> agents;
  killer_.each([&](const std::string& task_id, const std::string& agent_id) {
    const Task* task = tasks_.find(task_name_of_id(task_id));
    if (task == nullptr || !task->launched() || task->task_id() != task_id) agents.insert(agent_id);
  });
  return agents;
}

void Engine::accept(CycleResult::Accept& one, Now now, Effects& out) {
  for (const mesos::Operation& operation : one.operations)
    count(out, "operation." + metric_word(mesos::to_string(operation.type)));
  operations_.sent(one.agent_id, one.offer_ids, one.operations, now);
  mesos::call::Accept call{std::move(one.offer_ids), std::move(one.operations), settings_.refuse_accepted_s};
  for (const mesos::Operation& operation : call.operations) {
    if (operation.type == mesos::Operation::Type::kUnreserve) departures_.told(operation, one.agent_id, now);
  }
  out.push_back(effect::Call{std::move(call)});
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
    if (has_finished) {
      launch->task.change([&](mesos::TaskInfo& info) { info.task_id = task.task_id(); });
      launch->run = task.launch->run;
    }
    tasks_.set_launch(name, launch);
    if (!has_finished) task.status.reset();
    persist.changes.push_back(change::PutLaunch{name, launch});
  }
  for (const auto& [name, made] : claim.launched) {
    std::shared_ptr<const LaunchRecord> launch = made;
    const bool is_of_run = step.run != nullptr && !step.run->empty();
    if (!leftovers.empty() || is_of_run) {
      auto with = std::make_shared<LaunchRecord>(*made);
      if (is_of_run) with->run = *step.run;
      with->leftovers = std::exchange(leftovers, {});
      departures_.add(*with, now);
      launch = std::move(with);
    }
    // What its earlier launch held elsewhere is nobody's now.
    const Task* before = tasks_.find(name);
    if (before != nullptr && before->launch && before->launch->task->agent_id != launch->task->agent_id)
      sweeper_.leftovers(now);
    tasks_.set_launch(name, launch);
    Task& task = tasks_.at(name);
    mesos::TaskStatus staging;
    staging.task_id = launch->task->task_id;
    staging.state = mesos::TaskState::kStaging;
    staging.agent_id = launch->task->agent_id;
    staging.executor_id = launch->executor->executor_id;
    staging.timestamp_s = static_cast<double>(now.unix_ms) / 1000;
    task.status = staging;
    task.unknown = false;
    task.refusal.clear();
    task.ready_since_ms = 0;
    task.lost_since_ms = 0;
    task.since_unix_ms = now.unix_ms;
    reconciler_.launched(staging.task_id, now);
    where = launch->hostname;
    persist.changes.push_back(change::PutLaunch{name, launch});
    persist.changes.push_back(change::PutStatus{name, staging});
  }
  for (auto& [name, launch] : records_to_follow(claim, tasks_)) {
    persist.changes.push_back(change::PutLaunch{name, launch});
    tasks_.set_launch(name, std::move(launch));
  }
  out.push_back(std::move(persist));
  log(out, kLogInfo, "launching " + step.name + " on " + where);
  step.prepared = false;
  planner_.touch(step.pod_type, step.pod_index);
}

}  // namespace ostler::core
