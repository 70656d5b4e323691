// A TCP client that sends exactly the bytes it is given.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <string_view>

namespace ostler::test {

// What came back. A missing reply has status 0.
struct RawReply {
  int status = 0;
  std::string head;
  std::string body;
  bool has(std::string_view header_line) const { return head.find(header_line) != std::string::npos; }
};

class RawClient {
 public:
  // `address` is "127.0.0.1:port". A small `receive_buffer` makes a slow reader.
  explicit RawClient(const std::string& address, int receive_buffer = 0)
      : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    if (receive_buffer > 0) ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<uint16_t>(std::atoi(address.substr(address.rfind(':') + 1).c_str())));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    is_connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
  }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  ~RawClient() { ::close(fd_); }

  bool is_connected() const { return is_connected_; }

  // False when the server has gone.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(n));
    }
    return true;
  }
  void end_sending() { ::shutdown(fd_, SHUT_WR); }
  // Closes with a reset instead of a farewell.
  void reset() {
    const linger now{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    ::close(fd_);
    fd_ = -1;
  }

  // The next reply on the connection. `is_head`: it has no body whatever it says.
  RawReply read_reply(bool is_head = false) {
    RawReply reply;
    while (unread_.find("\r\n\r\n") == std::string::npos) {
      if (!read_more()) return reply;
    }
    const size_t end = unread_.find("\r\n\r\n") + 4;
    reply.head = unread_.substr(0, end);
    unread_.erase(0, end);
    reply.status = std::atoi(reply.head.c_str() + 9);
    size_t length = 0;
    if (const size_t at = reply.head.find("Content-Length: "); at != std::string::npos && !is_head) {
      length = std::strtoul(reply.head.c_str() + at + 16, nullptr, 10);
    }
    while (unread_.size() < length) {
      if (!read_more()) return {};
    }
    reply.body = unread_.substr(0, length);
    unread_.erase(0, length);
    return reply;
  }

  RawReply ask(std::string_view request) {
    send(request);
    return read_reply();
  }

  // True when the server drops the connection although bytes are still on their way.
  bool is_cut_off(int timeout_ms = 10'000) const {
    pollfd wait{fd_, POLLRDHUP, 0};
    return ::poll(&wait, 1, timeout_ms) > 0;
  }

  // True when the server ends the stream, with no byte before.
  bool sees_end(int timeout_ms = 10'000) { return unread_.empty() && !read_more(timeout_ms) && ended_; }

 private:
  bool read_more(int timeout_ms = 10'000) {
    pollfd wait{fd_, POLLIN, 0};
    if (::poll(&wait, 1, timeout_ms) <= 0) return false;
    char bytes[65536];
    const ssize_t n = ::recv(fd_, bytes, sizeof bytes, 0);
    ended_ = n <= 0;
    if (n > 0) unread_.append(bytes, static_cast<size_t>(n));
    return n > 0;
  }

  int fd_;
  bool is_connected_ = false;
  bool ended_ = false;
  std::string unread_;
};

}  // namespace ostler::test
