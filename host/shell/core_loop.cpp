#include "shell/core_loop.h"

#include <algorithm>
#include <utility>

#include "base/exit_code.h"
#include "base/log.h"
#include "shell/command_port.h"

namespace ostler::shell {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kIdle{60000};           // nothing due: look again after this long
constexpr milliseconds kMesosNotice{1000};     // how old /v1/health's word on Mesos may be
constexpr milliseconds kPublishAtLeast{200};   // while events keep coming
constexpr milliseconds kPersistRetryMin{100};  // the store cannot be reached
constexpr milliseconds kPersistRetryMax{5000};
constexpr size_t kMostEvents = 1000;  // that share a commit: bounds how long the API is not served

Clock::time_point at_mono(int64_t mono_ms) { return Clock::time_point(milliseconds(mono_ms)); }

}  // namespace

core::Now now() {
  return {
      std::chrono::duration_cast<milliseconds>(Clock::now().time_since_epoch()).count(),
      std::chrono::duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count()};
}

std::optional<StopRequest> CoreLoop::start(core::ConfigCandidate candidate) {
  engine_.start(std::move(candidate), now(), effects_);
  if (auto stop = carry_out()) return stop;
  publish_if_changed();
  return std::nullopt;
}

StopRequest CoreLoop::run() {
  ports_.inbox.serve();
  for (;;) {
    const auto wake = engine_.wake_at();
    Clock::time_point until = Clock::now() + (subscribed_ ? kIdle : kMesosNotice);
    if (wake) until = std::min(until, at_mono(*wake));
    std::optional<Message> message = ports_.inbox.take_until(until);
    if (message) {
      if (auto stop = dispatch(std::move(*message))) return *stop;
    } else {
      engine_.tick(now(), effects_);
      if (auto stop = carry_out()) return *stop;
    }
    // A picture for the API when the rush is over, not one an event.
    if (ports_.inbox.is_empty() || Clock::now() - published_at_ > kPublishAtLeast) publish_if_changed();
  }
}

std::optional<StopRequest> CoreLoop::dispatch(Message&& message) {
  if (auto* stop = std::get_if<StopRequest>(&message)) return std::move(*stop);
  if (auto* task = std::get_if<std::function<void()>>(&message)) {
    (*task)();
    return carry_out();
  }
  if (auto* pending = std::get_if<std::shared_ptr<PendingCommand>>(&message)) {
    const core::Command* command = (*pending)->begin();
    if (command == nullptr) return std::nullopt;  // nobody waits for it any more
    core::Answer answer = engine_.handle(*command, now(), effects_);
    if (auto stop = carry_out()) {
      (*pending)->abandon();  // or the HTTP server, which is stopped next, would wait for the one who waits
      return stop;
    }
    publish_if_changed();  // who was answered sees what they did
    (*pending)->finish(std::move(answer));
    return std::nullopt;
  }
  handle_events(std::get<mesos::Event>(std::move(message)));
  return carry_out();
}

// While a commit is under way events come in, and they share the next one: under load a
// write serves many events, and a single one never waits. A look at offers ends the
// round, since what it decides should not grow old.
void CoreLoop::handle_events(mesos::Event&& first) {
  const auto is_offers = [](const mesos::Event& event) {
    return std::holds_alternative<mesos::event::Offers>(event);
  };
  std::vector<mesos::Event> events;
  events.push_back(std::move(first));
  while (!is_offers(events.back()) && events.size() < kMostEvents) {
    std::optional<mesos::Event> next = ports_.inbox.take_event();
    if (!next) break;
    events.push_back(std::move(*next));
  }
  const bool any_offers = is_offers(events.back());
  const Clock::time_point begun = Clock::now();
  engine_.handle(std::move(events), now(), effects_);
  if (any_offers) ports_.metrics.observe("offers.process", Clock::now() - begun);
}

