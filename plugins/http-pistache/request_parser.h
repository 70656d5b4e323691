// Reads HTTP/1.1 requests from a stream of bytes.
//
// Strict where laxness is dangerous behind a proxy (RFC 9112): one Host, one length,
// no folded headers, no bare line feeds, digits only in Content-Length. Everything is
// bounded, and work is linear in the bytes however they are split. It owns the bytes
// that were fed and not yet used, so pipelined requests come out one by one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ostler::http {

struct ParsedRequest {
  std::string method;
  std::string path;                                          // percent-decoded once
  std::string query;                                         // raw, without '?'
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;
  bool is_http_1_0 = false;
  bool keep_alive = true;
};

class RequestParser {
 public:
  struct Limits {
    size_t target_bytes = 8 * 1024;
    size_t head_bytes = 32 * 1024;  // request line and headers
    size_t headers = 100;
    size_t body_bytes = 64 * 1024;
  };

  enum class State { kNeedsMore, kDone, kFailed };

  explicit RequestParser(const Limits& limits) : limits_(limits) {}

  void feed(std::string_view bytes);

  // Goes on with the current request. After kDone, take() gives it; after kFailed the
  // stream cannot be read further, and error_status() and error_text() say why.
  State parse();
  ParsedRequest take();

  // True once, when the client waits for "100 Continue" before it sends the body.
  bool wants_continue();

  // True when a request has begun and is not complete.
  bool is_mid_request() const { return phase_ != Phase::kHead || !unread().empty(); }
  size_t unread_bytes() const { return unread().size(); }

  uint32_t error_status() const { return error_status_; }
  const std::string& error_text() const { return error_text_; }

 private:
  enum class Phase { kHead, kSizedBody, kChunkSize, kChunkData, kTrailers, kComplete, kFailed };

  bool fail(uint32_t status, std::string text);
  bool parse_head(std::string_view head);
  bool parse_request_line(std::string_view line);
  bool parse_header(std::string_view line);
  bool parse_framing();
  bool step();
  bool read_chunk_size();
  bool read_trailer();
  // The next line without its CRLF, or false when it has not all arrived.
  bool next_line(std::string_view& line, size_t limit);
  void consume(size_t bytes);
  std::string_view unread() const { return std::string_view(buffer_).substr(used_); }

  const Limits limits_;
  std::string buffer_;
  size_t used_ = 0;     // bytes of buffer_ that are consumed
  size_t scanned_ = 0;  // unread bytes already searched for the end of what is read now
  Phase phase_ = Phase::kHead;
  ParsedRequest request_;
  size_t body_left_ = 0;  // of the sized body or of the chunk, with the chunk's CRLF
  size_t trailer_bytes_ = 0;
  bool expects_continue_ = false;
  uint32_t error_status_ = 0;
  std::string error_text_;
};

// Decodes %XX once. False when a '%' is not followed by two hexadecimal digits.
bool percent_decode(std::string_view text, std::string& out);

}  // namespace ostler::http
