// The scheduler's mind: one event in, effects out.
//
// A deterministic state machine. It holds the plans, the tasks and what Mesos last
// said; the same events with the same identifiers and times give the same effects.
// It does no I/O, reads no clock and starts no thread. Offers are never held: every
// batch is used or declined before handle() returns.
//
// Not thread-safe; the shell calls it from the core thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/uuid.h"
#include "core/advice.h"
#include "core/agent_inquiry.h"
#include "core/command.h"
#include "core/config_update.h"
#include "core/demand.h"
#include "core/departures.h"
#include "core/effect.h"
#include "core/killer.h"
#include "core/offer_cycle.h"
#include "core/operation_tracker.h"
#include "core/planner.h"
#include "core/ports.h"
#include "core/preview.h"
#include "core/reconciler.h"
#include "core/repeater.h"
#include "core/settings.h"
#include "core/snapshot.h"
#include "core/sweeper.h"
#include "core/task_table.h"
#include "mesos/event.h"

namespace ostler::core {

class Engine {
 public:
  // `judge` and `ids` must outlive the engine.
  Engine(Settings settings, StoredState stored, Judge& judge, IdSource& ids);
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // First call. Chooses the target configuration; a first one that is refused ends in
  // an Exit with code 1.
  void start(ConfigCandidate candidate, Now now, Effects& out);

  void handle(mesos::Event&& event, Now now, Effects& out);
  // Several, which came while others were being dealt with: what follows from them is
  // decided once, after the last.
  void handle(std::vector<mesos::Event>&& events, Now now, Effects& out);

  // An operator's command. The answer may be given once the effects are carried out.
  Answer handle(const Command& command, Now now, Effects& out);

  void handle(const Advice& advice, Now now, Effects& out);

  // Does what has become due. To be called at wake_at() (mono), or any time.
  void tick(Now now, Effects& out);
  std::optional<int64_t> wake_at() const;

  // What `candidate` would do if it were deployed now. Changes nothing.
  Preview preview(std::shared_ptr<const spec::ServiceSpec> candidate, Now now) const;

  // A picture for the API, and a number that changes with it.
  std::shared_ptr<const Snapshot> snapshot() const;
  uint64_t revision() const { return revision_; }

  // False when there is nothing to say to Mesos any more: the service is uninstalled.
  bool wants_mesos() const { return !uninstalled_; }

  const spec::ServiceSpec& target() const { return *target_; }
  const std::string& framework_id() const { return framework_id_; }
  const TaskTable& tasks() const { return tasks_; }
  const Planner& planner() const { return planner_; }

 private:
  void on(mesos::event::Subscribed&& event, Now now, Effects& out);
  void on(mesos::event::Disconnected&& event, Now now, Effects& out);
  void on(mesos::event::Offers&& event, Now now, Effects& out);
  void on(mesos::event::Rescinded&& event, Now now, Effects& out);
  void on(mesos::event::InverseOffers&& event, Now now, Effects& out);
  void on(mesos::event::Update&& event, Now now, Effects& out);
  void on(mesos::event::OperationUpdate&& event, Now now, Effects& out);
  void on(mesos::event::Failure&& event, Now now, Effects& out);
  void on(mesos::event::Error&& event, Now now, Effects& out);
  void on(mesos::event::CallRejected&& event, Now now, Effects& out);

  Answer on(const command::PlanStart& c, Now now, Effects& out);
  Answer on(const command::PlanStop& c, Now now, Effects& out);
  Answer on(const command::PlanInterrupt& c, Now now, Effects& out);
  Answer on(const command::PlanContinue& c, Now now, Effects& out);
  Answer on(const command::PlanForceComplete& c, Now now, Effects& out);
  Answer on(const command::PlanRestart& c, Now now, Effects& out);
  Answer on(const command::PodRestart& c, Now now, Effects& out);
  Answer on(const command::PodReplace& c, Now now, Effects& out);
  Answer on(const command::PodPause& c, Now now, Effects& out);
  Answer on(const command::PodResume& c, Now now, Effects& out);
  Answer on(const command::UninstallAbandon& c, Now now, Effects& out);
  // The named tasks of a pod, or all; stores `goal` for them.
  Answer override_goal(const std::string& pod, const std::vector<std::string>& names, GoalOverride goal,
                       Effects& out);
  // Changes every record of a pod by `body` and stores them together; back-offs are over.
  template <typename Body>
  Answer on_pod(const std::string& pod, const char* what, Effects& out, Body body);
  // Changes a plan by `body` and stores what is new.
  Answer on_plan(const std::string& name, Effects& out, const std::function<Answer(Plan&)>& body);

  // What a run of a plan of one's own has done: other runs may launch the same tasks, so they
  // do not tell. Stored before anything else follows from it.
  void store_progress(Effects& out);

  // After every event: statuses, kills, timers, wish for offers.
  void advance(Now now, Effects& out);
  void serve_steps(Now now, Effects& out);
  DemandItem demand_of(Step& step, Now now);
  void kill_for(const Step& step, Now now, Effects& out);

