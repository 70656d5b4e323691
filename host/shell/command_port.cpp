#include "shell/command_port.h"

namespace ostler::shell {

using Outcome = core::Answer::Outcome;

const core::Command* PendingCommand::begin() {
  const std::lock_guard lock(mutex_);
  if (given_up_) return nullptr;
  begun_ = true;
  return &command_;
}

void PendingCommand::finish(core::Answer answer) {
  const std::lock_guard lock(mutex_);
  answer_ = std::move(answer);
  finished_.notify_all();
}

void PendingCommand::abandon() {
  const std::lock_guard lock(mutex_);
  answer_ = {Outcome::kUnavailable,
             begun_ ? "the scheduler is ending; whether the command was stored cannot be told"
                    : "the scheduler is ending; nothing was changed",
             {},
             {}};
  finished_.notify_all();
}

core::Answer PendingCommand::wait(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  if (finished_.wait_for(lock, timeout, [&] { return answer_.has_value(); })) return std::move(*answer_);
  if (begun_) {
    return {Outcome::kUnavailable,
            "the command was begun and cannot be stored yet; it takes effect when the state can be "
            "written again (/v1/health?verbose=true says why it cannot)",
            {},
            {}};
  }
  given_up_ = true;
  return {Outcome::kUnavailable,
          "the scheduler is busy and did not take the command; nothing was changed "
          "(/v1/health?verbose=true says what it waits for)",
          {},
          {}};
}

core::Answer CommandPort::submit(core::Command command) {
  if (inbox_.phase() == Inbox::Phase::kNotYet) {
    return {Outcome::kUnavailable,
            "the scheduler is starting and takes no commands yet; nothing was changed "
            "(/v1/health?verbose=true says what it waits for)",
            {},
            {}};
  }
  struct Place {
    std::atomic<int>& waiting;
    explicit Place(std::atomic<int>& count) : waiting(count) {}
    ~Place() { --waiting; }
  };
  const int before = waiting_++;
  const Place place(waiting_);
  if (before >= kMaxWaiting)
    return {Outcome::kUnavailable, "too many commands are waiting; nothing was changed", {}, {}};
  auto pending = std::make_shared<PendingCommand>(std::move(command));
  if (!inbox_.push(pending))
    return {Outcome::kUnavailable, "the scheduler is ending; nothing was changed", {}, {}};
  return pending->wait(timeout_);
}

}  // namespace ostler::shell
