// The state machine behind SchedulerClient. Everything below the line of `mutex_` is
// the thread's own; the transport's callbacks come on that thread too.
#include "mesos/client.h"

#include <pthread.h>

#include <cmath>
#include <mutex>
#include <optional>
#include <random>
#include <thread>
#include <utility>

#include "base/log.h"
#include "mesos/call_queue.h"
#include "mesos/call_sender.h"
#include "mesos/call_writer.h"
#include "mesos/event_parser.h"
#include "mesos/mesos_url.h"
#include "mesos/reconnect.h"
#include "mesos/transport.h"

namespace ostler::mesos {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr double kDefaultHeartbeat_s = 15;  // what Mesos uses, should SUBSCRIBED not say
constexpr int kMaxRedirects = 5;
constexpr size_t kMaxShown = 300;  // of an error page

std::function<double()> default_random() {
  auto engine = std::make_shared<std::minstd_rand>(std::random_device{}());
  return [engine] { return std::uniform_real_distribution<double>(0, 1)(*engine); };
}

std::string http_problem(const HttpOutcome& outcome) {
  std::string text = "HTTP " + std::to_string(outcome.head.status);
  if (!outcome.body.empty()) text += ": " + outcome.body.substr(0, kMaxShown);
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

// After these the master will never take this framework id again, or another
// instance holds it: subscribing again would only throw that one out in turn.
bool is_final(std::string_view message) {
  return message.find("Framework has been removed") != std::string_view::npos ||
         message.find("Framework failed over") != std::string_view::npos;
}

}  // namespace

class SchedulerClient::Impl {
 public:
  Impl(ClientConfig config, std::function<void(Event)> sink)
      : config_(std::move(config)),
        sink_(std::move(sink)),
        queue_(config_.max_queued_calls),
        sender_(
            queue_, transport_, [this](const Call& call) { return call_request(call); },
            [this](event::CallRejected&& rejected) { sink_(std::move(rejected)); }),
        framework_(config_.framework),
        parser_({.framework_id = framework_.id, .roles = framework_.roles}),
        reconnect_(config_.masters, config_.backoff_min, config_.backoff_max,
                   config_.random ? config_.random : default_random()) {}

  void start() {
    thread_ = std::thread([this] {
      pthread_setname_np(pthread_self(), "mesos");
      run();
    });
  }

  void set_framework_id(std::string id) {
    {
      const std::lock_guard lock(mutex_);
      new_framework_id_ = std::move(id);
    }
    transport_.wake();
  }

  void send(Call call) {
    const std::string name(call_name(call));
    const std::string_view dropped = queue_.push(std::move(call));
    if (dropped.empty()) {
      transport_.wake();
    } else {
      log::debug("a call is dropped", {{"call", name}, {"because", std::string(dropped)}});
    }
  }

  bool settle(milliseconds timeout) { return queue_.settle(timeout); }

  void stop(milliseconds timeout) {
    {
      const std::lock_guard lock(mutex_);
      if (!stop_at_) stop_at_ = Clock::now() + timeout;
    }
    queue_.open(false);
    transport_.wake();
    if (thread_.joinable()) thread_.join();
  }

  std::string status() const {
    const std::lock_guard lock(mutex_);
    if (!retry_at_) return status_;
    const auto left = std::chrono::duration<double>(*retry_at_ - Clock::now()).count();
    return status_ + "; trying again in " + std::to_string(std::max(0L, std::lround(std::ceil(left)))) + " s";
  }

 private:
  enum class Phase { kWaiting, kSubscribing, kSubscribed, kResting };

  // ---- the loop

  void run() {
    next_attempt_ = Clock::now();
    while (!is_over()) {
      take_framework_id();
      const auto now = Clock::now();
      if (phase_ == Phase::kWaiting && now >= next_attempt_) {
        target_ = api_url(reconnect_.master());
        redirects_ = 0;
        subscribe();
      }
      if (has_stream() && now >= deadline_) check_deadline();
      if (phase_ == Phase::kSubscribed) sender_.send();
      transport_.poll(time_to_wait());
    }
    transport_.cancel(stream_);
    set_status("stopped", std::nullopt);
    queue_.drop_queued();
    sender_.drop_all();
  }

  bool has_stream() const { return phase_ == Phase::kSubscribing || phase_ == Phase::kSubscribed; }

  bool is_over() {
    const std::lock_guard lock(mutex_);
    if (!stop_at_) return false;
    const bool has_work = phase_ == Phase::kSubscribed && (!sender_.is_idle() || !queue_.is_empty());
    return !has_work || Clock::now() >= *stop_at_;
  }

  milliseconds time_to_wait() {
    auto until = Clock::now() + std::chrono::hours(1);
    if (phase_ == Phase::kWaiting) until = next_attempt_;
    if (has_stream()) until = deadline_;
    {
      const std::lock_guard lock(mutex_);
      if (stop_at_) until = std::min(until, *stop_at_);
    }
    if (phase_ == Phase::kSubscribed && sender_.is_ready()) return milliseconds(0);
    const auto left = std::chrono::ceil<milliseconds>(until - Clock::now());
    return std::max(left, milliseconds(0));
  }

