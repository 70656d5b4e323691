// The client against a master that behaves, and against many that do not.
#include "mesos/client.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regex>

#include "fake_master.h"
#include "mesos/transport.h"

namespace ostler::mesos {
namespace {

using std::chrono::milliseconds;
using testing::Connection;
using testing::FakeMaster;
using testing::Request;

constexpr const char* kSubscribed =
    R"({"type":"SUBSCRIBED","subscribed":{"framework_id":{"value":"F1"},"heartbeat_interval_seconds":15.0}})";
constexpr const char* kHeartbeat = R"({"type":"HEARTBEAT"})";
std::string rescind(const std::string& id) {
  return R"({"type":"RESCIND","rescind":{"offer_id":{"value":")" + id + R"("}}})";
}
std::string error(const std::string& message) {
  return R"({"type":"ERROR","error":{"message":")" + message + R"("}})";
}

std::string describe(const Event& happened) {
  struct Describe {
    std::string operator()(const event::Subscribed& e) { return "subscribed " + e.framework_id; }
    std::string operator()(const event::Disconnected& e) { return "disconnected: " + e.reason; }
    std::string operator()(const event::Offers& e) { return "offers " + std::to_string(e.batch.size()); }
    std::string operator()(const event::Rescinded& e) { return "rescinded " + e.offer_id; }
    std::string operator()(const event::InverseOffers&) { return "inverse offers"; }
    std::string operator()(const event::Update& e) { return "update " + e.status.task_id; }
    std::string operator()(const event::OperationUpdate&) { return "operation update"; }
    std::string operator()(const event::Failure&) { return "failure"; }
    std::string operator()(const event::Error& e) { return "error: " + e.message; }
    std::string operator()(const event::CallRejected& e) {
      return "rejected " + std::to_string(e.http_status) + ": " + e.body;
    }
  };
  return std::visit(Describe{}, happened);
}

using Lines = std::vector<std::string>;

// A client, and what its sink was told.
class Harness {
 public:
  static ClientConfig config(std::vector<std::string> masters) {
    ClientConfig config;
    config.masters = std::move(masters);
    config.framework.name = "zookeeper";
    config.framework.user = "nobody";
    config.framework.roles = {"zk"};
    config.backoff_min = milliseconds(2);
    config.backoff_max = milliseconds(20);
    config.random = [] { return 0.5; };
    return config;
  }
  explicit Harness(const FakeMaster& master) : Harness(config({master.address()})) {}
  explicit Harness(ClientConfig config)
      : client(std::move(config), [this](Event happened) {
          const std::lock_guard lock(mutex_);
          lines_.push_back(describe(happened));
          changed_.notify_all();
        }) {
    client.start();
  }

  Lines wait_for_events(size_t count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, std::chrono::seconds(20), [&] { return lines_.size() >= count; }))
        << ::testing::PrintToString(lines_);
    return lines_;
  }
  // Waits until the status has `part` in it.
  std::string wait_for_status(const std::string& part) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    std::string status = client.status();
    while (status.find(part) == std::string::npos && std::chrono::steady_clock::now() < until) {
      std::this_thread::yield();
      status = client.status();
    }
    EXPECT_NE(status.find(part), std::string::npos) << status;
    // How long is left depends on how busy the machine is.
    return std::regex_replace(status, std::regex("in [0-9]+ s$"), "in N s");
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  Lines lines_;

 public:
  SchedulerClient client;  // last: its thread uses the above
};

// A master that subscribes everyone and takes every call.
bool good(Connection& connection, const Request& request) {
  if (!request.is_subscribe()) {
    connection.answer("202 Accepted");
    return true;
  }
  connection.open_stream();
  connection.event(kSubscribed);
  connection.event(kHeartbeat);
  connection.wait_for_close();
  return false;
}

Call kill(const std::string& task) { return call::Kill{task, "S1"}; }
std::string task(int number) { return std::string("task-").append(std::to_string(number)); }
std::string task_of(const Request& request) {
  return nlohmann::json::parse(request.body)["kill"]["task_id"]["value"].get<std::string>();
}

// ---- the stream

