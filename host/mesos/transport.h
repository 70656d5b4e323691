// HTTP requests in parallel on one thread: the only file of the host that knows
// libcurl. No proxy, no signals, no automatic redirects.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ostler::mesos {

// Prepares libcurl. Call it once in main, before threads start; never in a plugin.
void init_once();

struct HttpRequest {
  std::string url;
  std::string body;
  std::vector<std::string> headers;  // "Name: value"
  std::string user;                  // of basic authentication, or empty
  std::string password;
  std::string ca_file;  // of https; empty: the system's
  std::chrono::milliseconds connect_timeout{5000};
  std::chrono::milliseconds timeout{0};  // for all of it; 0: none
};

struct HttpHead {
  int status = 0;         // 0: no answer came
  std::string stream_id;  // the header Mesos-Stream-Id
};

struct HttpOutcome {
  HttpHead head;
  std::string body;          // of what on_data did not take; at most 64 KiB are kept
  std::string redirect_url;  // where a 3xx points, made absolute
  std::string error;         // empty: the answer is complete; else why not, for people
};

// Owned and used by one thread, except for wake(). Callbacks come out of poll() only.
class Transport {
 public:
  using Id = uint64_t;
  // Takes a piece of a 200 answer; false gives the transfer up. Must not call the
  // transport.
  using OnData = std::function<bool(const HttpHead& head, std::string_view data)>;
  // Comes once for every post() that was not cancelled. May call the transport.
  using OnDone = std::function<void(HttpOutcome&& outcome)>;

  Transport();
  ~Transport();
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  // Starts a POST. Without `on_data` the answer is collected.
  Id post(HttpRequest request, OnData on_data, OnDone on_done);
  // Drops a transfer; its callbacks are not called any more.
  void cancel(Id id);
  // Moves transfers on and waits for the network, at most `wait`.
  void poll(std::chrono::milliseconds wait);
  // Ends a poll() early, or the next one. Any thread.
  void wake();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ostler::mesos
