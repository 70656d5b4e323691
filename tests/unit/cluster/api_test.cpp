// The HTTP face without sockets: errors word for word, and the stream's records.
#include "cluster/http/api.h"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cluster/http/control.h"
#include "cluster/options.h"
#include "recording.h"

namespace ostler::cluster {
namespace {

using nlohmann::json;

class ApiTest : public ::testing::Test {
 protected:
  ApiTest() : cluster_(options(), nullptr), control_(cluster_), api_(cluster_, control_) {}
  ~ApiTest() override { cluster_.stop(); }

  static Cluster::Options options() {
    Cluster::Options made;
    made.simulate = true;
    made.seed = 5;
    ClusterOptions agents;
    agents.agents = 2;
    made.agents = *make_agents(agents, "/nowhere");
    return made;
  }
  HttpAnswer post(const std::string& body, std::optional<std::string> stream = {}) {
    return api_.handle(
        {"POST", "/api/v1/scheduler", body, "application/json", "application/json", std::move(stream)});
  }
  // What the stream sends until `enough` records have come or it ended.
  std::vector<json> records(HttpAnswer& answer, size_t enough, bool* ended = nullptr) {
    std::string bytes;
    std::vector<json> found;
    const auto write = [&](const std::string& more) {
      bytes += more;
      return true;
    };
    for (int turns = 0; found.size() < enough && turns < 100; ++turns) {
      const auto next = answer.stream(write, true);
      while (!bytes.empty()) {
        const auto newline = bytes.find('\n');
        const auto length = std::stoul(bytes.substr(0, newline));
        found.push_back(json::parse(bytes.substr(newline + 1, length)));
        bytes.erase(0, newline + 1 + length);
      }
      if (next != HttpAnswer::Next::kMore) {
        if (ended != nullptr) *ended = true;
        break;
      }
    }
    return found;
  }

  Cluster cluster_;
  Control control_;
  Api api_;
};

constexpr const char* kSubscribe =
    R"({"type":"SUBSCRIBE","subscribe":{"framework_info":{"user":"root","name":"x","roles":["r"],"principal":"p",
        "failover_timeout":600,"capabilities":[{"type":"MULTI_ROLE"},{"type":"PARTITION_AWARE"}]}}})";

TEST_F(ApiTest, AStreamBeginsWithSubscribedHeartbeatOffers) {
  auto answer = post(kSubscribe);
  ASSERT_EQ(answer.status, 200);
  ASSERT_EQ(answer.headers.at(0).first, "Mesos-Stream-Id");
  const auto found = records(answer, 3);
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0]["type"], "SUBSCRIBED");
  EXPECT_EQ(found[0]["subscribed"]["heartbeat_interval_seconds"], 15.0);
  EXPECT_EQ(found[1], (json{{"type", "HEARTBEAT"}}));
  EXPECT_EQ(found[2]["offers"]["offers"].size(), 2u);
  EXPECT_EQ(found[2]["offers"]["offers"][0]["hostname"], "127.0.0.11");
}

TEST_F(ApiTest, RefusesWhatARealMasterRefusesInItsWords) {
  auto answer = post(kSubscribe);
  const auto stream = answer.headers.at(0).second;
  const auto id = records(answer, 1).at(0)["subscribed"]["framework_id"]["value"].get<std::string>();
  const auto expect = [&](const std::string& body, int status, const std::string& text) {
    const auto got = post(replace_all(body, "$", id), stream);
    EXPECT_EQ(got.status, status) << body;
    EXPECT_EQ(got.body, text) << body;
  };
  expect(R"({"type": "REVIVE", )", 400, "Failed to parse body into JSON: syntax error at line 1 near: ");
  expect("[1,2]", 400, "Failed to convert JSON into Call protobuf: Expecting a JSON object");
  expect(R"({"framework_id":{"value":"$"},"type":"FOO"})", 400,
         "Failed to validate scheduler::Call: Expecting 'type' to be present");
  expect(R"({"framework_id":{"value":"$"},"type":"ACCEPT","accept":{"offer_ids":"x"}})", 400,
         "Failed to convert JSON into Call protobuf: Not expecting a JSON string for field 'offer_ids'");
  expect(R"({"framework_id":{"value":"$"},"type":"ACCEPT"})", 400,
         "Failed to validate scheduler::Call: Expecting 'accept' to be present");
  expect(R"({"framework_id":{"value":"$"},"type":"RECONCILE"})", 400,
         "Failed to validate scheduler::Call: Expecting 'reconcile' to be present");
  expect(
      R"({"framework_id":{"value":"$"},"type":"ACKNOWLEDGE_OPERATION_STATUS","acknowledge_operation_status":
            {"operation_id":{"value":"o"},"uuid":{"value":"AAAAAAAAAAAAAAAAAAAAAA=="}}})",
      400, "Failed to convert JSON into Call protobuf: Not expecting a JSON object for field 'uuid'");
  expect(R"({"framework_id":{"value":"$"},"type":"REVIVE","bogus":1})", 202, "");
  expect(R"({"framework_id":null,"type":"REVIVE"})", 400,
         "Failed to validate scheduler::Call: Expecting 'framework_id' to be present");
}

TEST_F(ApiTest, ALostCallIsAcceptedAndForgotten) {
  auto answer = post(kSubscribe);
  const auto stream = answer.headers.at(0).second;
  const auto found = records(answer, 3);
  const auto id = found.at(0)["subscribed"]["framework_id"]["value"].get<std::string>();
  control_.handle({"POST", "/control/drop", R"({"call":"TEARDOWN","count":1})", {}, {}, {}});
  const auto teardown = R"({"type":"TEARDOWN","framework_id":{"value":")" + id + R"("}})";
  EXPECT_EQ(post(teardown, stream).status, 202);
  EXPECT_EQ(post(teardown, stream).status, 202) << "still subscribed";
  bool ended = false;
  EXPECT_THAT(records(answer, 1, &ended), ::testing::IsEmpty());
  EXPECT_TRUE(ended) << "the second one was carried out";
  EXPECT_EQ(post(teardown, stream).body, "Framework cannot be found");
}

