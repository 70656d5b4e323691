// What comes in with POST /v1/configurations/preview is not to be trusted.
#include "api/preview.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "spec/spec_check.h"
#include "spec/spec_json.h"

namespace ostler::api {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

spec::ServiceSpec sound() {
  spec::ServiceSpec spec;
  spec.name = "s";
  spec::PodSpec pod;
  pod.type = "p";
  pod.count = 1;
  pod.resource_sets.emplace_back().id = "set";
  spec::TaskSpec& task = pod.tasks.emplace_back();
  task.name = "t";
  task.resource_set = "set";
  spec.pods = {pod};
  spec.plans = {
      {"deploy", spec::Strategy::kSerial, {{"p", "p", spec::Strategy::kSerial, false, {{0, {"t"}}}}}}};
  return spec;
}

std::string refusal(const std::string& body) {
  const auto candidate = candidate_of(body);
  return candidate.ok() ? "accepted" : candidate.error().message;
}

TEST(Preview, TakesWhatCheckPrints) {
  const auto candidate = candidate_of(spec::to_json(sound(), 2));
  ASSERT_TRUE(candidate.ok()) << candidate.error().text();
  EXPECT_EQ(**candidate, sound());
}

TEST(Preview, SaysWhatIsWrongWithABody) {
  const std::string expected = "; expected a specification as `ostler check -o json SVC.YML` prints it";
  EXPECT_EQ(refusal("name: s"), "the body: found text that is not JSON, expected an object" + expected);
  EXPECT_EQ(refusal(R"({"pod-specs":[{"count":"3"}]})"),
            "pod-specs[0].count: found string, expected a whole number" + expected);
}

TEST(Preview, RefusesPartsThatDoNotFitTogetherAllAtOnce) {
  spec::ServiceSpec spec = sound();
  spec.name = "a b";
  spec.pods[0].tasks[0].resource_set = "other";
  spec.pods[0].tasks.push_back(spec.pods[0].tasks[0]);
  spec.plans[0].name = "update";
  EXPECT_THAT(spec::broken_references(sound()), IsEmpty());
  EXPECT_THAT(
      spec::broken_references(spec),
      ElementsAre(
          "name: found 'a b', expected a service name",
          "pod-specs[p].task-specs[t].resource-set: found 'other', expected one of the pod's resource sets",
          "pod-specs[p].task-specs: found 't' twice",
          "pod-specs[p].task-specs[t].resource-set: found 'other', expected one of the pod's resource sets",
          "plans: found no plan 'deploy'"));
  spec = sound();
  spec.plans[0].phases[0].steps = {{7, {"none"}}};
  EXPECT_THAT(spec::broken_references(spec),
              ElementsAre("plans.deploy.p: found instance 7 of pod 'p'",
                          "plans.deploy.p: found the task 'none', expected one of the pod"));
}

TEST(Preview, ShowsAllOfAnAnswer) {
  core::Preview preview;
  preview.target = "id";
  preview.objections = {{"UserCannotChange", "user", true, "root", "nobody", "revert"}};
  preview.differences = {{"user", "root", "nobody", "", {}, spec::Impact::kRestart}};
  preview.offers = "none";
  const Response response = preview_response(preview);
  EXPECT_EQ(response.status, 200u);
  EXPECT_EQ(response.body, R"({
  "accepted": false,
  "target": "id",
  "isChange": false,
  "objections": [
    {
      "validator": "UserCannotChange",
      "field": "user",
      "before": "root",
      "after": "nobody",
      "message": "revert"
    }
  ],
  "differences": [
    {
      "field": "user",
      "before": "root",
      "after": "nobody",
      "impact": "restart"
    }
  ],
  "steps": [],
  "hasMoreSteps": false,
  "then": "",
  "offers": "none"
})");
}

}  // namespace
}  // namespace ostler::api
