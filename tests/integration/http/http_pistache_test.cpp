// The built plugin on loopback: plain clients, odd ones and hostile ones.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <ostler/http.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <ctime>
#include <filesystem>
#include <future>
#include <memory>
#include <optional>
#include <thread>

#include "raw_client.h"
#include "support/few_files.h"
#include "support/plugin_host.h"

namespace ostler::test {
namespace {

using ::testing::HasSubstr;

// The host's side: answers by path.
class FakeApi {
 public:
  FakeApi() {
    table_.struct_size = sizeof table_;
    table_.ctx = this;
    table_.handle = [](void* ctx, const ostler_http_request_t* request,
                       const ostler_http_response_t* response) {
      static_cast<FakeApi*>(ctx)->handle(*request, *response);
    };
  }
  const ostler_host_api_t* table() const { return &table_; }

  // Blocks requests to /hold until release(); returns when one is in the handler.
  void wait_until_held() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return held_ > 0; });
  }
  void release() {
    const std::lock_guard lock(mutex_);
    is_released_ = true;
    changed_.notify_all();
  }
  int in_handler() const { return in_handler_; }
  // Returns when a request to /big/... has reached the handler.
  void wait_until_big() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return big_ > 0; });
  }

 private:
  void handle(const ostler_http_request_t& request, const ostler_http_response_t& response) {
    ++in_handler_;
    const std::string path(request.path.data, request.path.size);
    if (path == "/silent") {
      // Answers nothing at all.
    } else if (path.starts_with("/code/")) {
      reply(response, static_cast<uint32_t>(std::atoi(path.c_str() + 6)), "body");
    } else if (path.starts_with("/big/")) {
      reply(response, 200, std::string(std::strtoul(path.c_str() + 5, nullptr, 10), 'x'));
      const std::lock_guard lock(mutex_);
      ++big_;
      changed_.notify_all();
    } else if (path == "/hold") {
      std::unique_lock lock(mutex_);
      ++held_;
      changed_.notify_all();
      changed_.wait(lock, [this] { return is_released_; });
      reply(response, 200, "held");
    } else {
      std::string text = std::string(request.method.data, request.method.size) + " " + path + "?" +
                         std::string(request.query.data, request.query.size) + " ";
      text.append(reinterpret_cast<const char*>(request.body.data), request.body.size);
      reply(response, 200, text);
    }
    --in_handler_;
  }

  static void reply(const ostler_http_response_t& response, uint32_t status, const std::string& body) {
    const ostler_http_header_t headers[] = {
        {ostler_str_of("Content-Type"), ostler_str_of("text/plain")},
        {ostler_str_of("Content-Length"), ostler_str_of("999")},         // the server knows better
        {ostler_str_of("X-Evil"), ostler_str_of("a\r\nSet-Cookie: b")},  // would be two headers
    };
    const ostler_array_t array = {headers, 3, sizeof headers[0]};
    response.head(response.ctx, status, &array);
    response.body(response.ctx, body.data(), body.size());
  }

  ostler_host_api_t table_{};
  std::atomic<int> in_handler_{0};
  std::mutex mutex_;
  std::condition_variable changed_;
  int held_ = 0;
  int big_ = 0;
  bool is_released_ = false;
};

class HttpPistache : public ::testing::Test {
 protected:
  // Starts a server with those extra keys of configuration.
  void start(const std::string& more = "") {
    server_ = std::make_unique<PluginHost>("http-pistache",
                                           R"({"address": "127.0.0.1", "port": 0)" + more + "}", services());
    ASSERT_EQ(server_->error(), "");
    ASSERT_TRUE(server_->start()) << server_->error();
    address_ = address(*server_);
  }
  std::map<std::string, const void*> services() { return {{OSTLER_HOST_API_1, api_.table()}}; }

  static std::string address(PluginHost& server) {
    std::string text;
    const ostler_sink_t sink = sink_to(text);
    ostler_error_t error{};
    error.struct_size = sizeof error;
    server.query<ostler_http_t>(OSTLER_HTTP_1)->address(server.self(), &sink, &error);
    return text;
  }

