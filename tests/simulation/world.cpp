#include "simulation/world.h"

#include <ostler/draft/advisor.h>

#include <algorithm>
#include <cstdio>
#include <limits>

#include "base/exit_code.h"
#include "simulation/liveness.h"
#include "simulation/service.h"

namespace ostler::simulation {
namespace {

constexpr int kMostRefusals = 5;        // from which on the wait grows no longer
constexpr int64_t kSessionMs = 10'000;  // the lock outlives a killed process by this at most
// How long a healed world may take to come to rest: less than the hour after which the
// core asks for everything anyway, so that nothing is found by that alone.
constexpr int64_t kSettleMs = 55 * 60'000;

}  // namespace

Setup random_setup(uint64_t seed) {
  Setup setup;
  setup.seed = seed;
  Random random(seed, 1);
  setup.agents = static_cast<int>(random.between(3, 5));
  setup.is_shared = random.chance(30);
  setup.is_parallel = random.chance(40);
  setup.has_advisor = random.chance(25);
  setup.latency_ms = random.chance(80) ? 5 : 500;
  setup.task_delay_ms = random.chance(70) ? 1000 : 8000;
  setup.end_delay_ms = random.chance(70) ? 200 : 5000;
  setup.max_commit_bytes = random.chance(80) ? 0 : 24'000;
  setup.is_exact = random.chance(2);
  setup.faults = random_faults(random);
  // From a source of its own, so that all else of a seed stays what it is without it.
  Random own(seed, 5);
  if (own.chance(6)) {
    setup.plan = static_cast<uint32_t>(own.between(1, kPlans - 1));
    setup.max_commit_bytes *= 2;  // a pod has twice the tasks
    add_plan_commands(own, setup.faults);
  }
  Random rare(seed, 6);
  add_rare_faults(rare, setup.faults);
  for (const Fault& fault : setup.faults) {
    if (fault.kind == FaultKind::kFrameworkRemoved) setup.failover_timeout_s = 60;
  }
  Random policy(seed, 7);
  if (policy.chance(6)) {
    setup.policy = static_cast<uint32_t>(policy.between(1, kPolicies - 1));
    add_absences(policy, setup.faults);
  }
  return setup;
}

World::World(const Setup& setup, std::function<void(const std::string&)> trace)
    : setup_(setup),
      trace_(std::move(trace)),
      random_(setup.seed, 2),
      core_ids_(setup.seed, 3),
      mesos_ids_(setup.seed, 4),
      master_({}, mesos_ids_),
      tasks_(setup.task_delay_ms),
      watch_(store_, master_) {
  store_.limits.max_commit_bytes = setup.max_commit_bytes;
  has_advisor = setup.has_advisor;
  watch_.set_policy(policy_of(setup.policy));
  master_.advance(now_ms_);
  for (int i = 0; i < setup.agents; ++i) master_.add_agent(now_ms_, agent(i, setup.is_shared && i % 2 == 0));
  for (const Fault& fault : setup.faults) {
    if (is_timed(fault.kind)) {
      at(kStartMs + fault.at, [this, fault] {
        if (!is_healed_) inject(fault);
      });
    } else {
      inject(fault);
    }
  }
  start_process();
}

World::~World() = default;

void World::trace(const std::string& text) const {
  if (!trace_) return;
  char time[32];
  std::snprintf(time, sizeof time, "%9.3f  ", static_cast<double>(now_ms_ - kStartMs) / 1000);
  trace_(time + text);
}
void World::log(const std::string& text) {
  if (is_traced()) trace("scheduler: " + text);
}

core::Now World::now() const { return {now_ms_, now_ms_ + clock_offset_ms_}; }

bool World::has_room() const {
  if (!lost_agents_) return true;
  if (has_renamed_agents_) return false;
  const auto is_there = [](const auto& agent) {
    return agent->standing == cluster::Standing::kRegistered && agent->is_linked;
  };
  return std::count_if(master_.agents().begin(), master_.agents().end(), is_there) >= 3;
}

int64_t World::quiet_at_ms() const {
  int64_t last = 0;
  for (const Fault& fault : setup_.faults) {
    // Ordinals are over when the first deployment is, as a rule.
    last = std::max(last, is_timed(fault.kind) ? fault.at + fault.length_ms + 1000 : int64_t{20'000});
  }
  return last;
}

// --- processes

std::shared_ptr<const spec::ServiceSpec> World::service_of(uint32_t variant) const {
  return service(variant, setup_.is_parallel, setup_.plan, setup_.policy);
}

void World::start_process() {
  if (scheduler_) return;
  if (now_ms_ < down_until_ms_) return at(down_until_ms_, [this] { start_process(); });
  ++counts_.starts;
  if (has_advisor) watch_.grant({});
  scheduler_ = std::make_unique<Scheduler>(*this, store_, ++last_process_, service_of(variant_), core_ids_,
                                           setup_.is_exact, setup_.defect);
  if (is_traced())
    trace("process " + std::to_string(last_process_) + " starts with variant " + std::to_string(variant_));
  Scheduler* started = scheduler_.get();
  started->begin();
}

void World::end_session(uint64_t session, int64_t after_ms) {
  after(after_ms, [this, session] { store_.release(session); });
}

void World::ended(Scheduler& who, bool is_crash, int code, const std::string& why) {
  if (is_traced())
    trace("process " + std::to_string(who.number()) +
          (is_crash ? " is killed" : " ends with code " + std::to_string(code) + ": " + why));
  // A killed one's session runs out; its fellow on the same machine may notice at once.
  end_session(who.number(), is_crash ? random_.between(0, random_.chance(50) ? 100 : kSessionMs) : 0);
  if (&who == second_.get()) {
    ended_.push_back(std::move(second_));
    return;
  }
  if (!is_crash) exits_.emplace_back(code, why);
  if (link_) close(link_, "the process ended", false);
  ended_.push_back(std::move(scheduler_));
  // Marathon, too, waits longer each time for what ends by itself again and again.
  const bool is_refused = !is_crash && code != kExitOk;
  refusals_ = is_refused ? std::min(refusals_ + 1, kMostRefusals) : 0;
  after(is_refused ? random_.between(1000, 5000) << (refusals_ - 1) : random_.between(50, 2000),
        [this] { start_process(); });
}

void World::wake(Scheduler& who, int64_t at_ms) {
  at(at_ms, [this, number = who.number()] {
    if (scheduler_ && scheduler_->number() == number) scheduler_->work();
    if (second_ && second_->number() == number) second_->work();
  });
}

void World::advise(Scheduler& who, core::effect::Advise&& question) {
  core::Advice advice;
  advice.question = question.id;
  std::set<std::string> asked, granted;
  for (const core::effect::AdviceMember& member : question.members) {
    if ((member.flags & OSTLER_ADVICE_MEMBER_CANDIDATE) == 0) continue;
    asked.insert(member.pod);
    const bool goes = random_.chance(is_healed_ ? 80 : 50);
    if (goes) granted.insert(member.pod);
    advice.rulings.emplace_back(goes, goes ? "" : "the advisor holds " + member.pod + " back");
  }
  if (is_traced()) {
    std::string text = question.has_come_back ? "advisor, has it come back:" : "advisor, may it go down:";
    for (const std::string& pod : granted) text += " " + pod;
    trace(text + (granted.empty() ? " none" : ""));
  }
  after(latency(), [this, number = who.number(), advice = std::move(advice), asked = std::move(asked),
                    granted = std::move(granted), has_come_back = question.has_come_back] {
    if (!scheduler_ || scheduler_->number() != number) return;
    if (!has_come_back) {
      watch_.grant(granted);
    } else {
      for (const std::string& pod : asked) watch_.seen_back(pod, granted.contains(pod));
    }
    scheduler_->answer(advice);
  });
}

void World::stored(Scheduler& who) {
  const std::string& target = store_.kept.target_config;
  if (target == target_) return;
  const bool is_first = target_.empty();
  target_ = target;
  watch_.plan_started(0);
  if (who.service() == service_of(kFewer)) watch_.allow_departure_of("zookeeper-2");
  for (uint32_t v = kRejected; v < kVariants && !is_first && !is_uninstall; ++v) {
    if (who.service() == service_of(v)) watch_.report(6, "a rejected configuration became the target");
  }
}

bool World::command(const core::Command& command) {
  Scheduler* asked = scheduler_.get();
  if (asked == nullptr || !asked->command(command) || asked != scheduler_.get()) return false;
  watch_.answered(command);
  return true;
}

// --- time

bool World::step() {
  int64_t next = std::min(master_.next_wake(), tasks_.next_wake());
  if (!due_.empty()) next = std::min(next, due_.top().at_ms);
  const auto wake = scheduler_ ? scheduler_->wake_at() : std::nullopt;
  if (wake) next = std::min(next, *wake);
  now_ms_ = std::max(now_ms_, next);

  master_.advance(now_ms_);
  tasks_.advance(now_ms_, master_);
  pump();
  while (!due_.empty() && due_.top().at_ms <= now_ms_ && !watch_.violation()) {
    const auto what = std::move(const_cast<Due&>(due_.top()).what);
    due_.pop();
    what();
    pump();
    watch_.look();
  }
  const auto again = scheduler_ ? scheduler_->wake_at() : std::nullopt;
  if (again && *again <= now_ms_) {
    // The shell would call it again at once, too; a core that always wants that burns a CPU.
    spins_ = spun_at_ms_ == now_ms_ ? spins_ + 1 : 0;
    spun_at_ms_ = now_ms_;
    if (spins_ > 100) watch_.report(0, "the core asks to be woken again and again without time passing");
    scheduler_->tick();
    pump();
  }
  watch_.look();
  ended_.clear();
  return !watch_.violation();
}

bool World::run_until(const std::function<bool()>& is_so, int64_t limit_ms) {
  const int64_t until = now_ms_ + limit_ms;
  while (!is_so()) {
    if (now_ms_ >= until || !step()) return false;
  }
  return true;
}

bool World::run_for(int64_t ms) {
  bool is_over = false;
  after(ms, [&] { is_over = true; });
  while (!is_over) {
    if (!step()) return false;
  }
  return true;
}

Outcome run(const Setup& setup, std::function<void(const std::string&)> trace) {
  World world(setup, std::move(trace));
  std::string open;
  if (world.run_for(world.quiet_at_ms())) {
    world.heal();
    int64_t wait_ms = 1000;
    while (world.run_for(wait_ms)) {
      open = unrest(world);
      if (open.empty()) break;
      world.let_go_on();
      if (world.elapsed_ms() > world.quiet_at_ms() + kSettleMs) {
        world.watch().report(broken_liveness_rule(open), open);
        break;
      }
      wait_ms = std::min<int64_t>(wait_ms + wait_ms / 4, 300'000);
    }
  }
  return {world.watch().violation(), world.hits(), world.elapsed_ms()};
}

}  // namespace ostler::simulation
