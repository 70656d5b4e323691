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
  EXPECT_THAT(parse_placement("hostname:UNIQUE, rack : LIKE : r1 ").rows,
              ElementsAre(ElementsAre("hostname", "UNIQUE"), ElementsAre("rack", "LIKE", "r1")));
  EXPECT_THAT(parse_placement(R"(rack:IS:a\:b\,c)").rows, ElementsAre(ElementsAre("rack", "IS", "a:b,c")));
  EXPECT_THAT(parse_placement(R"(rack:LIKE:r\d+)").rows, ElementsAre(ElementsAre("rack", "LIKE", R"(r\d+)")));
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
      {R"([["hostname", 1]])",
       R"(Invalid constraint: [["hostname", 1]] (expected a JSON list of texts, or a list of such lists))"},
      {R"([["hostname","UNIQUE"])",
       R"(Invalid constraint: [["hostname","UNIQUE"] (expected a JSON list of texts, or a list of such lists))"},
  };
  for (const auto& [text, error] : cases) EXPECT_EQ(parse_placement(text).error, error) << text;
}

TEST(Placement, RefusesPatternsThatAreNone) {
  EXPECT_EQ(parse_placement(R"([["rack","LIKE","["]])").bad_pattern, "[");
  EXPECT_EQ(parse_placement(R"([["rack","UNLIKE","(?:a|b)\\d+"]])").bad_pattern, "");
}

}  // namespace
}  // namespace ostler::spec
