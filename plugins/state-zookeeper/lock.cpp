#include "lock.h"

#include <sys/random.h>

#include <algorithm>
#include <vector>

#include "process_identity.h"
#include "support/text.h"

namespace ostler::zookeeper {
namespace {

using plugin::Error;
using support::Deadline;
using support::quote;

// KeeperException.Code.QUOTAEXCEEDED, which the C client of 3.8 has no name for. Only
// servers with zookeeper.enforceQuota answer it.
constexpr int kQuotaExceeded = -125;

std::string random_name() {
  unsigned char bytes[16];
  if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
    throw Error(OSTLER_INTERNAL, "the kernel gave no random bytes for the lock's name");
  std::string text;
  for (size_t i = 0; i < sizeof bytes; ++i) {
    constexpr const char* kHex = "0123456789abcdef";
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += kHex[bytes[i] >> 4];
    text += kHex[bytes[i] & 15];
  }
  return text;
}

// The ten digits that ZooKeeper appended: the order of the nodes.
std::string_view sequence(std::string_view name) {
  return name.substr(name.size() - std::min<size_t>(name.size(), 10));
}

void make_node(Session& session, const std::string& path, const ACL_vector& rights,
               const Deadline& deadline) {
  const Reply found = retried(session, deadline, [&] { return session.exists(path); });
  if (found.ok()) return;
  const Reply made = retried(session, deadline, [&] { return session.create(path, rights); });
  if (!made.ok() && made.rc != ZNODEEXISTS) fail(session, made, path);
}

class Locking {
 public:
  Locking(Session& session, const Settings& settings, plugin::Host host, const Deadline& deadline)
      : session_(session),
        settings_(settings),
        host_(host),
        deadline_(deadline),
        identity_(identity_of_this_process()),
        prefix_("_c_" + random_name()) {}

  Lease take() {
    make_folders();
    const std::string place = join_queue("locks", "-lock-");
    wait_for_turn("locks", place, true);
    const std::string lease = join_queue("leases", "-lease-");
    wait_for_turn("leases", lease, false);
    // Others may queue now. Were this to fail, the node would go with the session.
    retried(session_, moment(), [&] { return session_.remove(folder("locks") + "/" + place); });
    return {folder("leases") + "/" + lease, identity_, 0};
  }

 private:
  std::string folder(const std::string& name) const { return settings_.root + "/lock/" + name; }

  // Parents above the root are everybody's; the root and what is below it are ours.
  void make_folders() {
    const std::string& root = settings_.root;
    for (size_t slash = root.find('/', 1); slash != std::string::npos; slash = root.find('/', slash + 1))
      make_node(session_, root.substr(0, slash), ZOO_OPEN_ACL_UNSAFE, deadline_);
    for (const std::string& path : {root, root + "/lock", folder("locks"), folder("leases")})
      make_node(session_, path, session_.acl(), deadline_);
  }

  // For the requests made while waiting: the last one may end a moment after the
  // deadline, so that it is the holder who is reported and not a slow answer.
  Deadline moment() const {
    constexpr uint32_t kMomentMs = 500;
    return Deadline(std::max(kMomentMs, deadline_.left_ms()));
  }

  std::vector<std::string> queue(const std::string& name, bool watch) {
    Reply reply = retried(session_, moment(), [&] { return session_.children(folder(name), watch); });
    if (!reply.ok()) fail(session_, reply, folder(name));
    std::sort(reply.names.begin(), reply.names.end(),
              [](const auto& a, const auto& b) { return sequence(a) < sequence(b); });
    return std::move(reply.names);
  }

  // Creates our node, once: after a lost connection it looks whether it is there, by
  // the random part of its name.
  std::string join_queue(const std::string& name, const std::string& suffix) {
    while (true) {
      const Reply made =
          session_.create_ephemeral(folder(name) + "/" + prefix_ + suffix, identity_)->wait(deadline_);
      if (made.ok()) return made.text.substr(folder(name).size() + 1);
      if (!made.is_undecided()) fail(session_, made, folder(name));
      session_.wait_until_connected(deadline_);
      for (const std::string& node : queue(name, false))
        if (node.starts_with(prefix_)) return node;
    }
  }

