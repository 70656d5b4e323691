// The matcher, case by case: what it says, and what the SDK got wrong.
#include <gtest/gtest.h>

#include "judge.h"
#include "round_builder.h"

namespace ostler::test {
namespace {

using matcher::Judge;

Offer agent(const std::string& id) {
  Offer offer;
  offer.agent = id;
  offer.hostname = "host-" + id;
  offer.resources = {{OSTLER_RES_CPUS, 4000},
                     {OSTLER_RES_MEM, 3'584'000},
                     {OSTLER_RES_DISK, 10'000'000},
                     {OSTLER_RES_PORTS, 0, {{1025, 2180}, {2182, 3887}}}};
  return offer;
}

// A round that owns its judge; verdicts by pod and offer.
struct Scene {
  Judge judge;
  RoundBuilder builder;
  uint32_t offers = 0, pods = 0;

  void add(const Offer& offer) { builder.add(offer), ++offers; }
  void add(const Pod& pod) { builder.add(pod), ++pods; }
  // An instance of "zk" on that agent.
  void place(const std::string& name, const Offer& on, const std::string& type = "zk") {
    builder.add(Placed{name, type, on.agent, on.hostname, on.region, on.zone, on.attributes});
  }
  ostler_verdict_t verdict(uint32_t pod, uint32_t offer) {
    std::vector<ostler_verdict_t> all(offers * pods);
    judge.evaluate(builder.round(),
                   {all.data(), static_cast<uint32_t>(all.size()), sizeof(ostler_verdict_t)});
    return all[pod * offers + offer];
  }
  uint64_t reasons(uint32_t pod, uint32_t offer) { return verdict(pod, offer).reasons; }
  std::string explain(uint32_t pod, uint32_t offer) { return judge.explain(builder.round(), pod, offer); }
};

// Whether one agent passes a rule, with `placed` instances of "zk" on the given agents.
bool passes(const std::string& rule, const Offer& on, const std::vector<Offer>& placed = {},
            const std::string& local_region = "") {
  Scene scene;
  scene.add(on);
  scene.builder.set_local_region(local_region);
  for (size_t i = 0; i < placed.size(); ++i) scene.place("zk-" + std::to_string(i + 1), placed[i]);
  Pod pod;
  pod.placement = scene.judge.compile(rule);
  scene.add(pod);
  return scene.reasons(0, 0) == 0;
}

std::string refusal(const std::string& rule) {
  Judge judge;
  try {
    judge.compile(rule);
  } catch (const matcher::RuleError& e) {
    return e.where + ": " + e.message;
  }
  return "compiled";
}

Offer with_attributes(const Attributes& attributes) {
  Offer offer = agent("S1");
  offer.attributes = attributes;
  return offer;
}

TEST(Matcher, TellsEveryReasonWithItsAmounts) {
  Scene scene;
  scene.add(agent("S1"));
  Pod pod;
  pod.cpus = 4500;
  pod.mem = 4'000'000;
  pod.ports = {{2181}, {1140}};
  scene.add(pod);
  EXPECT_EQ(scene.reasons(0, 0), uint64_t{OSTLER_REASON_CPUS | OSTLER_REASON_MEM | OSTLER_REASON_PORTS});
  EXPECT_EQ(
      scene.explain(0, 0),
      R"([{"reason":"CPUS","needed":4.5,"offered":4,"message":"needs 4.5 cpus, 4 offered"},)"
      R"({"reason":"MEM","needed":4000,"offered":3584,"message":"needs 4000 MB of memory, 3584 offered"},)"
      R"({"reason":"PORTS","message":"needs port 2181, which is not offered; offered are 1025-2180, 2182-3887"}])");
}

TEST(Matcher, RanksTheNearestFitFirst) {
  Scene scene;
  scene.add(agent("S1"));
  Offer less = agent("S2");
  less.resources[1].milli = 2'000'000;
  scene.add(less);
  Pod pod;
  pod.mem = 4'000'000;
  scene.add(pod);
  EXPECT_DOUBLE_EQ(scene.verdict(0, 0).score, -(4000.0 - 3584.0) / 4000.0);
  EXPECT_DOUBLE_EQ(scene.verdict(0, 1).score, -0.5);
}

TEST(Matcher, PrefersTheTighterOfTwoThatFit) {
  Scene scene;
  scene.add(agent("S1"));
  Offer larger = agent("S2");
  larger.resources[1].milli = 64'000'000;
  scene.add(larger);
  Pod pod;
  pod.mem = 1'000'000;
  scene.add(pod);
  EXPECT_GT(scene.verdict(0, 0).score, scene.verdict(0, 1).score);
}

TEST(Matcher, AddsUpAllOffersOfOneAgent) {
  Scene scene;
  scene.add(agent("S1"));
  scene.add(agent("S2"));
  scene.add(agent("S1"));
  Pod pod;
  pod.cpus = 8000;
  scene.add(pod);
  EXPECT_EQ(scene.reasons(0, 0), 0u);
  EXPECT_EQ(scene.reasons(0, 1), uint64_t{OSTLER_REASON_CPUS});
  EXPECT_EQ(scene.reasons(0, 2), 0u);
}

TEST(Matcher, TakesOnlyWhatItsRoleMayTake) {
  Scene scene;
  scene.add(agent("S1"));
  Pod other;
  other.cpus = 100;
  other.role = "other-role";
  scene.add(other);
  Pod reserved = other;
  reserved.role = "zk-role";
  reserved.pre_reserved_role = "slave_public";
  scene.add(reserved);
  EXPECT_EQ(scene.explain(0, 0),
            R"([{"reason":"CPUS","needed":0.1,"offered":0,"message":"needs 0.1 cpus, 0 offered"},)"
            R"({"reason":"ROLE","message":"nothing is offered to role 'other-role'"}])");
  EXPECT_EQ(
      scene.explain(1, 0),
      R"([{"reason":"CPUS","needed":0.1,"offered":0,"message":"needs 0.1 cpus, 0 offered"},)"
      R"({"reason":"ROLE","message":"nothing is offered to role 'zk-role' from what is reserved for 'slave_public'"}])");
}

TEST(Matcher, WantsAllReservedResourcesOfAPodInPlace) {
  Scene scene;
  Offer offer = agent("S1");
  offer.resources.push_back({OSTLER_RES_CPUS, 1000, {}, OSTLER_RES_RESERVED, "zk-role", "*", "res-1"});
  scene.add(offer);
  scene.add(agent("S2"));
  Pod pod;
  pod.agent = "S1";
  pod.resource_ids = {"res-1"};
  scene.add(pod);
  pod.resource_ids = {"res-1", "res-2"};
  scene.add(pod);
  pod.agent = "S9";
  scene.add(pod);
  EXPECT_EQ(scene.reasons(0, 0), 0u);
  EXPECT_EQ(scene.explain(0, 1), R"([{"reason":"AGENT","message":"is bound to agent 'S1'"}])");
  EXPECT_EQ(
      scene.explain(1, 0),
      R"([{"reason":"RESERVED","needed":2,"offered":1,"message":"needs its 2 reserved resources, 1 offered"}])");
  EXPECT_EQ(scene.reasons(2, 0), uint64_t{OSTLER_REASON_AGENT});
}

TEST(Matcher, GivesEachVolumeADiskOfItsOwn) {
  Scene scene;
  Offer offer = agent("S1");
  offer.resources.push_back({OSTLER_RES_DISK, 2000, {}, OSTLER_RES_MOUNT, "zk-role", "*", "", "fast"});
  offer.resources.push_back({OSTLER_RES_DISK, 9000, {}, OSTLER_RES_MOUNT, "zk-role", "*", "", "fast"});
  scene.add(offer);
  Pod pod;
  // Whoever takes the first disk that fits leaves the second volume without one.
  pod.volumes = {{1000, OSTLER_VOLUME_MOUNT, {"fast"}}, {2000, OSTLER_VOLUME_MOUNT, {"fast"}}};
  scene.add(pod);
  pod.volumes = {{1000, OSTLER_VOLUME_MOUNT, {}}};
  scene.add(pod);
  EXPECT_EQ(scene.reasons(0, 0), 0u);
  EXPECT_EQ(
      scene.explain(1, 0),
      R"([{"reason":"VOLUME","needed":1,"offered":0,"message":"needs 1 MOUNT disk of at least 1 MB without a )"
      R"(profile, 0 of the 2 offered fit; the largest offered is 9 MB of profile 'fast'; 1 more such on this )"
      R"(agent, or volumes of type ROOT, would do"}])");
}

