// What a client of ZooKeeper sees: who leads, and values written here and read there.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace ostler::harness {

struct ServerState {
  std::string address;
  std::string mode;  // "leader", "follower", ...; empty: it does not serve
  std::string zxid;  // "0x100000002"
};

// The answer to a four-letter word ("srvr", "mntr", "ruok"), or "" when there is none
// within `timeout`. [any-thread]
std::string ask_server(const std::string& address, const std::string& word,
                       std::chrono::milliseconds timeout = std::chrono::seconds(2));
ServerState server_state(const std::string& address);

// Through a session of its own with that one server. Both throw HarnessError when it
// cannot be done within 20 s. read_znode waits for a follower that lags behind (sync).
void write_znode(const std::string& address, const std::string& path, const std::string& value);
std::string read_znode(const std::string& address, const std::string& path);

}  // namespace ostler::harness
