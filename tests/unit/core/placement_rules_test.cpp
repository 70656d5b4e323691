// Which rule a pod is placed by: its own, and the region that the SDK adds to one that
// names none.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/round.h"
#include "engine_driver.h"

namespace ostler::core {
namespace {

// Remembers what it is asked to compile.
class RecordingJudge final : public Judge {
 public:
  Result<uint64_t> compile(std::string_view rule) override {
    rules.emplace_back(rule);
    return uint64_t{rules.size()};
  }
  void release(uint64_t) override { ++released; }
  Result<void> evaluate(const ostler_round_t&, std::vector<ostler_verdict_t>&) override { return {}; }
  std::string explain(const ostler_round_t&, uint32_t, uint32_t) override { return "[]"; }
  std::vector<std::string> rules;
  int released = 0;
};

std::string rule_of(bool is_region_aware, const std::string& region,
                    std::vector<std::vector<std::string>> placement) {
  spec::ServiceSpec service = test::sample_spec();
  service.region = region;
  service.pods[0].placement = std::move(placement);
  Settings settings;
  settings.is_region_aware = is_region_aware;
  RecordingJudge judge;
  PlacementRules rules(judge);
  const Result<uint64_t> handle = rules.handle(settings, service, service.pods[0]);
  if (!handle.ok()) return "error: " + handle.error().message;
  if (*handle == 0) return "none";
  return judge.rules.at(*handle - 1);
}

TEST(PlacementRules, AServiceThatSeesOneRegionIsPlacedByItsOwnRuleAlone) {
  EXPECT_EQ(rule_of(false, "", {}), "none");
  EXPECT_EQ(rule_of(false, "", {{"hostname", "UNIQUE"}}), R"([["hostname","UNIQUE"]])");
  EXPECT_EQ(rule_of(false, "north", {{"hostname", "UNIQUE"}}), R"([["hostname","UNIQUE"]])")
      << "ALLOW_REGION_AWARENESS is off";
}

TEST(PlacementRules, OneThatSeesAllRegionsStaysInTheMastersUnlessItIsTold) {
  EXPECT_EQ(rule_of(true, "", {}), R"([{"@type":"IsLocalRegionRule"}])");
  EXPECT_EQ(rule_of(true, "", {{"hostname", "UNIQUE"}}),
            R"([["hostname","UNIQUE"],{"@type":"IsLocalRegionRule"}])");
  EXPECT_EQ(rule_of(true, "north", {}), R"([["@region","IS","north"]])");
  EXPECT_EQ(rule_of(true, "north", {{"@zone", "GROUP_BY"}}),
            R"([["@zone","GROUP_BY"],["@region","IS","north"]])");
}

TEST(PlacementRules, ARuleThatNamesARegionIsLeftAlone) {
  EXPECT_EQ(rule_of(true, "", {{"@region", "LIKE", "n.*"}}), R"([["@region","LIKE","n.*"]])");
  EXPECT_EQ(rule_of(true, "north", {{"@region", "UNIQUE"}, {"hostname", "UNIQUE"}}),
            R"([["@region","UNIQUE"],["hostname","UNIQUE"]])");
}

TEST(PlacementRules, EachIsCompiledOnceAndReleasedInTheEnd) {
  spec::ServiceSpec service = test::sample_spec();
  RecordingJudge judge;
  {
    PlacementRules rules(judge);
    const Settings settings;
    for (int i = 0; i < 3; ++i) EXPECT_EQ(*rules.handle(settings, service, service.pods[0]), 1U);
  }
  EXPECT_EQ(judge.rules.size(), 1U);
  EXPECT_EQ(judge.released, 1);
}

TEST(PlacementRules, OneThatIsNoRuleIsSaidSo) {
  spec::ServiceSpec service = test::sample_spec();
  service.pods[0].placement_error = "Unsupported operator: 'NEAR'";
  RecordingJudge judge;
  PlacementRules rules(judge);
  EXPECT_EQ(rules.handle({}, service, service.pods[0]).error().message, "Unsupported operator: 'NEAR'");
}

// Each launch makes room for the next, on agents that were declined before it.
TEST(PlacementRules, WhoSpreadsItsPodsLooksAgainAtWhatALaunchMakesRoomOn) {
  spec::ServiceSpec service = test::sample_spec(spec::Strategy::kParallel, 2);
  service.pods[0].placement = {{"hostname", "GROUP_BY", "2"}};
  service.pods[0].resource_sets[0].cpus_milli = 3000;  // so the second cannot go where the first is
  test::EngineDriver driver(service);
  driver.subscribe();
  test::FakeOffer small = test::big_offer(2);
  small.resources[0] = test::scalar("cpus", 0.1);
  driver.offer({test::big_offer(1), small});
  for (int i = 0; i < 10; ++i) driver.advance(1000);
  EXPECT_FALSE(driver.calls_of<mesos::call::Revive>().empty());
}

}  // namespace
}  // namespace ostler::core