TEST(Matcher, KeepsFixedPortsAwayFromDynamicOnes) {
  Scene scene;
  Offer offer = agent("S1");
  offer.resources = {{OSTLER_RES_PORTS, 0, {{7, 8}}}};
  scene.add(offer);
  Pod pod;
  pod.ports = {{7}, {0}};
  scene.add(pod);
  pod.ports = {{7}, {0}, {0}};
  scene.add(pod);
  pod.ports = {{7}, {0, {{1, 7}}}};
  scene.add(pod);
  EXPECT_EQ(scene.reasons(0, 0), 0u);
  EXPECT_EQ(
      scene.explain(1, 0),
      R"([{"reason":"PORTS","message":"needs 2 more ports of its ranges, too few are offered; offered are 7-8"}])");
  EXPECT_EQ(scene.reasons(2, 0), uint64_t{OSTLER_REASON_PORTS});
}

TEST(Matcher, KnowsMoreThanSixtyFourFixedPorts) {
  Scene scene;
  Offer offer = agent("S1");
  offer.resources = {{OSTLER_RES_PORTS, 0, {{1, 199}}}};
  scene.add(offer);
  Pod pod;
  for (uint32_t port = 1; port <= 199; ++port) pod.ports.push_back({port});
  scene.add(pod);
  pod.ports.push_back({200});
  scene.add(pod);
  EXPECT_EQ(scene.reasons(0, 0), 0u);
  EXPECT_EQ(scene.reasons(1, 0), uint64_t{OSTLER_REASON_PORTS});
}

