// Follows every RESERVE, UNRESERVE, CREATE and DESTROY until Mesos says what became
// of it.
//
// An ACCEPT is answered with 202 whatever happens to its operations. Those that carry
// an id are told about: FINISHED by the agent (to be acknowledged), ERROR or DROPPED by
// the master. Of one that nothing is heard of for a while, the master is asked. What is
// tracked dies with the process: after a restart the reservations that exist show in
// offers, and those that do not are asked for again with the next launch.
//
// Agents that cannot give feedback refuse operations with ids; they are noticed once
// and get operations without ids from then on.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/uuid.h"
#include "core/effect.h"
#include "core/settings.h"

namespace ostler::core {

class OperationTracker {
 public:
  OperationTracker(const Settings& settings, IdSource& ids) : settings_(settings), ids_(ids) {}

  struct Operation {
    mesos::Operation::Type type = mesos::Operation::Type::kReserve;
    std::string agent_id;
    std::string provider_id;                                    // empty: the agent itself
    std::vector<std::string> resource_ids;                      // what it is about
    std::shared_ptr<const std::vector<std::string>> offer_ids;  // of its ACCEPT
  };

  enum class Fate : uint8_t {
    kUnknown,     // not one of ours, or from before a restart
    kOpen,        // no word on its end yet
    kDone,        // FINISHED
    kRefused,     // ERROR, FAILED, DROPPED, GONE_BY_OPERATOR: it did not happen
    kNoFeedback,  // refused because the agent gives no feedback: the next has no id
    kLost         // the master never heard of it: the ACCEPT got lost
  };
  struct Outcome {
    Fate fate = Fate::kUnknown;
    Operation operation;  // unless kUnknown
  };

  // Gives ids to the operations of an ACCEPT and remembers them.
  void sent(const std::string& agent_id, const std::vector<std::string>& offer_ids,
            std::vector<mesos::Operation>& operations, Now now);
  // What a status means. An operation whose end is known is forgotten.
  Outcome heard(const mesos::OperationStatus& status);
  // The ACCEPT with these operations did not reach Mesos, as it said itself.
  void rejected(const std::vector<mesos::Operation>& operations);

  void subscribed(Now now);
  void disconnected() { connected_ = false; }
  // Asks for what is overdue.
  void tick(Now now, Effects& out);
  std::optional<int64_t> wake_at() const;
  size_t open() const { return open_.size(); }

 private:
  struct Open {
    Operation operation;
    int64_t ask_ms = 0;  // mono
    int64_t pause_ms = 0;
  };

  const Settings& settings_;
  IdSource& ids_;
  bool connected_ = false;
  std::map<std::string, Open, std::less<>> open_;  // by operation id
  int64_t next_ask_ms_ = 0;                        // the earliest, or earlier
  std::set<std::string> without_feedback_;         // agent ids
  std::string prefix_;                             // of this process's ids
  uint64_t count_ = 0;
};

}  // namespace ostler::core
