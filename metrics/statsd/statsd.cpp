// The plugin io.ostler.metrics.statsd: pushes metrics over UDP, as the SDK's scheduler does.
//
// Without a host it is idle, so that a manifest can name it for all machines and
// STATSD_UDP_HOST decides.
#include <ostler/plugin.hpp>

#include "lines.h"
#include "sender.h"
#include "support/config.h"

namespace ostler::metrics {
namespace {

constexpr char kSchema[] = R"({
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "host": {"type": "string"},
    "port": {"type": "integer", "minimum": 1, "maximum": 65535, "default": 8125},
    "interval_ms": {"type": "integer", "minimum": 100, "maximum": 86400000, "default": 10000},
    "prefix": {"type": "string"},
    "labels": {"enum": ["name", "tags"], "default": "name"},
    "tags": {"type": "array", "items": {"type": "string"}},
    "max_datagram_bytes": {"type": "integer", "minimum": 64, "maximum": 65507, "default": 1432}
  }
})";

bool is_tag(const std::string& text) {
  return !text.empty() && text.find_first_of(std::string_view("|,#\n\r\0", 6)) == std::string::npos;
}

class Statsd final : public plugin::PushMetrics {
 public:
  Statsd(plugin::Host /*host*/, std::string_view json) {
    support::Config config(json);
    const std::string address = config.text("host", "");
    const auto port = static_cast<uint16_t>(config.whole("port", 8125, 1, 65535));
    interval_ms_ = static_cast<uint32_t>(config.whole("interval_ms", 10'000, 100, 86'400'000));
    options_.prefix = config.text("prefix", "");
    options_.max_datagram_bytes = static_cast<size_t>(config.whole("max_datagram_bytes", 1432, 64, 65507));
    const std::string labels = config.text("labels", "name");
    if (labels != "name" && labels != "tags") config.problem("/labels", "expected \"name\" or \"tags\"");
    options_.labels_as_tags = labels == "tags";
    bool is_list = false;
    options_.tags = config.texts("tags", is_list, /*is_optional=*/true);
    if (!options_.tags.empty() && !options_.labels_as_tags) {
      config.problem("/tags", "expected none, unless 'labels' is \"tags\"");
    }
    for (size_t i = 0; i < options_.tags.size(); ++i) {
      if (is_tag(options_.tags[i])) continue;
      config.problem("/tags/" + std::to_string(i), "expected a text without '|', ',', '#' and line breaks");
    }
    config.finish();
    if (!address.empty()) sender_ = std::make_unique<Sender>(address, port);
  }

  uint32_t push_interval_ms() const noexcept override { return sender_ ? interval_ms_ : 0; }

  void push(const ostler_array_t& samples, uint32_t /*timeout_ms*/) override {
    if (!sender_) return;
    size_t dropped = 0;
    const std::vector<std::string> datagrams = datagrams_of(samples, options_, dropped);
    sender_->send(datagrams);
    if (dropped > 0) {
      throw plugin::Error(OSTLER_RESOURCE_EXHAUSTED,
                          std::to_string(dropped) + " metrics have lines of more than max_datagram_bytes (" +
                              std::to_string(options_.max_datagram_bytes) + ") and were not sent");
    }
  }

 private:
  LineOptions options_;
  uint32_t interval_ms_ = 0;
  std::unique_ptr<Sender> sender_;
};

}  // namespace
}  // namespace ostler::metrics

OSTLER_LIBRARY(ostler::plugin::describe<ostler::metrics::Statsd>("io.ostler.metrics.statsd", OSTLER_METRICS_1,
                                                                 "0.1.0", "Ostler",
                                                                 "pushes metrics to statsd over UDP",
                                                                 ostler::metrics::kSchema))
