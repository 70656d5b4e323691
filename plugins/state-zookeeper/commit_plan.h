// Turns the operations of ostler/state.h into those of one ZooKeeper multi.
//
// ZooKeeper has no "create or set", makes no parents and deletes only leaves. Which
// it must be is decided from the nodes that exist. Where that is not known the plan says
// what has to be asked, and is made again; where it is wrong after all the multi fails as
// a whole, and everything is asked anew.
#pragma once

#include <ostler/state.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "known_nodes.h"

namespace ostler::zookeeper {

struct PlannedOp {
  enum class Kind : uint8_t { kCreate, kSet, kDelete, kCheck } kind;
  std::string path;  // below our root
  std::string_view value;
  int32_t version = OSTLER_ANY_VERSION;
  uint32_t source = 0;  // the operation of the commit that it belongs to
  // Whether the outcome is that operation's own. Otherwise a failure means that the
  // known nodes are not those that exist.
  bool is_its_own = false;
};

struct CommitPlan {
  std::vector<PlannedOp> ops;
  NodeChanges changes;
  uint64_t bytes = 0;  // of the request, about
  // Not empty: the plan is worth nothing before these nodes are known, or all their
  // children.
  std::vector<std::string> ask, ask_children;
};

// `ops` are checked; `root_bytes` is what the full path of a node has more.
CommitPlan plan_commit(const ostler_array_t& ops, const KnownNodes& known, size_t root_bytes);

}  // namespace ostler::zookeeper
