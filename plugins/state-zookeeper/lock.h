// The exclusive lock of a tree, in the layout of Curator's InterProcessSemaphoreMutex:
// <root>/lock/locks holds a queue of those who want it, <root>/lock/leases the lease
// of the one who has it. A Java scheduler of the same service keeps us out, and we it.
//
// The lease node is also our fence: every commit begins with a set of it, which fails
// once it is gone, and whose version tells how many commits were carried out.
#pragma once

#include <ostler/plugin.hpp>
#include <string>

#include "session.h"

namespace ostler::zookeeper {

struct Lease {
  std::string path;
  std::string identity;  // its data
  int32_t version = 0;
};

// Creates `root`, with its parents, and takes the lock. Throws FAILED_PRECONDITION
// naming the holder when that took longer than the deadline, UNAVAILABLE when the
// ensemble could not be reached. What it leaves behind then goes with the session.
Lease take_lock(Session& session, const Settings& settings, plugin::Host host,
                const support::Deadline& deadline);

// Throws what the answer of a request on `path` means; never for ZOK.
[[noreturn]] void fail(const Session& session, const Reply& reply, std::string_view path);

// Sends a request until it is decided: for reads, and for changes that may be repeated.
// Returns the first decided reply; throws UNAVAILABLE at the deadline.
Reply retried(Session& session, const support::Deadline& deadline, const std::function<CallRef()>& request);

}  // namespace ostler::zookeeper