  void take_framework_id() {
    std::optional<std::string> id;
    {
      const std::lock_guard lock(mutex_);
      id.swap(new_framework_id_);
    }
    if (!id) return;
    learn_framework_id(std::move(*id));
    if (phase_ == Phase::kResting) {
      phase_ = Phase::kWaiting;
      next_attempt_ = Clock::now();
    }
  }

  void learn_framework_id(std::string id) {
    framework_.id = std::move(id);
    parser_.set_framework_id(framework_.id);
  }

  void set_status(std::string text, std::optional<Clock::time_point> retry_at) {
    const std::lock_guard lock(mutex_);
    status_ = std::move(text);
    retry_at_ = retry_at;
    queue_.open(phase_ == Phase::kSubscribed && !stop_at_);
  }

  // ---- the stream

  HttpRequest request(std::string body) const {
    HttpRequest request;
    request.url = target_;
    request.body = std::move(body);
    request.headers = {"Content-Type: application/json", "Accept: application/json"};
    if (!config_.principal.empty() && !config_.secret.empty()) {
      request.user = config_.principal;
      request.password = config_.secret;
    }
    request.ca_file = config_.ca_file;
    request.connect_timeout = config_.connect_timeout;
    return request;
  }

  HttpRequest call_request(const Call& call) const {
    HttpRequest post = request(write_call(call, framework_.id));
    post.headers.push_back("Mesos-Stream-Id: " + stream_header_);
    post.timeout = config_.call_timeout;
    return post;
  }

  void subscribe() {
    phase_ = Phase::kSubscribing;
    deadline_ = Clock::now() + config_.subscribe_timeout;
    heartbeat_s_ = kDefaultHeartbeat_s;
    stream_header_.clear();
    gave_up_because_.clear();
    refusal_.clear();
    reader_.emplace(config_.max_record);
    set_status("subscribing to " + label(), std::nullopt);
    stream_ = transport_.post(
        request(write_subscribe(framework_)),
        [this](const HttpHead& head, std::string_view data) { return take_bytes(head, data); },
        [this](HttpOutcome&& outcome) { stream_done(std::move(outcome)); });
  }

  std::string label() const { return master_label(target_); }

  // False: this is not a stream that we can go on with; gave_up_because_ says why.
  bool take_bytes(const HttpHead& head, std::string_view data) {
    stream_header_ = head.stream_id;
    if (phase_ == Phase::kSubscribed) heard();
    const Result<void> fed =
        reader_->feed(data, [this](std::string&& record) { take_record(std::move(record)); });
    if (!fed && gave_up_because_.empty()) gave_up_because_ = fed.error().text();
    return gave_up_because_.empty();
  }

  void heard() {
    deadline_ = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                   std::chrono::duration<double>(heartbeat_s_ * config_.heartbeat_tolerance));
  }

  void take_record(std::string&& record) {
    if (!gave_up_because_.empty()) return;
    Result<EventParser::Parsed> parsed = parser_.parse(std::move(record));
    if (!parsed) {
      // The framing is sound, so the next record can be read; this one is lost.
      log::error("the master sent an event that cannot be read",
                 {{"master", label()}, {"problem", parsed.error().text()}});
      if (phase_ != Phase::kSubscribed)
        gave_up_because_ = "its first event cannot be read: " + parsed.error().text();
      return;
    }
    if (!parsed->event) return;
    if (auto* subscribed = std::get_if<event::Subscribed>(&*parsed->event)) {
      if (subscribed->framework_id.empty()) {
        gave_up_because_ = "its SUBSCRIBED has no framework id";
        return;
      }
      become_subscribed(*subscribed, parsed->heartbeat_interval_s);
    } else if (const auto* error = std::get_if<event::Error>(&*parsed->event)) {
      refusal_ = error->message;
    } else if (phase_ != Phase::kSubscribed) {
      return;  // nothing is true before SUBSCRIBED
    }
    sink_(std::move(*parsed->event));
  }

  void become_subscribed(event::Subscribed& subscribed, double heartbeat_s) {
    subscribed.master = label();
    if (heartbeat_s > 0 && heartbeat_s < 86400) heartbeat_s_ = heartbeat_s;
    heard();
    learn_framework_id(subscribed.framework_id);
    reconnect_.succeeded();
    phase_ = Phase::kSubscribed;
    set_status("subscribed to " + label(), std::nullopt);
    log::info("subscribed", {{"master", label()}, {"framework", framework_.id}});
  }

