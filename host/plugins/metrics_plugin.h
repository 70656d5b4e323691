// A metrics exporter as the host sees it.
#pragma once

#include <ostler/metrics.h>

#include <chrono>
#include <string>
#include <vector>

#include "plugins/instance.h"

namespace ostler::plugins {

class MetricsExporter {
 public:
  explicit MetricsExporter(Instance& instance);

  const std::string& name() const { return instance_.name(); }

  // Where the host serves render(), or empty for an exporter that only pushes.
  const std::string& path() const { return path_; }
  struct Rendered {
    std::string content_type;
    std::string body;
  };
  // [any-thread]
  Result<Rendered> render(const std::vector<ostler_sample_t>& samples, std::string_view accept) const;

  // How often push() is to be called; 0 for an exporter that only renders.
  std::chrono::milliseconds push_interval() const { return push_interval_; }
  // One caller at a time.
  Result<void> push(const std::vector<ostler_sample_t>& samples, std::chrono::milliseconds timeout) const;

 private:
  Instance& instance_;
  std::string path_;
  std::chrono::milliseconds push_interval_{0};
};

}  // namespace ostler::plugins
