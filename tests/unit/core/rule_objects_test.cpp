// The rule objects of the SDK in a pod's placement, from the configuration to the offers
// plugin: one that it cannot read is refused before anything is deployed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/engine.h"
#include "engine_driver.h"
#include "simulation/matcher_judge.h"

namespace ostler::core::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

spec::ServiceSpec placed_by(const std::string& rule) {
  spec::ServiceSpec service = sample_spec(spec::Strategy::kParallel);
  service.pods[0].placement = {{rule}};
  return service;
}

TEST(RuleObjects, ReachTheOffersPluginAmongConstraintsToo) {
  simulation::MatcherJudge judge;
  PlacementRules rules(judge);
  spec::ServiceSpec service = placed_by(R"({"@type":"TaskTypeRule","type":"data","behavior":"AVOID"})");
  EXPECT_THAT(rules.refusals(Settings(), service), IsEmpty());
  service.pods[0].placement.push_back({"hostname", "UNIQUE"});
  EXPECT_THAT(rules.refusals(Settings(), service), IsEmpty());
  service.pods[0].placement.push_back({R"({"@type":"MaxPerZoneRule"})"});
  EXPECT_THAT(rules.refusals(Settings(), service),
              ElementsAre(Pair("zookeeper", HasSubstr("'max' is missing"))));
}

// It would have waited for offers for ever.
TEST(RuleObjects, RefuseAConfigurationWhoseRuleThePluginCannotRead) {
  simulation::MatcherJudge judge;
  SeededIds ids(7);
  Effects out;
  Engine first(Settings(), StoredState(), judge, ids);
  first.start(std::make_shared<const spec::ServiceSpec>(placed_by(R"({"@type":"NearRule"})")), {}, out);
  ASSERT_EQ(out.size(), 1U);
  const auto* exit = std::get_if<effect::Exit>(&out[0]);
  ASSERT_NE(exit, nullptr);
  EXPECT_THAT(exit->message, HasSubstr("The PlacementRule for PodSpec 'zookeeper' had invalid constraints"));
  EXPECT_THAT(exit->message, HasSubstr("unknown rule 'NearRule'"));
}

}  // namespace
}  // namespace ostler::core::test
