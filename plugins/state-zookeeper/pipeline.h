// Many requests to ZooKeeper at once: a number of them under way, the answers in order.
#pragma once

#include <cstddef>
#include <functional>

#include "calls.h"
#include "session.h"

namespace ostler::zookeeper {

// Sends ask(0) to ask(count - 1) and hands the answers to take(), which may throw, in this
// order. What a lost connection took along is asked again, so these must be reads. Throws
// UNAVAILABLE at the deadline, FAILED_PRECONDITION when the session has ended; answers
// that were handed over hold.
void ask_each(Session& session, const support::Deadline& deadline, size_t count,
              const std::function<CallRef(size_t)>& ask, const std::function<void(size_t, Reply&&)>& take);

}  // namespace ostler::zookeeper
