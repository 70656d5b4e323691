// The bare ZooKeeper client, for tests that look at what a plugin wrote or interfere.
#pragma once

#include <zookeeper/zookeeper.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

namespace ostler::test {

class RawZookeeper {
 public:
  // Connects; with `same_session_as` it takes over that session. Throws when it cannot.
  explicit RawZookeeper(const std::string& servers, const clientid_t* same_session_as = nullptr,
                        int session_timeout_ms = 10000)
      : servers_(servers) {
    handle_ = zookeeper_init2(servers.c_str(), on_event, session_timeout_ms, same_session_as, this,
                              ZOO_NO_LOG_CLIENTENV, [](const char*) {});
    if (handle_ == nullptr) throw std::runtime_error("zookeeper_init: " + servers);
    std::unique_lock lock(mutex_);
    if (!connected_.wait_for(lock, std::chrono::seconds(20), [this] { return is_connected_; }))
      throw std::runtime_error("no connection to " + servers);
  }
  ~RawZookeeper() { close(); }
  RawZookeeper(const RawZookeeper&) = delete;
  RawZookeeper& operator=(const RawZookeeper&) = delete;

  void close() {
    if (handle_ != nullptr) zookeeper_close(handle_);
    handle_ = nullptr;
  }
  zhandle_t* handle() { return handle_; }

  void authenticate(const std::string& user_and_password) {
    zoo_add_auth(handle_, "digest", user_and_password.data(), static_cast<int>(user_and_password.size()),
                 nullptr, nullptr);
  }

  // Makes the node, with its parents; returns its name when it is sequential.
  std::string create(const std::string& path, const std::string& data = "", int mode = ZOO_PERSISTENT) {
    for (size_t slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1))
      zoo_create(handle_, path.substr(0, slash).c_str(), "", 0, &ZOO_OPEN_ACL_UNSAFE, ZOO_PERSISTENT, nullptr,
                 0);
    char made[1024] = "";
    const int rc = zoo_create(handle_, path.c_str(), data.data(), static_cast<int>(data.size()),
                              &ZOO_OPEN_ACL_UNSAFE, mode, made, sizeof made);
    if (rc != ZOK) throw std::runtime_error(path + ": " + zerror(rc));
    return made;
  }

  // The data, or the error as "(no node)".
  std::string get(const std::string& path) {
    std::string data(1 << 20, '\0');
    int size = static_cast<int>(data.size());
    const int rc = zoo_get(handle_, path.c_str(), 0, data.data(), &size, nullptr);
    if (rc != ZOK) return std::string("(") + zerror(rc) + ")";
    data.resize(static_cast<size_t>(std::max(size, 0)));
    return data;
  }

  std::vector<std::string> children(const std::string& path) {
    String_vector names{};
    std::vector<std::string> list;
    if (zoo_get_children(handle_, path.c_str(), 0, &names) == ZOK)
      list.assign(names.data, names.data + names.count);
    deallocate_String_vector(&names);
    std::sort(list.begin(), list.end());
    return list;
  }

  // Ends the session that owns the ephemeral node `path`, as the ensemble does with one
  // that expired: its client is told so. Throws when the node is nobody's.
  void expire_owner_of(const std::string& path) {
    Stat stat{};
    if (zoo_exists(handle_, path.c_str(), 0, &stat) != ZOK || stat.ephemeralOwner == 0)
      throw std::runtime_error(path + " belongs to no session");
    clientid_t id{};
    id.client_id = stat.ephemeralOwner;
    session_password(stat.ephemeralOwner, id.passwd);
    // The owner connects again at once and takes its session back; when it does so before
    // the close has arrived, it is tried again.
    for (int tries = 0; tries < 20; ++tries) {
      {
        RawZookeeper same(servers_, &id);
        same.get("/");
      }
      const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(500);
      while (std::chrono::steady_clock::now() < until)
        if (zoo_exists(handle_, path.c_str(), 0, nullptr) == ZNONODE) return;
    }
    throw std::runtime_error("the session that owns " + path + " does not end");
  }

  int remove(const std::string& path) { return zoo_delete(handle_, path.c_str(), -1); }

 private:
  // A server makes the password of a session from its number: 16 bytes of Java's
  // java.util.Random, seeded with the number and a constant.
  static void session_password(int64_t session, char* password) {
    constexpr uint64_t kMask = (1ULL << 48) - 1;
    uint64_t state = ((static_cast<uint64_t>(session) ^ 0xB3415C00ULL) ^ 0x5DEECE66DULL) & kMask;
    for (int word = 0; word < 4; ++word) {
      state = (state * 0x5DEECE66DULL + 0xBULL) & kMask;
      const auto value = static_cast<uint32_t>(state >> 16);
      for (int byte = 0; byte < 4; ++byte) password[word * 4 + byte] = static_cast<char>(value >> (8 * byte));
    }
  }

  static void on_event(zhandle_t*, int type, int state, const char*, void* context) {
    auto* self = static_cast<RawZookeeper*>(context);
    const std::lock_guard lock(self->mutex_);
    if (type == ZOO_SESSION_EVENT && state == ZOO_CONNECTED_STATE) self->is_connected_ = true;
    self->connected_.notify_all();
  }

  const std::string servers_;
  std::mutex mutex_;
  std::condition_variable connected_;
  bool is_connected_ = false;
  zhandle_t* handle_ = nullptr;
};

}  // namespace ostler::test
