// Events as the JSON records of a subscriber's stream.
#pragma once

#include <string>

#include "cluster/model/events.h"

namespace ostler::cluster {

// What SUBSCRIBED and offers say about the master.
struct MasterFacts {
  std::string host = "127.0.0.1";
  int port = 5050;
  std::string region;
  std::string zone;
  double heartbeat_s = 15;
};

std::string event_text(const Event& event, const MasterFacts& master);
std::string heartbeat_text();

// "<length>\n<text>": one RecordIO record.
std::string record(const std::string& text);

}  // namespace ostler::cluster
