// The client and its stream, on a master that behaves and on many that do not.
#include <gtest/gtest.h>

#include <future>

#include "client_fixture.h"
#include "support/few_files.h"

namespace ostler::mesos {
namespace {

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

// F25. It waits between two tries as it does for a master that is down.
TEST(SchedulerClient, SaysThatThereAreNoDescriptorsAndSubscribesOnceThereAre) {
  test::NoFiles files;
  std::promise<void> ends;
  FakeMaster master([&](Connection& connection, const Request& request, int number) {
    if (number > 1) return good(connection, request);
    connection.open_stream();
    connection.event(kSubscribed);
    ends.get_future().wait();
    connection.end_stream();
    return false;
  });
  Harness harness(master);
  harness.wait_for_events(1);
  files.run_out();
  ends.set_value();
  EXPECT_EQ(harness.wait_for_status("Too many open files"),
            "cannot reach " + master.address() + ": Too many open files; trying again in N s");
  files.recover();
  EXPECT_EQ(harness.wait_for_events(3).back(), "subscribed F1");
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

}  // namespace
}  // namespace ostler::mesos
