// Calls, time and outputs of the model; what a call means is in the other files.
#include "cluster/model/master.h"

#include "cluster/model/base64.h"

namespace ostler::cluster {

Master::Master(Options options, IdSource& ids) : options_(options), ids_(ids), id_(ids.uuid()) {}

void Master::handle(int64_t now_ms, const std::string& framework_id, const mesos::Call& call) {
  struct Visitor {
    Master& master;
    int64_t now_ms;
    const std::string& id;
    void operator()(const mesos::call::Accept& c) { master.accept(now_ms, id, c); }
    void operator()(const mesos::call::Decline& c) { master.decline(now_ms, id, c); }
    void operator()(const mesos::call::Revive& c) { master.set_suppressed(now_ms, id, c.roles, false); }
    void operator()(const mesos::call::Suppress& c) { master.set_suppressed(now_ms, id, c.roles, true); }
    void operator()(const mesos::call::Kill& c) { master.kill(now_ms, id, c, std::nullopt); }
    void operator()(const mesos::call::Acknowledge& c) { master.acknowledge(now_ms, id, c); }
    void operator()(const mesos::call::AcknowledgeOperation& c) { master.acknowledge_operation(c); }
    void operator()(const mesos::call::Reconcile& c) { master.reconcile(now_ms, id, c); }
    void operator()(const mesos::call::ReconcileOperations& c) { master.reconcile_operations(id, c); }
    void operator()(const mesos::call::DeclineInverseOffers&) {}  // the agent's tasks stay
    void operator()(const mesos::call::Teardown&) {
      const auto stream = master.frameworks_.at(id).stream_id;
      master.remove_framework(now_ms, id);
      master.outputs_.push_back(output::EndStream{stream, false});
    }
  };
  if (!frameworks_.contains(framework_id)) return;
  std::visit(Visitor{*this, now_ms, framework_id}, call);
}

void Master::schedule(int64_t at_ms, Timer timer) { timers_.push({at_ms, timer_order_++, std::move(timer)}); }

int64_t Master::next_wake() const {
  return timers_.empty() ? next_allocation_ms_ : std::min(next_allocation_ms_, timers_.top().at_ms);
}

void Master::advance(int64_t now_ms) {
  while (true) {
    const bool timer_due = !timers_.empty() && timers_.top().at_ms <= now_ms;
    if (timer_due && timers_.top().at_ms <= next_allocation_ms_) {
      auto due = timers_.top();
      timers_.pop();
      due.timer(due.at_ms);
    } else if (next_allocation_ms_ <= now_ms) {
      const auto at = next_allocation_ms_;
      // After a pause (or at the first call) the missed rounds are not made up for.
      next_allocation_ms_ =
          std::max(at, now_ms - options_.allocation_interval_ms) + options_.allocation_interval_ms;
      allocate(at);
    } else {
      return;
    }
  }
}

std::vector<Output> Master::take() { return std::exchange(outputs_, {}); }

std::string Master::new_uuid_base64() {
  std::string bytes;
  for (int half = 0; half < 2; ++half) {
    auto word = ids_.next_u64();
    for (int i = 0; i < 8; ++i, word >>= 8) bytes.push_back(static_cast<char>(word & 0xFF));
  }
  return to_base64(bytes);
}

}  // namespace ostler::cluster
