// Calls, time and outputs of the model; what a call means is in the other files.
#include "cluster/model/master.h"

#include "cluster/model/base64.h"

namespace ostler::cluster {

Master::Master(Options options, IdSource& ids) : options_(options), ids_(ids), id_(ids.uuid()) {}

void Master::handle(int64_t now_ms, const std::string& framework_id, mesos::Call call) {
  struct Visitor {
    Master& master;
    int64_t now_ms;
    const std::string& id;
    void operator()(mesos::call::Accept& c) { master.accept(now_ms, id, std::move(c)); }
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
  return timers_.empty() ? next_round_ms() : std::min(next_round_ms(), timers_.top().at_ms);
}

// Rounds come at fixed times; those that could not offer anything are left out.
int64_t Master::next_round_ms() const {
  const int64_t interval = options_.allocation_interval_ms;
  if (settled_until_ms_ <= next_allocation_ms_) return next_allocation_ms_;
  return next_allocation_ms_ + (settled_until_ms_ - next_allocation_ms_ + interval - 1) / interval * interval;
}

// Until the next filter ends; everything else that makes an offer possible unsettles it.
void Master::settle(int64_t now_ms) {
  settled_until_ms_ = now_ms + kMaxSettledMs;
  for (const auto& [id, framework] : frameworks_) {
    for (const auto& [agent, filters] : framework.filters) {
      for (const Filter& filter : filters) {
        if (filter.until_ms > now_ms) settled_until_ms_ = std::min(settled_until_ms_, filter.until_ms);
      }
    }
  }
}

void Master::skip_rounds_before(int64_t ms) {
  const int64_t interval = options_.allocation_interval_ms;
  if (settled_until_ms_ == 0 || ms <= next_allocation_ms_) return;
  next_allocation_ms_ += (ms - next_allocation_ms_ + interval - 1) / interval * interval;
}

void Master::advance(int64_t now_ms) {
  while (true) {
    const bool timer_due = !timers_.empty() && timers_.top().at_ms <= now_ms;
    const auto round = next_round_ms();
    if (timer_due && timers_.top().at_ms <= round) {
      auto due = std::move(const_cast<Due&>(timers_.top()));
      timers_.pop();
      skip_rounds_before(due.at_ms);
      due.timer(due.at_ms);
    } else if (round <= now_ms) {
      const auto at = round;
      const auto before = outputs_.size();
      // After a pause (or at the first call) the missed rounds are not made up for.
      next_allocation_ms_ =
          std::max(at, now_ms - options_.allocation_interval_ms) + options_.allocation_interval_ms;
      allocate(at);
      if (outputs_.size() == before) settle(at);
    } else {
      skip_rounds_before(now_ms + 1);
      return;
    }
  }
}

std::string Master::new_uuid_base64() {
  std::string bytes;
  for (int half = 0; half < 2; ++half) {
    auto word = ids_.next_u64();
    for (int i = 0; i < 8; ++i, word >>= 8) bytes.push_back(static_cast<char>(word & 0xFF));
  }
  return to_base64(bytes);
}

}  // namespace ostler::cluster
