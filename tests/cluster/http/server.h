// The HTTP server of ostler-cluster: a thread per connection, one handler for all.
//
// A request comes in as a plain struct and its answer goes out as one, so that the API
// files know nothing of the HTTP library.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace ostler::cluster {

struct HttpRequest {
  std::string method;
  std::string path;
  std::string body;
  std::optional<std::string> content_type;
  std::optional<std::string> accept;
  std::optional<std::string> stream_id;  // Mesos-Stream-Id
};

// Writes some bytes; false when the connection is gone.
using HttpWrite = std::function<bool(const std::string& bytes)>;

struct HttpAnswer {
  int status = 200;
  std::string content_type;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  // A body without end instead: called again and again on the connection's thread.
  // It returns kMore, kEnd (the body ends in order) or kCut (the connection breaks).
  enum class Next : uint8_t { kMore, kEnd, kCut };
  std::function<Next(const HttpWrite& write, bool is_writable)> stream;
  std::function<void()> stream_closed;
};

class HttpServer {
 public:
  using Handler = std::function<HttpAnswer(const HttpRequest&)>;

  // Listens on 127.0.0.1; port 0: any. The error names the port.
  static Result<std::unique_ptr<HttpServer>> listen(int port, Handler handler);
  // Stops listening and waits for the connections; streams must have ended before.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  int port() const { return port_; }

 private:
  struct Inside;
  explicit HttpServer(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
  int port_ = 0;
};

}  // namespace ostler::cluster