TEST(Matcher, SumsThatWouldOverflowStayAtTheLimit) {
  Scene scene;
  Offer offer = agent("S1");
  offer.resources = {{OSTLER_RES_CPUS, INT64_MAX}, {OSTLER_RES_CPUS, INT64_MAX}, {OSTLER_RES_MEM, -5}};
  scene.add(offer);
  Pod pod;
  pod.cpus = INT64_MAX;
  scene.add(pod);
  EXPECT_EQ(scene.reasons(0, 0), 0u);
}

TEST(Matcher, CountsInstancesOfItsOwnTypeOnly) {
  const Offer here = agent("S1");
  Scene scene;
  scene.add(here);
  Pod pod;
  pod.type = "hello";
  pod.name = "hello-0";
  pod.placement = scene.judge.compile(R"([["hostname","UNIQUE"]])");
  scene.add(pod);
  scene.place("hello-world-0", here, "hello-world");
  scene.place("hello-0", here, "hello");  // itself: it may stay
  EXPECT_EQ(scene.reasons(0, 0), 0u);
  scene.place("hello-1", here, "hello");
  EXPECT_EQ(
      scene.explain(0, 0),
      R"([{"reason":"PLACEMENT","message":"refused by [\"hostname\",\"UNIQUE\"]: the agent has 'host-S1', where 1 of 'hello' run already"}])");
}

TEST(Matcher, RefusesIsNotWhenAnyAttributeIsEqual) {
  const std::string rule = R"([["rack","IS_NOT","r1"]])";
  EXPECT_TRUE(passes(rule, with_attributes({{"rack", "r2"}})));
  EXPECT_FALSE(passes(rule, with_attributes({{"rack", "r1"}})));
  EXPECT_FALSE(passes(rule, with_attributes({{"os", "debian"}, {"rack", "r2"}, {"rack", "r1"}})));
  EXPECT_TRUE(passes(rule, with_attributes({})));
}

