// The three forms of a placement constraint, and what is wrong with others.
#include "spec/placement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ostler::spec {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Placement, ReadsItsThreeForms) {
  EXPECT_THAT(parse_placement(R"(["hostname","unique"])").rows,
              ElementsAre(ElementsAre("hostname", "UNIQUE")));
  EXPECT_THAT(parse_placement(R"( [["hostname","UNIQUE"], ["@zone","GROUP_BY","3"]] )").rows,
              ElementsAre(ElementsAre("hostname", "UNIQUE"), ElementsAre("@zone", "GROUP_BY", "3")));
  EXPECT_THAT(parse_placement(R"([["rack","MAX_PER",2], ["ssd","IS",true]])").rows,
              ElementsAre(ElementsAre("rack", "MAX_PER", "2"), ElementsAre("ssd", "IS", "true")));
  EXPECT_THAT(parse_placement("hostname:UNIQUE, rack : LIKE : r1 ").rows,
              ElementsAre(ElementsAre("hostname", "UNIQUE"), ElementsAre("rack", "LIKE", "r1")));
  EXPECT_THAT(parse_placement(R"(rack:IS:a\:b\,c)").rows, ElementsAre(ElementsAre("rack", "IS", "a:b,c")));
  EXPECT_THAT(parse_placement(R"(rack:LIKE:r\d+)").rows, ElementsAre(ElementsAre("rack", "LIKE", R"(r\d+)")));
}

TEST(Placement, KeepsRuleObjectsAloneAndAmongConstraints) {
  EXPECT_THAT(parse_placement(R"( {"@type": "AgentRule", "agent-id": "S1"})").rows,
              ElementsAre(ElementsAre(R"({"@type":"AgentRule","agent-id":"S1"})")));
  const Placement mixed = parse_placement(R"([["hostname","unique"],{"@type":"MaxPerZoneRule","max":1}])");
  EXPECT_THAT(mixed.rows, ElementsAre(ElementsAre("hostname", "UNIQUE"),
                                      ElementsAre(R"({"@type":"MaxPerZoneRule","max":1})")));
  EXPECT_EQ(mixed.error, "");
  EXPECT_TRUE(placement_names(mixed.rows, "@zone"));
  EXPECT_FALSE(placement_names(mixed.rows, "@region"));
}

TEST(Placement, TakesNothingForNoRule) {
  for (const char* text : {"", "  ", "[]"}) {
    const Placement placement = parse_placement(text);
    EXPECT_THAT(placement.rows, IsEmpty()) << text;
    EXPECT_EQ(placement.error, "") << text;
  }
}

TEST(Placement, SaysWhyATextIsNoConstraint) {
  const std::pair<const char*, const char*> cases[] = {
      {"hostname", "Invalid number of entries in rule. Expected 2 or 3, got 1: [hostname]"},
      {"a:IS:b:c", "Invalid number of entries in rule. Expected 2 or 3, got 4: [a, IS, b, c]"},
      {"hostname:NEAR",
       "Unsupported operator: 'NEAR' in constraint: [hostname, NEAR] (expected one of: UNIQUE, CLUSTER, "
       "GROUP_BY, "
       "LIKE, UNLIKE, MAX_PER, IS or IS_NOT)"},
      {"rack:CLUSTER", "Missing required parameter for operator 'CLUSTER'."},
      {"rack:MAX_PER:two",
       "Unable to parse max parameter as integer for 'MAX_PER' operation: [rack, MAX_PER, two]"},
      {R"([["hostname", "UNIQUE", null]])",
       R"(Invalid constraint: [["hostname", "UNIQUE", null]] (expected a JSON list of texts, a list of such )"
       "lists, or a rule object)"},
      {"[[&quot;hostname&quot;]]",
       "Invalid constraint: [[&quot;hostname&quot;]] (expected a JSON list of texts, a list of such "
       "lists, or a rule object); "
       "in a template write {{{NAME}}}, whose value is not escaped"},
      {R"({"rack":"r1"})", R"(A rule object needs its '@type': {"rack":"r1"})"},
      {R"([["hostname","UNIQUE"])",
       R"(Invalid constraint: [["hostname","UNIQUE"] (expected a JSON list of texts, a list of such lists, or a rule object))"},
  };
  for (const auto& [text, error] : cases) EXPECT_EQ(parse_placement(text).error, error) << text;
}

TEST(Placement, RefusesPatternsThatAreNone) {
  EXPECT_THAT(parse_placement(R"([["rack","LIKE","["],["rack","UNLIKE","(?i)x"]])").bad_patterns,
              ElementsAre("[", "(?i)x"));
  EXPECT_THAT(parse_placement(R"([["rack","UNLIKE","(?:a|b)\\d+"]])").bad_patterns, IsEmpty());
}

}  // namespace
}  // namespace ostler::spec
