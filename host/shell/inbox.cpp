#include "shell/inbox.h"

#include "shell/command_port.h"

namespace ostler::shell {

bool Inbox::push(Message message) {
  std::unique_lock lock(mutex_);
  room_.wait(lock, [&] { return phase_ == Phase::kClosed || messages_.size() < kCapacity; });
  if (phase_ == Phase::kClosed) return false;
  messages_.push_back(std::move(message));
  arrived_.notify_one();
  return true;
}

bool Inbox::push_urgent(Message message) {
  const std::lock_guard lock(mutex_);
  if (phase_ == Phase::kClosed) return false;
  messages_.push_front(std::move(message));
  arrived_.notify_one();
  return true;
}

std::optional<Message> Inbox::take_locked() {
  if (messages_.empty()) return std::nullopt;
  Message message = std::move(messages_.front());
  messages_.pop_front();
  room_.notify_one();
  return message;
}

std::optional<Message> Inbox::take_until(std::chrono::steady_clock::time_point until) {
  std::unique_lock lock(mutex_);
  arrived_.wait_until(lock, until, [&] { return phase_ == Phase::kClosed || !messages_.empty(); });
  return take_locked();
}

std::optional<mesos::Event> Inbox::take_event() {
  const std::lock_guard lock(mutex_);
  if (messages_.empty() || !std::holds_alternative<mesos::Event>(messages_.front())) return std::nullopt;
  return std::get<mesos::Event>(std::move(*take_locked()));
}

bool Inbox::is_empty() {
  const std::lock_guard lock(mutex_);
  return messages_.empty();
}

std::optional<StopRequest> Inbox::take_stop(std::chrono::steady_clock::time_point until) {
  std::unique_lock lock(mutex_);
  const auto is_stop = [&] {
    return !messages_.empty() && std::holds_alternative<StopRequest>(messages_.front());
  };
  if (!arrived_.wait_until(lock, until, is_stop)) return std::nullopt;
  StopRequest stop = std::get<StopRequest>(std::move(messages_.front()));
  messages_.pop_front();
  return stop;
}

void Inbox::serve() {
  const std::lock_guard lock(mutex_);
  if (phase_ == Phase::kNotYet) phase_ = Phase::kServed;
}

Inbox::Phase Inbox::phase() {
  const std::lock_guard lock(mutex_);
  return phase_;
}

void Inbox::close() {
  std::deque<Message> left;  // let go outside the lock: others are woken by it
  {
    const std::lock_guard lock(mutex_);
    phase_ = Phase::kClosed;
    left.swap(messages_);
    arrived_.notify_all();
    room_.notify_all();
  }
  for (const Message& message : left) {
    if (const auto* pending = std::get_if<std::shared_ptr<PendingCommand>>(&message)) (*pending)->abandon();
  }
}

}  // namespace ostler::shell
