// Turns the operations of ostler/state.h into those of one ZooKeeper multi.
//
// ZooKeeper has no "create or set", makes no parents and deletes only leaves. Which
// it must be is decided from the set of nodes that exist; that set is ours to keep,
// as nobody else writes below the root. Where it is wrong after all the multi fails
// as a whole, the set is read anew, and the plan is made again.
#pragma once

#include <ostler/state.h>

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace ostler::zookeeper {

// The nodes below the root that exist: "/Tasks", "/Tasks/zk-0". The root itself and
// "/lock" are not among them.
using KnownNodes = std::set<std::string, std::less<>>;

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

// path -> whether it exists afterwards
using NodeChanges = std::map<std::string, bool, std::less<>>;

struct CommitPlan {
  std::vector<PlannedOp> ops;
  NodeChanges changes;
  uint64_t bytes = 0;  // of the request, about
};

// `ops` are checked; `root_bytes` is what the full path of a node has more.
CommitPlan plan_commit(const ostler_array_t& ops, const KnownNodes& known, size_t root_bytes);

// Makes `known` what it is after a plan was carried out.
void apply_changes(const NodeChanges& changes, KnownNodes& known);

}  // namespace ostler::zookeeper
