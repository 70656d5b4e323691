// Calls the exporters that push, each at its own interval, on a thread of its own.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "base/metrics.h"
#include "plugins/metrics_plugin.h"

namespace ostler::shell {

class MetricsPusher {
 public:
  // Both must outlive it. No thread when nobody pushes.
  MetricsPusher(const std::vector<plugins::MetricsExporter>& exporters, const MetricsRegistry& metrics);
  ~MetricsPusher();
  MetricsPusher(const MetricsPusher&) = delete;
  MetricsPusher& operator=(const MetricsPusher&) = delete;

 private:
  void run();

  std::vector<const plugins::MetricsExporter*> pushers_;
  const MetricsRegistry& metrics_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace ostler::shell
