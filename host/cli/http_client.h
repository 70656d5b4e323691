// One HTTP request to a scheduler's API, for the commands of an operator.
#pragma once

#include <chrono>
#include <string>

namespace ostler::cli {

struct HttpCall {
  std::string method = "GET";  // or "POST"
  std::string url;
  std::string body;
  std::string token;  // "Authorization: token=..."; empty: none
  std::chrono::seconds timeout{20};
};

struct HttpAnswer {
  int status = 0;  // 0: there was no answer
  std::string body;
  std::string error;  // why there was none
};

// Follows no redirect, uses no proxy, and takes answers of at most 64 MiB.
HttpAnswer call_http(const HttpCall& call);

// Text as a component of a path or a value of a query.
std::string url_encode(const std::string& text);

}  // namespace ostler::cli
