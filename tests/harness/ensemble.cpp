#include "harness/ensemble.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zookeeper/zookeeper.h>

#include <condition_variable>
#include <functional>
#include <mutex>

#include "harness/wait.h"

namespace ostler::harness {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kSessionTimeoutMs = 10000;
constexpr std::chrono::seconds kConnect{20};

// One session with one server.
class Session {
 public:
  explicit Session(const std::string& address) : address_(address) {
    handle_ = zookeeper_init2(address.c_str(), on_event, kSessionTimeoutMs, nullptr, this,
                              ZOO_NO_LOG_CLIENTENV, [](const char*) {});
    if (handle_ == nullptr) throw HarnessError("cannot make a ZooKeeper session with " + address);
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, kConnect, [this] { return connected_; })) {
      lock.unlock();
      zookeeper_close(handle_);
      throw HarnessError("no ZooKeeper session with " + address);
    }
  }
  ~Session() { zookeeper_close(handle_); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  zhandle_t* handle() { return handle_; }
  void check(int code, const std::string& what) const {
    if (code != ZOK) throw HarnessError(what + " through " + address_ + ": " + zerror(code));
  }

 private:
  static void on_event(zhandle_t*, int type, int state, const char*, void* context) {
    auto* self = static_cast<Session*>(context);
    const std::lock_guard lock(self->mutex_);
    if (type == ZOO_SESSION_EVENT && state == ZOO_CONNECTED_STATE) self->connected_ = true;
    self->changed_.notify_all();
  }

  const std::string address_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool connected_ = false;
  zhandle_t* handle_ = nullptr;
};

// A connected, non-blocking socket, or -1.
int connect_to(const std::string& address, Clock::time_point until) {
  const size_t colon = address.rfind(':');
  sockaddr_in name{};
  name.sin_family = AF_INET;
  if (colon == std::string::npos || inet_pton(AF_INET, address.substr(0, colon).c_str(), &name.sin_addr) != 1)
    return -1;
  name.sin_port = htons(static_cast<uint16_t>(std::stoi(address.substr(colon + 1))));
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  connect(fd, reinterpret_cast<sockaddr*>(&name), sizeof name);
  pollfd ready{fd, POLLOUT, 0};
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now());
  int problem = 0;
  socklen_t size = sizeof problem;
  if (poll(&ready, 1, static_cast<int>(left.count())) == 1 &&
      getsockopt(fd, SOL_SOCKET, SO_ERROR, &problem, &size) == 0 && problem == 0) {
    return fd;
  }
  close(fd);
  return -1;
}

std::string after(const std::string& text, const std::string& key) {
  const size_t at = text.find(key);
  if (at == std::string::npos) return {};
  const size_t from = at + key.size();
  return text.substr(from, text.find('\n', from) - from);
}

}  // namespace

std::string ask_server(const std::string& address, const std::string& word,
                       std::chrono::milliseconds timeout) {
  const auto until = Clock::now() + timeout;
  const int fd = connect_to(address, until);
  if (fd < 0) return {};
  std::string answer;
  if (send(fd, word.data(), word.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(word.size())) {
    pollfd readable{fd, POLLIN, 0};
    char buffer[4096];
    for (;;) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
      if (left <= 0 || poll(&readable, 1, static_cast<int>(left)) != 1) break;
      const ssize_t size = recv(fd, buffer, sizeof buffer, 0);
      if (size <= 0) break;
      answer.append(buffer, static_cast<size_t>(size));
    }
  }
  close(fd);
  return answer;
}

ServerState server_state(const std::string& address) {
  const std::string answer = ask_server(address, "srvr");
  return {address, after(answer, "Mode: "), after(answer, "Zxid: ")};
}

void write_znode(const std::string& address, const std::string& path, const std::string& value) {
  Session session(address);
  const int size = static_cast<int>(value.size());
  int code = zoo_create(session.handle(), path.c_str(), value.data(), size, &ZOO_OPEN_ACL_UNSAFE,
                        ZOO_PERSISTENT, nullptr, 0);
  if (code == ZNODEEXISTS) code = zoo_set(session.handle(), path.c_str(), value.data(), size, -1);
  session.check(code, "cannot write " + path);
}

std::string read_znode(const std::string& address, const std::string& path) {
  Session session(address);
  // A server may lag behind the one that was written to, until it is told to catch up.
  struct Synced {
    std::mutex mutex;
    std::condition_variable done;
    int code = 1;
  } synced;
  const auto completed = [](int code, const char*, const void* data) {
    auto* self = const_cast<Synced*>(static_cast<const Synced*>(data));
    const std::lock_guard lock(self->mutex);
    self->code = code;
    self->done.notify_all();
  };
  session.check(zoo_async(session.handle(), path.c_str(), completed, &synced), "cannot sync");
  {
    std::unique_lock lock(synced.mutex);
    synced.done.wait(lock, [&] { return synced.code != 1; });
  }
  session.check(synced.code, "cannot sync");
  std::string value(1 << 20, '\0');
  int size = static_cast<int>(value.size());
  session.check(zoo_get(session.handle(), path.c_str(), 0, value.data(), &size, nullptr),
                "cannot read " + path);
  value.resize(static_cast<size_t>(std::max(size, 0)));
  return value;
}

}  // namespace ostler::harness
