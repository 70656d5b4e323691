// A server that answers four-letter words as it is told to, and hangs up on everything else:
// an ensemble that says that it serves and commits nothing.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>

namespace ostler::test {

class TalkativeServer {
 public:
  explicit TalkativeServer(std::string answer) : answer_(std::move(answer)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        listen(listener_, 16) != 0 ||
        getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
      throw std::runtime_error("no listener on the loopback");
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~TalkativeServer() {
    shutdown(listener_, SHUT_RDWR);  // ends accept()
    thread_.join();
    close(listener_);
  }
  TalkativeServer(const TalkativeServer&) = delete;
  TalkativeServer& operator=(const TalkativeServer&) = delete;

  uint16_t port() const { return port_; }
  // How many connections were no four-letter word.
  int sessions_refused() const { return refused_; }

 private:
  void serve() {
    for (int fd; (fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC)) >= 0; close(fd)) {
      char word[4] = "";
      if (recv(fd, word, sizeof word, MSG_WAITALL) == sizeof word && std::string(word, 4) == "mntr") {
        send(fd, answer_.data(), answer_.size(), MSG_NOSIGNAL);
      } else {
        ++refused_;
      }
    }
  }

  const std::string answer_;
  const int listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  uint16_t port_ = 0;
  std::atomic<int> refused_{0};
  std::thread thread_;
};

}  // namespace ostler::test
