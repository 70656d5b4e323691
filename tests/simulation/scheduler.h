// One process of the scheduler: the real core, store and offers plugin, carried by a
// copy of the shell's loop that has no thread and can die between any two effects.
//
// What host/shell/core_loop.cpp and host/shell/scheduler.cpp do, with virtual time:
// own the state, load it, start the core, connect, then event after event; what came in
// while a commit was under way is handled together; what is to be stored is stored before
// what follows it is done; a store that cannot be reached holds everything up.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/engine.h"
#include "simulation/defect.h"
#include "simulation/matcher_judge.h"
#include "simulation/records.h"
#include "simulation/store.h"

namespace ostler::simulation {

class Scheduler {
 public:
  // Where the process stands. Every function may end the process, which then does
  // nothing more.
  class Outside {
   public:
    virtual ~Outside() = default;
    bool is_uninstall = false;  // SDK_UNINSTALL, for processes that start from now on
    bool has_advisor = false;
    virtual core::Now now() const = 0;
    // Before each group of persists, each call and each exit; true: it dies here.
    virtual bool dies_before_effect() = 0;
    virtual CommitFate fate_of_commit() = 0;
    // How long a commit takes; events come in meanwhile.
    virtual int64_t commit_ms() = 0;
    // Of so many groups of changes, how many share the first commit: at least one.
    virtual size_t share_of_commit(size_t groups) = 0;
    virtual void stored(Scheduler& who) = 0;
    // It is going to store this, sooner or later, unless it ends.
    virtual void decides(const std::vector<core::Change>& changes) = 0;
    virtual void send(Scheduler& from, mesos::Call&& call) = 0;
    // It owns the state from now on, and the core has started.
    virtual void owns(Scheduler& who) = 0;
    // Subscribe.
    virtual void connect(Scheduler& who) = 0;
    // Ask the advisor; answer() later.
    virtual void advise(Scheduler& who, core::effect::Advise&& question) = 0;
    // Call work() again at that time (mono).
    virtual void wake(Scheduler& who, int64_t at_ms) = 0;
    // The process ended; `is_crash`: without a word to anybody.
    virtual void ended(Scheduler& who, bool is_crash, int code, const std::string& why) = 0;
    virtual void log(const std::string& text) = 0;
  };

  Scheduler(Outside& outside, Store& store, uint64_t number, std::shared_ptr<const spec::ServiceSpec> service,
            IdSource& ids, bool is_exact, Defect defect);

  void begin();  // owns the state, or tries again later, or gives up
  void deliver(mesos::Event&& event) { hear(std::move(event)); }
  void answer(core::Advice advice) { hear(std::move(advice)); }
  // True when it was done, and all that it was about is carried out.
  bool command(const core::Command& command);
  void tick();
  void work();

  void kill(bool is_crash, int code, const std::string& why);
  void terminate();  // SIGTERM; a process that is paused finds it when it goes on
  void pause() { is_paused_ = true; }
  void resume();

  // A defect: it goes on after its session is over.
  bool ignores_fence() const { return planted_.ignores_fence(); }
  bool is_alive() const { return !is_ended_; }
  bool is_paused() const { return is_paused_; }
  bool is_running() const { return !is_ended_ && engine_ && !effects_pending(); }
  bool is_waiting() const { return !engine_; }  // for the state
  // When tick() has something to do (mono).
  std::optional<int64_t> wake_at();
  uint64_t number() const { return session_.number(); }
  const core::Engine* engine() const { return engine_.get(); }
  core::Engine* engine() { return engine_.get(); }
  Session& session() { return session_; }
  const std::shared_ptr<const spec::ServiceSpec>& service() const { return service_; }

  std::string framework_id;  // as its client knows it

 private:
  using Message = std::variant<mesos::Event, core::Advice>;

  template <typename Heard>
  void hear(Heard&& message) {
    inbox_.emplace_back(std::move(message));
    work();
  }
  bool effects_pending() const { return next_ < effects_.size() || !unsaved_.empty(); }
  // False: ended, or has to wait.
  bool carry_out();
  bool save();
  void take_messages();
  bool act(core::Effect& effect);

  Outside& outside_;
  Store& store_;
  Session session_;
  Records records_;
  std::shared_ptr<const spec::ServiceSpec> service_;
  MatcherJudge judge_;
  Planted planted_;
  PlantedIds ids_;
  std::unique_ptr<core::Engine> engine_;
  core::Effects effects_;
  size_t next_ = 0;           // the first effect that is not carried out
  bool is_gathered_ = false;  // what is to be stored is in unsaved_
  std::vector<std::vector<core::Change>> unsaved_;
  std::vector<size_t> places_;  // of these among the effects
  size_t allowed_ = 0;          // effects up to here have only stored changes before them
  std::deque<Message> inbox_;
  // What the engine said, as of that revision of it.
  std::optional<int64_t> wake_at_;
  uint64_t wake_revision_ = 0;
  int64_t begun_ms_ = -1;
  int64_t pause_ms_ = 0;
  int64_t blocked_until_ms_ = 0;
  bool is_connected_ = false;
  bool is_paused_ = false;
  bool is_to_terminate_ = false;
  bool is_ended_ = false;
};

}  // namespace ostler::simulation
