// One session with a ZooKeeper ensemble, on the C client.
//
// Requests are asynchronous underneath, so that a caller's timeout is kept whatever
// the client does. The session also keeps what its owner needs to judge it: whether
// it is connected, why not and since when, and when the ensemble last proved that it
// knows us. Its methods are [any-thread], but for connect().
#pragma once

#include <zookeeper/zookeeper.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <ostler/plugin.hpp>
#include <string>
#include <string_view>

#include "calls.h"
#include "client_log.h"
#include "config.h"

namespace ostler::zookeeper {

// A clock that also counts while the machine is suspended: other schedulers go on then.
struct BootClock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<BootClock>;
  static constexpr bool is_steady = true;
  static time_point now() noexcept;
};

class Session {
 public:
  // Both are called from the client's threads, `ended` at most once.
  struct Events {
    // Why the ensemble cannot be reached; empty when it can again.
    std::function<void(const std::string& text)> availability;
    // The ensemble ended the session: its ephemeral nodes are gone.
    std::function<void(const std::string& why)> ended;
  };

  Session(const Settings& settings, plugin::Host host, Events events);
  ~Session();  // ends the session; outstanding requests complete with ZCLOSING
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Throws UNAVAILABLE when the ensemble cannot be reached until the deadline.
  void connect(const support::Deadline& deadline);
  // False when the deadline passes or the session ends first.
  bool wait_until_connected(const support::Deadline& deadline);
  bool has_ended() const { return ended_.load(); }
  // "ZooKeeper a:1 cannot be reached: connection refused; trying since ...", as of now.
  std::string trouble() const;

  // A number that changes with every watch that fires and every change of state.
  uint64_t changes() const;
  // Waits until changes() is not `seen`.
  void wait_for_change(uint64_t seen, const support::Deadline& deadline);
  // After a request without an answer: until it makes sense to send it again.
  void wait_to_repeat(const support::Deadline& deadline);

  CallRef get(const std::string& path);
  CallRef children(const std::string& path, bool watch = false);
  CallRef exists(const std::string& path, bool watch = false);
  // The same without a watch, for a thread that does not wait: `observer` gets the answer.
  CallRef exists(const std::string& path, std::function<void(const Reply&)> observer);
  CallRef remove(const std::string& path);
  // A persistent node with the given rights, or an ephemeral sequential one of ours.
  CallRef create(const std::string& path, const ACL_vector& acl);
  CallRef create_ephemeral(const std::string& path, const std::string& data);
  // All or nothing. Values are copied before it returns.
  CallRef multi(std::vector<zoo_op_t> ops);
  // Answered once everything before it has been. It goes through the leader, so the
  // answer proves that the ensemble still knew this session when it was sent.
  CallRef sync(const std::string& path, std::function<void(const Reply&)> observer = nullptr);

  // The rights for what is ours: of everybody, or of our credentials only.
  const ACL_vector& acl() const;
  int64_t id() const;
  std::chrono::milliseconds negotiated_timeout() const;
  // The latest moment at which the ensemble is known to have known us.
  BootClock::time_point proved_at() const;

 private:
  static void on_event(zhandle_t* handle, int type, int state, const char* path, void* context) noexcept;
  static void on_watch(zhandle_t* handle, int type, int state, const char* path, void* context) noexcept;
  void handle_state(int state);
  void note_trouble(const std::string& reason);
  void note_change();
  CallRef send(const CallRef& call, const std::function<int(const void* context)>& submit);
  std::string trouble_text() const;  // mutex_ held
  void tell();
  void prove(BootClock::time_point at);

  const Settings settings_;
  const Events events_;
  std::atomic<bool> ended_{false};
  std::atomic<int64_t> proved_ns_{0};

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  uint64_t changes_ = 0;  // guarded by mutex_, as the rest
  bool is_connected_ = false;
  std::string reason_;  // of the trouble
  std::optional<std::chrono::system_clock::time_point> trouble_since_;
  std::chrono::steady_clock::time_point told_at_{};

  // Keeps what the host is told in the order of what happened. Taken before mutex_.
  std::mutex tell_mutex_;
  // Guarded by tell_mutex_. Nothing: the host may still believe what a session before this
  // one said, so the first word is said even if all is well.
  std::optional<std::string> told_;

  ClientLog log_;
  zhandle_t* handle_ = nullptr;  // set before, and closed after, all use
};

}  // namespace ostler::zookeeper
