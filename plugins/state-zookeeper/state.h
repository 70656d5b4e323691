// The state plugin on ZooKeeper.
//
// Lifecycle calls come from the main thread, the rest from the storage thread, one at
// a time (ostler/state.h). Threads of its own: the client's two and the fence's; what
// they share with the callers is in Session, and `ownership_mutex_` here.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <ostler/plugin.hpp>
#include <string>

#include "commit_plan.h"
#include "config.h"
#include "fence.h"
#include "lock.h"
#include "session.h"
#include "support/text.h"

namespace ostler::zookeeper {

class ZookeeperState final : public plugin::State {
 public:
  ZookeeperState(plugin::Host host, std::string_view config);

  void start(uint32_t timeout_ms) override;
  void stop(uint32_t timeout_ms) noexcept override;
  std::pair<std::string, int32_t> get(std::string_view path, uint32_t timeout_ms) override;
  void get_each(const ostler_array_t& paths, uint32_t timeout_ms,
                const ostler_state_answers_t& answers) override;
  std::vector<std::string> children(std::string_view path, uint32_t timeout_ms) override;
  void commit(const ostler_array_t& ops, uint32_t timeout_ms) override;
  void limits(ostler_state_limits_t& limits) noexcept override;
  void watch_owner(const ostler_state_owner_events_t* events) noexcept override { events_ = events; }

 private:
  std::string full(std::string_view path) const;
  void lose(const std::string& why);
  void throw_if_lost();

  bool note(std::string_view path, const Reply& reply);
  bool note_children(std::string_view path, Reply& reply);
  CommitPlan plan(const ostler_array_t& ops, const support::Deadline& deadline);
  // One try at a commit: true when done, false when the known nodes were wrong.
  bool try_commit(const ostler_array_t& ops, const support::Deadline& deadline);
  Reply send(const CommitPlan& plan, const support::Deadline& deadline);
  // Finds out whether the multi that got no answer was carried out; throws
  // UNAVAILABLE when that cannot be told by the deadline.
  bool was_carried_out(const support::Deadline& deadline);
  [[noreturn]] void refuse(const ostler_state_op_t& op, const PlannedOp& planned, int rc);

  const plugin::Host host_;
  const Settings settings_;
  const ostler_state_owner_events_t* events_ = nullptr;

  Lease lease_;
  KnownNodes known_;
  // What a multi changes whose answer has not come; the lease's version shows whether it
  // was carried out.
  std::optional<NodeChanges> undecided_;

  std::mutex ownership_mutex_;
  bool is_owner_ = false;  // guarded by ownership_mutex_, as the next
  std::string lost_;       // why ownership is gone; empty while it is not

  // Last, so that their threads end before what they use.
  std::unique_ptr<Session> session_;
  std::unique_ptr<Fence> fence_;
};

}  // namespace ostler::zookeeper