TEST(SchedulerClient, SubscribesAndHandsOnEvents) {
  FakeMaster master([](Connection& connection, const Request&, int) {
    connection.open_stream();
    connection.event(kSubscribed);
    connection.event(kHeartbeat);
    connection.event(
        R"({"type":"OFFERS","offers":{"offers":[{"id":{"value":"O1"},"agent_id":{"value":"S1"}}]}})");
    connection.event(rescind("O1"));
    connection.wait_for_close();
    return false;
  });
  Harness harness(master);
  EXPECT_EQ(harness.wait_for_events(3), (Lines{"subscribed F1", "offers 1", "rescinded O1"}));
  EXPECT_EQ(harness.client.status(), "subscribed to " + master.address());

  const Request request = master.wait_for_subscribes(1)[0];
  EXPECT_TRUE(request.head.starts_with("POST /api/v1/scheduler HTTP/1.1\r\n")) << request.head;
  EXPECT_NE(request.head.find("\r\nContent-Type: application/json\r\n"), std::string::npos) << request.head;
  EXPECT_NE(request.head.find("\r\nAccept: application/json\r\n"), std::string::npos) << request.head;
  for (const char* absent : {"Mesos-Stream-Id", "Expect:", "Authorization"}) {
    EXPECT_EQ(request.head.find(absent), std::string::npos) << request.head;
  }
  EXPECT_FALSE(nlohmann::json::parse(request.body).contains("framework_id"));
}

TEST(SchedulerClient, RecordsMayComeByteByByteOrManyAtOnce) {
  FakeMaster master([](Connection& connection, const Request&, int) {
    const std::string again = std::to_string(rescind("O1").size()) + "\n" + rescind("O1");
    std::string all;
    for (const std::string& event :
         {std::string(kSubscribed), std::string(kHeartbeat), rescind("O1"), rescind("O2")}) {
      all += std::to_string(event.size()) + "\n" + event;
    }
    connection.open_stream();
    for (const char c : all) connection.chunk(std::string_view(&c, 1));
    connection.chunk(again + again);
    connection.wait_for_close();
    return false;
  });
  Harness harness(master);
  EXPECT_EQ(harness.wait_for_events(5),
            (Lines{"subscribed F1", "rescinded O1", "rescinded O2", "rescinded O1", "rescinded O1"}));
}

TEST(SchedulerClient, SubscribesAgainWithItsIdAfterACleanEnd) {
  FakeMaster master([](Connection& connection, const Request& request, int number) {
    if (number > 1) return good(connection, request);
    connection.open_stream();
    connection.event(kSubscribed);
    connection.end_stream();
    return false;
  });
  Harness harness(master);
  EXPECT_EQ(harness.wait_for_events(3),
            (Lines{"subscribed F1", "disconnected: the master closed the stream", "subscribed F1"}));
  const auto again = nlohmann::json::parse(master.wait_for_subscribes(2)[1].body);
  EXPECT_EQ(again["framework_id"]["value"], "F1");
  EXPECT_EQ(again["subscribe"]["framework_info"]["id"]["value"], "F1");
}

TEST(SchedulerClient, TellsACutInTheMiddleOfARecord) {
  FakeMaster master([](Connection& connection, const Request& request, int number) {
    if (number > 1) return good(connection, request);
    connection.open_stream();
    connection.event(kSubscribed);
    connection.chunk("50\n{\"type\":");
    return false;
  });
  Harness harness(master);
  EXPECT_EQ(harness.wait_for_events(3)[1], "disconnected: the connection was cut in the middle of a record");
}

TEST(SchedulerClient, NoticesMissingHeartbeats) {
  FakeMaster master([](Connection& connection, const Request& request, int number) {
    if (number > 1) return good(connection, request);
    connection.open_stream();
    connection.event(
        R"({"type":"SUBSCRIBED","subscribed":{"framework_id":{"value":"F1"},"heartbeat_interval_seconds":0.05}})");
    connection.wait_for_close();
    return false;
  });
  Harness harness(master);
  EXPECT_EQ(harness.wait_for_events(3),
            (Lines{"subscribed F1", "disconnected: no heartbeat for 0.15 s", "subscribed F1"}));
}

