// The config of state-zookeeper: where the ensemble is and where our tree lies in it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ostler::zookeeper {

struct Settings {
  std::string servers;  // "a:1,b:2" as the C client reads it, without a chroot
  std::string root;     // chroot and root together: "/chroot/dcos-service-x"
  int32_t session_timeout_ms = 30000;
  std::string digest;  // "user:password" or empty; never to be shown
};

// Throws INVALID_ARGUMENT with a JSON pointer.
Settings parse_settings(std::string_view config);

}  // namespace ostler::zookeeper