  RawReply ask(const std::string& request) {
    RawClient client(address_);
    return client.ask(request);
  }

  static std::string numbered(int number) {
    std::string path = "/";
    return path.append(std::to_string(number));
  }

  static std::string get(const std::string& path, const std::string& headers = "") {
    return "GET " + path + " HTTP/1.1\r\nHost: h\r\n" + headers + "\r\n";
  }

  FakeApi api_;
  std::unique_ptr<PluginHost> server_;
  std::string address_;
};

TEST_F(HttpPistache, AnswersAndKeepsTheConnection) {
  start();
  RawClient client(address_);
  const RawReply first = client.ask(get("/v1/plans?phase=a%20b&x&phase=c"));
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.body, "GET /v1/plans?phase=a%20b&x&phase=c ");
  EXPECT_TRUE(first.has("HTTP/1.1 200 OK\r\n")) << first.head;
  EXPECT_TRUE(first.has("Content-Type: text/plain\r\n")) << first.head;
  EXPECT_TRUE(first.has("Date: ")) << first.head;
  EXPECT_FALSE(first.has("Connection:")) << first.head;
  EXPECT_FALSE(first.has("Set-Cookie")) << first.head;
  EXPECT_FALSE(first.has("999")) << first.head;
  EXPECT_EQ(client.ask(get("/a%2Fb")).body, "GET /a/b? ");
}

TEST_F(HttpPistache, ClosesWhenTheClientAsksAndForHttp10) {
  start();
  RawClient polite(address_);
  EXPECT_TRUE(polite.ask(get("/", "Connection: close\r\n")).has("Connection: close\r\n"));
  EXPECT_TRUE(polite.sees_end());
  RawClient old(address_);
  EXPECT_EQ(old.ask("GET / HTTP/1.0\r\n\r\n").status, 200);
  EXPECT_TRUE(old.sees_end());
  RawClient keeping(address_);
  EXPECT_TRUE(
      keeping.ask("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").has("Connection: keep-alive\r\n"));
  EXPECT_EQ(keeping.ask(get("/again")).status, 200);
}

TEST_F(HttpPistache, ReadsARequestThatComesByteByByte) {
  start();
  RawClient client(address_);
  for (const char c : "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello") {
    if (c != '\0') client.send(std::string_view(&c, 1));
  }
  EXPECT_EQ(client.read_reply().body, "POST /x? hello");
}

TEST_F(HttpPistache, AnswersRequestsSentAheadInTheirOrder) {
  start();
  RawClient client(address_);
  std::string all;
  for (int i = 0; i < 100; ++i) all += get(numbered(i));
  client.send(all);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(client.read_reply().body, "GET " + numbered(i) + "? ");
}

TEST_F(HttpPistache, AnswersAClientThatHasFinishedSending) {
  start();
  RawClient client(address_);
  client.send(get("/half"));
  client.end_sending();
  EXPECT_EQ(client.read_reply().body, "GET /half? ");
  EXPECT_TRUE(client.sees_end());
}

TEST_F(HttpPistache, SendsNoBodyWhereThereIsNone) {
  start();
  RawClient client(address_);
  client.send("HEAD /big/7 HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(client.read_reply(true).has("Content-Length: 7\r\n"));
  const RawReply no_content = client.ask(get("/code/204"));
  EXPECT_EQ(no_content.status, 204);
  EXPECT_FALSE(no_content.has("Content-Length")) << no_content.head;
  EXPECT_TRUE(client.ask(get("/code/205")).has("Content-Length: 0\r\n"));
  // Nothing was left over: the next reply begins where it should.
  const RawReply custom = client.ask(get("/code/318"));
  EXPECT_TRUE(custom.has("HTTP/1.1 318 \r\n")) << custom.head;
  EXPECT_EQ(custom.body, "body");
}

TEST_F(HttpPistache, AnswersWith500WhenTheHostSaysNothingOrNonsense) {
  start();
  RawClient client(address_);
  for (const char* path : {"/silent", "/code/7", "/code/100", "/code/70000"}) {
    const RawReply reply = client.ask(get(path));
    EXPECT_EQ(reply.status, 500) << path;
    EXPECT_EQ(reply.body, "");
  }
}

TEST_F(HttpPistache, AsksForABodyThatTheClientHoldsBack) {
  start();
  RawClient client(address_);
  client.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read_reply(true).status, 100);
  EXPECT_EQ(client.ask("ok").body, "PUT /? ok");
}

