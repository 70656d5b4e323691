// Sends datagrams to one address, and never waits for anybody.
//
// The name is resolved when the first datagram goes out, and again after a failure, not
// more often than each minute: a daemon that moves is found, a dead name server does not
// stop the scheduler's metrics thread at each push. One owner, one thread.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace ostler::metrics {

class Sender {
 public:
  Sender(std::string host, uint16_t port) : host_(std::move(host)), port_(port) {}
  ~Sender();
  Sender(const Sender&) = delete;
  Sender& operator=(const Sender&) = delete;

  // Sends all or throws plugin::Error UNAVAILABLE. What the network loses nobody knows.
  void send(const std::vector<std::string>& datagrams);

 private:
  void connect();
  [[noreturn]] void fail(const std::string& what);

  const std::string host_;
  const uint16_t port_;
  int socket_ = -1;
  std::string failure_;  // of the last attempt to resolve the name
  std::chrono::steady_clock::time_point next_attempt_{};
};

}  // namespace ostler::metrics
