// The bare ZooKeeper client, for tests that look at what a plugin wrote or interfere.
#pragma once

#include <zookeeper/zookeeper.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

namespace ostler::test {

class RawZookeeper {
 public:
  // Connects; with `same_session_as` it takes over that session. Throws when it cannot.
  explicit RawZookeeper(const std::string& servers, const clientid_t* same_session_as = nullptr,
                        int session_timeout_ms = 10000) {
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

  int remove(const std::string& path) { return zoo_delete(handle_, path.c_str(), -1); }

 private:
  static void on_event(zhandle_t*, int type, int state, const char*, void* context) {
    auto* self = static_cast<RawZookeeper*>(context);
    const std::lock_guard lock(self->mutex_);
    if (type == ZOO_SESSION_EVENT && state == ZOO_CONNECTED_STATE) self->is_connected_ = true;
    self->connected_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable connected_;
  bool is_connected_ = false;
  zhandle_t* handle_ = nullptr;
};

}  // namespace ostler::test
