// What one ZooKeeper server says of itself.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace ostler::advisor {

struct ServerView {
  enum class Role : uint8_t { kNone, kLeader, kFollower, kObserver };
  Role role = Role::kNone;   // kNone: it serves nobody
  int synced_followers = 0;  // of a leader
  std::string problem;       // why it serves nobody; empty else
  // It did not say so itself: it was too slow to answer, or is not allowed to. It may be a
  // member that the quorum needs.
  bool may_serve = false;
  // It says that it serves nobody now: it is down, or electing for a moment.
  bool may_be_electing = false;

  bool serves() const { return role != Role::kNone; }
};

// Reads the answer to the four-letter word `mntr` (ZooKeeper Administrator's Guide). A
// server that is still bringing its followers up to date does not count as serving.
ServerView read_mntr(std::string_view answer);

// Asks the server; never fails, but for a view with a problem. Blocks until `deadline` at most.
ServerView ask_server(const std::string& host, uint16_t port, std::chrono::steady_clock::time_point deadline);

}  // namespace ostler::advisor