  void forget_unused_configs(Effects& out);

  void mark_for_restart(const Plan& plan, Effects& out);
  void ask_for_agents_of_leftovers(Effects& out);
  void on_unknown_task(const mesos::TaskStatus& status, Now now, Effects& out);
  void on_known_task(const std::string& name, Task& task, const mesos::TaskStatus& status, Now now,
                     Effects& out);
  bool is_failure(const Task& task) const;
  void count_failure(const std::string& name, Task& task, Now now, Effects& out);
  void give_up_lost_intents(Now now, Effects& out);
  // What the end of an operation means.
  void take_outcome(const mesos::OperationStatus& status, const OperationTracker::Outcome& outcome, Now now,
                    Effects& out);
  void drop_launches(const mesos::call::Accept& accept, const std::string& why, Now now, Effects& out);

  // An operator gave up the agent that this task was on.
  void on_agent_given_up(const Task& task, Now now, Effects& out);
  // pod_commands.cpp: a pod instance that can only be brought back elsewhere.
  void fail_permanently(const std::string& pod, const std::string& why, Now now, Effects& out);
  void apply_replacement_policy(Now now, Effects& out);
  const spec::TaskSpec* wanted_task(const Task& task) const;
  // release.cpp: reservations that are to be given back.
  void release_replaced(Now now, Effects& out);
  void release_if_dead(const std::string& pod, Now now, Effects& out);
  bool release(const std::vector<std::string>& tasks, Now now, Effects& out);
  void given_back(const std::vector<std::string>& resource_ids, Effects& out);
  void forget_agent(const std::string& agent_id, Effects& out);
  std::vector<Leftover> leftovers_of(const Step& step, const Claim& claim) const;
  void want_leftovers(std::vector<DemandItem>& work, Now now);

  // uninstall.cpp
  void start_uninstall(std::shared_ptr<const spec::ServiceSpec> candidate, Now now, Effects& out);
  bool is_uninstalling_elsewhere(Effects& out) const;
  void carry_on(Now now, Effects& out);
  bool carry_on(const Step& step, Now now, Effects& out);
  void finish_uninstall(const std::string& why, Effects& out);
  void give_up_after_timeout(Now now, Effects& out);
  bool is_on_agent_that_is_away(const Step& step, Now now) const;

  void load_tasks(Now now);
  std::string_view role_of(const Step& step) const;
  std::set<std::string, std::less<>> agents_of_replaced_tasks() const;
  void confirm_what_is_offered(const mesos::OfferBatch& batch, Now now, Effects& out);
  void adopt_moved(const std::string& task, const mesos::OfferBatch& batch, const ostler_offer_t& offer,
                   Now now, Effects& out);
  void record_claim(Step& step, const Claim& claim, Now now, Effects& out);
  void accept(CycleResult::Accept& one, Now now, Effects& out);
  void decline(const mesos::OfferBatch& batch, const std::vector<uint32_t>& offers, double refuse_s,
               const char* counter, Effects& out);
  void decline_long(const mesos::OfferBatch& batch, std::vector<uint32_t> offers, Now now, Effects& out);
  void decline_all(const mesos::OfferBatch& batch, Effects& out);

  Settings settings_;
  Judge& judge_;
  IdSource& ids_;
  StoredState stored_;  // configs and properties; tasks move to tasks_
  std::shared_ptr<const spec::ServiceSpec> target_;
  std::string framework_id_;
  std::string local_region_;
  std::vector<std::string> roles_;  // the service's first
  bool subscribed_ = false;
  bool has_tidied_ = false;  // unused configurations are gone, since the last roll-out
  uint64_t revision_ = 1;

  TaskTable tasks_;
  Planner planner_;
  Reconciler reconciler_;
  AgentInquiry inquiry_;
  OperationTracker operations_;
  Killer killer_;
  AdviceDesk advice_;
  Repeater repeater_;
  Demand demand_;
  uint64_t demand_round_ = 1;
  size_t demand_size_ = 0;      // steps under way at the last look
  int64_t next_demand_ms_ = 0;  // mono; with many of them not before this
  bool demand_waits_ = false;
  Sweeper sweeper_;
  PlacementRules rules_;
  Departures departures_;
  // Agents that hold something left over, and until when (mono) it is waited for.
  std::map<std::string, int64_t> leftover_agents_;
  bool leftovers_changed_ = true;
  bool uninstalled_ = false;
  int64_t next_teardown_ms_ = 0;       // mono; 0: nobody waits for it
  int64_t uninstall_deadline_ms_ = 0;  // mono; 0: none
  int64_t uninstall_begun_ms_ = 0;     // mono, of this process
  int64_t next_policy_ms_ = 0, next_replacement_ms_ = 0;
  KnownOffers known_offers_;
  WhyBoard why_;
  Now now_;  // of the last event
};

}  // namespace ostler::core
