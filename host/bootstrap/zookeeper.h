// What a ZooKeeper task asks its server: ready? and, how are you?
//
// Four-letter words over a plain connection, so that neither a Java runtime nor
// netcat is needed for a readiness check.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"
#include "bootstrap/task.h"

namespace ostler::bootstrap {

// Sends `word` to "host:port" and returns the whole answer (at most 1 MiB).
Result<std::string> ask_zookeeper(const std::string& address, std::string_view word, const Environment& env,
                                  std::chrono::milliseconds timeout);

// The server's mode ("leader", "follower", "observer", "standalone") when it
// serves requests; an error that says why not otherwise.
Result<std::string> zookeeper_mode(std::string_view srvr_answer);

// Gauges in statsd's format, one a line, from an answer to `mntr`.
std::string statsd_lines(std::string_view mntr_answer);

// Sends the server's metrics to STATSD_UDP_HOST:STATSD_UDP_PORT again and again,
// until the process is stopped. Without these, or with ENABLE_METRICS=false, it
// only waits.
[[noreturn]] void report_metrics(const std::string& address, const Environment& env,
                                 std::chrono::milliseconds interval, std::chrono::milliseconds timeout);

}  // namespace ostler::bootstrap
