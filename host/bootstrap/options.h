// bootstrap's flags, by the rules of the Go program it replaces: one dash or
// two, "-flag value" or "-flag=value", booleans only as "-flag" or "-flag=false".
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace ostler::bootstrap {

struct Options {
  bool verbose = false;
  bool print_env = true;
  bool resolve = true;
  bool self_resolve = true;
  std::string resolve_hosts;  // comma list; empty: <TASK_NAME>.<FRAMEWORK_HOST>
  std::chrono::milliseconds resolve_timeout{std::chrono::minutes(5)};  // 0: no limit
  bool render_templates = true;
  uint64_t template_max_bytes = 1 << 20;  // 0: no limit
  bool install_certs = true;
  bool insecure = false;  // accepted; nothing here opens a TLS connection
  bool get_task_ip = false;

  // Ostler's own: what a ZooKeeper task needs and a bare machine does not have.
  std::string zk_ready;    // "host:port"; check it and exit
  std::string zk_metrics;  // "host:port"; report its metrics until stopped
  std::chrono::milliseconds zk_timeout{std::chrono::seconds(5)};
  std::chrono::milliseconds zk_metrics_interval{std::chrono::seconds(10)};

  bool help = false;
};

Result<Options> parse_options(const std::vector<std::string>& arguments);

// One line per flag, with its default.
std::string usage();

// "5m", "1h30m", "1.5s", "300ms", "0". Nothing negative.
Result<std::chrono::milliseconds> parse_duration(const std::string& text);

}  // namespace ostler::bootstrap
