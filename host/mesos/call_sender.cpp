// What may be under way together; see call_sender.h.
#include "mesos/call_sender.h"

#include <utility>

#include "base/log.h"
#include "mesos/call_writer.h"

namespace ostler::mesos {
namespace {
constexpr size_t kMaxShown = 300;  // of an error page
}  // namespace

bool CallSender::is_ready() const {
  const std::optional<bool> next = queue_.next_is_ordered();
  if (!next) return false;
  return under_way_.empty() || (!*next && !is_ordered_ && under_way_.size() < kMostTogether);
}

void CallSender::send() {
  while (is_ready()) {
    std::optional<Call> call = queue_.take();
    if (!call) return;
    is_ordered_ = is_ordered(*call);
    const uint64_t number = ++last_;
    HttpRequest post = request_(*call);
    under_way_[number].call = std::move(*call);
    under_way_[number].transfer =
        transport_.post(std::move(post), nullptr,
                        [this, number](HttpOutcome&& outcome) { done(number, std::move(outcome)); });
  }
}

void CallSender::done(uint64_t number, HttpOutcome&& outcome) {
  auto node = under_way_.extract(number);
  Call call = std::move(node.mapped().call);
  queue_.done();
  const int status = outcome.error.empty() ? outcome.head.status : 0;
  if (status >= 200 && status < 300) return;
  std::string body = outcome.error.empty() ? std::move(outcome.body) : std::move(outcome.error);
  log::warning("the master took no call", {{"call", std::string(call_name(call))},
                                           {"status", std::to_string(status)},
                                           {"body", body.substr(0, kMaxShown)}});
  rejected_(event::CallRejected{std::move(call), status, std::move(body)});
}

void CallSender::fail_all(const std::string& reason) {
  while (!under_way_.empty()) {
    transport_.cancel(under_way_.begin()->second.transfer);
    HttpOutcome nothing;
    nothing.error = reason;
    done(under_way_.begin()->first, std::move(nothing));
  }
}

void CallSender::drop_all() {
  for (const auto& [number, one] : under_way_) {
    transport_.cancel(one.transfer);
    queue_.done();
  }
  under_way_.clear();
}

}  // namespace ostler::mesos
