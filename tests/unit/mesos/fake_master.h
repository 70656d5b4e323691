// A scripted HTTP server on loopback that plays a Mesos master, byte by byte.
//
// Every connection has a thread that reads requests and hands each to the script,
// which writes whatever it likes and decides whether the connection stays. Tests
// wait for what they expect; nothing sleeps.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace ostler::mesos::testing {

struct Request {
  std::string head;  // request line and headers
  std::string body;
  bool is_subscribe() const { return body.find("\"SUBSCRIBE\"") != std::string::npos; }
};

// One connection, as the script sees it.
class Connection {
 public:
  explicit Connection(int socket, const std::atomic<bool>& stopping) : socket_(socket), stopping_(stopping) {}

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
  }
  void answer(const std::string& status, const std::string& headers = "", const std::string& body = "") {
    send("HTTP/1.1 " + status + "\r\n" + headers + "Content-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body);
  }
  // The head of an event stream.
  void open_stream(const std::string& stream_id = "stream-1") {
    send(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: "
        "chunked\r\nmesos-stream-id: " +
        stream_id + "\r\n\r\n");
  }
  void chunk(std::string_view bytes) {
    char size[32];
    std::snprintf(size, sizeof size, "%zx\r\n", bytes.size());
    send(std::string(size) + std::string(bytes) + "\r\n");
  }
  void event(const std::string& json) { chunk(std::to_string(json.size()) + "\n" + json); }
  void end_stream() { send("0\r\n\r\n"); }

  // Waits until the client closes the connection, or the test is over.
  void wait_for_close() {
    char ignored[256];
    while (!stopping_) {
      pollfd wait{socket_, POLLIN, 0};
      if (::poll(&wait, 1, 20) > 0 && ::recv(socket_, ignored, sizeof ignored, 0) <= 0) return;
    }
  }

  // False: no further request came.
  bool read(Request& request) {
    while (true) {
      const size_t end = buffer_.find("\r\n\r\n");
      if (end != std::string::npos) {
        const size_t at = buffer_.find("Content-Length: ");
        const size_t length = at < end ? std::stoul(buffer_.substr(at + 16)) : 0;
        if (buffer_.size() >= end + 4 + length) {
          request = {buffer_.substr(0, end + 2), buffer_.substr(end + 4, length)};
          buffer_.erase(0, end + 4 + length);
          return true;
        }
      }
      pollfd wait{socket_, POLLIN, 0};
      if (::poll(&wait, 1, 20) < 0 || stopping_) return false;
      if (wait.revents == 0) continue;
      char bytes[4096];
      const ssize_t got = ::recv(socket_, bytes, sizeof bytes, 0);
      if (got <= 0) return false;
      buffer_.append(bytes, static_cast<size_t>(got));
    }
  }

 private:
  const int socket_;
  const std::atomic<bool>& stopping_;
  std::string buffer_;
};

class FakeMaster {
 public:
  // Returns whether the connection stays open for another request. `number` counts
  // the requests of its kind, from 1: SUBSCRIBE or any other call.
  using Script = std::function<bool(Connection& connection, const Request& request, int number)>;

  explicit FakeMaster(Script script) : script_(std::move(script)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    EXPECT_EQ(::listen(listener_, 64), 0);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
  }
  ~FakeMaster() {
    stopping_ = true;
    acceptor_.join();
    for (std::thread& thread : threads_) thread.join();
    ::close(listener_);
  }

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

  // Requests seen so far that are no SUBSCRIBE, once there are `count`.
  std::vector<Request> wait_for_calls(size_t count) { return wait_for(calls_, count); }
  std::vector<Request> wait_for_subscribes(size_t count) { return wait_for(subscribes_, count); }

 private:
  std::vector<Request> wait_for(const std::vector<Request>& list, size_t count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, std::chrono::seconds(20), [&] { return list.size() >= count; }));
    return list;
  }

  void accept_all() {
    while (!stopping_) {
      pollfd wait{listener_, POLLIN, 0};
      if (::poll(&wait, 1, 20) <= 0) continue;
      const int socket = ::accept(listener_, nullptr, nullptr);
      if (socket < 0) continue;
      threads_.emplace_back([this, socket] { serve(socket); });
    }
  }
  void serve(int socket) {
    Connection connection(socket, stopping_);
    Request request;
    bool stays = true;
    while (stays && connection.read(request)) {
      int number = 0;
      {
        const std::lock_guard lock(mutex_);
        auto& list = request.is_subscribe() ? subscribes_ : calls_;
        list.push_back(request);
        number = static_cast<int>(list.size());
      }
      changed_.notify_all();
      stays = script_(connection, request, number);
    }
    ::close(socket);
  }

  const Script script_;
  int listener_ = -1;
  uint16_t port_ = 0;
  std::atomic<bool> stopping_{false};
  std::thread acceptor_;
  std::vector<std::thread> threads_;  // touched by the acceptor, then by the destructor
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Request> subscribes_;
  std::vector<Request> calls_;
};

}  // namespace ostler::mesos::testing
