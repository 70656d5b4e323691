// One client's connection: bytes in, requests to the host, bytes out.
//
// Replies are written to the socket at once. What the socket does not take waits here
// until it is writable again, and meanwhile no further request is read: so a client that
// does not read costs its own memory and nobody's time. Lives and dies on one worker
// thread; the peer of Pistache owns the descriptor.
#pragma once

#include <ostler/http.h>

#include <atomic>
#include <chrono>
#include <string>
#include <string_view>

#include "config.h"
#include "request_parser.h"

namespace ostler::http {

// What all connections share. Outlives them.
struct Shared {
  Config config;
  const ostler_host_api_t* api = nullptr;
  std::atomic<uint32_t> connections{0};
  std::atomic<bool> is_draining{false};                 // set by stop(): replies now end their connection
  std::chrono::steady_clock::time_point drain_until{};  // written before the workers are joined
};

class Connection {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  Connection(Shared& shared, int fd);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Bytes have arrived.
  void receive(std::string_view bytes) noexcept;

  // The socket takes bytes again.
  void flush() noexcept;

  // True while a reply waits for the socket; the owner then watches for writability.
  bool wants_write() const { return sent_ < out_.size(); }

  // Called now and then. Answers 408 to a request that takes too long. Returns true
  // when the connection has to be dropped.
  bool is_expired(TimePoint now) noexcept;

  // Writes what is left, waiting for the client until `deadline`.
  void finish(TimePoint deadline) noexcept;

 private:
  void serve();
  void answer(const ParsedRequest& request);
  void send(std::string bytes, bool close);
  void write_some();
  void drop();

  Shared& shared_;
  const int fd_;
  RequestParser parser_;
  std::string out_;
  size_t sent_ = 0;
  bool closes_ = false;   // no more requests are read; the reply in out_ is the last
  size_t discarded_ = 0;  // bytes that came after that
  bool is_mid_request_ = false;
  TimePoint since_;  // of the phase: the request's first byte, the last progress, ...
};

}  // namespace ostler::http
