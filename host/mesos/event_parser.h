// Turns one record of the event stream into an Event.
//
// OFFERS is the one event that can be big: ten thousand agents make 14 MB. It is
// read in a single pass (json_reader.h) straight into the flat OfferBatch; text stays
// where it came in and is only pointed at, since the batch takes the record's bytes
// over. Order of fields does not matter, unknown fields, events and enumerators are
// passed over.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "mesos/event.h"

namespace ostler::mesos {

// Who we are: decides which reservations are ours.
struct ParserConfig {
  std::string framework_id;        // empty: not registered yet
  std::vector<std::string> roles;  // all that we subscribe with; empty: any
};

// One owner; not thread-safe.
class EventParser {
 public:
  struct Parsed {
    std::string type;                 // "OFFERS", "HEARTBEAT", or one that we do not know
    std::optional<Event> event;       // none for HEARTBEAT and what nobody here listens to
    double heartbeat_interval_s = 0;  // of SUBSCRIBED, when it has one
  };

  explicit EventParser(ParserConfig config = {});
  ~EventParser();
  EventParser(const EventParser&) = delete;
  EventParser& operator=(const EventParser&) = delete;

  // From now on, dynamic reservations labelled with another framework's id are FOREIGN.
  void set_framework_id(std::string framework_id);

  // Reads one record. An error's `where` is the path of what is wrong; the parser stays
  // usable. event::Subscribed::master is left empty.
  Result<Parsed> parse(std::string&& record);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ostler::mesos
