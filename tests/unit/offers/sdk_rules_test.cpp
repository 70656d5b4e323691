// The cases of the SDK's placement tests (MarathonConstraintParserTest, MaxPerTest,
// RoundRobinBy*Test, ExactMatcherTest, IsLocalRegionRuleTest, TaskTypeRuleTest, and one class
// for each of And, Or, Not, Agent, Hostname, Attribute, Zone and Region): what a rule says of
// an agent, given what runs elsewhere.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "judge.h"
#include "round_builder.h"

namespace ostler::test {
namespace {

Offer place(const std::string& agent, const std::string& zone = "", const std::string& region = "",
            const Attributes& attributes = {}) {
  Offer offer;
  offer.agent = agent;
  offer.hostname = "host-" + agent;
  offer.zone = zone;
  offer.region = region;
  offer.attributes = attributes;
  offer.resources = {{OSTLER_RES_CPUS, 4000}};
  return offer;
}

Offer in_zone(const std::string& zone) { return place("S-" + zone, zone); }
Offer in_region(const std::string& region) { return place("S-" + region, "", region); }
Offer with_rack(const std::string& rack) { return place("S-" + rack, "", "", {{"rack", rack}}); }

// Whether "zk-0" may go there while instances of `type` are on the others.
bool allows(const std::string& rule, const Offer& on, const std::vector<Offer>& others = {},
            const std::string& type = "zk", const std::string& local_region = "") {
  matcher::Judge judge;
  RoundBuilder builder;
  builder.add(on);
  builder.set_local_region(local_region);
  for (size_t i = 0; i < others.size(); ++i) {
    const Offer& o = others[i];
    builder.add(Placed{type + "-" + std::to_string(i + 1), type, o.agent, o.hostname, o.region, o.zone,
                       o.attributes});
  }
  Pod pod;
  pod.placement = judge.compile(rule);
  builder.add(pod);
  ostler_verdict_t verdict{};
  judge.evaluate(builder.round(), {&verdict, 1, sizeof verdict});
  return verdict.reasons == 0;
}

TEST(SdkRules, MaxPerCountsByHostZoneRegionAndAttribute) {
  const std::pair<const char*, Offer (*)(const std::string&)> kinds[] = {
      {"@zone", in_zone}, {"@region", in_region}, {"rack", with_rack}};
  for (const auto& [field, at] : kinds) {
    const std::string two = R"([[")" + std::string(field) + R"(","MAX_PER","2"]])";
    EXPECT_TRUE(allows(two, at("a"))) << field;
    EXPECT_TRUE(allows(two, at("a"), {at("a")})) << field;
    EXPECT_FALSE(allows(two, at("a"), {at("a"), at("a")})) << field;
    EXPECT_TRUE(allows(two, at("b"), {at("a"), at("a")})) << field;
    EXPECT_TRUE(allows(two, at("a"), {at("a"), at("a")}, "other")) << field << ": another pod type";
    EXPECT_TRUE(allows(two, at("a"), {at("a"), at("a")}, "zk-more"))
        << field << ": the type is compared whole";
  }
  EXPECT_FALSE(allows(R"([["hostname","UNIQUE"]])", place("S1"), {place("S1")}));
  EXPECT_FALSE(allows(R"([["hostname","UNIQUE","ignored"]])", place("S1"), {place("S1")}));
}

TEST(SdkRules, AnAgentWithoutTheValueIsRefusedButForRegionsMaxPerAndUnlike) {
  const Offer bare = place("S1");
  for (const char* rule :
       {R"([["@zone","MAX_PER","2"]])", R"([["@zone","GROUP_BY"]])", R"([["@zone","IS","a"]])",
        R"([["@zone","IS_NOT","a"]])", R"([["@zone","LIKE",".*"]])", R"([["@region","IS","a"]])",
        R"([["@region","LIKE",".*"]])", R"([["@region","GROUP_BY"]])", R"([["rack","UNIQUE"]])",
        R"([["rack","LIKE",".*"]])", R"([["rack","GROUP_BY"]])"})
    EXPECT_FALSE(allows(rule, bare)) << rule;
  for (const char* rule : {R"([["@region","MAX_PER","1"]])", R"([["@region","UNLIKE","a"]])",
                           R"([["@zone","UNLIKE","a"]])", R"([["rack","UNLIKE","a"]])"})
    EXPECT_TRUE(allows(rule, bare)) << rule;
}

TEST(SdkRules, ExactValuesAreTextOrNumbersWithThreeDecimals) {
  const auto is = [](const std::string& wanted, const std::string& zone) {
    return allows(R"([["@zone","IS",")" + wanted + R"("]])", in_zone(zone));
  };
  EXPECT_TRUE(is("abc", "abc"));
  EXPECT_FALSE(is("abc", "Abc"));
  EXPECT_FALSE(is("abc", "abcd"));
  EXPECT_TRUE(is("1", "1.000"));
  EXPECT_TRUE(is("1.0", "1"));
  EXPECT_TRUE(is("1.0001", "1"));
  EXPECT_FALSE(is("1.001", "1"));
  EXPECT_FALSE(is("1", "1a"));
  EXPECT_TRUE(is("-2.5", "-2.500"));
}

// Where the next instance of a roll-out goes, one after the other; "" where none fits.
std::string rolled_out(const std::string& rule, const std::vector<Offer>& agents, int instances) {
  std::vector<Offer> others;
  std::string order;
  for (int i = 0; i < instances; ++i) {
    const Offer* taken = nullptr;
    for (const Offer& agent : agents) {
      if (taken == nullptr && allows(rule, agent, others)) taken = &agent;
    }
    if (taken == nullptr) break;
    order += taken->zone;
    others.push_back(*taken);
  }
  return order;
}

TEST(SdkRules, GroupByWithACountUsesEveryValueBeforeASecondLayer) {
  const std::vector<Offer> agents = {in_zone("a"), in_zone("b"), in_zone("c")};
  EXPECT_EQ(rolled_out(R"([["@zone","GROUP_BY","3"]])", agents, 7), "abcabca");
  EXPECT_EQ(rolled_out(R"({"@type":"RoundRobinByZoneRule","zone-count":3})", agents, 7), "abcabca");
  const std::vector<Offer> two = {in_zone("a"), in_zone("b")};
  EXPECT_EQ(rolled_out(R"([["@zone","GROUP_BY","3"]])", two, 7), "ab") << "it waits for the third";
}

TEST(SdkRules, GroupByWithoutACountIsEvenOverWhatItHasSeen) {
  // All known values being equal, one of them may be taken again although there are others.
  const std::vector<Offer> agents = {in_zone("a"), in_zone("b"), in_zone("c")};
  EXPECT_EQ(rolled_out(R"([["@zone","GROUP_BY"]])", agents, 4), "aaaa");
  EXPECT_FALSE(allows(R"([["@zone","GROUP_BY"]])", in_zone("a"), {in_zone("a"), in_zone("a"), in_zone("b")}));
  EXPECT_TRUE(allows(R"([["@zone","GROUP_BY"]])", in_zone("b"), {in_zone("a"), in_zone("a"), in_zone("b")}));
  EXPECT_TRUE(allows(R"([["@zone","GROUP_BY"]])", in_zone("c"), {in_zone("a"), in_zone("a"), in_zone("b")}));
}

TEST(SdkRules, TheLocalRegionIsTheMastersIfItHasOne) {
  const std::string rule = R"({"@type":"IsLocalRegionRule"})";
  EXPECT_TRUE(allows(rule, in_region("north"), {}, "zk", "north"));
  EXPECT_FALSE(allows(rule, in_region("south"), {}, "zk", "north"));
  EXPECT_TRUE(allows(rule, place("S1"), {}, "zk", "north")) << "an agent without a fault domain";
  EXPECT_TRUE(allows(rule, in_region("south"))) << "a master without one";
}

TEST(SdkRules, ARuleObjectMayStandForARow) {
  const std::string rule = R"([["hostname","UNIQUE"],{"@type":"IsLocalRegionRule"}])";
  EXPECT_TRUE(allows(rule, in_region("north"), {}, "zk", "north"));
  EXPECT_FALSE(allows(rule, in_region("south"), {}, "zk", "north"));
  EXPECT_FALSE(allows(rule, in_region("north"), {in_region("north")}, "zk", "north"));
}

TEST(SdkRules, TaskTypesAreTogetherOrApartByAgent) {
  const std::string near = R"({"@type":"TaskTypeRule","type":"data","behavior":"COLOCATE"})";
  const std::string apart = R"({"@type":"TaskTypeRule","type":"data","behavior":"AVOID"})";
  EXPECT_TRUE(allows(near, place("S1"), {place("S1")}, "data"));
  EXPECT_FALSE(allows(near, place("S2"), {place("S1")}, "data"));
  EXPECT_FALSE(allows(apart, place("S1"), {place("S1")}, "data"));
  EXPECT_TRUE(allows(apart, place("S2"), {place("S1")}, "data"));
  for (const std::string& rule : {near, apart})
    EXPECT_TRUE(allows(rule, place("S1"), {place("S1")}, "other")) << "none of that type runs anywhere";
}

// One agent that has everything: host-S1 in zone a of region eu, with two attributes.
Offer whole_agent() { return place("S1", "a", "eu", {{"rack", "r1"}, {"disks", "2"}}); }

TEST(SdkRules, EachOperatorWorksOnEachField) {
  const struct {
    const char *field, *mine, *other, *pattern, *part;
  } fields[] = {{"hostname", "host-S1", "host-S2", "host-S[0-9]", "host"},
                {"@hostname", "host-S1", "host-S2", ".*S1", "S1"},
                {"@zone", "a", "b", "[ab]", ""},
                {"@region", "eu", "us", "e.", "e"},
                {"rack", "r1", "r2", "r\\\\d", "r"},
                {"disks", "2.0", "3", "2|3", "200"}};
  for (const auto& f : fields) {
    const auto says = [&](const std::string& op, const std::string& value) {
      return allows("[[\"" + std::string(f.field) + "\",\"" + op + "\",\"" + value + "\"]]", whole_agent());
    };
    for (const char* equal : {"IS", "CLUSTER", "is", "Cluster"}) {
      EXPECT_TRUE(says(equal, f.mine)) << f.field;
      EXPECT_FALSE(says(equal, f.other)) << f.field;
    }
    EXPECT_FALSE(says("IS_NOT", f.mine)) << f.field;
    EXPECT_TRUE(says("IS_NOT", f.other)) << f.field;
    EXPECT_TRUE(says("LIKE", f.pattern)) << f.field;
    EXPECT_FALSE(says("UNLIKE", f.pattern)) << f.field;
    if (*f.part == 0) continue;
    EXPECT_FALSE(says("LIKE", f.part)) << f.field << ": the whole text is matched";
    EXPECT_TRUE(says("UNLIKE", f.part)) << f.field;
  }
}

TEST(SdkRules, SeveralConstraintsMustAllHold) {
  const auto allowed = [](const std::string& rule) {
    return allows(rule, whole_agent(), {place("S2", "a")});
  };
  EXPECT_TRUE(allowed(R"(["hostname","UNIQUE"])")) << "one alone needs no list around it";
  EXPECT_TRUE(allowed(R"([["hostname","UNIQUE"],["rack","IS","r1"],["@zone","MAX_PER","2"]])"));
  EXPECT_FALSE(allowed(R"([["hostname","UNIQUE"],["rack","IS","r2"],["@zone","MAX_PER","2"]])"));
  EXPECT_FALSE(allowed(R"([["hostname","UNIQUE"],["rack","IS","r1"],["@zone","UNIQUE"]])"));
}

TEST(SdkRules, GroupByCountsHostsRegionsAndAttributesToo) {
  const std::pair<const char*, Offer (*)(const std::string&)> kinds[] = {
      {R"([["@region","GROUP_BY","2"]])", in_region},
      {R"({"@type":"RoundRobinByRegionRule","region-count":2})", in_region},
      {R"([["RACK","GROUP_BY","2"]])", with_rack},
      {R"({"@type":"RoundRobinByAttributeRule","name":"rack","value-count":2})", with_rack},
      {R"([["hostname","GROUP_BY","2"]])", in_zone},
      {R"({"@type":"RoundRobinByHostnameRule","agent-count":2})", in_zone},
  };
  for (const auto& [rule, at] : kinds) {
    EXPECT_TRUE(allows(rule, at("a"))) << rule;
    EXPECT_FALSE(allows(rule, at("a"), {at("a")})) << rule << ": the other one first";
    EXPECT_TRUE(allows(rule, at("b"), {at("a")})) << rule;
    EXPECT_TRUE(allows(rule, at("a"), {at("a"), at("b")})) << rule;
    EXPECT_FALSE(allows(rule, at("a"), {at("a"), at("a"), at("b")})) << rule;
    EXPECT_TRUE(allows(rule, at("a"), {at("a")}, "other")) << rule;
  }
}

TEST(SdkRules, AMatcherComparesTextItsContraryAPatternOrAnything) {
  const auto host = [](const std::string& matcher) {
    return allows(R"({"@type":"HostnameRule","matcher":)" + matcher + "}", whole_agent());
  };
  EXPECT_TRUE(host(R"({"@type":"ExactMatcher","string":"host-S1"})"));
  EXPECT_FALSE(host(R"({"@type":"ExactMatcher","string":"host-S"})"));
  EXPECT_FALSE(host(R"({"@type":"InvertedExactMatcher","string":"host-S1"})"));
  EXPECT_TRUE(host(R"({"@type":"InvertedExactMatcher","string":"host-S"})"));
  EXPECT_TRUE(host(R"({"@type":"RegexMatcher","pattern":"host-.*"})"));
  EXPECT_FALSE(host(R"({"@type":"RegexMatcher","pattern":"host"})"));
  EXPECT_TRUE(host(R"({"@type":"AnyMatcher"})"));
  const auto rule = [](const std::string& type, const std::string& text) {
    return allows(
        R"({"@type":")" + type + R"(","matcher":{"@type":"ExactMatcher","string":")" + text + "\"}}",
        whole_agent());
  };
  EXPECT_TRUE(rule("RegionRule", "eu"));
  EXPECT_FALSE(rule("RegionRule", "us"));
  EXPECT_TRUE(rule("ZoneRule", "a"));
  EXPECT_FALSE(rule("ZoneRule", "b"));
  EXPECT_TRUE(rule("AttributeRule", "rack:r1"));
  EXPECT_FALSE(rule("AttributeRule", "rack:r2"));
  EXPECT_FALSE(rule("AttributeRule", "row:r1"));
  EXPECT_TRUE(rule("AttributeRule", "disks:2.000"));
}

TEST(SdkRules, RulesAreJoinedByAndOrAndNot) {
  const std::string yes = R"({"@type":"AgentRule","agent-id":"S1"})",
                    no = R"({"@type":"AgentRule","agent-id":"S2"})";
  const auto joined = [&](const std::string& type, const std::string& rules) {
    return allows(R"({"@type":")" + type + R"(","rules":[)" + rules + "]}", whole_agent());
  };
  EXPECT_TRUE(joined("AndRule", yes + "," + yes));
  EXPECT_FALSE(joined("AndRule", yes + "," + no));
  EXPECT_TRUE(joined("OrRule", no + "," + yes));
  EXPECT_FALSE(joined("OrRule", no + "," + no));
  EXPECT_FALSE(joined("AndRule", ""));
  EXPECT_FALSE(joined("OrRule", ""));
  EXPECT_FALSE(allows(R"({"@type":"NotRule","rule":)" + yes + "}", whole_agent()));
  EXPECT_TRUE(allows(R"({"@type":"NotRule","rule":)" + no + "}", whole_agent()));
  EXPECT_TRUE(joined("OrRule", R"({"@type":"AndRule","rules":[)" + yes + "," + no +
                                   R"(]},{"@type":"NotRule","rule":)" + no + "}"));
}

TEST(SdkRules, TheRuleObjectsOfMaxPerCountAsTheirOperatorsDo) {
  const std::pair<const char*, Offer (*)(const std::string&)> kinds[] = {
      {R"({"@type":"MaxPerZoneRule","max":2})", in_zone},
      {R"({"@type":"MaxPerRegionRule","max":2})", in_region},
      {R"({"@type":"MaxPerHostnameRule","max":2})", in_zone},
      {R"({"@type":"MaxPerAttributeRule","max":2,"matcher":{"@type":"RegexMatcher","pattern":"rack:.*"}})",
       with_rack},
  };
  for (const auto& [rule, at] : kinds) {
    EXPECT_TRUE(allows(rule, at("a"), {at("a")})) << rule;
    EXPECT_FALSE(allows(rule, at("a"), {at("a"), at("a")})) << rule;
    EXPECT_TRUE(allows(rule, at("b"), {at("a"), at("a")})) << rule;
  }
}

// The matcher of MaxPerAttributeRule says which values are counted; others are not limited.
TEST(SdkRules, MaxPerAttributeLimitsOnlyTheValuesThatItsMatcherNames) {
  const char* rule =
      R"({"@type":"MaxPerAttributeRule","max":1,"matcher":{"@type":"RegexMatcher","pattern":"rack:r[12]"}})";
  EXPECT_FALSE(allows(rule, with_rack("r1"), {with_rack("r1")}));
  EXPECT_TRUE(allows(rule, with_rack("r2"), {with_rack("r1")}));
  EXPECT_TRUE(allows(rule, with_rack("r3"), {with_rack("r3")}));
  EXPECT_TRUE(allows(rule, in_zone("a"), {with_rack("r1")}))
      << "an agent without a rack has none that is full";
}

// MaxPer*RuleTest and RoundRobinBy*RuleTest with a filter. The SDK counts tasks; here a pod
// counts once, however many of its tasks are named.
TEST(SdkRules, ATaskFilterCountsPodsByTheNamesOfTheirTasks) {
  const auto allowed = [](const std::string& filter) {
    matcher::Judge judge;
    RoundBuilder builder;
    builder.add(in_zone("a"));
    const Offer at = in_zone("a");
    builder.add(
        Placed{"data-0", "data", at.agent, at.hostname, "", "a", {}, {"data-0-node", "data-0-agent"}});
    builder.add(Placed{"zk-1", "zk", at.agent, at.hostname, "", "a", {}, {"zk-1-server"}});
    Pod pod;
    pod.placement = judge.compile(R"({"@type":"MaxPerZoneRule","max":1,"task-filter":)" + filter + "}");
    builder.add(Placed{pod.name, "zk", at.agent, at.hostname, "", "a", {}, {"zk-0-server"}});
    builder.add(pod);
    ostler_verdict_t verdict{};
    judge.evaluate(builder.round(), {&verdict, 1, sizeof verdict});
    return verdict.reasons == 0;
  };
  EXPECT_FALSE(allowed("null")) << "without one: its own type";
  EXPECT_FALSE(allowed(R"({"@type":"RegexMatcher","pattern":"data-.*"})"));
  EXPECT_FALSE(allowed(R"({"@type":"ExactMatcher","string":"data-0-agent"})"));
  EXPECT_FALSE(allowed(R"({"@type":"AnyMatcher"})"));
  EXPECT_TRUE(allowed(R"({"@type":"RegexMatcher","pattern":"data"})")) << "the whole name";
  EXPECT_TRUE(allowed(R"({"@type":"ExactMatcher","string":"zk-0-server"})")) << "its own pod";

  matcher::Judge judge;
  RoundBuilder builder;
  builder.add(in_zone("a"));
  builder.add(Placed{"data-0", "data", "S2", "host-S2", "", "a", {}, {"data-0-node", "data-0-agent"}});
  Pod pod;
  pod.placement = judge.compile(R"({"@type":"MaxPerZoneRule","max":1,"task-filter":{"@type":"AnyMatcher"}})");
  builder.add(pod);
  EXPECT_THAT(judge.explain(builder.round(), 0, 0),
              ::testing::HasSubstr("1 with tasks that its 'task-filter' counts run already"));
  pod.placement = judge.compile(R"({"@type":"MaxPerZoneRule","max":2,"task-filter":{"@type":"AnyMatcher"}})");
  RoundBuilder roomier;
  roomier.add(in_zone("a"));
  roomier.add(Placed{"data-0", "data", "S2", "host-S2", "", "a", {}, {"data-0-node", "data-0-agent"}});
  roomier.add(pod);
  ostler_verdict_t verdict{};
  judge.evaluate(roomier.round(), {&verdict, 1, sizeof verdict});
  EXPECT_EQ(verdict.reasons, 0U) << "a pod counts once";
}

// So a replaced pod may come back to the agent that it left.
TEST(SdkRules, APodIsNotInItsOwnWay) {
  for (const char* rule :
       {R"([["hostname","UNIQUE"]])", R"([["@zone","MAX_PER","1"]])", R"([["@zone","GROUP_BY","2"]])",
        R"({"@type":"TaskTypeRule","type":"zk","behavior":"AVOID"})"}) {
    matcher::Judge judge;
    RoundBuilder builder;
    builder.add(whole_agent());
    Pod pod;
    pod.placement = judge.compile(rule);
    builder.add(Placed{pod.name, "zk", "S1", "host-S1", "eu", "a", {}});
    builder.add(pod);
    ostler_verdict_t verdict{};
    judge.evaluate(builder.round(), {&verdict, 1, sizeof verdict});
    EXPECT_EQ(verdict.reasons, 0U) << rule;
  }
}

// A rule counts what holds a place, whether it runs or is on its way back.
TEST(SdkRules, OneValueOfSeveralUnderOneNameIsEnoughToBeFull) {
  const std::string unique = R"([["rack","UNIQUE"]])";
  const Offer both = place("S9", "", "", {{"rack", "r1"}, {"rack", "r2"}});
  EXPECT_TRUE(allows(unique, both));
  EXPECT_FALSE(allows(unique, both, {with_rack("r2")}));
  EXPECT_FALSE(allows(unique, with_rack("r1"), {both}));
  EXPECT_TRUE(allows(unique, with_rack("r3"), {both}));
}

}  // namespace
}  // namespace ostler::test
