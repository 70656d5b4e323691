// The rules by which members of an ensemble may go down, without any I/O.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "server_view.h"

namespace ostler::advisor {

struct Node {
  std::string pod;  // "zookeeper-0"
  bool is_candidate = false;
  ServerView view;
  std::chrono::milliseconds electing_for{0};  // how long it has said so (elections.h)
};

// An ensemble that elects for longer is down; ZooKeeper's own limit for one try is
// initLimit * tickTime, 10 to 20 s as usually configured.
inline constexpr std::chrono::seconds kLongestElection{30};

struct Ruling {
  bool go = false;
  std::string reason;  // a sentence for an operator
};

// May the candidate nodes[which] be taken down now? Yes, if it serves nobody, and that is
// no election: another leads, or it lasts for too long; or if all
// others serve and are in sync with the leader. One that does not say whether it serves
// goes under the same condition, without counting itself: it is to be replaced, but may be
// what the quorum stands on. The leader goes after all other candidates, so that there is
// one election, not several.
Ruling may_go_down(const std::vector<Node>& nodes, size_t which);

}  // namespace ostler::advisor
