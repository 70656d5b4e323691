#include "simulation/scheduler.h"

#include <algorithm>

#include "base/exit_code.h"

namespace ostler::simulation {
namespace {

constexpr int64_t kLockTimeoutMs = 30'000;  // SchedulerOptions::lock_timeout
constexpr int64_t kRetryMinMs = 100, kRetryMaxMs = 5'000;

}  // namespace

Scheduler::Scheduler(Outside& outside, Store& store, uint64_t number,
                     std::shared_ptr<const spec::ServiceSpec> service, IdSource& ids, bool is_exact,
                     Defect defect)
    : outside_(outside),
      store_(store),
      session_(store, number,
               {[this] { return outside_.fate_of_commit(); }, [this] { outside_.stored(*this); }}),
      records_(store, session_, is_exact),
      service_(std::move(service)),
      planted_(defect),
      ids_(ids, defect) {
  judge_.ignores_placement = defect == Defect::kIgnorePlacement;
}

void Scheduler::begin() {
  if (is_ended_ || is_paused_ || engine_) return;
  const core::Now now = outside_.now();
  if (begun_ms_ < 0) begun_ms_ = now.mono_ms;
  if (store_.is_away) return outside_.wake(*this, now.mono_ms + 500);
  if (!planted_.skips_lock() && !store_.acquire(session_.number())) {
    if (now.mono_ms - begun_ms_ < kLockTimeoutMs) return outside_.wake(*this, now.mono_ms + 500);
    return kill(false, kExitLock, "another scheduler owns the state");
  }
  Result<core::StoredState> stored = records_.load(service_->name);
  if (session_.crashed()) return kill(true, 137, "killed");
  if (!stored.ok()) {
    if (stored.error().code == Code::kUnavailable) return outside_.wake(*this, now.mono_ms + 500);
    return kill(false, kExitInitialization, "the state cannot be used: " + stored.error().text());
  }
  planted_.loaded(*stored);
  framework_id = stored->framework_id;
  core::Settings settings;
  settings.api_hostname = "api.zk.marathon.l4lb.thisdcos.directory";
  settings.api_port = 80;
  settings.uninstall = outside_.is_uninstall;
  settings.has_advisor = outside_.has_advisor;
  engine_ = std::make_unique<core::Engine>(std::move(settings), std::move(*stored), judge_, ids_);
  outside_.owns(*this);
  engine_->start(planted_.read(service_), now, effects_);
  planted_.acted(*engine_, effects_);
  work();
}

void Scheduler::tick() {
  if (is_ended_ || is_paused_ || !engine_ || effects_pending()) return;
  engine_->tick(outside_.now(), effects_);
  planted_.acted(*engine_, effects_);
  work();
}

bool Scheduler::command(const core::Command& command) {
  if (!is_running() || is_paused_) return false;
  const core::Answer answer = engine_->handle(command, outside_.now(), effects_);
  planted_.acted(*engine_, effects_);
  work();
  return answer.ok() && !is_ended_ && !effects_pending();
}

void Scheduler::work() {
  if (!engine_) return begin();
  while (!is_ended_ && !is_paused_ && outside_.now().mono_ms >= blocked_until_ms_) {
    if (!carry_out()) return;
    if (!is_connected_ && engine_->wants_mesos()) {
      is_connected_ = true;
      outside_.connect(*this);
    }
    if (inbox_.empty()) return;
    take_messages();
  }
}

// CoreLoop::dispatch() and handle_events(): events that came in together, or one advice.
void Scheduler::take_messages() {
  if (auto* advice = std::get_if<core::Advice>(&inbox_.front())) {
    planted_.hears(*advice);
    engine_->handle(*advice, outside_.now(), effects_);
    inbox_.pop_front();
    planted_.acted(*engine_, effects_);
    return;
  }
  std::vector<mesos::Event> events;
  bool any_offers = false;
  while (!inbox_.empty() && !any_offers && std::holds_alternative<mesos::Event>(inbox_.front())) {
    auto& event = std::get<mesos::Event>(inbox_.front());
    if (planted_.hears(event)) {
      any_offers = std::holds_alternative<mesos::event::Offers>(event);
      events.push_back(std::move(event));
    }
    inbox_.pop_front();
  }
  engine_->handle(std::move(events), outside_.now(), effects_);
  planted_.acted(*engine_, effects_);
}

bool Scheduler::carry_out() {
  if (!is_gathered_) {
    is_gathered_ = true;
    for (size_t i = 0; i < effects_.size(); ++i) {
      if (std::holds_alternative<core::effect::Exit>(effects_[i])) break;
      if (auto* persist = std::get_if<core::effect::Persist>(&effects_[i])) {
        outside_.decides(persist->changes);
        unsaved_.push_back(std::move(persist->changes));
        places_.push_back(i);
      }
    }
    allowed_ = unsaved_.empty() || planted_.saves_late() ? effects_.size() : 0;
  }
  for (;;) {
    for (; next_ < allowed_; ++next_) {
      if (!act(effects_[next_])) return false;
    }
    if (unsaved_.empty()) break;
    if (!save()) return false;
    allowed_ = places_.empty() ? effects_.size() : places_.front();
    if (const int64_t ms = outside_.commit_ms(); ms > 0 && !planted_.saves_late()) {
      blocked_until_ms_ = outside_.now().mono_ms + ms;
      outside_.wake(*this, blocked_until_ms_);
      return false;
    }
  }
  effects_.clear();
  next_ = 0;
  is_gathered_ = false;
  return true;
}

bool Scheduler::act(core::Effect& effect) {
  if (auto* line = std::get_if<core::effect::Log>(&effect)) {
    outside_.log(line->message);
    return true;
  }
  if (std::holds_alternative<core::effect::Metric>(effect)) return true;
  if (std::holds_alternative<core::effect::Persist>(effect)) return true;  // stored already
  if (auto* question = std::get_if<core::effect::Advise>(&effect)) {
    outside_.advise(*this, std::move(*question));
    return true;
  }
  if (outside_.dies_before_effect()) {
    kill(true, 137, "killed");
    return false;
  }
  if (auto* call = std::get_if<core::effect::Call>(&effect)) {
    outside_.send(*this, std::move(call->call));
    return !is_ended_;
  }
  const auto& exit = std::get<core::effect::Exit>(effect);
  kill(false, exit.code, exit.message);
  return false;
}

// The first of what is to be stored, and of the rest as much as shares its commit: the
// product goes by size, here it is chance.
bool Scheduler::save() {
  if (outside_.dies_before_effect()) {
    kill(true, 137, "killed");
    return false;
  }
  const size_t together = planted_.saves_late() ? unsaved_.size() : outside_.share_of_commit(unsaved_.size());
  const Result<void> stored = records_.apply(std::span(unsaved_).first(together));
  if (session_.crashed()) {
    kill(true, 137, "killed");
    return false;
  }
  if (stored.ok() || planted_.trusts(stored.error().code)) {
    unsaved_.erase(unsaved_.begin(), unsaved_.begin() + static_cast<std::ptrdiff_t>(together));
    places_.erase(places_.begin(), places_.begin() + static_cast<std::ptrdiff_t>(together));
    pause_ms_ = 0;
    return true;
  }
  const Code code = stored.error().code;
  if (code == Code::kUnavailable) {
    pause_ms_ = std::clamp(pause_ms_ * 2, kRetryMinMs, kRetryMaxMs);
    blocked_until_ms_ = outside_.now().mono_ms + pause_ms_;
    outside_.wake(*this, blocked_until_ms_);
    return false;
  }
  kill(false, code == Code::kFailedPrecondition ? kExitLock : kExitError, stored.error().text());
  return false;
}

void Scheduler::kill(bool is_crash, int code, const std::string& why) {
  if (is_ended_) return;
  is_ended_ = true;
  outside_.ended(*this, is_crash, code, why);
}

void Scheduler::terminate() {
  is_to_terminate_ = true;
  if (!is_paused_) kill(false, kExitOk, "asked to terminate");
}

void Scheduler::resume() {
  is_paused_ = false;
  if (is_to_terminate_) return terminate();
  work();
}

std::optional<int64_t> Scheduler::wake_at() {
  if (!is_running() || is_paused_) return std::nullopt;
  if (wake_revision_ != engine_->revision()) {
    wake_revision_ = engine_->revision();
    wake_at_ = engine_->wake_at();
  }
  return wake_at_;
}

}  // namespace ostler::simulation