TEST_F(ApiTest, ASchedulerDiesBeforeOrAfterTheCallThatControlNames) {
  for (const bool after : {false, true}) {
    auto answer = post(kSubscribe);
    const auto stream = answer.headers.at(0).second;
    const auto found = records(answer, 3);
    const auto id = found.at(0)["subscribed"]["framework_id"]["value"].get<std::string>();
    const pid_t scheduler = fork();
    if (scheduler == 0) {
      for (;;) pause();
    }
    const json wanted{{"pid", scheduler}, {"call", 2}, {"after", after}};
    EXPECT_EQ(control_.handle({"POST", "/control/kill", wanted.dump(), {}, {}, {}}).status, 200);
    const auto call = [&](const char* type) {
      return json{{"type", type}, {"framework_id", {{"value", id}}}}.dump();
    };
    EXPECT_EQ(post(call("REVIVE"), stream).status, 202);
    EXPECT_EQ(waitpid(scheduler, nullptr, WNOHANG), 0) << "it lives until the second call";
    EXPECT_EQ(post(call("TEARDOWN"), stream).status, after ? 202 : 503);
    int status = 0;
    ASSERT_EQ(waitpid(scheduler, &status, 0), scheduler);
    EXPECT_EQ(WTERMSIG(status), SIGKILL);
    EXPECT_EQ(post(call("REVIVE"), stream).body, after ? "Framework cannot be found" : "")
        << "the call was carried out, or not";
  }
}

TEST_F(ApiTest, ControlNamesWhatIsWrong) {
  const auto text = [&](const std::string& path, const std::string& body) {
    const auto got = control_.handle({"POST", path, body, {}, {}, {}});
    return std::to_string(got.status) + " " + json::parse(got.body)["error"].get<std::string>();
  };
  EXPECT_EQ(text("/control/agents/nope/disconnect", ""),
            "404 no agent 'nope'; give its id, address or number from 0");
  EXPECT_EQ(text("/control/agents/0/explode", ""),
            "404 unknown verb 'explode'; there are disconnect, reconnect, gone, replace, maintenance, add, kill-host");
  EXPECT_EQ(text("/control/master/restart", R"({"registry":"disk"})"),
            "400 \"registry\" is 'disk'; expected \"memory\" or \"replicated\"");
  EXPECT_EQ(text("/control/tasks/nope/kill", ""), "404 no live task 'nope'");
  EXPECT_EQ(text("/control/kill", R"({"pid":1})"),
            R"(400 expected {"pid": 4711, "call": 1, "after": false})");
  EXPECT_THAT(text("/control/drop", "{"), ::testing::StartsWith("400 the body is not JSON: "));
}

TEST_F(ApiTest, StateListsAgentsAndViolations) {
  const auto answer = control_.handle({"GET", "/control/state", {}, {}, {}, {}});
  const auto state = json::parse(answer.body);
  EXPECT_EQ(state["agents"].size(), 2u);
  EXPECT_EQ(state["agents"][1]["address"], "127.0.0.12");
  EXPECT_EQ(state["violation_count"], 0);
}

// Every request of the recording again, in order; ids are translated as they appear.
TEST_F(ApiTest, AnswersTheRecordedErrorsAsRecorded) {
  const auto lines = read_recording("errors");
  if (lines.empty()) GTEST_SKIP() << "no recordings here";
  std::vector<std::pair<std::string, std::string>> translations;
  const auto translate = [&](std::string text) {
    for (const auto& [from, to] : translations) text = replace_all(text, from, to);
    return text;
  };
  std::map<std::string, HttpAnswer> answers;  // by connection
  size_t compared = 0;
  for (const auto& line : lines) {
    const auto kind = line["kind"].get<std::string>();
    const auto connection = line.value("conn", "");
    if (kind == "request") {
      const auto& headers = line["headers"];
      const auto header = [&](const char* name) -> std::optional<std::string> {
        if (!headers.contains(name)) return std::nullopt;
        return translate(headers[name]);
      };
      const auto& body = line["body"];
      answers[connection] = api_.handle(
          {line["method"], line["path"], translate(body.is_string() ? body.get<std::string>() : body.dump()),
           header("Content-Type"), header("Accept"), header("Mesos-Stream-Id")});
    } else if (kind == "response") {
      auto& ours = answers.at(connection);
      EXPECT_EQ(ours.status, line["status"]) << "t=" << line["t"] << " " << ours.body;
      if (ours.status == 200) {
        translations.emplace_back(line["headers"]["Mesos-Stream-Id"], ours.headers.at(0).second);
      } else {
        EXPECT_EQ(ours.body, translate(line["body"])) << "t=" << line["t"];
      }
      ++compared;
    } else if (kind == "event" && line["event"]["type"] != "HEARTBEAT" && line["event"]["type"] != "OFFERS") {
      const auto found = records(answers.at(connection), 1);
      ASSERT_FALSE(found.empty());
      EXPECT_EQ(found[0]["type"], line["event"]["type"]);
      if (found[0]["type"] == "ERROR") {
        EXPECT_EQ(found[0], line["event"]);
      } else {
        translations.emplace_back(line["event"]["subscribed"]["framework_id"]["value"],
                                  found[0]["subscribed"]["framework_id"]["value"]);
      }
    }
  }
  EXPECT_GT(compared, 40u);
}

}  // namespace
}  // namespace ostler::cluster