TEST_F(HttpPistache, RefusesBadRequestsAndStaysUp) {
  start();
  EXPECT_EQ(ask("G@T / HTTP/1.1\r\nHost: h\r\n\r\n").status, 400);
  EXPECT_EQ(ask("\x16\x03\x01\x02 nonsense\r\n\r\n").status, 400);
  EXPECT_EQ(ask(get("/", "Content-Length: abc\r\n")).status, 400);
  EXPECT_EQ(ask("BREW /coffee HTTP/1.1\r\nHost: h\r\n\r\n").body, "BREW /coffee? ");
  EXPECT_EQ(ask(get(std::string("/") + std::string(16'000, '/'))).status, 414);
  EXPECT_EQ(ask(get("/", std::string("X: ") + std::string(1'000'000, 'x') + "\r\n")).status, 431);
  EXPECT_EQ(ask(get("/", "Content-Length: 99999999\r\n")).status, 413);
  const RawReply refused = ask("GET / HTTP/3\r\n\r\n");
  EXPECT_EQ(refused.status, 505);
  EXPECT_EQ(refused.body, "only HTTP/1.1 and HTTP/1.0 are spoken here\n");
  EXPECT_TRUE(refused.has("Connection: close\r\n")) << refused.head;
  EXPECT_EQ(ask(get("/still-there")).status, 200);
}

// 400,000 slashes ended a process that used Pistache's router.
TEST_F(HttpPistache, SurvivesManySlashes) {
  start(R"(, "max_request_bytes": 1048576)");
  EXPECT_EQ(ask(std::string("GET ") + std::string(400'000, '/') + " HTTP/1.1\r\nHost: h\r\n\r\n").status,
            414);
  EXPECT_EQ(ask(get(std::string(8'000, '/'))).status, 200);
}

TEST_F(HttpPistache, ServesManyClientsAtOnce) {
  start();
  std::atomic<int> good{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      RawClient client(address_);
      for (int i = 0; i < 50; ++i) {
        const std::string path = numbered(t) + numbered(i);
        if (client.ask(get(path)).body == "GET " + path + "? ") ++good;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 400);
}

// Pistache's own writer spins at full speed on such a client, and serves nobody else.
TEST_F(HttpPistache, AClientThatDoesNotReadHoldsUpNobody) {
  start(R"(, "threads": 1)");
  RawClient slow(address_, 4096);
  slow.send(get("/big/20000000"));
  slow.send(get("/after"));
  for (int i = 0; i < 20; ++i) EXPECT_EQ(ask(get("/other")).status, 200);
  // Its worker sleeps meanwhile. A spinning one would use all of these 300 ms.
  const std::clock_t before = std::clock();
  EXPECT_FALSE(RawClient(address_).sees_end(300));
  EXPECT_LT(static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC, 0.1);
}

TEST_F(HttpPistache, ALargeReplyArrivesWholeAtASlowReader) {
  start(R"(, "threads": 1)");
  RawClient slow(address_, 4096);
  slow.send(get("/big/2000000") + get("/next"));
  EXPECT_EQ(slow.read_reply().body, std::string(2'000'000, 'x'));
  EXPECT_EQ(slow.read_reply().body, "GET /next? ");
}

TEST_F(HttpPistache, DropsAClientThatStopsReading) {
  start(R"(, "write_timeout_ms": 200)");
  RawClient stuck(address_, 4096);
  stuck.send(get("/big/20000000"));
  // Without reading, only the end of the connection can be noticed.
  EXPECT_TRUE(stuck.is_cut_off());
  EXPECT_EQ(stuck.read_reply().status, 0) << "the reply should have ended before it was whole";
}

TEST_F(HttpPistache, EndsRequestsThatTakeTooLong) {
  start(R"(, "request_timeout_ms": 200, "idle_timeout_ms": 100000)");
  RawClient slow(address_);
  slow.send("GET / HTTP/1.1\r\nHost:");
  const RawReply reply = slow.read_reply();
  EXPECT_EQ(reply.status, 408);
  EXPECT_EQ(reply.body, "the request did not arrive in time\n");
  EXPECT_TRUE(slow.sees_end());
}

TEST_F(HttpPistache, EndsIdleConnections) {
  start(R"(, "idle_timeout_ms": 200, "request_timeout_ms": 100000)");
  RawClient idle(address_);
  EXPECT_EQ(idle.ask(get("/")).status, 200);
  EXPECT_TRUE(idle.sees_end());
  RawClient silent(address_);
  EXPECT_TRUE(silent.sees_end());
}

TEST_F(HttpPistache, SurvivesClientsThatReset) {
  start();
  for (int i = 0; i < 200; ++i) {
    RawClient client(address_);
    client.send(get("/big/300000") + get("/big/300000"));
    client.reset();
  }
  EXPECT_EQ(ask(get("/still-there")).status, 200);
}

TEST_F(HttpPistache, RefusesConnectionsBeyondTheLimitUntilOneEnds) {
  start(R"(, "max_connections": 2, "threads": 1)");
  auto first = std::make_unique<RawClient>(address_);
  RawClient second(address_);
  EXPECT_EQ(first->ask(get("/")).status, 200);
  EXPECT_EQ(second.ask(get("/")).status, 200);
  RawClient third(address_);
  EXPECT_TRUE(third.sees_end());
  first.reset();
  int status = 0;  // the server hears of the end in its own time
  for (int i = 0; i < 100 && status != 200; ++i) status = ask(get("/")).status;
  EXPECT_EQ(status, 200);
}

double cpu_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

// F25. A server that spins then takes a core from the scheduler just when it is in trouble.
TEST_F(HttpPistache, WithoutDescriptorsItSaysSoOnceWaitsAndServesWhoIsThere) {
  start();
  RawClient early(address_);
  EXPECT_EQ(early.ask(get("/")).status, 200);
  const auto count = [this](std::string_view text) {
    const auto logs = server_->logs();
    return std::count_if(logs.begin(), logs.end(), [&](const std::string& line) { return line == text; });
  };
  const std::string trouble =
      "no connection can be taken: Too many open files; clients wait until descriptors are free "
      "(LimitNOFILE, "
      "ulimit -n)";
  std::optional<FewFiles> limit(1);
  RawClient late(address_);  // takes the last one
  ASSERT_TRUE(late.is_connected()) << "by the kernel";
  late.send(get("/"));
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (count(trouble) == 0 && std::chrono::steady_clock::now() < give_up) std::this_thread::yield();
  const double before = cpu_seconds();
  EXPECT_FALSE(late.sees_end(500)) << "it waits";
  EXPECT_LT(cpu_seconds() - before, 0.25) << "nothing spins";
  EXPECT_EQ(early.ask(get("/")).status, 200);
  limit.reset();
  EXPECT_EQ(late.read_reply().status, 200);
  EXPECT_EQ(count(trouble), 1);
  while (count("connections are taken again") == 0 && std::chrono::steady_clock::now() < give_up)
    std::this_thread::yield();
  EXPECT_EQ(count("connections are taken again"), 1);
}

TEST_F(HttpPistache, RefusesAnAddressThatIsTakenAndNamesIt) {
  start();
  const std::string port = address_.substr(address_.rfind(':') + 1);
  PluginHost second("http-pistache", R"({"address": "127.0.0.1", "port": )" + port + "}", services());
  ASSERT_EQ(second.error(), "");
  EXPECT_FALSE(second.start());
  EXPECT_EQ(second.code(), OSTLER_UNAVAILABLE);
  EXPECT_EQ(second.error(), "/port: cannot listen on 127.0.0.1:" + port + ": Address already in use");
}

TEST_F(HttpPistache, ListensOnTheSamePortAgainAtOnce) {
  start();
  const std::string port = address_.substr(address_.rfind(':') + 1);
  EXPECT_EQ(ask(get("/", "Connection: close\r\n")).status, 200);
  server_.reset();
  PluginHost next("http-pistache", R"({"address": "127.0.0.1", "port": )" + port + "}", services());
  EXPECT_TRUE(next.start()) << next.error();
  EXPECT_EQ(ask(get("/")).status, 200);
}

TEST_F(HttpPistache, StopWaitsForTheRequestInAHandler) {
  start();
  RawClient client(address_);
  client.send(get("/hold"));
  api_.wait_until_held();
  std::future<void> stopped = std::async(std::launch::async, [&] { server_->stop(); });
  EXPECT_EQ(stopped.wait_for(std::chrono::milliseconds(100)), std::future_status::timeout);
  api_.release();
  stopped.get();
  EXPECT_EQ(api_.in_handler(), 0);
  const RawReply reply = client.read_reply();
  EXPECT_EQ(reply.body, "held");
  EXPECT_TRUE(reply.has("Connection: close\r\n")) << reply.head;
  EXPECT_TRUE(client.sees_end());
}

TEST_F(HttpPistache, StopLetsASlowReaderHaveItsReply) {
  start();
  RawClient slow(address_, 4096);
  slow.send(get("/big/2000000"));
  api_.wait_until_big();
  std::future<RawReply> reply = std::async(std::launch::async, [&] { return slow.read_reply(); });
  server_->stop(20'000);
  EXPECT_EQ(reply.get().body.size(), 2'000'000u);
}

// Pistache itself keeps some eventfds of a stopped server; nothing else may stay.
TEST_F(HttpPistache, LeavesNoDescriptorAndNoThreadBehind) {
  const auto count_files = [] {
    int count = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
      std::error_code gone;  // the iterator's own descriptor is listed too
      if (std::filesystem::read_symlink(entry, gone) != "anon_inode:[eventfd]") ++count;
    }
    return count;
  };
  const auto count_threads = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/task"),
                         std::filesystem::directory_iterator());
  };
  start();
  server_.reset();
  const auto files = count_files();
  const auto threads = count_threads();
  for (int round = 0; round < 3; ++round) {
    start();
    RawClient keeping(address_);
    EXPECT_EQ(keeping.ask(get("/")).status, 200);
    server_.reset();
    EXPECT_TRUE(keeping.sees_end());
  }
  EXPECT_EQ(count_files(), files);
  EXPECT_EQ(count_threads(), threads);
}

TEST_F(HttpPistache, RefusesBadConfigurationWithThePlace) {
  const auto error = [&](const std::string& config) {
    return PluginHost("http-pistache", config, services()).error();
  };
  EXPECT_EQ(error("[]"), ": the configuration is not a JSON object");
  EXPECT_EQ(error(R"({"port": 65536})"), "/port: 'port' is 65536, expected a whole number from 0 to 65535");
  EXPECT_EQ(error(R"({"port": "80"})"), "/port: 'port' is \"80\", expected a whole number from 0 to 65535");
  EXPECT_EQ(error(R"({"threads": 0})"), "/threads: 'threads' is 0, expected a whole number from 1 to 64");
  EXPECT_EQ(
      error(R"({"address": "localhost"})"),
      "/address: 'address' is \"localhost\", expected a numeric address such as \"0.0.0.0\" or \"::1\"");
  EXPECT_EQ(
      error(R"({"prot": 1, "tls": true})"),
      "/prot: unknown configuration key 'prot', 'tls'; known are port, address, threads, max_request_bytes, "
      "max_connections, request_timeout_ms, idle_timeout_ms and write_timeout_ms");
}

TEST_F(HttpPistache, NeedsAHostThatAnswers) {
  EXPECT_EQ(PluginHost("http-pistache", "{}").error(), ": this host offers no 'ostler.host.api/1' to serve");
}

TEST_F(HttpPistache, ListensOnIpv6) {
  PluginHost server("http-pistache", R"({"address": "::1", "port": 0})", services());
  ASSERT_EQ(server.error(), "");
  if (!server.start()) GTEST_SKIP() << "no IPv6 here: " << server.error();
  EXPECT_THAT(address(server), HasSubstr("[::1]:"));
}

}  // namespace
}  // namespace ostler::test
