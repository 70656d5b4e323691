#include "fence.h"

#include <pthread.h>

#include <algorithm>
#include <cstdio>

#include "support/text.h"

namespace ostler::zookeeper {
namespace {

using std::chrono::milliseconds;

std::string seconds(milliseconds time) {
  char text[32];
  snprintf(text, sizeof text, "%.1f s", static_cast<double>(time.count()) / 1000);
  return text;
}

}  // namespace

Fence::Fence(Session& session, std::string lease, std::function<void(const std::string&)> lost)
    : session_(session), lease_(std::move(lease)), lost_(std::move(lost)), thread_([this] { run(); }) {}

Fence::~Fence() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  stop_.notify_all();
  thread_.join();
}

void Fence::run() {
  pthread_setname_np(pthread_self(), "ostler-zk-fence");
  std::unique_lock lock(mutex_);
  while (!is_stopping_) {
    lock.unlock();
    const std::string why = verdict();
    if (!why.empty()) return lost_(why);
    ask();
    lock.lock();
    // Often enough to see the limit of a short session pass, and a removed lock soon.
    const auto period = std::min(session_.negotiated_timeout() / 12, milliseconds(1000));
    stop_.wait_for(lock, period, [this] { return is_stopping_; });
  }
}

// One question at a time; the answers come on the client's thread, in this order.
void Fence::ask() {
  if (findings_->is_asking.exchange(true)) return;
  session_.sync(lease_);
  session_.exists(lease_, [findings = findings_](const Reply& reply) {
    if (reply.rc == ZNONODE) findings->lease_is_gone = true;
    // The server may say so in an answer, and keep the connection open.
    if (reply.rc == ZSESSIONEXPIRED) findings->session_is_over = true;
    findings->is_asking = false;
  });
}

std::string Fence::verdict() const {
  if (findings_->lease_is_gone) return "the lock node " + support::quote(lease_, 300) + " was removed";
  if (findings_->session_is_over) return "the ZooKeeper session expired";
  const milliseconds timeout = session_.negotiated_timeout();
  const auto silent = std::chrono::duration_cast<milliseconds>(BootClock::now() - session_.proved_at());
  if (silent <= timeout * 5 / 6) return "";
  return "ZooKeeper has not answered for " + seconds(silent) + " of a session timeout of " +
         seconds(timeout) + ": another scheduler may own the state soon";
}

}  // namespace ostler::zookeeper
