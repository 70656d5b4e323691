// POST: which command a request becomes, and which reply an answer.
#include <gtest/gtest.h>

#include "api/api.h"
#include "sample_snapshot.h"

namespace ostler::api {
namespace {

namespace command = core::command;
using Outcome = core::Answer::Outcome;

class Commands : public ::testing::Test {
 protected:
  Commands() { api_.publish(std::make_shared<const core::Snapshot>(test::sample_snapshot())); }

  Response post(std::string_view path, std::string_view query = "", std::string_view body = "") {
    Request request;
    request.method = "POST";
    request.path = path;
    request.query = query;
    request.body = body;
    return api_.handle(request);
  }
  template <typename T>
  const T& last() {
    return std::get<T>(commands_.back());
  }

  std::vector<core::Command> commands_;
  core::Answer answer_{Outcome::kDone, "Received cmd: x", {}, {}};
  MetricsRegistry metrics_;
  Api api_{{[](const spec::ServiceSpec&) { return std::string("{}"); },
            [this](core::Command command) {
              commands_.push_back(std::move(command));
              return answer_;
            }},
           metrics_};
};

TEST_F(Commands, ReadsTheTargetOutOfThePathAndTheQuery) {
  const Response response =
      post("/v1/plans/deploy/restart", "phase=node-update&step=zookeeper-0%3A%5Bserver%5D");
  EXPECT_EQ(response.status, 200U);
  EXPECT_EQ(response.body, "{\n  \"message\": \"Received cmd: x\"\n}");
  const command::Target& target = last<command::PlanRestart>().target;
  EXPECT_EQ(target.plan, "deploy");
  EXPECT_EQ(target.phase, "node-update");
  EXPECT_EQ(target.step, "zookeeper-0:[server]");

  post("/v1/plans/deploy/interrupt", "phase=");
  EXPECT_FALSE(last<command::PlanInterrupt>().target.phase) << "empty is absent";
  post("/v1/plan/continue");
  EXPECT_EQ(last<command::PlanContinue>().target.plan, "deploy");
}

TEST_F(Commands, ReadsParametersOfStart) {
  post("/v1/plans/backup/start", "", R"({"A": "1", "B": "two"})");
  EXPECT_EQ(last<command::PlanStart>().plan, "backup");
  EXPECT_EQ(last<command::PlanStart>().parameters,
            (std::map<std::string, std::string>{{"A", "1"}, {"B", "two"}}));
  post("/v1/plans/backup/start");
  EXPECT_TRUE(last<command::PlanStart>().parameters.empty());
  const size_t before = commands_.size();
  for (const char* body : {"[]", "{\"A\": 1}", "{", "null", "7"}) {
    const Response response = post("/v1/plans/backup/start", "", body);
    EXPECT_EQ(response.status, 400U) << body;
    EXPECT_EQ(response.body,
              "Couldn't parse parameters: expected a JSON object of texts, {\"NAME\": \"value\"}");
  }
  EXPECT_EQ(commands_.size(), before);
}

TEST_F(Commands, AnswersWithTheSdksCodes) {
  const std::pair<Outcome, uint32_t> codes[] = {{Outcome::kAlready, 208},
                                                {Outcome::kNotFound, 404},
                                                {Outcome::kInvalid, 400},
                                                {Outcome::kUnavailable, 503}};
  for (const auto& [outcome, code] : codes) {
    answer_ = {outcome, "why\nnot", {}, {}};
    const Response response = post("/v1/plans/deploy/stop");
    EXPECT_EQ(response.status, code);
    EXPECT_EQ(response.body, "why?not");
  }
}

TEST_F(Commands, AreRefusedUntilTheCoreHasBegun) {
  Api early{{[](const spec::ServiceSpec&) { return std::string("{}"); }, {}}, metrics_};
  Request request;
  request.method = "POST";
  request.path = "/v1/plans/deploy/stop";
  const Response response = early.handle(request);
  EXPECT_EQ(response.status, 503U);
  EXPECT_EQ(response.body, "the scheduler is starting");
  EXPECT_EQ(post("/v1/plans/deploy").status, 405U) << "only GET";
}

TEST_F(Commands, ReadsWhetherAnAdvisorIsToBeOverruled) {
  post("/v1/pod/zookeeper-0/restart");
  EXPECT_FALSE(last<command::PodRestart>().force);
  post("/v1/pod/zookeeper-0/restart", "force=true");
  EXPECT_TRUE(last<command::PodRestart>().force);
  post("/v1/pod/zookeeper-0/replace", "force=true");
  EXPECT_TRUE(last<command::PodReplace>().force);
  const size_t before = commands_.size();
  EXPECT_EQ(post("/v1/pod/zookeeper-0/replace", "force=yes").status, 400U);
  EXPECT_EQ(commands_.size(), before);
}

}  // namespace
}  // namespace ostler::api
