// The matcher against the naive judge, on random rounds. A failing seed is printed;
// OSTLER_SEED=n runs just that one.
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <random>

#include "judge.h"
#include "naive_judge.h"

namespace ostler::test {
namespace {

class Dice {
 public:
  explicit Dice(uint64_t seed) : generator_(seed) {}
  // 0 ... sides - 1.
  uint32_t roll(uint32_t sides) { return static_cast<uint32_t>(generator_() % sides); }
  bool once_in(uint32_t n) { return roll(n) == 0; }
  std::string pick(const std::vector<std::string>& from) {
    return from[roll(static_cast<uint32_t>(from.size()))];
  }

 private:
  std::mt19937_64 generator_;
};

const std::vector<std::string> kValues = {"a", "b", "c", "1", "1.000", "1.5", "10"};
const std::vector<std::string> kRoles = {"zk-role", "zk-role", "zk-role", "other"};

Attributes attributes(Dice& dice) {
  Attributes out;
  for (uint32_t i = dice.roll(4); i > 0; --i)
    out.push_back({dice.pick({"rack", "os", "rackx"}), dice.pick(kValues)});
  return out;
}

Offer agent(Dice& dice, uint32_t number) {
  Offer offer;
  offer.agent = "S" + std::to_string(number);
  offer.hostname = dice.pick({"h1", "h2", "h3", "h" + std::to_string(number)});
  if (!dice.once_in(4)) offer.zone = dice.pick({"z1", "z2", "z3"});
  if (!dice.once_in(4)) offer.region = dice.pick({"r1", "r2"});
  offer.attributes = attributes(dice);
  return offer;
}

void add_resources(Dice& dice, Offer& offer, uint64_t& next_port) {
  for (uint32_t i = dice.roll(8); i > 0; --i) {
    OfferedResource r;
    r.kind = dice.roll(6);
    r.milli = dice.roll(4) * 500;
    r.allocation_role = dice.pick(kRoles);
    if (dice.once_in(3))
      r.flags |= OSTLER_RES_STATIC, r.reservation_role = dice.pick({"slave_public", "other"});
    if (dice.once_in(5))
      r.flags |= OSTLER_RES_RESERVED, r.reservation_id = "id" + std::to_string(dice.roll(3));
    if (dice.once_in(12)) r.flags |= 1u << (4 + dice.roll(3));  // revocable, shared or foreign
    if (r.kind == OSTLER_RES_DISK && dice.once_in(2)) {
      r.flags |= OSTLER_RES_MOUNT;
      if (dice.once_in(2)) r.profile = dice.pick({"fast", "slow"});
    }
    // Ports of one agent never overlap.
    for (uint32_t k = r.kind == OSTLER_RES_PORTS ? dice.roll(3) : 0; k > 0; --k) {
      r.ranges.push_back({next_port, next_port + dice.roll(3)});
      next_port = r.ranges.back().last + 1 + dice.roll(3);
    }
    offer.resources.push_back(r);
  }
}

Pod pod(Dice& dice, uint32_t number) {
  Pod pod;
  pod.type = dice.pick({"zk", "zk-x"});
  pod.name = pod.type + "-" + std::to_string(number);
  pod.cpus = dice.roll(3) * 500;
  pod.mem = dice.roll(3) * 500;
  pod.disk = dice.roll(3) * 500;
  pod.gpus = dice.once_in(4) ? 500 : 0;
  pod.role = dice.pick(kRoles);
  if (dice.once_in(4)) pod.pre_reserved_role = "slave_public";
  for (uint32_t i = dice.roll(4); i > 0; --i) {
    PortNeed need;
    if (dice.once_in(2)) need.port = 1 + dice.roll(12);
    for (uint32_t k = need.port == 0 ? dice.roll(3) : 0; k > 0; --k) {
      const uint64_t first = 1 + dice.roll(12);
      need.ranges.push_back({first, first + dice.roll(4)});
    }
    pod.ports.push_back(need);
  }
  for (uint32_t i = dice.roll(4); i > 0; --i) {
    VolumeNeed need;
    need.type = dice.once_in(3) ? OSTLER_VOLUME_ROOT : OSTLER_VOLUME_MOUNT;
    need.milli = dice.roll(3) * 500;
    for (uint32_t k = dice.roll(3); k > 0; --k) need.profiles.push_back(dice.pick({"fast", "slow"}));
    pod.volumes.push_back(need);
  }
  if (dice.once_in(3)) {
    pod.agent = "S" + std::to_string(dice.roll(7));
    for (uint32_t i = dice.roll(3); i > 0; --i)
      pod.resource_ids.push_back("id" + std::to_string(dice.roll(3)));
  }
  return pod;
}

Rows rows(Dice& dice) {
  Rows out;
  for (uint32_t i = dice.roll(3); i > 0; --i) {
    const std::string field = dice.pick({"hostname", "@hostname", "@zone", "@region", "rack", "os"});
    switch (dice.roll(8)) {
      case 0:
        out.push_back({field, "UNIQUE"});
        break;
      case 1:
        out.push_back({field, "CLUSTER", dice.pick({"z1", "h1", "r1", "a", "1"})});
        break;
      case 2:
        out.push_back({field, "IS", dice.pick({"z1", "h1", "r1", "1.5", "10.0"})});
        break;
      case 3:
        out.push_back({field, "IS_NOT", dice.pick({"z1", "h1", "r1", "a", "1"})});
        break;
      case 4:
        out.push_back({field, "LIKE", dice.pick({"[hrz]1", "a|b", "1.*", "1\\.000"})});
        break;
      case 5:
        out.push_back({field, "UNLIKE", dice.pick({"[hrz]1", "a|b", "1.*", "1\\.000"})});
        break;
      case 6:
        out.push_back({field, "MAX_PER", std::to_string(1 + dice.roll(3))});
        break;
      default:
        out.push_back(dice.once_in(2)
                          ? std::vector<std::string>{field, "GROUP_BY"}
                          : std::vector<std::string>{field, "GROUP_BY", std::to_string(1 + dice.roll(4))});
    }
  }
  return out;
}

void compare_one_round(uint64_t seed, matcher::Judge& judge) {
  Dice dice(seed);
  NaiveJudge naive;
  RoundBuilder builder;
  std::vector<Offer> agents;
  for (uint32_t i = 0; i < 6; ++i) agents.push_back(agent(dice, i));
  std::vector<uint64_t> next_port(6, 1);
  for (uint32_t i = dice.roll(10); i > 0; --i) {
    const uint32_t at = dice.roll(6);
    Offer offer = agents[at];
    add_resources(dice, offer, next_port[at]);
    naive.offers.push_back(offer);
    builder.add(offer);
  }
  for (uint32_t i = dice.roll(7); i > 0; --i) {
    const Offer on = dice.once_in(5) ? agent(dice, 9) : agents[dice.roll(6)];
    const std::string type = dice.pick({"zk", "zk-x"});
    const Placed placed{
        type + "-" + std::to_string(i), type, on.agent, on.hostname, on.region, on.zone, on.attributes};
    naive.placed.push_back(placed);
    builder.add(placed);
  }
  std::vector<Pod> pods;
  std::vector<Rows> rules;
  for (uint32_t i = dice.roll(5); i > 0; --i) {
    pods.push_back(pod(dice, i));
    rules.push_back(rows(dice));
    pods.back().placement =
        rules.back().empty() && dice.once_in(2) ? 0 : judge.compile(nlohmann::json(rules.back()).dump());
    builder.add(pods.back());
  }
  const ostler_round_t round = builder.round();
  // A plugin built for a larger verdict leaves the rest of each alone.
  struct Larger {
    ostler_verdict_t verdict;
    uint64_t later = 0xABABABAB;
  };
  std::vector<Larger> verdicts(pods.size() * naive.offers.size());
  judge.evaluate(round, {verdicts.data(), static_cast<uint32_t>(verdicts.size()), sizeof(Larger)});
  for (size_t p = 0; p < pods.size(); ++p) {
    for (size_t o = 0; o < naive.offers.size(); ++o) {
      const Larger& found = verdicts[p * naive.offers.size() + o];
      const uint64_t expected = naive.reasons(pods[p], rules[p], naive.offers[o]);
      ASSERT_EQ(found.verdict.reasons, expected)
          << "seed " << seed << " pod " << p << " offer " << o << " rule " << nlohmann::json(rules[p]).dump();
      ASSERT_EQ(found.later, 0xABABABABu);
      if (expected == 0) {
        ASSERT_GT(found.verdict.score, 0) << "seed " << seed;
        ASSERT_LE(found.verdict.score, 1.0001) << "seed " << seed;
      } else {
        ASSERT_LT(found.verdict.score, 0) << "seed " << seed;
      }
      // Every reason is explained, and nothing else is.
      const auto reasons =
          nlohmann::json::parse(judge.explain(round, static_cast<uint32_t>(p), static_cast<uint32_t>(o)));
      static const std::map<std::string, uint64_t> kBits = {
          {"CPUS", OSTLER_REASON_CPUS},           {"MEM", OSTLER_REASON_MEM},
          {"DISK", OSTLER_REASON_DISK},           {"GPUS", OSTLER_REASON_GPUS},
          {"PORTS", OSTLER_REASON_PORTS},         {"VOLUME", OSTLER_REASON_VOLUME},
          {"PLACEMENT", OSTLER_REASON_PLACEMENT}, {"AGENT", OSTLER_REASON_AGENT},
          {"RESERVED", OSTLER_REASON_RESERVED},   {"ROLE", OSTLER_REASON_ROLE}};
      uint64_t explained = 0;
      for (const auto& reason : reasons) explained |= kBits.at(reason.at("reason"));
      ASSERT_EQ(explained, expected) << "seed " << seed << " pod " << p << " offer " << o << ": "
                                     << reasons.dump();
    }
  }
  for (const Pod& each : pods) judge.release(each.placement);
}

TEST(MatcherModel, AgreesWithTheNaiveJudge) {
  // One judge for all rounds: what it keeps from one must not colour the next.
  matcher::Judge judge;
  if (const char* only = std::getenv("OSTLER_SEED"))
    return compare_one_round(std::strtoull(only, nullptr, 10), judge);
  const uint64_t start = std::random_device{}();
  RecordProperty("first_seed", std::to_string(start));
  for (uint64_t seed = start; seed < start + 3000 && !HasFatalFailure(); ++seed)
    compare_one_round(seed, judge);
}

}  // namespace
}  // namespace ostler::test
