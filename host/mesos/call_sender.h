// Sends queued calls to the master, several at a time where their order means nothing.
//
// An ACCEPT, a DECLINE and an acknowledgement each name offers or updates that no other
// call names, so a few of them may be under way together; on a network, waiting for each
// answer would allow some hundred launches a second. Any other call waits until what went
// before it was answered, and what follows waits for it. Each call is sent at most once,
// and what fails is reported. The client's thread only.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "mesos/call_queue.h"
#include "mesos/event.h"
#include "mesos/transport.h"

namespace ostler::mesos {

class CallSender {
 public:
  static constexpr size_t kMostTogether = 8;

  // `request` makes the request for a call; `rejected` hears of each that was not taken.
  // Queue and transport must outlive the sender.
  CallSender(CallQueue& queue, Transport& transport, std::function<HttpRequest(const Call&)> request,
             std::function<void(event::CallRejected&&)> rejected)
      : queue_(queue), transport_(transport), request_(std::move(request)), rejected_(std::move(rejected)) {}

  // Sends what may be sent now.
  void send();
  // send() would send something.
  bool is_ready() const;
  bool is_idle() const { return under_way_.empty(); }
  // Gives up what is under way, and reports it as failed for that reason.
  void fail_all(const std::string& reason);
  // The same without a word: this is the end.
  void drop_all();

 private:
  void done(uint64_t number, HttpOutcome&& outcome);

  struct UnderWay {
    Call call;
    Transport::Id transfer = 0;
  };
  CallQueue& queue_;
  Transport& transport_;
  const std::function<HttpRequest(const Call&)> request_;
  const std::function<void(event::CallRejected&&)> rejected_;
  std::map<uint64_t, UnderWay> under_way_;  // in the order of sending
  uint64_t last_ = 0;
  bool is_ordered_ = false;  // the one that is under way stands alone
};

}  // namespace ostler::mesos