  // Waits until nobody is before us: in the queue those with lower numbers, of whom
  // only the next is watched; of the leases all others, as Curator counts them.
  void wait_for_turn(const std::string& name, const std::string& mine, bool in_order) {
    while (true) {
      const uint64_t seen = session_.changes();
      std::vector<std::string> others = queue(name, !in_order);
      const auto me = std::find(others.begin(), others.end(), mine);
      if (me == others.end())
        throw Error(OSTLER_UNAVAILABLE, "the lock node " + quote(folder(name) + "/" + mine, 300) +
                                            " vanished while waiting for the lock");
      others.erase(me, in_order ? others.end() : me + 1);
      if (others.empty()) return;
      const std::string blocker = folder(name) + "/" + (in_order ? others.back() : others.front());
      if (is_gone_or_removed(blocker, in_order)) continue;
      session_.wait_for_change(seen, deadline_);
      if (deadline_.passed()) give_up(folder(name) + "/" + others.front());
    }
  }

  // Watches `blocker` where asked to, and removes it when its process is known to be dead.
  bool is_gone_or_removed(const std::string& blocker, bool watch) {
    if (watch && retried(session_, moment(), [&] { return session_.exists(blocker, true); }).rc == ZNONODE)
      return true;
    const Reply data = retried(session_, moment(), [&] { return session_.get(blocker); });
    if (data.rc == ZNONODE) return true;
    if (!data.ok() || !is_known_to_be_dead(data.text)) return false;
    const Reply removed = retried(session_, moment(), [&] { return session_.remove(blocker); });
    if (!removed.ok() && removed.rc != ZNONODE) return false;
    host_.log(OSTLER_LOG_WARNING, "took over the lock of process " + quote(holder_name(data.text)) +
                                      ", which does not run any more");
    return true;
  }

  [[noreturn]] void give_up(const std::string& holder) {
    // A moment beyond the deadline, for a message that helps.
    const Reply data = session_.get(holder)->wait(Deadline(1000));
    const std::string_view name = data.ok() ? holder_name(data.text) : std::string_view();
    throw Error(OSTLER_FAILED_PRECONDITION,
                "the state is in use by " +
                    (name.empty() ? std::string("another process") : "process " + quote(name)) +
                    ", which holds the lock " + quote(holder, 300) + " in ZooKeeper " + settings_.servers +
                    "; only one scheduler may run on it");
  }

  Session& session_;
  const Settings& settings_;
  const plugin::Host host_;
  const Deadline& deadline_;
  const std::string identity_;
  const std::string prefix_;
};

}  // namespace

void fail(const Session& session, const Reply& reply, std::string_view path) {
  const std::string node = quote(path, 300);
  if (reply.is_undecided() && !session.has_ended()) throw Error(OSTLER_UNAVAILABLE, session.trouble());
  switch (reply.rc) {
    case ZNOAUTH:
      throw Error(OSTLER_PERMISSION_DENIED, "ZooKeeper does not let this client use " + node +
                                                "; its 'credentials' must be those of its maker");
    case ZSESSIONEXPIRED:
    case ZINVALIDSTATE:
      throw Error(OSTLER_FAILED_PRECONDITION, "the ZooKeeper session has ended");
    case kQuotaExceeded:
      throw Error(OSTLER_UNAVAILABLE, "ZooKeeper does not store " + node +
                                          ": a quota on it is exceeded; raise it with setquota of "
                                          "zkCli.sh (listquota shows it)");
    default:
      throw Error(OSTLER_UNAVAILABLE,
                  "ZooKeeper answered a request on " + node + " with '" + zerror(reply.rc) + "'");
  }
}

Reply retried(Session& session, const Deadline& deadline, const std::function<CallRef()>& request) {
  while (true) {
    Reply reply = request()->wait(deadline);
    if (!reply.is_undecided()) return reply;
    if (session.has_ended()) reply.rc = ZSESSIONEXPIRED;
    if (session.has_ended() || deadline.passed()) fail(session, reply, "");
    session.wait_to_repeat(deadline);
  }
}

Lease take_lock(Session& session, const Settings& settings, plugin::Host host, const Deadline& deadline) {
  return Locking(session, settings, host, deadline).take();
}

}  // namespace ostler::zookeeper
