// The host's ends of ostler_sink_t: where plugins write their results.
#pragma once

#include <ostler/base.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ostler::plugins {

// Collects everything into one text, up to a limit. What is over it is dropped and
// remembered: no exception may run through the plugin that is writing.
class TextSink {
 public:
  explicit TextSink(size_t limit) : limit_(limit), sink_{this, write} {}
  TextSink(const TextSink&) = delete;
  TextSink& operator=(const TextSink&) = delete;

  const ostler_sink_t* get() const { return &sink_; }
  bool is_over() const { return is_over_; }
  std::string take() { return std::move(text_); }

 private:
  static void write(void* ctx, const void* data, size_t size) {
    auto& self = *static_cast<TextSink*>(ctx);
    if (size > self.limit_ - self.text_.size()) self.is_over_ = true;
    if (self.is_over_ || size == 0) return;
    try {
      self.text_.append(static_cast<const char*>(data), size);
    } catch (...) {
      self.is_over_ = true;
    }
  }

  size_t limit_;
  std::string text_;
  bool is_over_ = false;
  ostler_sink_t sink_;
};

// Collects one item a write().
class ListSink {
 public:
  explicit ListSink(size_t limit) : limit_(limit), sink_{this, write} {}
  ListSink(const ListSink&) = delete;
  ListSink& operator=(const ListSink&) = delete;

  const ostler_sink_t* get() const { return &sink_; }
  bool is_over() const { return is_over_; }
  std::vector<std::string> take() { return std::move(items_); }

 private:
  static void write(void* ctx, const void* data, size_t size) {
    auto& self = *static_cast<ListSink*>(ctx);
    self.bytes_ += size + sizeof(std::string);
    if (self.bytes_ > self.limit_) self.is_over_ = true;
    if (self.is_over_) return;
    try {
      self.items_.emplace_back(static_cast<const char*>(data), size);
    } catch (...) {
      self.is_over_ = true;
    }
  }

  size_t limit_;
  size_t bytes_ = 0;
  std::vector<std::string> items_;
  bool is_over_ = false;
  ostler_sink_t sink_;
};

inline ostler_str_t str(std::string_view text) { return ostler_str_t{text.data(), text.size()}; }
inline std::string_view view(ostler_str_t text) {
  return text.data == nullptr ? std::string_view() : std::string_view(text.data, text.size);
}
inline std::string_view view(ostler_bytes_t bytes) {
  return bytes.data == nullptr ? std::string_view()
                               : std::string_view(reinterpret_cast<const char*>(bytes.data), bytes.size);
}

}  // namespace ostler::plugins
