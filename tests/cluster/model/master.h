// The model of a Mesos master and its agents, seen from a scheduler.
//
// A deterministic state machine: every call takes the time, every random number comes
// from the IdSource, everything it wants done comes out of take(). It knows no
// sockets, processes or clocks, so ostler-cluster runs it in real time and a
// simulation runs it a thousand times faster. What it does follows recordings of a
// real master; tests/cluster/README.md lists what is left out.
//
// One thread at a time. Before handing something in, call advance() with the same
// time, so that timers which are due come first.
#pragma once

#include <functional>
#include <queue>

#include "base/result.h"
#include "base/uuid.h"
#include "cluster/model/audit.h"
#include "cluster/model/state.h"

namespace ostler::cluster {

class Master {
 public:
  struct Options {
    int64_t allocation_interval_ms = 1000;
    // From a lost connection to TASK_UNREACHABLE; Mesos pings 5 times 15 s.
    int64_t agent_timeout_ms = 75'000;
    int64_t update_retry_ms = 10'000;  // doubled each time, up to kMaxRetryMs
    // A default executor takes a moment to end after its last task.
    int64_t executor_exit_ms = 50;
    // After a restart of the master; 10 to 14 s with Mesos' own settings.
    int64_t agent_reregister_ms = 10'000;
  };
  Master(Options options, IdSource& ids);

  // --- agents

  // Starts an agent, which registers at once; returns its id.
  std::string add_agent(int64_t now_ms, AgentSpec spec);
  // The agent keeps running but is cut off. False: no such agent, or it is already.
  bool disconnect_agent(int64_t now_ms, const std::string& agent_id);
  bool reconnect_agent(int64_t now_ms, const std::string& agent_id);
  bool mark_agent_gone(int64_t now_ms, const std::string& agent_id);
  // Its host comes back with the volumes and reservations, but registers as a new agent
  // (its metadata was lost). Its tasks are dead; the old agent is never heard of again.
  // Returns the new id, or nothing when there is no such agent.
  std::string replace_agent(int64_t now_ms, const std::string& agent_id);
  // Schedules maintenance: offers of the agent are withdrawn and come back with the time,
  // and whoever uses it gets an inverse offer. Without a time there is none any more.
  bool set_maintenance(int64_t now_ms, const std::string& agent_id, std::optional<Maintenance> when);
  // Gives the agent one more resource, such as another framework's reservation.
  bool add_resource(int64_t now_ms, const std::string& agent_id, Resource resource);
  // The master dies and another one starts: all streams are cut, frameworks, offers
  // and tasks forgotten. Agents come back after `agents_after_ms` (below 0: the
  // option's value), in steps of 100 ms.
  void restart(int64_t now_ms, bool replicated_registry, int64_t agents_after_ms = -1);

  // --- the scheduler's side

  struct Subscribe {
    mesos::FrameworkInfo info;
    std::string legacy_role;  // FrameworkInfo.role, of frameworks without MULTI_ROLE
    std::vector<std::string> suppressed_roles;
  };
  // Returns the new stream's id; whether the subscription was accepted is in the
  // first event on it (SUBSCRIBED or ERROR).
  std::string subscribe(int64_t now_ms, Subscribe request);
  // The subscriber's connection is gone.
  void stream_closed(int64_t now_ms, const std::string& stream_id);

  // Why a call on this stream must be refused, with the HTTP status.
  struct Refusal {
    int status = 0;
    std::string text;
  };
  std::optional<Refusal> refusal(const std::string& framework_id,
                                 const std::optional<std::string>& stream_id) const;

  // Carries out a call of a framework that refusal() let pass.
  void handle(int64_t now_ms, const std::string& framework_id, mesos::Call call);
  // KILL with the call's own grace, SHUTDOWN of an executor, RECONCILE_OPERATIONS,
  // UPDATE_FRAMEWORK.
  void kill(int64_t now_ms, const std::string& framework_id, const mesos::call::Kill& call,
            std::optional<int64_t> grace_ms);
  void shutdown_executor(const std::string& framework_id, const std::string& agent_id,
                         const std::string& executor_id, int64_t now_ms);
  void reconcile_operations(const std::string& framework_id, const mesos::call::ReconcileOperations& call);
  Result<void> update_framework(int64_t now_ms, const std::string& framework_id, Subscribe request);

