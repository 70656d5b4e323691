#include "commit_probe.h"

#include <zookeeper/zookeeper.h>

#include <condition_variable>
#include <mutex>

namespace ostler::advisor {
namespace {

struct Session {
  std::mutex mutex;
  std::condition_variable changed;
  bool is_connected = false;
};

void watch(zhandle_t*, int type, int state, const char*, void* context) {
  if (type != ZOO_SESSION_EVENT || state != ZOO_CONNECTED_STATE) return;
  auto& session = *static_cast<Session*>(context);
  const std::lock_guard lock(session.mutex);
  session.is_connected = true;
  session.changed.notify_all();
}

constexpr int kSessionTimeoutMs = 6000;

}  // namespace

std::string commit_through(const std::string& host, uint16_t port,
                           std::chrono::steady_clock::time_point deadline) {
  Session session;
  const std::string address = host + ":" + std::to_string(port);
  // Its log would go to the standard error.
  zhandle_t* handle =
      zookeeper_init2(address.c_str(), watch, kSessionTimeoutMs, nullptr, &session, 0, [](const char*) {});
  if (handle == nullptr) return "cannot open a session at " + address;
  bool connected = false;
  {
    std::unique_lock lock(session.mutex);
    connected = session.changed.wait_until(lock, deadline, [&] { return session.is_connected; });
  }
  const int closed = zookeeper_close(handle);  // joins the client's threads
  if (!connected) return "no write was committed through " + address + " in time";
  return closed == ZOK ? ""
                       : "the session at " + address + " could not be closed: " + std::string(zerror(closed));
}

}  // namespace ostler::advisor
