// The MOUNT example of the product's page: three agents with two MOUNT disks each. A
// service X of two nodes takes one disk on agents 1 and 3; a service Y, whose nodes need
// two disks each, then fits on agent 2 once and never again.
#include <gtest/gtest.h>

#include "judge.h"
#include "round_builder.h"

namespace ostler::test {
namespace {

constexpr int64_t kDisk = 10'000'000;  // 10 GB

Offer agent(int number, int free_disks) {
  Offer offer;
  offer.agent = "S" + std::to_string(number);
  offer.hostname = "10.0.0." + std::to_string(number);
  offer.resources = {{OSTLER_RES_CPUS, 8000}, {OSTLER_RES_MEM, 16'000'000}, {OSTLER_RES_DISK, 50'000'000}};
  for (int i = 0; i < free_disks; ++i)
    offer.resources.push_back({OSTLER_RES_DISK, kDisk, {}, OSTLER_RES_MOUNT});
  return offer;
}

Pod pod(const std::string& service, int index, int disks) {
  Pod out;
  out.name = service + "-" + std::to_string(index);
  out.type = service;
  out.cpus = 1000;
  out.mem = 1'000'000;
  for (int i = 0; i < disks; ++i) out.volumes.push_back({5'000'000, OSTLER_VOLUME_MOUNT, {}});
  return out;
}

struct Scene {
  matcher::Judge judge;
  RoundBuilder builder;

  Scene(std::vector<int> free_disks, const Pod& wanted) {
    for (size_t i = 0; i < free_disks.size(); ++i) builder.add(agent(static_cast<int>(i) + 1, free_disks[i]));
    builder.add(wanted);
    verdicts.resize(free_disks.size());
    judge.evaluate(builder.round(),
                   {verdicts.data(), static_cast<uint32_t>(verdicts.size()), sizeof(ostler_verdict_t)});
  }
  std::vector<uint64_t> reasons() const {
    std::vector<uint64_t> out;
    for (const ostler_verdict_t& verdict : verdicts) out.push_back(verdict.reasons);
    return out;
  }
  std::vector<ostler_verdict_t> verdicts;
};

constexpr uint64_t kNoDisk = OSTLER_REASON_VOLUME;

TEST(MountExample, XFitsEverywhereAtFirst) {
  EXPECT_EQ(Scene({2, 2, 2}, pod("x", 0, 1)).reasons(), (std::vector<uint64_t>{0, 0, 0}));
}

TEST(MountExample, YFitsOnlyWhereBothDisksAreFree) {
  EXPECT_EQ(Scene({1, 2, 1}, pod("y", 0, 2)).reasons(), (std::vector<uint64_t>{kNoDisk, 0, kNoDisk}));
}

TEST(MountExample, TheSecondNodeOfYIsStuckAndHearsWhyAndWhatWouldHelp) {
  Scene scene({1, 0, 1}, pod("y", 1, 2));
  EXPECT_EQ(scene.reasons(), (std::vector<uint64_t>{kNoDisk, kNoDisk, kNoDisk}));
  EXPECT_GT(scene.verdicts[0].score, scene.verdicts[1].score) << "agent 1 lacks one disk, agent 2 lacks two";
  EXPECT_EQ(
      scene.judge.explain(scene.builder.round(), 0, 0),
      R"([{"reason":"VOLUME","needed":2,"offered":1,"message":"needs 2 MOUNT disks of at least 5000 MB without a )"
      R"(profile, 1 of the 1 offered fit; the largest offered is 10000 MB without a profile; 1 more such on )"
      R"(this agent, or volumes of type ROOT, would do"}])");
  EXPECT_EQ(
      scene.judge.explain(scene.builder.round(), 0, 1),
      R"([{"reason":"VOLUME","needed":2,"offered":0,"message":"needs 2 MOUNT disks of at least 5000 MB without a )"
      R"(profile, 0 of the 0 offered fit; 2 more such on this agent, or volumes of type ROOT, would do"}])");
}

TEST(MountExample, NamesWhatIsWantedWhereSizesDoNotFit) {
  Pod large = pod("z", 0, 1);
  large.volumes = {{20'000'000, OSTLER_VOLUME_MOUNT, {"fast", "slow"}},
                   {20'000'000, OSTLER_VOLUME_MOUNT, {}}};
  Scene scene({2}, large);
  EXPECT_EQ(
      scene.judge.explain(scene.builder.round(), 0, 0),
      R"([{"reason":"VOLUME","needed":2,"offered":0,"message":"needs 1 MOUNT disk of at least 20000 MB of profile )"
      R"('fast' or 'slow' and 1 MOUNT disk of at least 20000 MB without a profile, 0 of the 2 offered fit; the )"
      R"(largest offered is 10000 MB without a profile; 2 more such on this agent, or volumes of type ROOT, )"
      R"(would do"}])");
}

TEST(MountExample, WithRootVolumesNothingIsStuck) {
  Pod root = pod("y", 1, 0);
  root.disk = kDisk;
  EXPECT_EQ(Scene({1, 0, 1}, root).reasons(), (std::vector<uint64_t>{0, 0, 0}));
}

}  // namespace
}  // namespace ostler::test
