// The scheduler's line to the Mesos master: one stream of events in, calls out.
//
// A thread of its own keeps a subscription alive over a list of masters: it follows
// redirects to the leader, notices a silent master by missing heartbeats, and
// subscribes again with exponential back-off and jitter. Calls go out on connections of
// their own, at most once and in order where order matters (call_sender.h): what fails is
// reported as event::CallRejected, never repeated.
//
// What the sink sees: each Subscribed is followed by one Disconnected before the next
// Subscribed. An ERROR event is handed on as event::Error; after "Framework has been
// removed" and "Framework failed over" the client rests, because trying again
// could only do harm, until set_framework_id() is called.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "mesos/event.h"
#include "mesos/recordio.h"
#include "mesos/types.h"

namespace ostler::mesos {

struct ClientConfig {
  std::vector<std::string> masters;  // "host:port" or http(s) URLs, tried in order
  FrameworkInfo framework;           // with its id if it ever registered

  // Basic authentication, where both are given; sent to every master and to where one
  // redirects. Never logged.
  std::string principal;
  std::string secret;
  std::string ca_file;  // of https masters; empty: the system's

  // The first wait is between half of `backoff_min` and all of it; each further one is
  // twice as long, up to `backoff_max`. A subscription that stands starts it anew.
  std::chrono::milliseconds backoff_min{1000};
  std::chrono::milliseconds backoff_max{30000};
  std::chrono::milliseconds connect_timeout{5000};
  std::chrono::milliseconds subscribe_timeout{15000};  // from connecting to SUBSCRIBED
  std::chrono::milliseconds call_timeout{30000};
  // So many heartbeat intervals without a byte mean that the master is gone.
  double heartbeat_tolerance = 3;

  size_t max_queued_calls = 10000;
  uint64_t max_record = RecordReader::kMaxRecord;

  std::function<double()> random;  // jitter, in [0, 1); empty: a generator of its own
};

class SchedulerClient {
 public:
  // `sink` gets every event on the client's thread and must not block for long or call
  // stop(). init_once() (transport.h) must have been called.
  SchedulerClient(ClientConfig config, std::function<void(Event)> sink);
  ~SchedulerClient();  // stops at once
  SchedulerClient(const SchedulerClient&) = delete;
  SchedulerClient& operator=(const SchedulerClient&) = delete;

  void start();

  // The id to subscribe with from now on; empty: as a new framework. The client learns
  // the id of a first registration by itself. Any thread.
  void set_framework_id(std::string framework_id);

  // Queues a call. While there is no subscription it is dropped,
  // as it is when `max_queued_calls` are waiting. Any thread.
  void send(Call call);

  // Waits until every queued call was answered or dropped. False: that took longer than
  // `timeout`. Not for the client's own thread.
  bool settle(std::chrono::milliseconds timeout);

  // Ends the client without a TEARDOWN: sends what is queued within `timeout`, then
  // closes the stream and joins the thread.
  void stop(std::chrono::milliseconds timeout);

  // One line for people: "subscribed to 127.0.0.1:5050", "cannot reach 10.0.0.1:5050:
  // Connection refused; trying again in 2 s". Any thread.
  std::string status() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ostler::mesos