  void check_deadline() {
    transport_.poll(milliseconds(0));  // it may be us who were asleep
    if (!has_stream() || Clock::now() < deadline_) return;
    transport_.cancel(stream_);
    const bool was_subscribed = phase_ == Phase::kSubscribed;
    const auto silence = was_subscribed ? heartbeat_s_ * config_.heartbeat_tolerance
                                        : std::chrono::duration<double>(config_.subscribe_timeout).count();
    char text[32];
    std::snprintf(text, sizeof text, "%g s", silence);
    if (was_subscribed) {
      stream_lost("no heartbeat for " + std::string(text));
    } else {
      attempt_failed("no answer from " + label() + " within " + text);
    }
  }

  void stream_done(HttpOutcome&& outcome) {
    const int status = outcome.head.status;
    if (status >= 300 && status < 400 && !outcome.redirect_url.empty()) return follow(outcome.redirect_url);
    if (status == 0) return attempt_failed("cannot reach " + label() + ": " + outcome.error);
    if (status != 200) return attempt_failed(label() + " answered " + http_problem(outcome));

    std::string reason = gave_up_because_;
    if (reason.empty() && !refusal_.empty()) reason = refusal_;
    if (reason.empty()) {
      reason = outcome.error.empty() ? "the master closed the stream" : outcome.error;
      if (!reader_->is_between_records()) reason += " in the middle of a record";
    }
    if (phase_ == Phase::kSubscribed) {
      stream_lost(std::move(reason));
    } else if (!refusal_.empty()) {
      wait("refused by " + label() + ": " + reason, reconnect_.after_loss());
    } else {
      attempt_failed("no subscription from " + label() + ": " + reason);
    }
  }

  void follow(const std::string& url) {
    if (++redirects_ > kMaxRedirects)
      return attempt_failed("the masters redirect to each other, last to " + master_label(url));
    if (target_.starts_with("https:") && !url.starts_with("https:")) {
      return attempt_failed(label() + " redirects from https to http, which is not followed");
    }
    log::debug("following the leader", {{"from", label()}, {"to", master_label(url)}});
    target_ = api_url(url);
    subscribe();
  }

  void attempt_failed(std::string problem) { wait(std::move(problem), reconnect_.after_failure()); }

  void stream_lost(std::string reason) {
    phase_ = Phase::kWaiting;
    queue_.open(false);
    for (const Call& call : queue_.drop_queued()) {
      log::debug("a call is dropped",
                 {{"call", std::string(call_name(call))}, {"because", "the stream ended"}});
    }
    sender_.fail_all("the stream ended before the answer came");
    wait("lost " + label() + ": " + reason, reconnect_.after_loss());
    sink_(event::Disconnected{std::move(reason)});
  }

  void wait(std::string problem, milliseconds delay) {
    if (is_final(refusal_)) {
      phase_ = Phase::kResting;
      log::error("the master will not have this framework any more",
                 {{"master", label()}, {"reason", refusal_}});
      return set_status("refused by " + label() + ": " + refusal_, std::nullopt);
    }
    phase_ = Phase::kWaiting;
    next_attempt_ = Clock::now() + delay;
    log::warning(problem, {{"retry_ms", std::to_string(delay.count())}});
    set_status(std::move(problem), next_attempt_);
  }

  const ClientConfig config_;
  const std::function<void(Event)> sink_;
  Transport transport_;  // only wake() from other threads
  std::thread thread_;

  CallQueue queue_;
  CallSender sender_;

  mutable std::mutex mutex_;  // guards the next four
  std::optional<std::string> new_framework_id_;
  std::optional<Clock::time_point> stop_at_;
  std::string status_ = "not started";
  std::optional<Clock::time_point> retry_at_;

  FrameworkInfo framework_;
  EventParser parser_;
  Reconnect reconnect_;
  Phase phase_ = Phase::kWaiting;
  Clock::time_point next_attempt_;
  Clock::time_point deadline_;  // of the stream
  std::string target_;          // URL of the master that we talk to
  int redirects_ = 0;
  double heartbeat_s_ = kDefaultHeartbeat_s;
  std::optional<RecordReader> reader_;
  std::string stream_header_;
  std::string gave_up_because_;
  std::string refusal_;  // of the ERROR event, if one came
  Transport::Id stream_ = 0;
};

SchedulerClient::SchedulerClient(ClientConfig config, std::function<void(Event)> sink)
    : impl_(std::make_unique<Impl>(std::move(config), std::move(sink))) {}
SchedulerClient::~SchedulerClient() { impl_->stop(milliseconds(0)); }
void SchedulerClient::start() { impl_->start(); }
void SchedulerClient::set_framework_id(std::string framework_id) {
  impl_->set_framework_id(std::move(framework_id));
}
void SchedulerClient::send(Call call) { impl_->send(std::move(call)); }
bool SchedulerClient::settle(milliseconds timeout) { return impl_->settle(timeout); }
void SchedulerClient::stop(milliseconds timeout) { impl_->stop(timeout); }
std::string SchedulerClient::status() const { return impl_->status(); }

}  // namespace ostler::mesos
