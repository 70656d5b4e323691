#include "shell/metrics_pusher.h"

#include <pthread.h>

#include <algorithm>

#include "base/log.h"

namespace ostler::shell {
namespace {
using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kPushTimeout{1000};
}  // namespace

MetricsPusher::MetricsPusher(const std::vector<plugins::MetricsExporter>& exporters,
                             const MetricsRegistry& metrics)
    : metrics_(metrics) {
  for (const plugins::MetricsExporter& exporter : exporters) {
    if (exporter.push_interval().count() > 0) pushers_.push_back(&exporter);
  }
  if (!pushers_.empty()) thread_ = std::thread([this] { run(); });
}

MetricsPusher::~MetricsPusher() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void MetricsPusher::run() {
  pthread_setname_np(pthread_self(), "metrics");
  std::vector<Clock::time_point> next(pushers_.size(), Clock::now());
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    changed_.wait_until(lock, *std::min_element(next.begin(), next.end()), [&] { return stopping_; });
    for (size_t i = 0; i < pushers_.size() && !stopping_; ++i) {
      if (Clock::now() < next[i]) continue;
      next[i] = Clock::now() + pushers_[i]->push_interval();
      lock.unlock();
      metrics_.visit([&](const std::vector<ostler_sample_t>& samples) {
        const Result<void> pushed = pushers_[i]->push(samples, kPushTimeout);
        if (!pushed.ok()) log::debug("metrics were not pushed: " + pushed.error().text());
      });
      lock.lock();
    }
  }
}

}  // namespace ostler::shell
