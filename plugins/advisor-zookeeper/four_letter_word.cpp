#include "four_letter_word.h"

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

namespace ostler::advisor {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kMaxAnswer = 64 * 1024;

struct Socket {
  int fd = -1;
  ~Socket() {
    if (fd >= 0) close(fd);
  }
};

// Waits until `fd` is ready; false after the deadline.
bool ready(int fd, short events, Clock::time_point deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return false;
    pollfd one{fd, events, 0};
    const int count = poll(&one, 1, static_cast<int>(std::min<long long>(left, 60000)));
    if (count > 0) return true;
    if (count < 0 && errno != EINTR) return false;
  }
}

std::string last_error() { return std::strerror(errno); }

}  // namespace

std::string four_letter_word(const std::string& host, uint16_t port, std::string_view word,
                             Clock::time_point deadline, std::string& problem) {
  const auto failed = [&](const std::string& why) {
    problem = "cannot be asked: " + why;
    return std::string();
  };
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found); error != 0)
    return failed(gai_strerror(error));
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, freeaddrinfo);

  const Socket socket{::socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (socket.fd < 0) return failed(last_error());
  if (connect(socket.fd, found->ai_addr, found->ai_addrlen) != 0) {
    if (errno != EINPROGRESS) return failed(last_error());
    if (!ready(socket.fd, POLLOUT, deadline)) return failed("no connection in time");
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(socket.fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return failed(std::strerror(error));
  }
  if (send(socket.fd, word.data(), word.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(word.size()))
    return failed(last_error());
  std::string answer;
  while (answer.size() < kMaxAnswer) {
    if (!ready(socket.fd, POLLIN, deadline)) return failed("no answer in time");
    char buffer[4096];
    const ssize_t count = recv(socket.fd, buffer, sizeof buffer, 0);
    if (count == 0) break;  // the server closes after its answer
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (count < 0) return failed(last_error());
    answer.append(buffer, static_cast<size_t>(count));
  }
  return answer;
}

}  // namespace ostler::advisor
