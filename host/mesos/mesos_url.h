// What people write to say where Mesos is.
//
//   10.0.0.1:5050,10.0.0.2:5050          masters; any of them leads to the leader
//   http://leader.mesos:5050             the same as a URL; https too
//   zk://h1:2181,h2:2181/mesos           the ZooKeeper where the masters elect
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ostler::mesos {

struct MasterUrl {
  enum class Kind { kMasters, kZooKeeper };
  Kind kind = Kind::kMasters;
  std::vector<std::string> hosts;  // kMasters: "http://host:port"; kZooKeeper: "host:port"
  std::string path;                // of kZooKeeper: "/mesos"
};

// Reads any of the three. Credentials within are refused, and not repeated in the error.
Result<MasterUrl> parse_master_url(std::string_view text);

// The masters to try, in order, as "http://host:port". Fails for zk://, which is not
// looked up yet, with what to write instead.
Result<std::vector<std::string>> master_list(std::string_view text);

// Where that master takes calls: "http://host:port/api/v1/scheduler". A path that is given
// stays.
std::string api_url(const std::string& master);

// "host:port" of "http://host:port/path": what logs and people are shown.
std::string master_label(std::string_view url);

}  // namespace ostler::mesos