// What is to be stored is stored ahead of its turn, as much as shares a commit: that is
// safe, since no Persist stands for a Call before it having arrived. What then has only
// stored changes before it is done, so that Mesos works while the next commit is made.
//
// An ACCEPT of an earlier round reaches Mesos before the first commit: a process that is
// killed at every second commit would else store launch after launch and never make one.
std::optional<StopRequest> CoreLoop::carry_out() {
  core::Effects effects;
  effects.swap(effects_);
  std::vector<std::vector<core::Change>> unsaved;
  std::vector<size_t> places;  // of these among the effects
  for (size_t i = 0; i < effects.size(); ++i) {
    if (std::holds_alternative<core::effect::Exit>(effects[i])) break;  // nothing after it counts
    if (auto* persist = std::get_if<core::effect::Persist>(&effects[i])) {
      unsaved.push_back(std::move(persist->changes));
      places.push_back(i);
    }
  }
  if (!unsaved.empty() && std::exchange(accepted_, false)) ports_.settle();
  size_t next = 0;
  for (size_t saved = 0; saved < unsaved.size();) {
    auto stored = persist(store::ServiceStore::Groups(unsaved).subspan(saved));
    if (auto* stop = std::get_if<StopRequest>(&stored)) return std::move(*stop);
    saved += std::get<size_t>(stored);
    const size_t until = saved < places.size() ? places[saved] : effects.size();
    for (; next < until; ++next) {
      if (auto stop = act(effects[next])) return stop;
    }
  }
  for (; next < effects.size(); ++next) {
    if (auto stop = act(effects[next])) return stop;
  }
  effects.clear();
  effects_.swap(effects);  // keeps the memory for the next event
  return std::nullopt;
}

std::optional<StopRequest> CoreLoop::act(core::Effect& effect) {
  if (auto* call = std::get_if<core::effect::Call>(&effect)) {
    accepted_ |= std::holds_alternative<mesos::call::Accept>(call->call);
    ports_.send(std::move(call->call));
  } else if (auto* line = std::get_if<core::effect::Log>(&effect)) {
    log::write(static_cast<log::Level>(line->level), line->message, line->fields);
  } else if (auto* metric = std::get_if<core::effect::Metric>(&effect)) {
    if (metric->kind == core::effect::Metric::Kind::kAdd) {
      ports_.metrics.counter(metric->name).add(metric->value);
    } else {
      ports_.metrics.gauge(metric->name).set(metric->value);
    }
  } else if (auto* question = std::get_if<core::effect::Advise>(&effect)) {
    ports_.advise(std::move(*question));
  } else if (auto* exit = std::get_if<core::effect::Exit>(&effect)) {
    return StopRequest{exit->code, std::move(exit->message)};
  }
  return std::nullopt;
}

// A store that cannot be reached holds everything up: nothing may be said to Mesos that
// is not stored. It is tried again until it answers, until this process owns it no more,
// or until somebody wants the process to stop.
std::variant<size_t, StopRequest> CoreLoop::persist(store::ServiceStore::Groups groups) {
  bool was_unavailable = false;
  for (milliseconds pause = kPersistRetryMin;; pause = std::min(pause * 2, kPersistRetryMax)) {
    const Result<size_t> stored = ports_.store.apply_first(groups);
    if (stored.ok()) {
      if (was_unavailable) {
        ports_.notice("state", "");
        log::info("the state can be written again");
      }
      return *stored;
    }
    const Error& error = stored.error();
    if (error.code == Code::kFailedPrecondition || error.code == Code::kAborted) {
      return StopRequest{kExitLock, "this process does not own the state any more: " + error.text()};
    }
    if (error.code != Code::kUnavailable && error.code != Code::kDeadlineExceeded) {
      return StopRequest{kExitError, "the state cannot be written: " + error.text()};
    }
    if (!was_unavailable) log::warning("the state cannot be written, trying again: " + error.text());
    was_unavailable = true;
    ports_.notice("state", "cannot be written: " + error.text());
    publish_if_changed();
    if (auto urgent = ports_.inbox.take_stop(Clock::now() + pause)) return std::move(*urgent);
  }
}

void CoreLoop::note_mesos() { ports_.notice("mesos", subscribed_ ? std::string() : ports_.mesos_status()); }

void CoreLoop::publish_if_changed() {
  if (published_ == engine_.revision()) return;
  published_ = engine_.revision();
  published_at_ = Clock::now();
  auto snapshot = engine_.snapshot();
  subscribed_ = snapshot->subscribed;
  note_mesos();
  for (const core::PlanView& plan : snapshot->plans) {
    double value = 2;  // the SDK's numbers
    if (plan.status == core::Status::kError) value = -1;
    if (plan.status == core::Status::kComplete) value = 0;
    if (plan.status == core::Status::kWaiting || plan.status == core::Status::kPending) value = 1;
    ports_.metrics.gauge("plan_status." + plan.name).set(value);
  }
  ports_.publish(std::move(snapshot));
}

}  // namespace ostler::shell
