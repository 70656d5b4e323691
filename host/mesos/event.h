// What the master tells a scheduler, as values.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "mesos/offer_batch.h"
#include "mesos/types.h"

namespace ostler::mesos::event {

// The stream stands. From now on calls reach the master.
struct Subscribed {
  std::string framework_id;
  std::string master;  // "host:port" that answered
  std::string region;  // the master's fault domain, or empty
};
// The stream ended, or was cut, or a heartbeat is overdue; the client is already
// trying again. Calls are dropped until the next Subscribed.
struct Disconnected {
  std::string reason;
};
struct Offers {
  OfferBatch batch;
};
struct Rescinded {
  std::string offer_id;
};
struct InverseOffers {
  std::vector<std::string> offer_ids;
  std::vector<std::string> agent_ids;
};
struct Update {
  TaskStatus status;
};
struct OperationUpdate {
  OperationStatus status;
};
// An executor ended (executor_id set) or an agent was removed.
struct Failure {
  std::string agent_id;
  std::string executor_id;
  int32_t status = 0;
};
// An ERROR event: the master will not have us. `message` as Mesos wrote it.
struct Error {
  std::string message;
};
// The master answered a call with an HTTP error (4xx), so it did nothing.
struct CallRejected {
  Call call;
  int32_t http_status = 0;
  std::string body;
};

}  // namespace ostler::mesos::event

namespace ostler::mesos {
using Event = std::variant<event::Subscribed, event::Disconnected, event::Offers, event::Rescinded,
                           event::InverseOffers, event::Update, event::OperationUpdate, event::Failure,
                           event::Error, event::CallRejected>;
}  // namespace ostler::mesos
