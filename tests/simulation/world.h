// One simulated run: a scheduler, the state's servers, Mesos and its agents, and the
// wires between them, in virtual time.
//
// Nothing happens by itself: step() goes to the next moment at which something is due,
// and the watch looks after each. Everything is chosen by the setup: its seed and its
// list of faults. README.md says what the wires may do and why.
#pragma once

#include <functional>
#include <memory>
#include <queue>
#include <string>
#include <vector>

#include "cluster/model/simulated_tasks.h"
#include "simulation/fault.h"
#include "simulation/offers.h"
#include "simulation/scheduler.h"
#include "simulation/watch.h"

namespace ostler::simulation {

struct Setup {
  uint64_t seed = 0;
  std::vector<Fault> faults;
  Defect defect = Defect::kNone;
  int agents = 4;
  bool is_shared = false;  // others have reservations on the agents, one of them in our role
  bool is_parallel = false;
  uint32_t plan = 0;              // a plan of its own (service.h)
  uint32_t policy = 0;            // a replacement policy (service.h)
  bool has_advisor = false;       // which holds steps back, at random
  int64_t latency_ms = 5;         // of a message, at most
  int64_t task_delay_ms = 1000;   // until a task runs and is ready
  int64_t end_delay_ms = 200;     // from the kill of a task to its end, at most
  bool is_exact = true;           // all records as JSON (records.h)
  uint64_t max_commit_bytes = 0;  // of the state plugin; 0: no limit
  double failover_timeout_s = 1209600;
};
// Everything of a random run.
Setup random_setup(uint64_t seed);

class World final : public Scheduler::Outside {
 public:
  // Starts the scheduler at once. `trace`, when given, hears what happens.
  explicit World(const Setup& setup, std::function<void(const std::string&)> trace = {});
  ~World() override;

  // Goes to the next moment. False: a rule is broken, or nothing will ever happen again.
  bool step();
  // Steps until it is so; false: a rule was broken or `limit_ms` passed first.
  bool run_until(const std::function<bool()>& is_so, int64_t limit_ms = 3'600'000);
  bool run_for(int64_t ms);
  // No more faults; what is broken is mended.
  void heal();
  // After the last fault of the setup.
  int64_t quiet_at_ms() const;
  int64_t elapsed_ms() const { return now_ms_ - kStartMs; }

  // Makes a fault happen now, or lets it wait for its ordinal.
  void inject(const Fault& fault);
  // What an operator asks for; lost while no process serves.
  // True when it was done and stored.
  bool command(const core::Command& command);
  // What the service is to be; takes effect with the next start.
  void configure(uint32_t variant) { variant_ = variant; }
  // From the next start on the service is being uninstalled.
  void uninstall() {
    is_uninstall = true;
    watch_.allow_removal();
  }
  // An operator takes back what holds the service up: interrupted plans, paused pods, and
  // an uninstall that waits for agents that will not return.
  void let_go_on();

  Watch& watch() { return watch_; }
  const Watch& watch() const { return watch_; }
  cluster::Master& master() { return master_; }
  const cluster::Master& master() const { return master_; }
  Store& store() { return store_; }
  const Store& store() const { return store_; }
  // The process that runs or waits; null between two.
  Scheduler* scheduler() const { return scheduler_.get(); }
  bool is_subscribed() const { return link_ && link_->is_open && link_->is_subscribed; }
  uint32_t variant() const { return variant_; }
  bool has_second() const { return second_ != nullptr; }
  // An agent with something of ours is away for good.
  bool has_lost_agents() const { return lost_agents_; }
  // Mesos was made to remove the framework, or nearly so.
  bool was_removed() const { return was_removed_; }
  // It did, takes it no more, and the last process that ended said so.
  bool is_removed() const;
  // There is an agent for each node, and none of them back under another id: should nothing of
  // a launch have come to be there, nobody can tell that the old one is not coming back.
  bool has_room() const;

  // How many so far, to aim faults at.
  struct Counts {
    int64_t effects = 0, commits = 0, calls = 0, accepts = 0, updates = 0, starts = 0;
  };
  const Counts& counts() const { return counts_; }
  // The faults that did hit.
  const std::vector<Fault>& hits() const { return hits_; }
  // Calls sent, in order, for scenarios that look at them.
  std::function<void(const mesos::Call&)> on_call;
  // Exit codes of processes that ended by themselves, with their last words.
  const std::vector<std::pair<int, std::string>>& exits() const { return exits_; }
  // Where the process can be subscribed to: false holds it off.
  bool master_is_up = true;

 private:
  static constexpr int64_t kStartMs = 1'000'000;  // 0 means "never" here and there

  // A subscription: two wires.
  struct Link {
    std::string stream_id, framework_id;
    uint64_t process = 0;
    bool is_open = true;  // the client reads it
    bool is_subscribed = false;
    int64_t down_ms = 0, up_ms = 0;          // when the last message arrives
    int64_t ordered_ms = 0;                  // and the last call that none overtakes
    uint64_t sent = 0, passes = UINT64_MAX;  // calls beyond were lost with the process
  };
  using LinkPtr = std::shared_ptr<Link>;
  struct Due {
    int64_t at_ms;
    uint64_t order;
    std::function<void()> what;
    bool operator<(const Due& other) const {
      return at_ms != other.at_ms ? at_ms > other.at_ms : order > other.order;
    }
  };