  // --- the agents' side

  // What the runner of a task has to say. `ip` is the task's address, empty before it runs.
  struct TaskReport {
    std::string agent_id;
    std::string framework_id;
    std::string task_id;
    mesos::TaskState state = mesos::TaskState::kRunning;
    std::string message;
    std::string reason;
    std::string source = "SOURCE_EXECUTOR";
    std::optional<bool> healthy;
    std::optional<int32_t> check_exit_code;
    bool clears_check = false;  // the check has no result any more
  };
  void report(int64_t now_ms, const TaskReport& report);
  // Every task of the executor is dead already (kill -9 of it, or its host's end).
  void executor_died(int64_t now_ms, const std::string& agent_id, const std::string& framework_id,
                     const std::string& executor_id, int32_t status);

  // The next `count` operations of that type are refused, as by an agent out of disk or
  // a master whose quota does not allow them.
  void refuse_operations(mesos::Operation::Type type, uint64_t count, std::string message);

  // The offers of the next `count` ACCEPTs are withdrawn as these arrive, with RESCIND.
  void rescind_accepted(uint64_t count) { rescind_accepted_ = count; }

  // --- faults on the way from agent to framework

  enum class UpdateFault : uint8_t { kNone, kDrop, kDelay };
  void set_update_fault(UpdateFault fault, uint64_t count, int64_t delay_ms);

  // --- time and results

  // When advance() next has something to do.
  int64_t next_wake() const;
  void advance(int64_t now_ms);
  // What has to be done since the last take(), in order.
  std::vector<Output> take() { return std::exchange(outputs_, {}); }
  // The same into `outputs`, whose memory is used again.
  void take(std::vector<Output>& outputs) {
    outputs.clear();
    outputs.swap(outputs_);
  }

  const std::string& id() const { return id_; }
  const Audit& audit() const { return audit_; }
  const std::vector<std::unique_ptr<Agent>>& agents() const { return agents_; }
  const std::map<std::string, Framework>& frameworks() const { return frameworks_; }
  const std::unordered_map<std::string, Offer>& offers() const { return offers_; }
  const Agent* agent(const std::string& agent_id) const;

 private:
  static constexpr int64_t kMaxRetryMs = 600'000;
  static constexpr int64_t kMaxSettledMs = 60'000;  // time goes on in steps of a minute at most

