// Reservations that are to be given back, until it is certain that they are gone.
//
// An agent that gives feedback says when an UNRESERVE is done, also to the process that
// comes after the one that sent it: the operation's id names the reservation. Where no
// word can come, because the agent gives none or because it came to a process that died
// with it, absence tells: what is free is offered, and offers are never held, so what an
// offer of its agent and role lacks some time later is there no more. Some time, since an
// executor takes a while to end after its last task, and since an ACCEPT or DECLINE that
// is late or lost keeps its offer at the master.
//
// A wrong guess loses nothing but the knowledge: what is offered with our labels and
// belongs to nothing is given back whenever it shows.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/effect.h"
#include "core/records.h"
#include "mesos/offer_batch.h"

namespace ostler::core {

// The id of an UNRESERVE of one resource, and back: empty for another operation's id.
// `unique` is the operation's own part, of digits, letters and '-'.
std::string unreserve_id(std::string_view resource_id, std::string_view unique);
std::string_view resource_of_unreserve_id(std::string_view operation_id);

class Departures {
 public:
  // What this record holds, if it is released, and what is left over from earlier ones.
  void add(const LaunchRecord& record, Now now);
  // A task that may use some of this agent's runs there, or ended just now: what is not
  // offered may still be in use, and proves nothing for some time.
  void in_use_on(const std::string& agent_id, Now now);
  // An ACCEPT or DECLINE failed: what its offer holds is offered again only later.
  void offers_may_be_held(Now now);
  bool empty() const { return departures_.empty(); }
  // Mesos refused to give these back, or to destroy what is on them. True when it is news: they are
  // tried again soon, and then more and more rarely.
  bool refused(const std::vector<std::string>& resource_ids, Now now);
  // For how long that one is not to be tried again; 0: now.
  int64_t put_off_ms(std::string_view resource_id, Now now) const;
  // An UNRESERVE was sent.
  void told(const mesos::Operation& unreserve, const std::string& agent_id, Now now);
  // The ids of what these offers prove to be gone. They are known until forget().
  std::vector<std::string> missing(const mesos::OfferBatch& batch, Now now) const;
  void forget(const std::vector<std::string>& resource_ids);

 private:
  struct Departure {
    std::string agent_id, role;
    int64_t proven_from_ms = 0;  // mono
    bool was_free = false;       // it was offered, so nothing uses it
  };
  void add(const mesos::Resource& resource, const std::string& agent_id, Now now);

  struct Refusal {
    int64_t until_ms = 0;  // mono
    int64_t pause_ms = 0;
  };

  std::map<std::string, Departure> departures_;           // by resource id
  std::map<std::string, Refusal, std::less<>> refusals_;  // the same
};

}  // namespace ostler::core