TEST(Matcher, ComparesScalarAttributesAsNumbers) {
  for (const char* rule : {R"([["rack","CLUSTER","1"]])", R"([["rack","IS","1.0"]])",
                           R"([["rack","LIKE","1\\.000"]])", R"([["rack","LIKE","1"]])"}) {
    EXPECT_TRUE(passes(rule, with_attributes({{"rack", "1"}}))) << rule;
    EXPECT_FALSE(passes(rule, with_attributes({{"rack", "12"}}))) << rule;
  }
}

TEST(Matcher, TakesAttributeNamesLiterally) {
  EXPECT_FALSE(passes(R"([["r.ck","LIKE","a"]])", with_attributes({{"rack", "a"}})));
  EXPECT_FALSE(passes(R"([["rack","UNIQUE"]])", with_attributes({{"rackx", "a"}})));
  EXPECT_TRUE(passes(R"([["RACK","GROUP_BY"]])", with_attributes({{"rack", "a"}})))
      << "GROUP_BY alone ignores case, as the SDK's does";
}

TEST(Matcher, SpreadsOverAllExpectedZonesBeforeASecondLayer) {
  const auto in_zone = [](const std::string& zone) {
    Offer offer = agent("S-" + zone);
    offer.zone = zone;
    return offer;
  };
  const std::string rule = R"([["@zone","GROUP_BY","3"]])";
  const std::vector<Offer> two = {in_zone("a"), in_zone("b")};
  EXPECT_FALSE(passes(rule, in_zone("a"), two));
  EXPECT_TRUE(passes(rule, in_zone("c"), two));
  const std::vector<Offer> three = {in_zone("a"), in_zone("b"), in_zone("c")};
  EXPECT_TRUE(passes(rule, in_zone("a"), three));
  EXPECT_FALSE(passes(rule, agent("S-nowhere"), three)) << "an agent without a zone";
}

TEST(Matcher, UnderstandsTheSdksRuleObjects) {
  Offer here = agent("S1");
  here.region = "eu";
  here.zone = "a";
  here.attributes = {{"rack", "r1"}};
  EXPECT_TRUE(passes(R"({"@type":"PassthroughRule"})", here));
  EXPECT_TRUE(passes(R"({"@type":"IsLocalRegionRule"})", here, {}, "eu"));
  EXPECT_FALSE(passes(R"({"@type":"IsLocalRegionRule"})", here, {}, "us"));
  EXPECT_TRUE(passes(R"({"@type":"IsLocalRegionRule"})", agent("S1"), {}, "us")) << "no fault domain";
  EXPECT_FALSE(passes(R"({"@type":"AndRule","rules":[]})", here));
  EXPECT_TRUE(passes(
      R"({"@type":"OrRule","rules":[{"@type":"AgentRule","agent-id":"S2"},{"@type":"AgentRule","agent-id":"S1"}]})",
      here));
  EXPECT_FALSE(passes(
      R"({"@type":"NotRule","rule":{"@type":"ZoneRule","matcher":{"@type":"ExactMatcher","string":"a"}}})",
      here));
  EXPECT_TRUE(passes(
      R"({"@type":"AttributeRule","matcher":{"@type":"RegexMatcher","pattern":"rack:r[0-9]"}})", here));
  EXPECT_FALSE(passes(R"({"@type":"MaxPerHostnameRule","max":1})", here, {here}));
  EXPECT_TRUE(passes(R"({"@type":"MaxPerHostnameRule","max":2})", here, {here}));
  EXPECT_FALSE(passes(R"({"@type":"RoundRobinByZoneRule","zone-count":2})", here, {here}));
  EXPECT_TRUE(passes(R"({"@type":"TaskTypeRule","type":"zk","behavior":"COLOCATE"})", here, {here}));
  EXPECT_FALSE(passes(R"({"@type":"TaskTypeRule","type":"zk","behavior":"AVOID"})", here, {here}));
  EXPECT_FALSE(passes(R"({"@type":"TaskTypeRule","type":"zk","behavior":"COLOCATE"})", here, {agent("S2")}));
  EXPECT_TRUE(passes(R"({"@type":"TaskTypeRule","type":"zk","behavior":"COLOCATE"})", here))
      << "none anywhere";
}

