// Receives the log of one handle of the C client.
//
// The client's callback carries no context, so each log owns one of a fixed number of
// functions. Records go to the host at debug level, a few a second: a server that is
// down makes 30 of them. What they say about why a server cannot be reached is kept,
// because the client reports it nowhere else.
#pragma once

#include <zookeeper/zookeeper.h>

#include <chrono>
#include <functional>
#include <mutex>
#include <ostler/plugin.hpp>
#include <string>
#include <string_view>

namespace ostler::zookeeper {

class ClientLog {
 public:
  // `on_trouble` gets "connection refused" and the like, on the client's threads.
  ClientLog(plugin::Host host, std::function<void(const std::string&)> on_trouble);
  ~ClientLog();  // after zookeeper_close(): no record may come any more
  ClientLog(const ClientLog&) = delete;
  ClientLog& operator=(const ClientLog&) = delete;

  log_callback_fn callback() const { return callback_; }

  // [any-thread]
  void record(const char* message) noexcept;

 private:
  void forward(std::string_view text);

  plugin::Host host_;
  std::function<void(const std::string&)> on_trouble_;
  size_t slot_;
  log_callback_fn callback_;
  std::mutex mutex_;
  std::chrono::steady_clock::time_point window_{};  // guarded by mutex_, as the rest
  int in_window_ = 0;
  int suppressed_ = 0;
};

// What a record of the client says about a failed connection, or "".
std::string trouble_in(std::string_view text);

}  // namespace ostler::zookeeper