TEST(SchedulerClient, LimitsTheTimeToSubscribe) {
  FakeMaster silent([](Connection& connection, const Request&, int) {
    connection.wait_for_close();
    return false;
  });
  FakeMaster mute([](Connection& connection, const Request&, int) {
    connection.open_stream();
    connection.wait_for_close();
    return false;
  });
  FakeMaster master(
      [](Connection& connection, const Request& request, int) { return good(connection, request); });
  ClientConfig config = Harness::config({silent.address(), mute.address(), master.address()});
  config.subscribe_timeout = milliseconds(300);
  Harness harness(std::move(config));
  EXPECT_EQ(harness.wait_for_events(1), Lines{"subscribed F1"});
  EXPECT_EQ(harness.client.status(), "subscribed to " + master.address());
}

TEST(SchedulerClient, GivesUpAStreamThatIsNoRecordIo) {
  FakeMaster master([](Connection& connection, const Request& request, int number) {
    if (number > 3) return good(connection, request);
    connection.open_stream();
    connection.event(kSubscribed);
    connection.chunk(number == 1 ? "<html>" : number == 2 ? "99999999999\n" : "\n");
    connection.wait_for_close();
    return false;
  });
  Harness harness(master);
  EXPECT_EQ(
      harness.wait_for_events(7),
      (Lines{
          "subscribed F1",
          "disconnected: the event stream has the byte 0x3c where the length of a record was expected; is "
          "this a Mesos master?",
          "subscribed F1",
          "disconnected: the event stream announces a record of more than 67108864 bytes, which is the limit",
          "subscribed F1",
          "disconnected: the event stream has the byte 0x0a where the length of a record was expected; is "
          "this a Mesos master?",
          "subscribed F1"}));
}

TEST(SchedulerClient, AnEventThatCannotBeReadDoesNotEndTheStream) {
  FakeMaster master([](Connection& connection, const Request&, int) {
    connection.open_stream();
    connection.event(kSubscribed);
    connection.event("{\"type\":");
    connection.event(R"({"type":"UPDATE","update":{"status":7}})");
    connection.event(R"({"type":"NEWS","news":[1]})");
    connection.event(rescind("O1"));
    connection.wait_for_close();
    return false;
  });
  Harness harness(master);
  EXPECT_EQ(harness.wait_for_events(2), (Lines{"subscribed F1", "rescinded O1"}));
}

// ---- finding the leader

TEST(SchedulerClient, FollowsRedirectsWithAndWithoutAScheme) {
  FakeMaster leader(
      [](Connection& connection, const Request& request, int) { return good(connection, request); });
  const auto redirect_to = [](const std::string& location) {
    return [location](Connection& connection, const Request&, int) {
      connection.answer("307 Temporary Redirect", "Location: " + location + "\r\n");
      return true;
    };
  };
  FakeMaster second(redirect_to("http://" + leader.address() + "/"));
  FakeMaster first(redirect_to("//" + second.address() + "/api/v1/scheduler"));
  Harness harness(first);
  EXPECT_EQ(harness.wait_for_events(1), Lines{"subscribed F1"});
  EXPECT_EQ(harness.client.status(), "subscribed to " + leader.address());
  EXPECT_TRUE(leader.wait_for_subscribes(1)[0].head.starts_with("POST /api/v1/scheduler HTTP/1.1\r\n"));

  harness.client.send(kill("t1"));
  EXPECT_EQ(task_of(leader.wait_for_calls(1)[0]), "t1") << "calls go to the leader";
}

TEST(SchedulerClient, DoesNotFollowRedirectsForEver) {
  std::string address;
  FakeMaster master([&address](Connection& connection, const Request& request, int number) {
    if (number > 6) return good(connection, request);
    connection.answer("307 Temporary Redirect", "Location: //" + address + "/api/v1/scheduler\r\n");
    return true;
  });
  address = master.address();
  ClientConfig config = Harness::config({address});
  config.backoff_min = config.backoff_max = std::chrono::hours(1);
  Harness harness(std::move(config));
  EXPECT_EQ(harness.wait_for_status("; trying again"),
            "the masters redirect to each other, last to " + address + "; trying again in N s");
  EXPECT_EQ(master.wait_for_subscribes(6).size(), 6u);
}

