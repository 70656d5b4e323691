#include "sender.h"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ostler/plugin.hpp>

namespace ostler::metrics {
namespace {
constexpr std::chrono::seconds kBetweenAttempts{60};
}

Sender::~Sender() {
  if (socket_ >= 0) close(socket_);
}

void Sender::fail(const std::string& what) {
  if (socket_ >= 0) close(socket_);
  socket_ = -1;
  throw plugin::Error(OSTLER_UNAVAILABLE,
                      "statsd at '" + host_ + "', port " + std::to_string(port_) + ": " + what);
}

void Sender::connect() {
  const auto now = std::chrono::steady_clock::now();
  if (!failure_.empty() && now < next_attempt_) fail(failure_);
  next_attempt_ = now + kBetweenAttempts;
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  const int code = getaddrinfo(host_.c_str(), std::to_string(port_).c_str(), &hints, &found);
  if (code != 0) fail(failure_ = std::string("the name has no address: ") + gai_strerror(code));
  failure_ = "no address can be used";
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    socket_ = socket(one->ai_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (socket_ >= 0 && ::connect(socket_, one->ai_addr, one->ai_addrlen) == 0) break;
    failure_ = std::strerror(errno);
    if (socket_ >= 0) close(socket_);
    socket_ = -1;
  }
  freeaddrinfo(found);
  if (socket_ < 0) fail(failure_);
  failure_.clear();
}

void Sender::send(const std::vector<std::string>& datagrams) {
  if (datagrams.empty()) return;
  if (socket_ < 0) connect();
  for (const std::string& datagram : datagrams) {
    // A full buffer loses a datagram, as the network may; waiting would hold up the rest.
    if (::send(socket_, datagram.data(), datagram.size(), MSG_NOSIGNAL) < 0 && errno != EAGAIN &&
        errno != EINTR) {
      // ECONNREFUSED: nobody listened to the datagram before.
      fail(std::strerror(errno));
    }
  }
}

}  // namespace ostler::metrics
