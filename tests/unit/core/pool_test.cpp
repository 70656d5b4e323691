// The arithmetic of one agent's pool, against a slow and obvious one on random input.
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "core/agent_pool.h"
#include "engine_driver.h"

namespace ostler::core::test {
namespace {

mesos::Resource mount(double size, const std::string& profile = "") {
  mesos::Resource disk = scalar("disk", size);
  const std::string root = "/mnt/" + std::to_string(static_cast<int>(size));
  disk.disk.change([&](mesos::Disk& whole) { whole.source = mesos::DiskSource{"MOUNT", root, profile, ""}; });
  return disk;
}

mesos::OfferBatch batch_of(const std::vector<mesos::Resource>& resources) {
  auto event = offers_event({{"O1", "S1", "h", resources}});
  for (size_t i = 0; i < resources.size(); ++i) {
    if (!resources[i].disk || !resources[i].disk->source) continue;
    event.batch.resources[i].flags |= OSTLER_RES_MOUNT;
    event.batch.resources[i].profile = mesos::str(event.batch.keep(resources[i].disk->source->profile));
  }
  return std::move(event.batch);
}

TEST(AgentPool, GivesTheSmallestDiskThatWillDoSoThatTheLargerIsLeftForTheLarger) {
  const auto batch = batch_of({mount(9000), mount(2000)});
  AgentPool pool(batch, {0});
  EXPECT_EQ(pool.mounts_for(1'000'000, {}, "*"), (std::vector<uint32_t>{1, 0}));
  EXPECT_EQ(pool.take_mount(1).milli, 2'000'000);
  EXPECT_EQ(pool.mounts_for(1'000'000, {}, "*"), std::vector<uint32_t>{0});
  EXPECT_EQ(pool.take_mount(0).milli, 9'000'000);
  EXPECT_TRUE(pool.mounts_for(1, {}, "*").empty());
}

TEST(AgentPool, GivesADiskWithAProfileOnlyToWhomAskedForIt) {
  const auto batch = batch_of({mount(1000, "fast")});
  AgentPool pool(batch, {0});
  EXPECT_TRUE(pool.mounts_for(1'000'000, {}, "*").empty());
  EXPECT_TRUE(pool.mounts_for(1'000'000, {"slow"}, "*").empty());
  EXPECT_FALSE(pool.mounts_for(1'000'000, {"slow", "fast"}, "*").empty());
}

TEST(AgentPool, ADiskWithSomeonesVolumeIsNotFree) {
  auto batch = batch_of({mount(1000), scalar("disk", 500)});
  for (ostler_resource_t& resource : batch.resources) resource.flags |= OSTLER_RES_VOLUME;
  AgentPool pool(batch, {0});
  EXPECT_TRUE(pool.mounts_for(1, {}, "*").empty());
  EXPECT_FALSE(pool.take_scalar(OSTLER_RES_DISK, 1, "*"));
}

// One pod of which only volumes and ports matter, claimed from one offer.
Result<Claim> claim_of(std::vector<spec::VolumeSpec> volumes, std::vector<spec::PortSpec> ports_wanted,
                       std::vector<mesos::Resource> extra) {
  spec::ServiceSpec service = sample_spec(spec::Strategy::kSerial, 1);
  service.pods[0].resource_sets[0].volumes = std::move(volumes);
  service.pods[0].resource_sets[0].ports = std::move(ports_wanted);
  LaunchRequest request;
  request.service = std::make_shared<const spec::ServiceSpec>(std::move(service));
  request.pod = &request.service->pods[0];
  request.tasks = {"server", "metrics"};
  extra.insert(extra.end(), {scalar("cpus", 4), scalar("mem", 4096), scalar("disk", 1000)});
  const auto batch = batch_of(extra);
  AgentPool pool(batch, {0});
  const Settings settings;
  SeededIds ids{1};
  return claim({settings, "F1", "zk-principal", "zk-role", ids}, request, pool);
}

mesos::Resource holding_of(const Claim& claim, const std::string& key) {
  for (const Holding& one : claim.launched.front().second->holdings) {
    if (one.key == key) return one.resource;
  }
  ADD_FAILURE() << "nothing is held as " << key;
  return {};
}

// The first volume could take either disk and likes the smaller, but the second has no choice.
TEST(ClaimDivides, DisksSoThatEachVolumeGetsOneOfItsProfiles) {
  const auto claimed = claim_of(
      {{"one", spec::VolumeType::kMount, {"A", "B"}, 50}, {"two", spec::VolumeType::kMount, {"A"}, 50}}, {},
      {mount(100, "A"), mount(200, "B")});
  ASSERT_TRUE(claimed.ok()) << claimed.error().message;
  EXPECT_EQ(holding_of(*claimed, "server-resource-set/volume/one").milli, 200'000);
  EXPECT_EQ(holding_of(*claimed, "server-resource-set/volume/two").milli, 100'000);
}

TEST(ClaimDivides, PortsSoThatANarrowRangeGetsItsOnlyOne) {
  const auto claimed = claim_of({},
                                {{"a", 0, "A", false, {}, 0, {{5000, 5010}}},
                                 {"b", 0, "B", false, {}, 0, {{5000, 5000}}},
                                 {"c", 0, "C", false, {}, 0, {}}},
                                {ports(5000, 5002)});
  ASSERT_TRUE(claimed.ok()) << claimed.error().message;
  EXPECT_EQ(holding_of(*claimed, "server-resource-set/port/a").ranges.front().begin, 5001U);
  EXPECT_EQ(holding_of(*claimed, "server-resource-set/port/b").ranges.front().begin, 5000U);
  EXPECT_EQ(holding_of(*claimed, "server-resource-set/port/c").ranges.front().begin, 5002U);
}

TEST(ClaimDivides, NothingWhereThereAreTooFew) {
  const auto claimed =
      claim_of({{"one", spec::VolumeType::kMount, {}, 50}, {"two", spec::VolumeType::kMount, {}, 50}}, {},
               {mount(100)});
  ASSERT_FALSE(claimed.ok());
  EXPECT_EQ(claimed.error().message, "no MOUNT disk for volume 'two'");
}

// The obvious way: a set of numbers and a few sums.
struct Obvious {
  std::map<uint32_t, int64_t> milli;
  std::set<uint32_t> ports;

  bool take(uint32_t kind, int64_t amount) {
    if (milli[kind] < amount) return false;
    milli[kind] -= amount;
    return true;
  }
  std::optional<uint32_t> take_any(const std::vector<mesos::Range>& ranges,
                                   const std::vector<uint32_t>& avoid) {
    for (const uint32_t port : ports) {
      bool is_wanted = ranges.empty();
      for (const mesos::Range& range : ranges) is_wanted |= port >= range.begin && port <= range.end;
      if (!is_wanted || std::find(avoid.begin(), avoid.end(), port) != avoid.end()) continue;
      ports.erase(port);
      return port;
    }
    return std::nullopt;
  }
};

TEST(AgentPoolModel, AgreesWithSetsAndSums) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  const auto below = [&](uint64_t n) { return random() % n; };
  for (int round = 0; round < 300; ++round) {
    Obvious obvious;
    std::vector<mesos::Resource> resources;
    for (const auto& [name, kind] : {std::pair<const char*, uint32_t>{"cpus", OSTLER_RES_CPUS},
                                     {"mem", OSTLER_RES_MEM},
                                     {"disk", OSTLER_RES_DISK}}) {
      // In up to two pieces, as reserved and unreserved parts come.
      for (uint64_t piece = below(3); piece > 0; --piece) {
        mesos::Resource part = scalar(name, 0);
        part.milli = static_cast<int64_t>(below(5000));
        obvious.milli[kind] += part.milli;
        resources.push_back(part);
      }
    }
    for (uint64_t at = 1000, piece = below(5); piece > 0; --piece) {
      const uint64_t begin = at + 1 + below(5), end = begin + below(6);
      resources.push_back(ports(begin, end));
      for (uint64_t port = begin; port <= end; ++port) obvious.ports.insert(static_cast<uint32_t>(port));
      at = end + 1;
    }
    std::shuffle(resources.begin(), resources.end(), random);
    const auto batch = batch_of(resources);
    AgentPool pool(batch, {0});
    for (int step = 0; step < 30; ++step) {
      const uint64_t what = below(3);
      if (what == 0) {
        const auto kind = static_cast<uint32_t>(OSTLER_RES_CPUS + below(3));
        const auto amount = static_cast<int64_t>(below(3000));
        ASSERT_EQ(pool.take_scalar(kind, amount, "*"), obvious.take(kind, amount) && !resources.empty());
      } else if (what == 1) {
        const auto port = static_cast<uint32_t>(995 + below(50));
        ASSERT_EQ(pool.take_port(port, "*"), obvious.ports.erase(port) > 0) << port;
      } else {
        std::vector<mesos::Range> ranges;
        if (below(2) == 0) ranges.push_back({1000 + below(20), 1020 + below(20)});
        const std::vector<uint32_t> avoid = {static_cast<uint32_t>(1000 + below(30))};
        const std::vector<uint32_t> lowest = pool.ports_for(ranges, avoid, "*", 1);
        const std::optional<uint32_t> expected = obvious.take_any(ranges, avoid);
        ASSERT_EQ(lowest.empty(), !expected.has_value());
        if (!expected) continue;
        ASSERT_EQ(lowest.front(), *expected);
        ASSERT_TRUE(pool.take_port(*expected, "*"));
      }
    }
  }
}

}  // namespace
}  // namespace ostler::core::test
