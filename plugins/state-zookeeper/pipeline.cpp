#include "pipeline.h"

#include <deque>

#include "lock.h"

namespace ostler::zookeeper {
namespace {

// Sent in bursts: client and server then wake up for many requests, not for each.
constexpr size_t kMostUnderWay = 512;
constexpr size_t kBurst = 256;

}  // namespace

void ask_each(Session& session, const support::Deadline& deadline, size_t count,
              const std::function<CallRef(size_t)>& ask, const std::function<void(size_t, Reply&&)>& take) {
  std::deque<CallRef> under_way;
  for (size_t next = 0; next < count;) {
    if (under_way.size() <= kMostUnderWay - kBurst) {
      while (under_way.size() < kMostUnderWay && next + under_way.size() < count)
        under_way.push_back(ask(next + under_way.size()));
    }
    Reply reply = under_way.front()->wait(deadline);
    if (!reply.is_undecided()) {
      under_way.pop_front();
      take(next++, std::move(reply));
      continue;
    }
    // Our own patience ended, or the connection is lost, and with it the answers to all.
    if (session.has_ended()) reply.rc = ZSESSIONEXPIRED;
    if (session.has_ended() || deadline.passed()) fail(session, reply, "");
    under_way.clear();
    session.wait_to_repeat(deadline);
  }
}

}  // namespace ostler::zookeeper
