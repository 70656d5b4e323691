// Small HTTP requests, one connection each.
#pragma once

#include <chrono>
#include <string>

namespace ostler::harness {

struct HttpReply {
  int status = 0;  // 0: there was no answer
  std::string body;
  std::string error;  // why there was none
};

// [any-thread] `timeout` is for the whole request.
HttpReply http_get(const std::string& url, std::chrono::milliseconds timeout = std::chrono::seconds(5));
HttpReply http_post(const std::string& url, const std::string& json,
                    std::chrono::milliseconds timeout = std::chrono::seconds(5));

}  // namespace ostler::harness
