// What happens between the scheduler and Mesos: streams that keep their order and lose
// their end, calls that arrive at most once (README.md, "The wires").
#include <algorithm>

#include "mesos/call_queue.h"
#include "mesos/codec.h"
#include "simulation/service.h"
#include "simulation/world.h"

namespace ostler::simulation {
namespace {

constexpr int64_t kHeartbeatMs = 15'000;
constexpr int64_t kCallTimeoutMs = 30'000;  // ClientConfig::call_timeout

mesos::FrameworkInfo framework(const spec::ServiceSpec& service, const std::string& id,
                               double failover_timeout_s) {
  mesos::FrameworkInfo info;  // what shell::framework_of makes of the service
  info.id = id;
  info.name = service.name;
  info.user = service.user;
  info.principal = service.principal;
  info.roles = {service.role};
  info.capabilities = {"MULTI_ROLE", "RESERVATION_REFINEMENT", "PARTITION_AWARE"};
  info.failover_timeout_s = failover_timeout_s;
  return info;
}

std::string call_text(const mesos::Call& call) {
  struct Visitor {
    std::string operator()(const mesos::call::Accept& c) const {
      std::string text = "ACCEPT " + c.offer_ids.front() + ":";
      for (const mesos::Operation& operation : c.operations) {
        text += " " + std::string(mesos::to_string(operation.type));
        for (const mesos::TaskInfo& task : operation.tasks) text += " " + task.task_id;
      }
      return text;
    }
    std::string operator()(const mesos::call::Decline& c) const {
      return "DECLINE " + std::to_string(c.offer_ids.size()) + " for " + std::to_string(c.refuse_s) + " s";
    }
    std::string operator()(const mesos::call::Revive&) const { return "REVIVE"; }
    std::string operator()(const mesos::call::Suppress&) const { return "SUPPRESS"; }
    std::string operator()(const mesos::call::Kill& c) const { return "KILL " + c.task_id; }
    std::string operator()(const mesos::call::Acknowledge& c) const { return "ACKNOWLEDGE " + c.task_id; }
    std::string operator()(const mesos::call::AcknowledgeOperation& c) const {
      return "ACKNOWLEDGE_OPERATION " + c.operation_id;
    }
    std::string operator()(const mesos::call::ReconcileOperations& c) const {
      return "RECONCILE_OPERATIONS " + std::to_string(c.operations.size());
    }
    std::string operator()(const mesos::call::DeclineInverseOffers&) const {
      return "DECLINE_INVERSE_OFFERS";
    }
    std::string operator()(const mesos::call::Reconcile& c) const {
      return "RECONCILE " + std::to_string(c.tasks.size()) + " tasks";
    }
    std::string operator()(const mesos::call::Teardown&) const { return "TEARDOWN"; }
  };
  return std::visit(Visitor{}, call);
}

}  // namespace

// --- down

void World::owns(Scheduler& who) {
  watch_.begins(now_ms_);
  if (&who != second_.get()) return;
  // The first one is gone, or will see that it lost it.
  if (link_) close(link_, "another took over", false);
  std::swap(scheduler_, second_);
}

void World::connect(Scheduler& who) {
  after(random_.between(5, 100), [this, number = who.number()] { subscribe(number); });
}

void World::subscribe(uint64_t process) {
  if (!scheduler_ || scheduler_->number() != process || (link_ && link_->is_open)) return;
  if (scheduler_->engine() != nullptr && !scheduler_->engine()->wants_mesos()) return;
  if (!master_is_up) return after(500, [this, process] { subscribe(process); });
  link_ = std::make_shared<Link>();
  link_->process = process;
  link_->down_ms = link_->up_ms = link_->ordered_ms = now_ms_;
  link_->stream_id = master_.subscribe(
      now_ms_,
      {framework(*scheduler_->service(), scheduler_->framework_id, setup_.failover_timeout_s), {}, {}});
  links_.push_back(link_);
  pump();
}

void World::pump() {
  for (master_.take(outputs_); !outputs_.empty(); master_.take(outputs_)) {
    for (cluster::Output& output : outputs_) {
      if (auto* out = std::get_if<cluster::output::ToFramework>(&output)) {
        handle(std::move(*out));
      } else if (auto* end = std::get_if<cluster::output::EndStream>(&output)) {
        const auto found = std::find_if(links_.begin(), links_.end(),
                                        [&](const LinkPtr& l) { return l->stream_id == end->stream_id; });
        if (found == links_.end()) continue;
        const LinkPtr link = *found;
        links_.erase(found);
        // What is under way arrives before the end, unless the line was cut.
        after(end->cut ? 0 : std::max<int64_t>(0, link->down_ms - now_ms_),
              [this, link] { close(link, "the master closed the stream", true); });
      } else if (auto* start = std::get_if<cluster::output::StartTask>(&output)) {
        watch_.started(*start);
        tasks_.start(now_ms_ + latency(), *start);
        if (is_traced()) trace("agent " + start->agent->address + " starts " + start->task->task_id);
        if (is_of_own_plan(start->task->name)) end_by_itself(start->task->task_id);
        if (failing_starts_ > 0) {
          --failing_starts_;
          // Before it would be ready.
          tasks_.end(now_ms_ + random_.between(0, setup_.task_delay_ms - 100), start->task->task_id,
                     mesos::TaskState::kFailed, "Command exited with status 1");
        }
      } else if (auto* kill = std::get_if<cluster::output::KillTask>(&output)) {
        tasks_.kill(now_ms_ + random_.between(0, setup_.end_delay_ms), *kill);
      } else if (auto* volume = std::get_if<cluster::output::RemoveVolume>(&output)) {
        if (is_traced()) trace("agent " + volume->agent_id + " destroys volume " + volume->persistence_id);
        watch_.destroyed(*volume);
      }
    }
  }
}

// Its work takes a while, and is not always done well.
void World::end_by_itself(const std::string& task_id) {
  after(setup_.latency_ms + setup_.task_delay_ms + random_.between(1, 20'000), [this, task_id] {
    const bool fails = !is_healed_ && random_.chance(15);
    tasks_.end(now_ms_, task_id, fails ? mesos::TaskState::kFailed : mesos::TaskState::kFinished,
               fails ? "Command exited with status 1" : "");
  });
}

void World::handle(cluster::output::ToFramework&& out) {
  const auto found = std::find_if(links_.begin(), links_.end(),
                                  [&](const LinkPtr& l) { return l->stream_id == out.stream_id; });
  if (found == links_.end()) return;  // nobody reads it: the rival's, or one that was closed
  const LinkPtr link = *found;
  struct Convert {
    World& world;
    const LinkPtr& link;
    const std::string& framework_id;
    void operator()(cluster::event::Subscribed& e) {
      world.to_scheduler(link, mesos::event::Subscribed{e.framework_id, "master:5050", "region-1"});
    }
    void operator()(cluster::event::Offers& e) {
      world.to_scheduler(link, mesos::event::Offers{world.writer_.write(std::move(e.offers), framework_id,
                                                                        {"zk-role"}, world.setup_.is_exact)});
    }
    void operator()(cluster::event::Rescind& e) {
      world.to_scheduler(link, mesos::event::Rescinded{e.offer_id});
    }
    void operator()(cluster::event::InverseOffer& e) {
      world.to_scheduler(link, mesos::event::InverseOffers{{e.id}, {e.agent_id}});
    }
    void operator()(cluster::event::Update& e) {
      if (!e.status.uuid.empty()) {
        const int64_t number = ++world.counts_.updates;
        if (world.hit(FaultKind::kUpdateLost, number) != nullptr) return;
        if (const Fault* late = world.hit(FaultKind::kUpdateLate, number)) {
          // Held up between agent and master, where others overtake it.
          world.after(late->length_ms, [&w = world, l = link, status = e.status] {
            w.to_scheduler(l, mesos::event::Update{status});
          });
          return;
        }
        if (const Fault* twice = world.hit(FaultKind::kUpdateTwice, number)) {
          world.after(twice->length_ms, [&w = world, l = link, status = e.status] {
            w.to_scheduler(l, mesos::event::Update{status});
          });
        }
      }
      world.to_scheduler(link, mesos::event::Update{std::move(e.status)});
    }
    void operator()(cluster::event::OperationUpdate& e) {
      world.to_scheduler(link, mesos::event::OperationUpdate{std::move(e.status)});
    }
    void operator()(cluster::event::Failure& e) {
      world.to_scheduler(link, mesos::event::Failure{e.agent_id, e.executor_id, e.status});
    }
    void operator()(cluster::event::Error& e) { world.to_scheduler(link, mesos::event::Error{e.message}); }
  };
  std::visit(Convert{*this, link, out.framework_id}, out.event);
}

void World::to_scheduler(const LinkPtr& link, mesos::Event&& event) {
  if (!link->is_open) return;
  const int64_t slow = now_ms_ < slow_until_ms_ ? slow_ms_ : 0;
  link->down_ms = std::max(link->down_ms, now_ms_ + latency() + slow);
  at(link->down_ms, [this, link, shared = std::make_shared<mesos::Event>(std::move(event))] {
    deliver(link, std::move(*shared));
  });
}

void World::deliver(const LinkPtr& link, mesos::Event&& event) {
  if (!link->is_open || !scheduler_ || scheduler_->number() != link->process) return;
  if (const auto* subscribed = std::get_if<mesos::event::Subscribed>(&event)) {
    link->is_subscribed = true;
    link->framework_id = subscribed->framework_id;
    scheduler_->framework_id = framework_id_ = subscribed->framework_id;
    if (is_traced()) trace("SUBSCRIBED " + subscribed->framework_id);
  }
  if (is_traced()) {
    if (const auto* update = std::get_if<mesos::event::Update>(&event))
      trace("UPDATE " + update->status.task_id + " " + std::string(mesos::to_string(update->status.state)) +
            " " + update->status.reason + " " + update->status.message);
    if (const auto* offers = std::get_if<mesos::event::Offers>(&event))
      trace("OFFERS " + std::to_string(offers->batch.size()));
    if (const auto* operation = std::get_if<mesos::event::OperationUpdate>(&event))
      trace("OPERATION " + operation->status.operation_id + " " + operation->status.state);
    if (const auto* error = std::get_if<mesos::event::Error>(&event)) trace("ERROR " + error->message);
    if (const auto* rejected = std::get_if<mesos::event::CallRejected>(&event))
      trace("rejected: " + call_text(rejected->call) + ": " + rejected->body);
  }
  if (setup_.policy != 0) {
    if (const auto* update = std::get_if<mesos::event::Update>(&event)) watch_.heard(update->status, now_ms_);
  }
  scheduler_->deliver(std::move(event));
}

void World::close(LinkPtr link, const std::string& why, bool reconnects) {
  if (!link->is_open) return;
  link->is_open = false;
  // Of what was on its way to the master, the first part arrives.
  link->passes = link->sent - std::min<uint64_t>(link->sent, random_.below(3));
  std::erase(links_, link);
  // The master notices when it next writes, at the latest with a heartbeat.
  after(random_.chance(80) ? latency() : random_.between(0, kHeartbeatMs),
        [this, id = link->stream_id] { master_.stream_closed(now_ms_, id); });
  if (link == link_) link_.reset();
  if (!reconnects || !scheduler_ || scheduler_->number() != link->process) return;
  if (is_traced()) trace("disconnected: " + why);
  const uint64_t process = link->process;
  scheduler_->deliver(mesos::event::Disconnected{why});
  after(random_.between(50, 1500), [this, process] { subscribe(process); });
}

// --- up

void World::send(Scheduler& from, mesos::Call&& call) {
  if (is_traced()) trace("call " + call_text(call));
  if (on_call) on_call(call);
  const LinkPtr link = link_;
  watch_.call(call, from.session().is_owner(), from.engine()->framework_id());
  // Without a subscription a call is dropped.
  if (!link || !link->is_open || !link->is_subscribed || link->process != from.number()) return;
  const int64_t number = ++counts_.calls;
  const uint64_t on_link = ++link->sent;
  auto shared = std::make_shared<mesos::Call>(std::move(call));
  const auto reject = [this, link, shared](int64_t after_ms, int32_t status, const std::string& why) {
    after(after_ms, [this, link, shared, status, why] {
      to_scheduler(link, mesos::event::CallRejected{*shared, status, why});
    });
  };
  const bool is_ordered = mesos::is_ordered(*shared);
  int64_t arrives = std::max(is_ordered ? link->up_ms : link->ordered_ms, now_ms_ + latency());
  link->up_ms = std::max(link->up_ms, arrives);
  if (is_ordered) link->ordered_ms = arrives;
  if (hit(FaultKind::kCallLost, number) != nullptr) return reject(latency(), 0, "connection reset by peer");
  if (hit(FaultKind::kCallRefused, number) != nullptr) return reject(latency(), 503, "Service Unavailable");
  if (hit(FaultKind::kCallAnswerLost, number) != nullptr) reject(latency(), 0, "connection reset by peer");
  if (const Fault* late = hit(FaultKind::kCallLate, number)) {
    // The master's end of the connection has it; what keeps its order waits until this one
    // timed out, and then goes by another connection.
    link->up_ms = now_ms_ + kCallTimeoutMs;
    if (is_ordered) link->ordered_ms = link->up_ms;
    arrives = now_ms_ + late->length_ms;
    reject(kCallTimeoutMs, 0, "timed out");
  }
  at(arrives, [this, link, shared, on_link] {
    if (on_link > link->passes) return;
    if (shared.use_count() == 1) return arrive(link, std::move(*shared));
    mesos::Call copy = *shared;  // its sender is still to be told that it failed
    arrive(link, std::move(copy));
  });
}

void World::arrive(const LinkPtr& link, mesos::Call&& call) {
  if (auto refused = master_.refusal(link->framework_id, link->stream_id)) {
    to_scheduler(link, mesos::event::CallRejected{std::move(call), refused->status, refused->text});
    return;
  }
  if (auto* accept = std::get_if<mesos::call::Accept>(&call)) {
    if (const Fault* fault = hit(FaultKind::kOperationsRefused, ++counts_.accepts))
      refuse_operations(link, *accept, fault->which);
  }
  master_.handle(now_ms_, link->framework_id, std::move(call));
  pump();
}

// An operation without an id is refused in silence, a launch with a status.
void World::refuse_operations(const LinkPtr& link, mesos::call::Accept& accept, uint32_t number) {
  if (number >= accept.operations.size()) return;
  const mesos::Operation refused = std::move(accept.operations[number]);
  accept.operations.erase(accept.operations.begin() + number);
  if (is_traced())
    trace("refused: operation " + std::to_string(number) + ", " +
          std::string(mesos::to_string(refused.type)));
  for (const mesos::TaskInfo& task : refused.tasks) {
    mesos::TaskStatus status;
    status.task_id = task.task_id;
    status.agent_id = task.agent_id;
    status.state = mesos::TaskState::kDropped;
    status.source = "SOURCE_MASTER";
    status.reason = "REASON_TASK_GROUP_UNAUTHORIZED";
    to_scheduler(link, mesos::event::Update{std::move(status)});
  }
  if (refused.tasks.empty() && !refused.id.empty())
    to_scheduler(link,
                 mesos::event::OperationUpdate{{refused.id, "OPERATION_ERROR", "Not authorized", {}, {}}});
}

}  // namespace ostler::simulation
