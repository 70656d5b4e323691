#include "lines.h"

#include <charconv>
#include <cmath>
#include <ostler/plugin.hpp>

namespace ostler::metrics {
namespace {

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
         c == '-';
}

// ':', '|', '@' and '#' have a meaning in a line, and a line break ends it.
std::string clean(std::string_view text) {
  std::string out;
  for (const char c : text) out += is_name_char(c) ? c : '_';
  return out;
}

// The shortest text that reads as the same number, without an exponent where it is large.
std::string number(double value) {
  char text[400];
  const bool is_plain = std::fabs(value) < 1e15;
  const auto end = is_plain ? std::to_chars(text, text + sizeof text, value, std::chars_format::fixed)
                            : std::to_chars(text, text + sizeof text, value);
  return {text, end.ptr};
}

// Packs lines in the order in which they come.
class Packer {
 public:
  explicit Packer(size_t most) : most_(most) {}

  void add(const std::string& lines) {
    if (lines.size() > most_) {
      ++dropped;
      return;
    }
    if (datagrams.empty() || datagrams.back().size() + 1 + lines.size() > most_) {
      datagrams.push_back(lines);
    } else {
      datagrams.back() += '\n';
      datagrams.back() += lines;
    }
  }

  std::vector<std::string> datagrams;
  size_t dropped = 0;

 private:
  const size_t most_;
};

class Writer {
 public:
  Writer(const LineOptions& options, const ostler_sample_t& sample, Packer& packer) : packer_(packer) {
    if (!options.prefix.empty()) name_ = clean(options.prefix) + ".";
    name_ += clean(plugin::view(sample.name));
    std::vector<std::string> tags;
    if (options.labels_as_tags) tags = options.tags;
    for (uint32_t i = 0; i < sample.labels.count; ++i) {
      const auto* label = OSTLER_AT(ostler_label_t, sample.labels, i);
      if (options.labels_as_tags) {
        tags.push_back(clean(plugin::view(label->name)) + ":" + clean(plugin::view(label->value)));
      } else {
        name_ += "." + clean(plugin::view(label->value));
      }
    }
    for (const std::string& tag : tags) tags_ += (tags_.empty() ? "|#" : ",") + tag;
  }

  void gauge(std::string_view figure, double value) {
    if (!std::isfinite(value)) return;  // no text that readers take
    std::string name = name_;
    if (!figure.empty()) name.append(".").append(figure);
    std::string lines;
    if (value < 0) lines = name + ":0|g" + tags_ + "\n";
    packer_.add(lines + name + ":" + number(value) + "|g" + tags_);
  }

  void timer(const ostler_timer_t& timer) {
    const auto milliseconds = [&](std::string_view figure, double seconds) { gauge(figure, seconds * 1000); };
    milliseconds("max", timer.max);
    milliseconds("mean", timer.mean);
    milliseconds("min", timer.min);
    milliseconds("stddev", timer.stddev);
    for (uint32_t i = 0; i < timer.quantiles.count; ++i) {
      const auto* one = OSTLER_AT(ostler_quantile_t, timer.quantiles, i);
      std::string digits = number(one->quantile);  // "0.999" is p999, "0.5" is p50
      digits.erase(0, digits.find('.') + 1);
      if (digits.size() == 1) digits += '0';
      milliseconds("p" + digits, one->value);
    }
    gauge("samples", static_cast<double>(timer.count));
    gauge("m1_rate", timer.rate_1m);
    gauge("m5_rate", timer.rate_5m);
    gauge("m15_rate", timer.rate_15m);
    gauge("mean_rate", timer.rate_mean);
  }

 private:
  Packer& packer_;
  std::string name_, tags_;
};

}  // namespace

std::vector<std::string> datagrams_of(const ostler_array_t& samples, const LineOptions& options,
                                      size_t& dropped) {
  Packer packer(options.max_datagram_bytes);
  for (uint32_t i = 0; i < samples.count; ++i) {
    const auto* sample = OSTLER_AT(ostler_sample_t, samples, i);
    Writer writer(options, *sample, packer);
    if (sample->type == OSTLER_METRIC_TIMER) {
      writer.timer(sample->timer);
    } else if (sample->type == OSTLER_METRIC_COUNTER || sample->type == OSTLER_METRIC_GAUGE) {
      writer.gauge({}, sample->value);
    }  // a type of a later version is not sent
  }
  dropped = packer.dropped;
  return std::move(packer.datagrams);
}

}  // namespace ostler::metrics
