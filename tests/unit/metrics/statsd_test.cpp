// The statsd exporter through the C ABI, with a UDP socket at the other end.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <ostler/metrics.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <memory>
#include <sstream>

#include "base/metrics.h"
#include "support/few_files.h"
#include "support/plugin_host.h"

namespace ostler {
namespace {

using test::PluginHost;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;

// A statsd daemon that only remembers.
class Receiver {
 public:
  Receiver() : fd_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(bind(fd_, reinterpret_cast<sockaddr*>(&name), sizeof name), 0);
    socklen_t size = sizeof name;
    getsockname(fd_, reinterpret_cast<sockaddr*>(&name), &size);
    port_ = ntohs(name.sin_port);
  }
  ~Receiver() { close(fd_); }

  int port() const { return port_; }
  // What has arrived; the loopback interface delivers before send() returns.
  std::vector<std::string> datagrams() const {
    std::vector<std::string> out;
    char bytes[65536];
    for (pollfd poll_fd{fd_, POLLIN, 0}; poll(&poll_fd, 1, 0) == 1;) {
      const ssize_t size = recv(fd_, bytes, sizeof bytes, 0);
      out.emplace_back(bytes, static_cast<size_t>(size));
    }
    return out;
  }
  std::vector<std::string> lines() const {
    std::vector<std::string> out;
    for (const std::string& datagram : datagrams()) {
      std::istringstream text(datagram);
      for (std::string line; std::getline(text, line);) out.push_back(line);
    }
    return out;
  }

 private:
  int fd_;
  int port_ = 0;
};

class Statsd : public ::testing::Test {
 protected:
  // A plugin that sends to the receiver, with `more` in its configuration.
  std::unique_ptr<PluginHost> start(const std::string& more = "") {
    auto plugin =
        std::make_unique<PluginHost>("metrics-statsd", R"({"host": "127.0.0.1", "port": )" +
                                                           std::to_string(receiver_.port()) + more + "}");
    EXPECT_EQ(plugin->error(), "");
    EXPECT_TRUE(plugin->start());
    return plugin;
  }

  static std::string push(PluginHost& plugin, const std::vector<ostler_sample_t>& samples) {
    ostler_error_t error{};
    error.struct_size = sizeof error;
    const ostler_array_t array{samples.data(), static_cast<uint32_t>(samples.size()),
                               sizeof(ostler_sample_t)};
    const auto* table = plugin.query<ostler_metrics_t>(OSTLER_METRICS_1);
    return table->push(plugin.self(), &array, 1000, &error) == OSTLER_OK ? "" : error.message;
  }
  static std::string push(PluginHost& plugin, const MetricsRegistry& registry) {
    std::string problem;
    registry.visit([&](const std::vector<ostler_sample_t>& samples) { problem = push(plugin, samples); });
    return problem;
  }
  static ostler_sample_t gauge(const char* name, double value) {
    ostler_sample_t sample{};
    sample.type = OSTLER_METRIC_GAUGE;
    sample.name = ostler_str_of(name);
    sample.value = value;
    return sample;
  }

