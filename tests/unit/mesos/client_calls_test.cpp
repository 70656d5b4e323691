// The calls of the client: their order, their answers, and what becomes of them at the end.
#include <gtest/gtest.h>

#include "client_fixture.h"

namespace ostler::mesos {
namespace {

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
