// Four-letter words, against a server that this test plays.
#include "bootstrap/zookeeper.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <thread>

namespace ostler::bootstrap {
namespace {

using std::chrono::milliseconds;

// Accepts one connection on a free port of 127.0.0.1, reads four bytes, answers
// in two parts and closes; without an answer it stays silent until its end.
class FakeServer {
 public:
  explicit FakeServer(std::string answer) : listener_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(listener_, 1), 0);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, answer] {
      const int client = accept(listener_, nullptr, nullptr);
      if (client < 0) return;
      char word[4] = {};
      asked_.assign(word, static_cast<size_t>(std::max<ssize_t>(0, recv(client, word, 4, MSG_WAITALL))));
      if (answer.empty()) {
        char more;
        recv(client, &more, 1, 0);  // until the asker gives up
      } else {
        const size_t half = answer.size() / 2;
        send(client, answer.data(), half, MSG_NOSIGNAL);
        send(client, answer.data() + half, answer.size() - half, MSG_NOSIGNAL);
      }
      close(client);
    });
  }
  ~FakeServer() {
    shutdown(listener_, SHUT_RDWR);
    if (thread_.joinable()) thread_.join();
    close(listener_);
  }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  // What the client asked; it must have been answered.
  std::string asked() {
    thread_.join();
    return asked_;
  }

 private:
  int listener_;
  uint16_t port_ = 0;
  std::string asked_;
  std::thread thread_;
};

std::string mode(const std::string& answer) {
  const auto found = zookeeper_mode(answer);
  return found.ok() ? *found : found.error().text();
}

TEST(ZooKeeper, IsAskedOverAPlainConnection) {
  FakeServer server("Zookeeper version: 3.8.0\nMode: leader\n");
  const auto answer = ask_zookeeper(server.address(), "srvr", {}, std::chrono::seconds(10));
  ASSERT_TRUE(answer.ok()) << answer.error().text();
  EXPECT_EQ(*answer, "Zookeeper version: 3.8.0\nMode: leader\n");
  EXPECT_EQ(server.asked(), "srvr");
}

TEST(ZooKeeper, MustAnswerInTime) {
  FakeServer server("");
  const auto answer = ask_zookeeper(server.address(), "srvr", {}, milliseconds(50));
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().text(), "'" + server.address() + "' did not answer in time");
}

TEST(ZooKeeper, SaysWhyAnAddressIsNoGood) {
  const auto failure = [](const char* address) {
    return ask_zookeeper(address, "srvr", {{"OSTLER_HOSTS_FILE", "/nowhere"}}, milliseconds(50))
        .error()
        .text();
  };
  EXPECT_EQ(failure("host"), "found 'host', expected host:port");
  EXPECT_EQ(failure("host:0"), "found 'host:0', expected host:port");
  EXPECT_EQ(failure("host:99999"), "found 'host:99999', expected host:port");
  EXPECT_EQ(failure("host:1140"), "'host' does not resolve");
}

TEST(ZooKeeper, IsReadyOnlyWhenItServes) {
  EXPECT_EQ(mode("Zxid: 0x0\nMode: follower\nNode count: 5\n"), "follower");
  EXPECT_EQ(mode("Mode: standalone\r\n"), "standalone");
  EXPECT_EQ(mode("This ZooKeeper instance is not currently serving requests\n"),
            "it says: This ZooKeeper instance is not currently serving requests");
  EXPECT_EQ(mode("srvr is not executed because it is not in the whitelist.\n"),
            "it says: srvr is not executed because it is not in the whitelist.");
  EXPECT_EQ(mode(""), "it closed the connection without an answer");
  EXPECT_EQ(mode("Mode: read-only\n"), "its mode is 'read-only', expected leader, follower or observer");
}

TEST(ZooKeeper, GivesItsNumbersToStatsd) {
  EXPECT_EQ(
      statsd_lines("zk_version\t3.8.0-abc\nzk_server_state\tleader\nzk_avg_latency\t0.25\nzk_znode_count\t5\n"
                   "zk_min\t-1\nzk_nan\tNaN\nbroken line\nother\t5\n"),
      "zookeeper.is_leader:1|g\nzookeeper.avg_latency:0.25|g\nzookeeper.znode_count:5|g\n"
      "zookeeper.min:0|g\nzookeeper.min:-1|g\n");
  EXPECT_EQ(statsd_lines("zk_server_state\tfollower"), "zookeeper.is_leader:0|g\n");
}

}  // namespace
}  // namespace ostler::bootstrap
