#include "session.h"

#include <pthread.h>

#include <algorithm>
#include <cerrno>
#include <ctime>

namespace ostler::zookeeper {
namespace {

using plugin::Error;

constexpr auto kTellAtMostEvery = std::chrono::seconds(1);  // the reason may change 30 times a second
constexpr auto kResolveAgain = std::chrono::milliseconds(200);

std::string utc(std::chrono::system_clock::time_point at) {
  const time_t seconds = std::chrono::system_clock::to_time_t(at);
  struct tm parts;
  gmtime_r(&seconds, &parts);
  char text[32];
  strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

// The client's threads take the name of the thread that makes them.
class ThreadName {
 public:
  explicit ThreadName(const char* name) {
    pthread_getname_np(pthread_self(), before_, sizeof before_);
    pthread_setname_np(pthread_self(), name);
  }
  ~ThreadName() { pthread_setname_np(pthread_self(), before_); }
  ThreadName(const ThreadName&) = delete;
  ThreadName& operator=(const ThreadName&) = delete;

 private:
  char before_[16] = "";
};

}  // namespace

BootClock::time_point BootClock::now() noexcept {
  struct timespec now;
  clock_gettime(CLOCK_BOOTTIME, &now);
  return time_point(std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec));
}

Session::Session(const Settings& settings, plugin::Host host, Events events)
    : settings_(settings),
      events_(std::move(events)),
      log_(host, [this](const std::string& reason) { note_trouble(reason); }) {}

Session::~Session() {
  if (handle_ != nullptr) zookeeper_close(handle_);
}

void Session::connect(const support::Deadline& deadline) {
  while (handle_ == nullptr) {
    const ThreadName name("ostler-zk-io");
    // Only the addresses are looked up here; the connection is made by the client's thread.
    handle_ = zookeeper_init2(settings_.servers.c_str(), on_event, settings_.session_timeout_ms, nullptr,
                              this, ZOO_NO_LOG_CLIENTENV, log_.callback());
    if (handle_ != nullptr) break;
    note_trouble(errno == ENOENT || errno == 0 ? "its name cannot be resolved" : strerror(errno));
    if (deadline.passed()) throw Error(OSTLER_UNAVAILABLE, trouble());
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, std::min(deadline.at(), support::Deadline::Clock::now() + kResolveAgain));
  }
  zoo_set_servers_resolution_delay(handle_, -1);  // otherwise it asks DNS at every turn of its loop
  if (!settings_.digest.empty())
    zoo_add_auth(handle_, "digest", settings_.digest.data(), static_cast<int>(settings_.digest.size()),
                 nullptr, nullptr);
  if (!wait_until_connected(deadline)) throw Error(OSTLER_UNAVAILABLE, trouble());
}

bool Session::wait_until_connected(const support::Deadline& deadline) {
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, deadline.at(), [this] { return is_connected_ || ended_; });
  return is_connected_ && !ended_;
}

std::string Session::trouble() const {
  const std::lock_guard lock(mutex_);
  return trouble_text();
}

std::string Session::trouble_text() const {
  const auto since = trouble_since_.value_or(std::chrono::system_clock::now());
  return "ZooKeeper " + settings_.servers +
         " cannot be reached: " + (reason_.empty() ? "no answer" : reason_) + "; trying since " + utc(since);
}

uint64_t Session::changes() const {
  const std::lock_guard lock(mutex_);
  return changes_;
}

void Session::wait_for_change(uint64_t seen, const support::Deadline& deadline) {
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, deadline.at(), [&] { return changes_ != seen || ended_; });
}

// Until something changes, or soon: the client may fail a request just before it tells
// that the connection is lost.
void Session::wait_to_repeat(const support::Deadline& deadline) {
  constexpr uint32_t kSoonMs = 20;
  wait_for_change(changes(), support::Deadline(std::min(kSoonMs, deadline.left_ms())));
  wait_until_connected(deadline);
}

void Session::note_change() {
  const std::lock_guard lock(mutex_);
  ++changes_;
  changed_.notify_all();
}

void Session::on_event(zhandle_t* /*handle*/, int type, int state, const char* /*path*/,
                       void* context) noexcept {
  try {
    if (type == ZOO_SESSION_EVENT) static_cast<Session*>(context)->handle_state(state);
  } catch (...) {
    // Only telling the host can run out of memory; the state itself is kept.
  }
}

void Session::on_watch(zhandle_t* /*handle*/, int /*type*/, int /*state*/, const char* /*path*/,
                       void* context) noexcept {
  static_cast<Session*>(context)->note_change();
}

void Session::handle_state(int state) {
  if (state == ZOO_EXPIRED_SESSION_STATE || state == ZOO_AUTH_FAILED_STATE) {
    if (ended_.exchange(true)) return;
    note_change();
    events_.ended(state == ZOO_EXPIRED_SESSION_STATE ? "the ZooKeeper session expired"
                                                     : "ZooKeeper refused the credentials");
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    ++changes_;
    is_connected_ = state == ZOO_CONNECTED_STATE;
    if (is_connected_) {
      reason_.clear();
      trouble_since_.reset();
    } else if (!trouble_since_) {
      trouble_since_ = std::chrono::system_clock::now();
    }
    told_at_ = std::chrono::steady_clock::now();
    changed_.notify_all();
  }
  tell();
}

