// Events as the JSON records of a subscriber's stream.
#pragma once

#include <nlohmann/json_fwd.hpp>
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

nlohmann::json to_json(const Event& event, const MasterFacts& master);
nlohmann::json heartbeat_json();

// "<length>\n<text>": one RecordIO record.
std::string record(const nlohmann::json& value);

}  // namespace ostler::cluster
