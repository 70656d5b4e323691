// Metrics as StatsD lines, packed into datagrams.
//
// As the SDK's reporter: everything is a gauge, a timer is one gauge per figure, and
// durations are milliseconds. A gauge below zero would be read as a decrement, so a
// zero goes before it, in the same datagram.
#pragma once

#include <ostler/metrics.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ostler::metrics {

struct LineOptions {
  std::string prefix;             // put before each name, with a dot; empty: none
  bool labels_as_tags = false;    // DogStatsD's "|#name:value"; else values become parts of the name
  std::vector<std::string> tags;  // on each line; needs labels_as_tags
  size_t max_datagram_bytes = 1432;
};

// Datagrams of at most max_datagram_bytes, lines separated by line breaks, none split.
// A line that is longer by itself is left out and counted in `dropped`.
std::vector<std::string> datagrams_of(const ostler_array_t& samples, const LineOptions& options,
                                      size_t& dropped);

}  // namespace ostler::metrics
