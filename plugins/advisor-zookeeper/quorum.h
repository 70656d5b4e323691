// The rules by which members of an ensemble may go down, without any I/O.
#pragma once

#include <string>
#include <vector>

#include "server_view.h"

namespace ostler::advisor {

struct Node {
  std::string pod;  // "zookeeper-0"
  bool is_candidate = false;
  ServerView view;
};

struct Ruling {
  bool go = false;
  std::string reason;  // a sentence for an operator
};

// May the candidate nodes[which] be taken down now? Yes, if it serves nobody; or if all
// others serve and are in sync with the leader. One that does not say whether it serves
// goes under the same condition, without counting itself: it is to be replaced, but may be
// what the quorum stands on. The leader goes after all other candidates, so that there is
// one election, not several.
Ruling may_go_down(const std::vector<Node>& nodes, size_t which);

}  // namespace ostler::advisor