TEST(SchedulerClient, GoesThroughItsMastersUntilOneLeads) {
  FakeMaster electing([](Connection& connection, const Request&, int) {
    connection.answer("503 Service Unavailable", "", "No leader elected");
    return true;
  });
  FakeMaster leader(
      [](Connection& connection, const Request& request, int) { return good(connection, request); });
  ClientConfig config =
      Harness::config({"127.0.0.1:1", electing.address(), "http://" + leader.address() + "/"});
  config.backoff_min = config.backoff_max = std::chrono::hours(1);  // there is no wait between masters
  Harness harness(std::move(config));
  EXPECT_EQ(harness.wait_for_events(1), Lines{"subscribed F1"});
}

TEST(SchedulerClient, SaysWhyItIsNotSubscribed) {
  FakeMaster electing([](Connection& connection, const Request&, int) {
    connection.answer("503 Service Unavailable", "", "No leader elected\n");
    return true;
  });
  const auto status_with = [](const std::string& master) {
    ClientConfig config = Harness::config({master});
    config.backoff_min = std::chrono::hours(1);
    Harness harness(std::move(config));
    return harness.wait_for_status("; trying again");
  };
  EXPECT_EQ(status_with("127.0.0.1:1"), "cannot reach 127.0.0.1:1: Connection refused; trying again in N s");
  EXPECT_EQ(status_with(electing.address()),
            electing.address() + " answered HTTP 503: No leader elected; trying again in N s");
  EXPECT_EQ(status_with("no-such-host.invalid:5050"),
            "cannot reach no-such-host.invalid:5050: the name cannot be resolved; trying again in N s");
}

// ---- ERROR events

TEST(SchedulerClient, RestsAfterItsFrameworkWasRemovedUntilItGetsANewId) {
  FakeMaster master([](Connection& connection, const Request& request, int number) {
    if (number > 1) return good(connection, request);
    connection.open_stream();
    connection.event(error("Framework has been removed"));
    connection.end_stream();
    return false;
  });
  ClientConfig config = Harness::config({master.address()});
  config.framework.id = "F0";
  Harness harness(std::move(config));
  EXPECT_EQ(harness.wait_for_events(1), Lines{"error: Framework has been removed"});
  EXPECT_EQ(harness.wait_for_status("refused"),
            "refused by " + master.address() + ": Framework has been removed");
  EXPECT_EQ(master.wait_for_subscribes(1).size(), 1u);

  harness.client.set_framework_id("");
  EXPECT_EQ(harness.wait_for_events(2)[1], "subscribed F1");
  EXPECT_FALSE(nlohmann::json::parse(master.wait_for_subscribes(2)[1].body).contains("framework_id"));
}

TEST(SchedulerClient, RestsWhenAnotherInstanceTookOver) {
  FakeMaster master([](Connection& connection, const Request&, int) {
    connection.open_stream();
    connection.event(kSubscribed);
    connection.event(error("Framework failed over"));
    connection.end_stream();
    return false;
  });
  Harness harness(master);
  EXPECT_EQ(harness.wait_for_events(3),
            (Lines{"subscribed F1", "error: Framework failed over", "disconnected: Framework failed over"}));
  EXPECT_EQ(harness.client.status(), "refused by " + master.address() + ": Framework failed over");
  EXPECT_EQ(master.wait_for_subscribes(1).size(), 1u);
}

TEST(SchedulerClient, TriesAgainAfterOtherErrors) {
  FakeMaster master([](Connection& connection, const Request& request, int number) {
    if (number > 2) return good(connection, request);
    connection.open_stream();
    connection.event(error("Not authorized"));
    connection.end_stream();
    return false;
  });
  Harness harness(master);
  EXPECT_EQ(harness.wait_for_events(3),
            (Lines{"error: Not authorized", "error: Not authorized", "subscribed F1"}));
}

// ---- calls

TEST(SchedulerClient, SendsCallsInOrderWithTheStreamId) {
  FakeMaster master(
      [](Connection& connection, const Request& request, int) { return good(connection, request); });
  Harness harness(master);
  harness.wait_for_events(1);
  for (int i = 0; i < 200; ++i) harness.client.send(kill(task(i)));
  const auto calls = master.wait_for_calls(200);
  for (int i = 0; i < 200; ++i) EXPECT_EQ(task_of(calls[static_cast<size_t>(i)]), task(i));
  EXPECT_NE(calls[7].head.find("\r\nMesos-Stream-Id: stream-1\r\n"), std::string::npos) << calls[7].head;
  EXPECT_EQ(nlohmann::json::parse(calls[7].body),
            nlohmann::json::parse(R"({"framework_id":{"value":"F1"},"type":"KILL",
                                      "kill":{"task_id":{"value":"task-7"},"agent_id":{"value":"S1"}}})"));
}