TEST(Matcher, SaysWhatIsWrongWithARule) {
  EXPECT_EQ(refusal("[[\"hostname\""), ": the rule is not JSON");
  EXPECT_EQ(refusal(R"([["hostname","UNIQE"]])"),
            "/0/1: unknown operator 'UNIQE'; there are UNIQUE, CLUSTER, GROUP_BY, LIKE, UNLIKE, MAX_PER, IS "
            "and IS_NOT");
  EXPECT_EQ(refusal(R"([["hostname","UNIQUE"],["@rack","UNIQUE"]])"),
            "/1/0: unknown field '@rack'; there are 'hostname', '@hostname', '@zone', '@region' and names of "
            "attributes");
  EXPECT_EQ(refusal(R"([["hostname"]])"),
            "/0: a constraint is a list of two or three texts, field, operator and parameter; found "
            "[\"hostname\"]");
  EXPECT_EQ(refusal(R"([["hostname","MAX_PER","0"]])"),
            "/0/2: MAX_PER needs a number of at least 1; found '0'");
  EXPECT_EQ(refusal(R"([["hostname","CLUSTER"]])"),
            "/0: CLUSTER needs a value as its parameter; found [\"hostname\",\"CLUSTER\"]");
  EXPECT_EQ(refusal(R"([["hostname","LIKE","(a)\\1"]])"),
            "/0/2: '(a)\\1' is no regular expression: invalid escape sequence: \\1");
  EXPECT_EQ(refusal(R"([["hostname","LIKE",")" + std::string(1001, 'a') + R"("]])"),
            "/0/2: the pattern has 1001 characters; 1000 are allowed");
  EXPECT_EQ(refusal(R"({"@type":"AndRule","rules":[{"@type":"Nothing"}]})"),
            "/rules/0/@type: unknown rule 'Nothing'");
  EXPECT_EQ(refusal(R"({"@type":"MaxPerZoneRule","max":1,"task-filter":{}})"),
            "/task-filter: '@type' is missing");
}

TEST(Matcher, SurvivesAnExpressionThatExplodesElsewhere) {
  Offer offer = agent("S1");
  offer.hostname = std::string(100'000, 'a');
  EXPECT_FALSE(passes(R"([["hostname","LIKE","(a*)*b"]])", offer));
}

TEST(Matcher, FitsNowhereWithARuleThatItDoesNotKnow) {
  Scene scene;
  scene.add(agent("S1"));
  Pod pod;
  pod.placement = 99;
  scene.add(pod);
  EXPECT_EQ(scene.explain(0, 0), R"([{"reason":"RULE","message":"its placement rule is not known"}])");
}

TEST(Matcher, RefusesARoundThatReachesPastItsArrays) {
  Scene scene;
  scene.add(agent("S1"));
  scene.add(Pod{});
  ostler_round_t round = scene.builder.round();
  ostler_verdict_t verdict{};
  const ostler_out_array_t out = {&verdict, 1, sizeof verdict};
  round.resources.count = 2;
  EXPECT_THROW(scene.judge.evaluate(round, out), matcher::BadRound);
  round = scene.builder.round();
  round.struct_size = 8;
  EXPECT_THROW(scene.judge.evaluate(round, out), matcher::BadRound);
  round = scene.builder.round();
  EXPECT_THROW(scene.judge.evaluate(round, {&verdict, 0, sizeof verdict}), matcher::BadRound);
}

}  // namespace
}  // namespace ostler::test