  Receiver receiver_;
};

TEST_F(Statsd, SendsEveryMetricAsTheSdkDoes) {
  auto plugin = start();
  MetricsRegistry registry;
  registry.counter("offers.received").add(12);
  registry.counter("declines.short").add(2.5);
  registry.gauge("is_suppressed").set(1);
  registry.observe("offers.process", std::chrono::milliseconds(500));
  EXPECT_EQ(push(*plugin, registry), "");
  const auto lines = receiver_.lines();
  EXPECT_THAT(lines, IsSupersetOf({"offers.received:12|g", "declines.short:2.5|g", "is_suppressed:1|g",
                                   "offers.process.max:500|g", "offers.process.mean:500|g",
                                   "offers.process.min:500|g", "offers.process.p50:500|g",
                                   "offers.process.p999:500|g", "offers.process.samples:1|g"}));
  for (const char* figure :
       {"stddev", "p75", "p95", "p98", "p99", "m1_rate", "m5_rate", "m15_rate", "mean_rate"}) {
    EXPECT_THAT(lines, Contains(HasSubstr("offers.process." + std::string(figure) + ":"))) << figure;
  }
}

TEST_F(Statsd, SetsAGaugeBelowZeroInsteadOfLoweringIt) {
  auto plugin = start();
  EXPECT_EQ(push(*plugin, {gauge("plan_status.deploy", -1)}), "");
  EXPECT_THAT(receiver_.datagrams(), ElementsAre("plan_status.deploy:0|g\nplan_status.deploy:-1|g"));
}

TEST_F(Statsd, PutsThePrefixInFrontAndLabelsIntoTheName) {
  auto plugin = start(R"(, "prefix": "zk one")");
  ostler_sample_t sample = gauge("a:b|c", 1e18);
  const ostler_label_t labels[] = {{ostler_str_of("path"), ostler_str_of("/v1/x")}};
  sample.labels = {labels, 1, sizeof(ostler_label_t)};
  EXPECT_EQ(push(*plugin, {sample}), "");
  EXPECT_THAT(receiver_.datagrams(), ElementsAre("zk_one.a_b_c._v1_x:1e+18|g"));
}

TEST_F(Statsd, SendsLabelsAsTagsWhereItIsToldSo) {
  auto plugin = start(R"(, "labels": "tags", "tags": ["service:zk", "prod"])");
  ostler_sample_t sample = gauge("requests", 0.1);
  const ostler_label_t labels[] = {{ostler_str_of("code"), ostler_str_of("2xx")}};
  sample.labels = {labels, 1, sizeof(ostler_label_t)};
  EXPECT_EQ(push(*plugin, {sample}), "");
  EXPECT_THAT(receiver_.datagrams(), ElementsAre("requests:0.1|g|#service:zk,prod,code:2xx"));
}

TEST_F(Statsd, FillsDatagramsAndSplitsNoLine) {
  auto plugin = start(R"(, "max_datagram_bytes": 64)");
  std::vector<std::string> names;
  for (int i = 0; i < 40; ++i) names.push_back("metric." + std::to_string(1000 + i));
  std::vector<ostler_sample_t> samples;
  for (const std::string& name : names) samples.push_back(gauge(name.c_str(), 7));
  EXPECT_EQ(push(*plugin, samples), "");
  const auto datagrams = receiver_.datagrams();
  std::string all;
  for (const std::string& datagram : datagrams) {
    EXPECT_LE(datagram.size(), 64U);
    all += datagram + "\n";
  }
  std::string expected;
  for (const std::string& name : names) expected += name + ":7|g\n";
  EXPECT_EQ(all, expected);
  EXPECT_EQ(datagrams.size(), 10U) << "four lines of 15 bytes and the breaks between them fit";
}

TEST_F(Statsd, SaysWhichLinesAreTooLongAndSendsTheRest) {
  auto plugin = start(R"(, "max_datagram_bytes": 64)");
  const std::string name(80, 'x');
  EXPECT_EQ(push(*plugin, {gauge(name.c_str(), 1), gauge("short", 2)}),
            "1 metrics have lines of more than max_datagram_bytes (64) and were not sent");
  EXPECT_THAT(receiver_.lines(), ElementsAre("short:2|g"));
}

TEST_F(Statsd, LeavesOutWhatIsNoNumber) {
  auto plugin = start();
  EXPECT_EQ(push(*plugin, {gauge("nan", std::numeric_limits<double>::quiet_NaN()),
                           gauge("inf", std::numeric_limits<double>::infinity()), gauge("one", 1)}),
            "");
  EXPECT_THAT(receiver_.lines(), ElementsAre("one:1|g"));
}

TEST_F(Statsd, IsIdleWithoutAHost) {
  PluginHost plugin("metrics-statsd", "{}");
  ASSERT_EQ(plugin.error(), "");
  ASSERT_TRUE(plugin.start());
  const auto* table = plugin.query<ostler_metrics_t>(OSTLER_METRICS_1);
  EXPECT_EQ(table->push_interval_ms(plugin.self()), 0U);
  EXPECT_EQ(table->render, nullptr);
  EXPECT_EQ(push(plugin, {gauge("one", 1)}), "");
  auto active = start(R"(, "interval_ms": 500)");
  EXPECT_EQ(active->query<ostler_metrics_t>(OSTLER_METRICS_1)->push_interval_ms(active->self()), 500U);
}

TEST_F(Statsd, GoesOnWhenNobodyListensAndWhenTheNameHasNoAddress) {
  PluginHost plugin("metrics-statsd", R"({"host": "no-such-host.invalid"})");
  ASSERT_TRUE(plugin.start());
  const std::string problem = push(plugin, {gauge("one", 1)});
  EXPECT_THAT(problem, HasSubstr("statsd at 'no-such-host.invalid', port 8125: the name has no address"));
  EXPECT_EQ(push(plugin, {gauge("one", 1)}), problem) << "remembered, not asked for again at once";

  int port = 0;
  {
    const Receiver gone;
    port = gone.port();
  }
  PluginHost lonely("metrics-statsd", R"({"host": "127.0.0.1", "port": )" + std::to_string(port) + "}");
  ASSERT_TRUE(lonely.start());
  push(lonely, {gauge("one", 1)});
  push(lonely, {gauge("two", 2)});  // may learn that the first was refused
  EXPECT_THAT(push(lonely, {gauge("three", 3)}), ::testing::AnyOf("", HasSubstr("Connection refused")));
}

TEST_F(Statsd, SaysThatThereIsNoDescriptorForItsSocket) {
  auto plugin = start();
  const test::FewFiles none(0);
  EXPECT_EQ(push(*plugin, {gauge("a", 1)}),
            "statsd at '127.0.0.1', port " + std::to_string(receiver_.port()) + ": Too many open files");
}

TEST_F(Statsd, RefusesAConfigurationThatMakesNoSense) {
  const auto error = [](const std::string& config) { return PluginHost("metrics-statsd", config).error(); };
  EXPECT_THAT(error(R"({"host": "x", "prot": 1})"), HasSubstr("'prot'"));
  EXPECT_THAT(error(R"({"host": "x", "port": 0})"), HasSubstr("from 1 to 65535"));
  EXPECT_THAT(error(R"({"host": "x", "max_datagram_bytes": 10})"), HasSubstr("from 64 to 65507"));
  EXPECT_THAT(error(R"({"host": "x", "labels": "none"})"), HasSubstr("expected \"name\" or \"tags\""));
  EXPECT_THAT(error(R"({"host": "x", "tags": ["a:b"]})"), HasSubstr("unless 'labels' is \"tags\""));
  EXPECT_THAT(error(R"({"host": "x", "labels": "tags", "tags": ["a|b"]})"), HasSubstr("without '|'"));
}

}  // namespace
}  // namespace ostler