void Session::note_trouble(const std::string& reason) {
  {
    const std::lock_guard lock(mutex_);
    const bool is_new = reason != reason_;
    reason_ = reason;
    if (is_connected_) return;  // the event that tells so comes right after
    if (!trouble_since_) trouble_since_ = std::chrono::system_clock::now();
    const auto now = std::chrono::steady_clock::now();
    if (!is_new || now - told_at_ < kTellAtMostEvery) return;
    told_at_ = now;
  }
  tell();
}

void Session::tell() {
  const std::lock_guard order(tell_mutex_);
  std::string text;
  {
    const std::lock_guard lock(mutex_);
    if (trouble_since_) text = trouble_text();
  }
  if (text == told_) return;
  told_ = text;
  events_.availability(text);
}

CallRef Session::send(const CallRef& call, const std::function<int(const void*)>& submit) {
  const void* context = completion::context(call);
  const int rc = submit(context);
  // A request that was not taken gets no completion.
  if (rc != ZOK) completion::on_void(rc, context);
  return call;
}

CallRef Session::get(const std::string& path) {
  return send(std::make_shared<Call>(), [&](const void* context) {
    return zoo_awget(handle_, path.c_str(), nullptr, nullptr, completion::on_data, context);
  });
}

CallRef Session::children(const std::string& path, bool watch) {
  return send(std::make_shared<Call>(), [&](const void* context) {
    return zoo_awget_children2(handle_, path.c_str(), watch ? on_watch : nullptr, this, completion::on_names,
                               context);
  });
}

CallRef Session::exists(const std::string& path, bool watch) {
  return send(std::make_shared<Call>(), [&](const void* context) {
    return zoo_awexists(handle_, path.c_str(), watch ? on_watch : nullptr, this, completion::on_stat,
                        context);
  });
}

CallRef Session::exists(const std::string& path, std::function<void(const Reply&)> observer) {
  const auto call = std::make_shared<Call>();
  call->observer = std::move(observer);
  return send(call, [&](const void* context) {
    return zoo_awexists(handle_, path.c_str(), nullptr, nullptr, completion::on_stat, context);
  });
}

CallRef Session::remove(const std::string& path) {
  return send(std::make_shared<Call>(), [&](const void* context) {
    return zoo_adelete(handle_, path.c_str(), -1, completion::on_void, context);
  });
}

CallRef Session::create(const std::string& path, const ACL_vector& rights) {
  return send(std::make_shared<Call>(), [&](const void* context) {
    return zoo_acreate(handle_, path.c_str(), "", 0, &rights, ZOO_PERSISTENT, completion::on_text, context);
  });
}

CallRef Session::create_ephemeral(const std::string& path, const std::string& data) {
  return send(std::make_shared<Call>(), [&](const void* context) {
    return zoo_acreate(handle_, path.c_str(), data.data(), static_cast<int>(data.size()), &acl(),
                       ZOO_EPHEMERAL_SEQUENTIAL, completion::on_text, context);
  });
}

CallRef Session::multi(std::vector<zoo_op_t> ops) {
  const auto call = std::make_shared<Call>();
  call->ops = std::move(ops);
  call->op_results.resize(call->ops.size());
  const auto sent = BootClock::now();
  call->observer = [this, sent](const Reply& reply) {
    if (reply.ok()) prove(sent);
  };
  return send(call, [&](const void* context) {
    return zoo_amulti(handle_, static_cast<int>(call->ops.size()), call->ops.data(), call->op_results.data(),
                      completion::on_void, context);
  });
}

CallRef Session::sync(const std::string& path, std::function<void(const Reply&)> observer) {
  const auto call = std::make_shared<Call>();
  const auto sent = BootClock::now();
  call->observer = [this, sent, also = std::move(observer)](const Reply& reply) {
    if (reply.ok()) prove(sent);
    if (also) also(reply);
  };
  return send(call, [&](const void* context) {
    return zoo_async(handle_, path.c_str(), completion::on_text, context);
  });
}

void Session::prove(BootClock::time_point at) {
  const int64_t ns = at.time_since_epoch().count();
  int64_t known = proved_ns_.load();
  while (known < ns && !proved_ns_.compare_exchange_weak(known, ns)) {
  }
}

BootClock::time_point Session::proved_at() const {
  return BootClock::time_point(std::chrono::nanoseconds(proved_ns_.load()));
}

const ACL_vector& Session::acl() const {
  return settings_.digest.empty() ? ZOO_OPEN_ACL_UNSAFE : ZOO_CREATOR_ALL_ACL;
}

int64_t Session::id() const { return zoo_client_id(handle_)->client_id; }

std::chrono::milliseconds Session::negotiated_timeout() const {
  return std::chrono::milliseconds(zoo_recv_timeout(handle_));
}

}  // namespace ostler::zookeeper
