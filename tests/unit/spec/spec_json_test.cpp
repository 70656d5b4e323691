// Stored configurations.
#include "spec/spec_json.h"

#include <gtest/gtest.h>

#include "spec/load.h"

namespace ostler::spec {
namespace {

ServiceSpec every_key() {
  auto result =
      load_service({OSTLER_SPEC_DATA "/accepted/every-key.yml",
                    {{"SERVICE_REGION", "north"}, {"POD_REPLACEMENT_FAILURE_POLICY_ENABLED", "true"}},
                    false});
  return *result.spec;
}

std::string failure(const std::string& text) {
  auto spec = from_json(text);
  return spec.ok() ? "read" : spec.error().text();
}

TEST(SpecJson, ReadsBackEveryKeyAsItWasWritten) {
  const ServiceSpec spec = every_key();
  const auto compact = from_json(to_json(spec));
  ASSERT_TRUE(compact.ok()) << compact.error().text();
  EXPECT_EQ(*compact, spec);
  EXPECT_EQ(*from_json(to_json(spec, 2)), spec);
  EXPECT_EQ(to_json(*compact), to_json(spec)) << "the same text for the same specification";
}

TEST(SpecJson, LeavesOutWhatIsDefaultAndStepsThatFollowFromThePod) {
  ServiceSpec spec;
  spec.name = "s";
  PodSpec pod;
  pod.type = "p";
  pod.count = 2;
  pod.tasks.push_back({});
  pod.tasks[0].name = "t";
  pod.tasks[0].cmd = "c";
  spec.pods.push_back(pod);
  spec.plans.push_back(
      {"deploy", Strategy::kSerial, {{"p", "p", Strategy::kParallel, false, {{0, {"t"}}, {1, {"t"}}}}}});
  EXPECT_EQ(
      to_json(spec),
      R"({"name":"s","user":"root","zookeeper":"master.mesos:2181","pod-specs":[{"type":"p","count":2,)"
      R"("task-specs":[{"name":"t","goal":"RUNNING","essential":true,"command":"c"}],"pre-reserved-role":"*"}],)"
      R"("plans":[{"name":"deploy","strategy":"serial","phases":[{"name":"p","pod":"p","strategy":"parallel"}]}]})");
  EXPECT_EQ(*from_json(to_json(spec)), spec);
}

TEST(SpecJson, SkipsKeysOfOtherVersions) {
  std::string text = to_json(every_key());
  text.insert(1, R"("from-the-future":{"a":[1,2]},)");
  ASSERT_TRUE(from_json(text).ok());
  EXPECT_EQ(*from_json(text), every_key());
}

TEST(SpecJson, SaysWhereAStoredTextIsDamaged) {
  const std::string what = "a stored configuration cannot be read: ";
  EXPECT_EQ(failure(""), what + "found text that is not JSON, expected an object");
  EXPECT_EQ(failure("[]"), what + "found array, expected an object");
  EXPECT_EQ(failure(R"({"name":5})"), "name: " + what + "found number, expected a text");
  EXPECT_EQ(failure(R"({"pod-specs":[{"count":1.5}]})"),
            "pod-specs[0].count: " + what + "found number, expected a whole number");
  EXPECT_EQ(failure(R"({"pod-specs":[{"count":4294967297}]})"),
            "pod-specs[0].count: " + what + "found 4294967297, expected -2147483648 to 2147483647");
  EXPECT_EQ(failure(R"({"pod-specs":[{"resource-sets":[{"ports":[{"value":-1}]}]}]})"),
            "pod-specs[0].resource-sets[0].ports[0].value: " + what + "found -1, expected 0 to 65535");
  EXPECT_EQ(failure(R"({"pod-specs":[{"shm-size":18446744073709551615}]})").substr(0, 22),
            "pod-specs[0].shm-size:");
  EXPECT_EQ(failure(R"({"plans":[{"strategy":"fast"}]})"),
            "plans[0].strategy: " + what + "found 'fast', expected the name of a strategy");
  EXPECT_EQ(failure(R"({"plans":[{"name":"d","phases":[{"name":"x","pod":"gone"}]}]})"),
            "plans.d.x: " + what + "found the pod 'gone', expected a pod of the service");
  EXPECT_EQ(failure(R"({"pod-specs":[{"type":"p","count":2000000000}],"plans":[{"phases":[{"pod":"p"}]}]})"),
            "pods.p: " + what + "found 2000000000 instances");
  EXPECT_EQ(failure(R"({"x":)" + std::string(200, '[') + std::string(200, ']') + "}"),
            what + "found values nested too deeply");
}

}  // namespace
}  // namespace ostler::spec
