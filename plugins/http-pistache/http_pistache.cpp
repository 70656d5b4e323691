// The plugin io.ostler.http.pistache: a small HTTP/1.1 server in front of the host's API.
//
// Reading order: config.h, request_parser.h, response.h, connection.h, transport.h, acceptor.h.
// No TLS: Pistache's blocks the acceptor during the handshake; put a proxy in front.
#include <sys/resource.h>

#include <algorithm>
#include <ostler/plugin.hpp>

#include "acceptor.h"
#include "config.h"

namespace ostler::http {
namespace {

// A descriptor is needed for more than clients: half of them is the most we take.
uint32_t affordable_connections(uint32_t wanted) {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == RLIM_INFINITY) return wanted;
  return static_cast<uint32_t>(std::min<rlim_t>(wanted, std::max<rlim_t>(files.rlim_cur / 2, 1)));
}

class HttpPistache final : public plugin::Http {
 public:
  HttpPistache(plugin::Host host, std::string_view config)
      : host_(host), shared_(std::make_shared<Shared>()) {
    shared_->config = Config::parse(config);
    shared_->api = host.service<ostler_host_api_t>(OSTLER_HOST_API_1);
    if (shared_->api == nullptr) {
      throw plugin::Error(OSTLER_FAILED_PRECONDITION, "this host offers no '" OSTLER_HOST_API_1 "' to serve");
    }
  }

  void start(uint32_t /*timeout_ms*/) override {
    Config& config = shared_->config;
    if (const uint32_t most = affordable_connections(config.max_connections); most < config.max_connections) {
      host_.log(OSTLER_LOG_WARNING, "the limit of open files allows " + std::to_string(most) +
                                        " connections at a time; max_connections is " +
                                        std::to_string(config.max_connections));
      config.max_connections = most;
    }
    const bool is_v6 = config.address.find(':') != std::string::npos;
    const std::string host = is_v6 ? "[" + config.address + "]" : config.address;
    try {
      acceptor_ = std::make_unique<Acceptor>(config.address, config.port, static_cast<int>(config.threads),
                                             shared_, [this](const std::string& why) { tell(why); });
    } catch (const std::exception& e) {
      throw plugin::Error(OSTLER_UNAVAILABLE,
                          "cannot listen on " + host + ":" + std::to_string(config.port) + ": " + e.what(),
                          config.port == 0 ? "/address" : "/port");
    }
    address_ = host + ":" + std::to_string(acceptor_->port());
    host_.log(OSTLER_LOG_INFO, "listening on " + address_);
  }

  // Handlers are synchronous, so once the workers are joined no request is in one.
  void stop(uint32_t timeout_ms) noexcept override {
    shared_->drain_until = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
    shared_->is_draining = true;
    acceptor_.reset();
  }

  std::string address() override { return address_; }

 private:
  void tell(const std::string& why) const {
    if (why.empty()) return host_.log(OSTLER_LOG_INFO, "connections are taken again");
    host_.log(OSTLER_LOG_WARNING, "no connection can be taken: " + why +
                                      "; clients wait until descriptors are free (LimitNOFILE, ulimit -n)");
  }

  plugin::Host host_;
  std::shared_ptr<Shared> shared_;
  std::unique_ptr<Acceptor> acceptor_;
  std::string address_;
};

}  // namespace
}  // namespace ostler::http

OSTLER_LIBRARY(ostler::plugin::describe<ostler::http::HttpPistache>(
    "io.ostler.http.pistache", OSTLER_HTTP_1, "0.1.0", "Ostler", "serves the API over HTTP/1.1 with Pistache",
    ostler::http::kConfigSchema, 0))
