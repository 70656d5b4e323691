#include "harness/steady_writer.h"

#include <pthread.h>
#include <zookeeper/zookeeper.h>

#include <algorithm>
#include <condition_variable>
#include <memory>
#include <mutex>

#include "harness/wait.h"

namespace ostler::harness {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int kWriterSessionMs = 10000;
constexpr std::chrono::seconds kWriterConnect{30};
constexpr std::chrono::milliseconds kRetry{20};

std::string joined(const std::vector<std::string>& addresses) {
  std::string text;
  for (const std::string& one : addresses) text += (text.empty() ? "" : ",") + one;
  return text;
}

// A session with any of several servers; made anew when it expired.
class EnsembleSession {
 public:
  explicit EnsembleSession(const std::string& hosts) {
    handle_ = zookeeper_init2(hosts.c_str(), on_event, kWriterSessionMs, nullptr, this, ZOO_NO_LOG_CLIENTENV,
                              [](const char*) {});
  }
  ~EnsembleSession() {
    if (handle_ != nullptr) zookeeper_close(handle_);
  }
  EnsembleSession(const EnsembleSession&) = delete;
  EnsembleSession& operator=(const EnsembleSession&) = delete;

  bool wait_connected(std::chrono::milliseconds timeout) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, timeout, [this] { return connected_; });
  }
  zhandle_t* handle() { return handle_; }

 private:
  static void on_event(zhandle_t*, int type, int state, const char*, void* context) {
    auto* self = static_cast<EnsembleSession*>(context);
    const std::lock_guard lock(self->mutex_);
    if (type == ZOO_SESSION_EVENT) self->connected_ = state == ZOO_CONNECTED_STATE;
    self->changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool connected_ = false;
  zhandle_t* handle_ = nullptr;
};

}  // namespace

SteadyWriter::SteadyWriter(const std::vector<std::string>& addresses, std::string folder)
    : hosts_(joined(addresses)), folder_(std::move(folder)), thread_([this] { run(); }) {}

SteadyWriter::~SteadyWriter() { stop(); }

int SteadyWriter::stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
  return acknowledged_;
}

void SteadyWriter::run() {
  pthread_setname_np(pthread_self(), "steady-writer");
  auto session = std::make_unique<EnsembleSession>(hosts_);
  Clock::time_point last = Clock::now();
  bool has_folder = false;
  for (int number = 0; !stopping_;) {
    session->wait_connected(kRetry);
    const std::string path = has_folder ? folder_ + "/" + std::to_string(number) : folder_;
    const std::string value = std::to_string(number);
    const int code = zoo_create(session->handle(), path.c_str(), value.data(), static_cast<int>(value.size()),
                                &ZOO_OPEN_ACL_UNSAFE, ZOO_PERSISTENT, nullptr, 0);
    if (code == ZSESSIONEXPIRED || code == ZINVALIDSTATE) session = std::make_unique<EnsembleSession>(hosts_);
    // After a lost connection the write may have arrived: then it is there already.
    if (code != ZOK && code != ZNODEEXISTS) continue;
    if (!has_folder) {
      has_folder = true;
      continue;
    }
    const auto pause = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - last).count();
    last = Clock::now();
    longest_pause_ms_ = std::max<int64_t>(longest_pause_ms_, number == 0 ? 0 : pause);
    acknowledged_ = ++number;
  }
}

std::vector<int> SteadyWriter::lost() const {
  EnsembleSession session(hosts_);
  if (!session.wait_connected(kWriterConnect)) throw HarnessError("no ZooKeeper session with " + hosts_);
  std::vector<int> missing;
  for (int number = 0; number < acknowledged_; ++number) {
    char buffer[32];
    int size = sizeof buffer;
    const std::string path = folder_ + "/" + std::to_string(number);
    const int code = zoo_get(session.handle(), path.c_str(), 0, buffer, &size, nullptr);
    const bool is_there =
        code == ZOK && std::string(buffer, static_cast<size_t>(std::max(size, 0))) == std::to_string(number);
    if (!is_there) missing.push_back(number);
  }
  return missing;
}

}  // namespace ostler::harness
