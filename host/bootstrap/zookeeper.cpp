// A blocking connection with one deadline for all of it.
#include "bootstrap/zookeeper.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <thread>

#include "bootstrap/resolve.h"

namespace ostler::bootstrap {
namespace {

constexpr size_t kMaxAnswerBytes = 1 << 20;
// A datagram of this size passes every network unfragmented.
constexpr size_t kMaxDatagramBytes = 1400;

class Socket {
 public:
  explicit Socket(int fd) : fd_(fd) {}
  ~Socket() {
    if (fd_ >= 0) close(fd_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

struct Endpoint {
  sockaddr_storage address{};
  socklen_t length = 0;
};

Result<Endpoint> find_endpoint(const std::string& address, const Environment& env) {
  const size_t colon = address.rfind(':');
  uint16_t port = 0;
  const char* end = address.data() + address.size();
  const bool has_port = colon != std::string::npos && colon > 0 &&
                        std::from_chars(address.data() + colon + 1, end, port).ptr == end && port != 0;
  if (!has_port) return Error{Code::kInvalidArgument, "found '" + address + "', expected host:port", {}};
  const std::string host = address.substr(0, colon);
  Endpoint endpoint;
  for (const std::string& candidate : resolve(host, env)) {
    auto* v4 = reinterpret_cast<sockaddr_in*>(&endpoint.address);
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&endpoint.address);
    if (inet_pton(AF_INET, candidate.c_str(), &v4->sin_addr) == 1) {
      v4->sin_family = AF_INET;
      v4->sin_port = htons(port);
      endpoint.length = sizeof *v4;
      return endpoint;
    }
    if (inet_pton(AF_INET6, candidate.c_str(), &v6->sin6_addr) == 1) {
      v6->sin6_family = AF_INET6;
      v6->sin6_port = htons(port);
      endpoint.length = sizeof *v6;
      return endpoint;
    }
  }
  return Error{Code::kNotFound, "'" + host + "' does not resolve", {}};
}

class Deadline {
 public:
  explicit Deadline(std::chrono::milliseconds timeout) : end_(std::chrono::steady_clock::now() + timeout) {}

  // False when the time is over.
  bool wait(int fd, short events) const {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end_ - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    pollfd poll_on{fd, events, 0};
    return poll(&poll_on, 1, static_cast<int>(left.count())) > 0;
  }

 private:
  std::chrono::steady_clock::time_point end_;
};

Error unreachable(const std::string& address, const char* what) {
  return {Code::kUnavailable, "'" + address + "' " + what, {}};
}

bool is_number(std::string_view text) {
  double number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size() &&
         text.find_first_of("inIN") == std::string_view::npos;
}

}  // namespace

Result<std::string> ask_zookeeper(const std::string& address, std::string_view word, const Environment& env,
                                  std::chrono::milliseconds timeout) {
  auto endpoint = find_endpoint(address, env);
  if (!endpoint) return endpoint.error();
  const Deadline deadline(timeout);
  const Socket socket(::socket(endpoint->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (socket.fd() < 0) return unreachable(address, "cannot be reached: no socket");
  if (connect(socket.fd(), reinterpret_cast<const sockaddr*>(&endpoint->address), endpoint->length) != 0) {
    if (errno != EINPROGRESS) return unreachable(address, std::strerror(errno));
    if (!deadline.wait(socket.fd(), POLLOUT))
      return unreachable(address, "did not accept the connection in time");
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(socket.fd(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return unreachable(address, std::strerror(error));
  }
  // Four bytes always fit into a fresh connection's buffer.
  if (send(socket.fd(), word.data(), word.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(word.size())) {
    return unreachable(address, "closed the connection");
  }
  std::string answer;
  char buffer[4096];
  for (;;) {
    if (!deadline.wait(socket.fd(), POLLIN)) return unreachable(address, "did not answer in time");
    const ssize_t size = recv(socket.fd(), buffer, sizeof buffer, 0);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (size < 0) return unreachable(address, "broke the connection");
    if (size == 0) return answer;
    answer.append(buffer, static_cast<size_t>(size));
    if (answer.size() > kMaxAnswerBytes) return unreachable(address, "answers without end");
  }
}

Result<std::string> zookeeper_mode(std::string_view srvr_answer) {
  const std::string_view label = "Mode: ";
  const size_t at = srvr_answer.find(label);
  // Without a quorum the answer is one sentence that says so.
  if (at == std::string_view::npos) {
    const std::string said(srvr_answer.substr(0, std::min<size_t>(srvr_answer.find('\n'), 200)));
    return Error{Code::kUnavailable,
                 said.empty() ? "it closed the connection without an answer" : "it says: " + said,
                 {}};
  }
  std::string_view mode = srvr_answer.substr(at + label.size());
  mode = mode.substr(0, mode.find_first_of("\r\n"));
  for (const std::string_view serving : {"leader", "follower", "observer", "standalone"}) {
    if (mode == serving) return std::string(mode);
  }
  return Error{Code::kUnavailable,
               "its mode is '" + std::string(mode) + "', expected leader, follower or observer",
               {}};
}

std::string statsd_lines(std::string_view mntr_answer) {
  std::string lines;
  while (!mntr_answer.empty()) {
    const size_t end = std::min(mntr_answer.find('\n'), mntr_answer.size());
    const std::string_view row = mntr_answer.substr(0, end);
    mntr_answer.remove_prefix(std::min(end + 1, mntr_answer.size()));
    const size_t tab = row.find('\t');
    if (tab == std::string_view::npos || !row.starts_with("zk_")) continue;
    std::string_view value = row.substr(tab + 1);
    while (value.ends_with('\r') || value.ends_with(' ')) value.remove_suffix(1);
    const std::string_view name = row.substr(3, tab - 3);
    if (name == "server_state") {
      lines.append("zookeeper.is_leader:").append(value == "leader" ? "1" : "0").append("|g\n");
    } else if (is_number(value) && name.find_first_of(":|@{ ") == std::string_view::npos) {
      // statsd takes a leading minus for a difference; nothing here is meant so.
      if (value.starts_with('-')) lines.append("zookeeper.").append(name).append(":0|g\n");
      lines.append("zookeeper.").append(name).append(":").append(value).append("|g\n");
    }
  }
  return lines;
}

namespace {

void send_to_statsd(const std::string& lines, const std::string& target, const Environment& env) {
  const auto endpoint = find_endpoint(target, env);
  if (!endpoint) return;
  const Socket socket(::socket(endpoint->address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (socket.fd() < 0) return;
  for (size_t begin = 0; begin < lines.size();) {
    size_t end = lines.size();
    if (end - begin > kMaxDatagramBytes) {
      const size_t newline = lines.rfind('\n', begin + kMaxDatagramBytes);
      end = newline == std::string::npos || newline < begin ? begin + kMaxDatagramBytes : newline + 1;
    }
    // A lost datagram is a lost sample; the next one follows.
    sendto(socket.fd(), lines.data() + begin, end - begin, MSG_NOSIGNAL,
           reinterpret_cast<const sockaddr*>(&endpoint->address), endpoint->length);
    begin = end;
  }
}

std::string value_of(const Environment& env, const char* name) {
  const auto found = env.find(name);
  return found == env.end() ? std::string() : found->second;
}

}  // namespace

void report_metrics(const std::string& address, const Environment& env, std::chrono::milliseconds interval,
                    std::chrono::milliseconds timeout) {
  const std::string host = value_of(env, "STATSD_UDP_HOST");
  const std::string port = value_of(env, "STATSD_UDP_PORT");
  const std::string enabled = value_of(env, "ENABLE_METRICS");
  if (host.empty() || port.empty() || enabled == "false") {
    std::fprintf(
        stderr, "no metrics are sent: %s\n",
        enabled == "false" ? "ENABLE_METRICS is false" : "STATSD_UDP_HOST or STATSD_UDP_PORT is not set");
    for (;;) pause();
  }
  const std::string target = host + ":" + port;
  std::fprintf(stderr, "sending the metrics of %s to %s\n", address.c_str(), target.c_str());
  for (;;) {
    // A server that is down sends nothing; its absence is what a monitor sees.
    if (const auto answer = ask_zookeeper(address, "mntr", env, timeout)) {
      send_to_statsd(statsd_lines(*answer), target, env);
    }
    std::this_thread::sleep_for(interval);
  }
}

}  // namespace ostler::bootstrap