// The master answers the first ACCEPT only when the second is there, and a KILL only
// after both.
TEST(SchedulerClient, SendsTogetherWhatNeedsNoOrderAndLetsTheRestWait) {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::string> arrived;
  std::vector<size_t> answered_before_kill;
  size_t answered = 0;
  FakeMaster master([&](Connection& connection, const Request& request, int) {
    if (request.is_subscribe()) return good(connection, request);
    std::unique_lock lock(mutex);
    arrived.push_back(nlohmann::json::parse(request.body).at("type"));
    if (arrived.back() == "KILL") answered_before_kill.push_back(answered);
    changed.notify_all();
    const bool together =
        changed.wait_for(lock, std::chrono::seconds(20), [&] { return arrived.size() % 3 != 1; });
    ++answered;
    connection.answer(together ? "202 Accepted" : "500 they did not come together");
    return true;
  });
  Harness harness(master);
  harness.wait_for_events(1);
  for (int round = 0; round < 2; ++round) {
    harness.client.send(call::Accept{{"O" + std::to_string(round)}, {}, 1});
    harness.client.send(call::Decline{{"P" + std::to_string(round)}, 5});
    harness.client.send(kill("t"));
  }
  EXPECT_TRUE(harness.client.settle(std::chrono::seconds(30)));
  EXPECT_EQ(arrived[2], "KILL");
  EXPECT_EQ(arrived[5], "KILL");
  EXPECT_EQ(answered_before_kill, (std::vector<size_t>{2, 5}));
  EXPECT_EQ(harness.wait_for_events(1), Lines{"subscribed F1"}) << "nothing was refused";
}

TEST(SchedulerClient, ReportsRefusedCallsAndGoesOn) {
  FakeMaster master([](Connection& connection, const Request& request, int number) {
    if (request.is_subscribe()) return good(connection, request);
    if (number == 1) connection.answer("403 Forbidden", "", "Framework is not subscribed");
    if (number == 2) connection.answer("503 Service Unavailable", "", "later");
    if (number == 3) return false;  // closed without an answer
    if (number == 4) connection.answer("400 Bad Request", "", std::string(200000, 'x'));
    if (number == 5) connection.answer("202 Accepted");
    return true;
  });
  Harness harness(master);
  harness.wait_for_events(1);
  for (int i = 1; i <= 5; ++i) harness.client.send(kill("t"));
  master.wait_for_calls(5);
  Lines lines = harness.wait_for_events(5);
  EXPECT_EQ(lines[1], "rejected 403: Framework is not subscribed");
  EXPECT_EQ(lines[2], "rejected 503: later");
  EXPECT_EQ(lines[3], "rejected 0: the connection was closed without an answer") << "and it is not repeated";
  EXPECT_EQ(lines[4].size(), std::string("rejected 400: ").size() + 64 * 1024)
      << "what is kept of a body is limited";
}

TEST(SchedulerClient, ACallThatIsOnItsWayWhenTheStreamEndsIsReported) {
  std::atomic<Connection*> stream{nullptr};
  FakeMaster master([&stream](Connection& connection, const Request& request, int number) {
    if (request.is_subscribe() && number == 1) {
      connection.open_stream();
      connection.event(kSubscribed);
      stream = &connection;
      connection.wait_for_close();
      return false;
    }
    if (request.is_subscribe()) return good(connection, request);
    stream.load()->end_stream();
    connection.wait_for_close();
    return false;
  });
  Harness harness(master);
  harness.wait_for_events(1);
  harness.client.send(kill("t1"));
  harness.client.send(kill("t2"));  // waits behind, and must not reach the next stream
  EXPECT_EQ(harness.wait_for_events(4),
            (Lines{"subscribed F1", "rejected 0: the stream ended before the answer came",
                   "disconnected: the master closed the stream", "subscribed F1"}));
  harness.client.send(kill("t3"));
  EXPECT_EQ(task_of(master.wait_for_calls(2)[1]), "t3");
}

