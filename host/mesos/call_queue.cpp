#include "mesos/call_queue.h"

#include <utility>

namespace ostler::mesos {

bool is_ordered(const Call& call) {
  return !std::holds_alternative<call::Accept>(call) && !std::holds_alternative<call::Decline>(call) &&
         !std::holds_alternative<call::Acknowledge>(call) &&
         !std::holds_alternative<call::AcknowledgeOperation>(call);
}

std::string_view CallQueue::push(Call call) {
  const std::lock_guard lock(mutex_);
  if (!is_open_) return "there is no subscription";
  if (queue_.size() >= capacity_) return "too many calls are waiting";
  queue_.push_back(std::move(call));
  return {};
}

bool CallQueue::settle(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  return settled_.wait_for(lock, timeout, [this] { return queue_.empty() && under_way_ == 0; });
}

void CallQueue::open(bool is_open) {
  const std::lock_guard lock(mutex_);
  is_open_ = is_open;
}

bool CallQueue::is_empty() const {
  const std::lock_guard lock(mutex_);
  return queue_.empty();
}

std::optional<bool> CallQueue::next_is_ordered() const {
  const std::lock_guard lock(mutex_);
  if (queue_.empty()) return std::nullopt;
  return is_ordered(queue_.front());
}

std::optional<Call> CallQueue::take() {
  const std::lock_guard lock(mutex_);
  if (queue_.empty()) return std::nullopt;
  std::optional<Call> out(std::move(queue_.front()));
  queue_.pop_front();
  ++under_way_;
  return out;
}

void CallQueue::done() {
  const std::lock_guard lock(mutex_);
  --under_way_;
  settled_.notify_all();
}

std::deque<Call> CallQueue::drop_queued() {
  const std::lock_guard lock(mutex_);
  settled_.notify_all();
  return std::exchange(queue_, {});
}

}  // namespace ostler::mesos
