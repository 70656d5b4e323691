// Turns what the host answers into the bytes of an HTTP/1.1 reply.
#pragma once

#include <ostler/http.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace ostler::http {

// Collects one reply: the callee of ostler_http_response_t.
class ResponseCollector {
 public:
  ostler_http_response_t table();

  // The bytes for the wire. A reply without a head becomes a 500 without a body.
  // `date` is the Date header's value.
  std::string frame(bool is_head_request, bool close, bool is_http_1_0, std::string_view date) const;

 private:
  uint32_t status_ = 0;
  std::string headers_;
  std::string body_;
};

// A reply of the server's own: plain text, the connection closes after it.
std::string error_reply(uint32_t status, std::string_view text, std::string_view date);

// The current time as an HTTP date; made once a second and thread.
std::string_view http_date();

}  // namespace ostler::http