TEST(SchedulerClient, DropsCallsWithoutASubscription) {
  FakeMaster master(
      [](Connection& connection, const Request& request, int) { return good(connection, request); });
  ClientConfig config = Harness::config({master.address()});
  std::mutex mutex;
  std::condition_variable changed;
  int subscribed = 0;
  SchedulerClient client(std::move(config), [&](Event) {
    const std::lock_guard lock(mutex);
    ++subscribed;
    changed.notify_all();
  });
  client.send(kill("too early"));
  client.start();
  std::unique_lock lock(mutex);
  ASSERT_TRUE(changed.wait_for(lock, std::chrono::seconds(20), [&] { return subscribed > 0; }));
  lock.unlock();
  client.send(kill("in time"));
  EXPECT_EQ(task_of(master.wait_for_calls(1)[0]), "in time");
  client.stop(milliseconds(0));
  client.send(kill("too late"));
  EXPECT_EQ(client.status(), "stopped");
}

TEST(SchedulerClient, SettlesWhenEveryCallWasAnswered) {
  FakeMaster master(
      [](Connection& connection, const Request& request, int) { return good(connection, request); });
  Harness harness(master);
  harness.wait_for_events(1);
  EXPECT_TRUE(harness.client.settle(milliseconds(0))) << "nothing was sent";
  for (int i = 0; i < 50; ++i) harness.client.send(kill("t"));
  EXPECT_TRUE(harness.client.settle(std::chrono::seconds(20)));
  EXPECT_EQ(master.wait_for_calls(0).size(), 50u) << "all of them had arrived";
}

TEST(SchedulerClient, SettlesWhenTheStreamEndsAndGivesUpOnAMasterThatHangs) {
  std::atomic<Connection*> stream{nullptr};
  FakeMaster master([&stream](Connection& connection, const Request& request, int number) {
    if (request.is_subscribe() && number == 1) {
      connection.open_stream();
      connection.event(kSubscribed);
      stream = &connection;
      connection.wait_for_close();
      return false;
    }
    if (request.is_subscribe()) return good(connection, request);
    connection.wait_for_close();
    return false;
  });
  Harness harness(master);
  harness.wait_for_events(1);
  harness.client.send(kill("t1"));
  harness.client.send(kill("t2"));
  master.wait_for_calls(1);
  EXPECT_FALSE(harness.client.settle(milliseconds(5)));
  stream.load()->end_stream();
  EXPECT_TRUE(harness.client.settle(std::chrono::seconds(20))) << "one is reported, one is dropped";
}

TEST(SchedulerClient, StopSendsWhatIsQueued) {
  FakeMaster master(
      [](Connection& connection, const Request& request, int) { return good(connection, request); });
  Harness harness(master);
  harness.wait_for_events(1);
  for (int i = 0; i < 50; ++i) harness.client.send(kill("t"));
  harness.client.stop(std::chrono::seconds(20));
  EXPECT_EQ(master.wait_for_calls(50).size(), 50u);
}

TEST(SchedulerClient, StopDoesNotWaitForAMasterThatHangs) {
  FakeMaster master([](Connection& connection, const Request& request, int) {
    if (request.is_subscribe()) return good(connection, request);
    connection.wait_for_close();
    return false;
  });
  Harness harness(master);
  harness.wait_for_events(1);
  harness.client.send(kill("t"));
  master.wait_for_calls(1);
  const auto begin = std::chrono::steady_clock::now();
  harness.client.stop(milliseconds(50));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST(SchedulerClient, AuthenticatesEveryRequest) {
  FakeMaster master(
      [](Connection& connection, const Request& request, int) { return good(connection, request); });
  ClientConfig config = Harness::config({master.address()});
  config.principal = "ostler";
  config.secret = "s3cret";
  Harness harness(std::move(config));
  harness.wait_for_events(1);
  harness.client.send(kill("t"));
  for (const Request& request : {master.wait_for_subscribes(1)[0], master.wait_for_calls(1)[0]}) {
    EXPECT_NE(request.head.find("\r\nAuthorization: Basic b3N0bGVyOnMzY3JldA==\r\n"), std::string::npos);
  }
}

}  // namespace
}  // namespace ostler::mesos

int main(int argc, char** argv) {
  ostler::mesos::init_once();
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
