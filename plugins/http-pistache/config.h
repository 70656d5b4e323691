// What the manifest may say about the server.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ostler::http {

struct Config {
  uint16_t port = 0;                // 0: the system chooses
  std::string address = "0.0.0.0";  // a numeric IPv4 or IPv6 address
  uint32_t threads = 2;
  // Of a body; headers have half of it, up to 32 KiB. A specification with its config templates
  // (of HDFS: 400 KiB) is posted to be previewed, and ZooKeeper keeps none of more than 1 MiB.
  uint32_t max_request_bytes = 1024 * 1024;
  uint32_t max_connections = 512;
  uint32_t request_timeout_ms = 10'000;  // from a request's first byte to its last
  uint32_t idle_timeout_ms = 60'000;     // between two requests of a connection
  uint32_t write_timeout_ms = 10'000;    // during which a client must take some of its reply

  // Reads and checks JSON text. Throws plugin::Error with a JSON pointer; the message
  // names all that is wrong with the keys at once.
  static Config parse(std::string_view json);
};

extern const char kConfigSchema[];

}  // namespace ostler::http