  // frameworks.cpp
  std::optional<std::string> invalid(const Subscribe& request) const;
  void remove_framework(int64_t now_ms, const std::string& framework_id);
  void to_framework(const std::string& framework_id, Event event);
  Framework* find_framework(const std::string& framework_id);
  // allocator.cpp
  void allocate(int64_t now_ms, Agent* only = nullptr);
  int64_t next_round_ms() const;
  void skip_rounds_before(int64_t ms);
  void settle(int64_t now_ms);
  void offer(Agent& agent, const std::string& framework_id, Framework& framework, const std::string& role,
             Resources resources, std::map<std::string, event::Offers>& batches);
  bool is_filtered(int64_t now_ms, Framework& framework, const Agent& agent, const std::string& role,
                   const Resources& resources);
  void add_filter(int64_t now_ms, Framework& framework, const Agent& agent, const std::string& role,
                  Resources resources, double refuse_s);
  std::optional<Offer> take_offer(const std::string& offer_id);
  void release(Agent& agent, Framework* framework, Resources resources);
  void withdraw_offers(Agent& agent);                 // with RESCIND
  void drop_offers(const std::string& framework_id);  // in silence
  void decline(int64_t now_ms, const std::string& framework_id, const mesos::call::Decline& call);
  void set_suppressed(int64_t now_ms, const std::string& framework_id, const std::vector<std::string>& roles,
                      bool on);
  // accept.cpp
  void accept(int64_t now_ms, const std::string& framework_id, mesos::call::Accept&& call);
  std::optional<std::string> invalid_offers(const std::string& framework_id,
                                            const std::vector<std::string>& ids) const;
  void operation_done(int64_t now_ms, const std::string& framework_id, Agent& agent,
                      const mesos::Operation& operation);
  void send_operation(int64_t now_ms, uint32_t agent_index, const std::string& uuid, int64_t wait_ms);
  // operations.cpp: change `working`; an error's text when refused
  std::optional<std::string> injected_refusal(const mesos::Operation& operation);
  std::optional<std::string> apply(const Framework& framework, Agent& agent,
                                   const mesos::Operation& operation, const std::string& role,
                                   Resources& working);
  // launch.cpp
  void launch_group(int64_t now_ms, const std::string& framework_id, Agent& agent, mesos::Operation operation,
                    const std::string& role, Resources& working);
  std::optional<std::string> invalid_group(const std::string& framework_id, const Agent& agent,
                                           const mesos::Operation& operation, const Resources& working) const;
  void end_executor(int64_t now_ms, Agent& agent, const Agent::Key& key, int32_t status);
  // updates.cpp
  void push_update(int64_t now_ms, Agent& agent, const std::string& framework_id, Task& task,
                   event::Update update);
  void forward(int64_t now_ms, Agent& agent, const std::string& framework_id, Task& task, int64_t wait_ms);
  void emit_update(int64_t now_ms, const std::string& framework_id, const event::Update& update);
  void flush_updates(int64_t now_ms, Agent& agent);
  void acknowledge(int64_t now_ms, const std::string& framework_id, const mesos::call::Acknowledge& call);
  void acknowledge_operation(const mesos::call::AcknowledgeOperation& call);
  void kill_task(int64_t now_ms, Agent& agent, const std::string& framework_id, Task& task,
                 std::optional<int64_t> grace_ms);
  void task_ended(int64_t now_ms, Agent& agent, const std::string& framework_id, Task& task);
  void erase_task(Agent& agent, const std::string& framework_id, const std::string& task_id);
  mesos::TaskStatus master_status(int64_t now_ms, const std::string& task_id, const std::string& agent_id,
                                  mesos::TaskState state, std::string_view reason, std::string message) const;
  event::Update task_update(int64_t now_ms, const Agent& agent, const Task& task) const;
  // reconcile.cpp
  void reconcile(int64_t now_ms, const std::string& framework_id, const mesos::call::Reconcile& call);
  void reconcile_one(int64_t now_ms, const std::string& framework_id, const std::string& task_id,
                     const std::string& agent_id);
  event::Update latest(int64_t now_ms, const Agent& agent, const Task& task) const;
  // agents.cpp
  Agent* find_agent(const std::string& agent_id);
  void register_agent(int64_t now_ms, Agent& agent);
  void give_up(int64_t now_ms, Agent& agent);

  using Timer = std::function<void(int64_t now_ms)>;
  void schedule(int64_t at_ms, Timer timer);
  struct Due {
    int64_t at_ms;
    uint64_t order;
    Timer timer;
    bool operator<(const Due& other) const {
      return at_ms != other.at_ms ? at_ms > other.at_ms : order > other.order;
    }
  };

  std::string new_uuid_base64();

  const Options options_;
  IdSource& ids_;
  std::string id_;
  std::vector<std::unique_ptr<Agent>> agents_;
  std::unordered_map<std::string, Agent*> agents_by_id_;
  std::map<std::string, Framework> frameworks_;
  std::set<std::string> removed_;  // framework ids
  std::unordered_map<std::string, Offer> offers_;
  uint64_t next_framework_ = 0;
  uint64_t next_offer_ = 0;
  uint64_t next_group_ = 0;
  std::priority_queue<Due> timers_;
  uint64_t timer_order_ = 0;
  int64_t next_allocation_ms_ = 0;
  // A round offered nothing and nothing happened since: before that time, when a filter
  // ends, another one would not, either. 0: it might.
  int64_t settled_until_ms_ = 0;
  std::vector<Output> outputs_;
  Audit audit_;
  struct Refusals {
    uint64_t count = 0;
    std::string message;
  };
  std::map<mesos::Operation::Type, Refusals> refusals_;
  uint64_t rescind_accepted_ = 0;
  UpdateFault update_fault_ = UpdateFault::kNone;
  uint64_t update_fault_count_ = 0;
  int64_t update_delay_ms_ = 0;
};

}  // namespace ostler::cluster