  // Scheduler::Outside
  core::Now now() const override;
  bool dies_before_effect() override;
  CommitFate fate_of_commit() override;
  size_t share_of_commit(size_t groups) override {
    return groups == 1 || !random_.chance(25)
               ? groups
               : static_cast<size_t>(random_.between(1, static_cast<int64_t>(groups)));
  }
  int64_t commit_ms() override { return random_.chance(25) ? random_.between(1, 150) : 0; }
  void stored(Scheduler& who) override;
  void decides(const std::vector<core::Change>& changes) override { watch_.decides(changes, now_ms_); }
  void send(Scheduler& from, mesos::Call&& call) override;
  void owns(Scheduler& who) override;
  void connect(Scheduler& who) override;
  void wake(Scheduler& who, int64_t at_ms) override;
  void advise(Scheduler& who, core::effect::Advise&& question) override;
  void ended(Scheduler& who, bool is_crash, int code, const std::string& why) override;
  void log(const std::string& text) override;

  // world.cpp
  void at(int64_t at_ms, std::function<void()> what) { due_.push({at_ms, order_++, std::move(what)}); }
  void after(int64_t ms, std::function<void()> what) { at(now_ms_ + ms, std::move(what)); }
  void start_process();
  std::shared_ptr<const spec::ServiceSpec> service_of(uint32_t variant) const;
  void end_session(uint64_t session, int64_t after_ms);
  int64_t latency() { return random_.between(0, setup_.latency_ms); }
  void trace(const std::string& text) const;
  bool is_traced() const { return trace_ != nullptr; }
  // wires.cpp
  void subscribe(uint64_t process);
  void pump();
  void end_by_itself(const std::string& task_id);
  void to_scheduler(const LinkPtr& link, mesos::Event&& event);
  void handle(cluster::output::ToFramework&& out);
  void deliver(const LinkPtr& link, mesos::Event&& event);
  void arrive(const LinkPtr& link, mesos::Call&& call);
  void refuse_operations(const LinkPtr& link, mesos::call::Accept& accept, uint32_t from);
  void close(LinkPtr link, const std::string& why, bool reconnects);
  // inject.cpp
  const Fault* hit(FaultKind kind, int64_t ordinal);
  void note(const Fault& fault);
  const cluster::Agent& agent_of(uint32_t which) const;
  void lose_agent(const std::string& id, int64_t length_ms, bool tasks_die);
  void maintain(const Fault& fault);
  void remove_framework(const Fault& fault);
  void fail_task(uint32_t which, bool whole_executor);
  void hoard(int64_t ms);
  // operator.cpp
  void operate(const Fault& fault);
  void operate_own_plan(const Fault& fault);
  bool is_held_up(const std::string& plan) const;

  const Setup setup_;
  const std::function<void(const std::string&)> trace_;
  Random random_;
  Ids core_ids_, mesos_ids_;
  int64_t now_ms_ = kStartMs;
  int64_t clock_offset_ms_ = 1'700'000'000'000;
  std::priority_queue<Due> due_;
  uint64_t order_ = 0;

  Store store_;
  cluster::Master master_;
  cluster::SimulatedTasks tasks_;
  std::vector<cluster::Output> outputs_;  // of the master, in pump() alone
  OfferWriter writer_;
  Watch watch_;

  std::unique_ptr<Scheduler> scheduler_, second_;
  std::vector<std::unique_ptr<Scheduler>> ended_;  // kept until the step is over
  uint64_t last_process_ = 0;
  LinkPtr link_;
  std::vector<LinkPtr> links_;  // those the master may still write to
  uint32_t variant_ = 0;
  std::vector<Fault> waiting_;  // by ordinal
  std::vector<Fault> hits_;
  Counts counts_;
  std::vector<std::pair<int, std::string>> exits_;
  int refusals_ = 0;  // processes in a row that ended by themselves with an error
  std::string rival_stream_, rival_id_;
  int64_t slow_ms_ = 0, slow_until_ms_ = 0;
  uint32_t failing_starts_ = 0;
  uint32_t failing_commits_ = 0;
  int64_t spun_at_ms_ = 0;
  int spins_ = 0;
  bool is_healed_ = false;
  bool lost_agents_ = false;
  bool was_removed_ = false;
  int64_t down_until_ms_ = 0;  // nobody starts a process before
  std::string framework_id_;   // that Mesos last gave
  std::string target_;         // as last stored
  uint32_t plan_runs_ = 0;     // how often its own plan was started
  bool has_renamed_agents_ = false;
};

// A whole random run.
struct Outcome {
  std::optional<Violation> violation;
  std::vector<Fault> hits;
  int64_t virtual_ms = 0;
};
Outcome run(const Setup& setup, std::function<void(const std::string&)> trace = {});

}  // namespace ostler::simulation
