// Volumes from the offer to the UNRESERVE: the SDK's cases of OfferEvaluatorVolumesTest,
// VolumeEvaluationStageTest and UnreserveOfferRecommendationTest. Which disk a volume gets
// is in pool_test.cpp.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/footprint.h"
#include "engine_driver.h"

namespace ostler::core::test {
namespace {

using mesos::TaskState;
using spec::VolumeType;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Type = mesos::Operation::Type;

mesos::Resource disk_of(double size, const std::string& root, const std::string& profile = "") {
  mesos::Resource disk = scalar("disk", size);
  disk.disk.change([&](mesos::Disk& whole) { whole.source = mesos::DiskSource{"MOUNT", root, profile, ""}; });
  return disk;
}

mesos::Resource disk_of_provider(const std::string& provider_id) {
  mesos::Resource disk = disk_of(9000, "/mnt/" + provider_id);
  disk.provider_id = provider_id;
  return disk;
}

FakeOffer with_disks(FakeOffer offer, const std::vector<mesos::Resource>& disks) {
  offer.resources.insert(offer.resources.end(), disks.begin(), disks.end());
  return offer;
}

// As the parser of events flags disks with a source.
void offer_disks(EngineDriver& driver, const FakeOffer& offer) {
  mesos::event::Offers event = offers_event({offer});
  for (size_t i = 0; i < offer.resources.size(); ++i) {
    const mesos::Resource& one = offer.resources[i];
    if (!one.disk || !one.disk->source) continue;
    event.batch.resources[i].flags |= OSTLER_RES_MOUNT;
    event.batch.resources[i].profile = mesos::str(event.batch.keep(one.disk->source->profile));
  }
  driver.event(std::move(event));
}

spec::ServiceSpec with_volumes(std::vector<spec::VolumeSpec> of_server,
                               std::vector<spec::VolumeSpec> of_pod = {}) {
  spec::ServiceSpec service = sample_spec(spec::Strategy::kSerial, 1);
  service.pods[0].resource_sets[0].volumes = std::move(of_server);
  service.pods[0].volumes = std::move(of_pod);
  return service;
}

std::vector<mesos::Operation> sent(const EngineDriver& driver) {
  std::vector<mesos::Operation> out;
  for (const auto& accept : driver.calls_of<mesos::call::Accept>())
    out.insert(out.end(), accept.operations.begin(), accept.operations.end());
  return out;
}

const mesos::Resource& held(const EngineDriver& driver, const std::string& key) {
  static const mesos::Resource kNone;
  for (const Holding& one : driver.stored.tasks.at("zookeeper-0-server").launch->holdings) {
    if (one.key == key) return one.resource;
  }
  ADD_FAILURE() << "nothing is held as " << key;
  return kNone;
}

// Of one operation, those of disks that are not the executor's own 256 MB.
std::vector<mesos::Resource> disks(const mesos::Operation& operation) {
  std::vector<mesos::Resource> out;
  for (const mesos::Resource& one : operation.resources) {
    if (one.name == "disk" && one.milli != 256'000) out.push_back(one);
  }
  return out;
}

// Unlike the SDK, which reserves each resource by an operation of its own: one RESERVE, one
// CREATE, and a launch for each task.
TEST(Volumes, AreReservedThenCreatedThenUsed) {
  EngineDriver driver(
      with_volumes({{"data", VolumeType::kRoot, {}, 1000}, {"log", VolumeType::kRoot, {}, 50}}));
  driver.subscribe();
  driver.offer({big_offer(1)});
  const auto all = sent(driver);
  ASSERT_THAT(all, SizeIs(4));
  ASSERT_EQ(all[0].type, Type::kReserve);
  ASSERT_THAT(disks(all[0]), SizeIs(2));
  for (const mesos::Resource& one : disks(all[0])) EXPECT_FALSE(one.disk) << "not a volume yet";
  ASSERT_EQ(all[1].type, Type::kCreate);
  ASSERT_THAT(all[1].resources, SizeIs(2));
  EXPECT_EQ(all[1].resources[0].milli, 1'000'000);
  EXPECT_EQ(all[1].resources[1].milli, 50'000);
  EXPECT_EQ(all[1].resources[1].disk->container_path, "log");
  EXPECT_NE(all[1].resources[0].disk->persistence_id, all[1].resources[1].disk->persistence_id);
  EXPECT_EQ(all[1].resources[0].disk->principal, "zk-principal");
  EXPECT_EQ(all[2].type, Type::kLaunchGroup);
  EXPECT_EQ(all[3].type, Type::kLaunchGroup);
}

TEST(Volumes, AMountDiskIsTakenWholeAndKeepsItsSource) {
  EngineDriver driver(with_volumes({{"data", VolumeType::kMount, {}, 1000}}));
  driver.subscribe();
  offer_disks(driver, with_disks(big_offer(1), {disk_of(500, "/mnt/small"), disk_of(9000, "/mnt/large")}));
  const auto all = sent(driver);
  ASSERT_THAT(all, SizeIs(4));
  ASSERT_THAT(disks(all[0]), SizeIs(1));
  const mesos::Resource reserved = disks(all[0])[0];
  EXPECT_EQ(reserved.milli, 9'000'000) << "although 1000 MB were asked for";
  EXPECT_EQ(reserved.disk->source->root, "/mnt/large");
  EXPECT_EQ(reserved.disk->persistence_id, "");
  ASSERT_THAT(all[1].resources, SizeIs(1));
  EXPECT_EQ(all[1].resources[0].disk->source->root, "/mnt/large");
  EXPECT_NE(all[1].resources[0].disk->persistence_id, "");
  EXPECT_EQ(held(driver, "server-resource-set/volume/data").milli, 9'000'000);
}

TEST(Volumes, ADiskThatIsTooSmallOrOfAProfileThatNobodyNamedIsNotTaken) {
  for (const mesos::Resource& disk : {disk_of(999, "/mnt/a"), disk_of(9000, "/mnt/a", "fast")}) {
    EngineDriver driver(with_volumes({{"data", VolumeType::kMount, {}, 1000}}));
    driver.subscribe();
    offer_disks(driver, with_disks(big_offer(1), {disk}));
    EXPECT_THAT(driver.launched(), IsEmpty());
    EXPECT_THAT(sent(driver), IsEmpty());
  }
}

TEST(Volumes, AMountDiskComesBackWithTheTaskInPlace) {
  EngineDriver driver(with_volumes({{"data", VolumeType::kMount, {"fast"}, 1000}}));
  driver.subscribe();
  offer_disks(driver, with_disks(big_offer(1), {disk_of(9000, "/mnt/large", "fast")}));
  driver.ready("zookeeper-0");
  const mesos::Resource before = held(driver, "server-resource-set/volume/data");
  driver.update("zookeeper-0-server", TaskState::kFailed);
  driver.update("zookeeper-0-metrics", TaskState::kKilled);
  driver.calls.clear();
  offer_disks(driver, {"O-home", "S1", "10.0.0.1", driver.resources_of("zookeeper-0")});
  ASSERT_THAT(driver.launched(), SizeIs(2));
  for (const mesos::Operation& one : sent(driver)) EXPECT_EQ(one.type, Type::kLaunchGroup);
  EXPECT_EQ(held(driver, "server-resource-set/volume/data"), before);
}

TEST(Volumes, OneThatWasReservedButNotCreatedIsCreatedUnderItsOwnName) {
  EngineDriver driver(with_volumes({{"data", VolumeType::kRoot, {}, 1000}}));
  driver.subscribe();
  driver.offer({big_offer(1)});
  driver.ready("zookeeper-0");
  driver.update("zookeeper-0-server", TaskState::kFailed);
  driver.update("zookeeper-0-metrics", TaskState::kKilled);
  const std::string id = held(driver, "server-resource-set/volume/data").disk->persistence_id;
  FakeOffer home{"O-home", "S1", "10.0.0.1", driver.resources_of("zookeeper-0")};
  for (mesos::Resource& one : home.resources) one.disk.reset();
  driver.calls.clear();
  driver.offer({home});
  const auto all = sent(driver);
  ASSERT_FALSE(all.empty());
  ASSERT_EQ(all[0].type, Type::kCreate);
  ASSERT_THAT(all[0].resources, SizeIs(1));
  EXPECT_EQ(all[0].resources[0].disk->persistence_id, id);
}

TEST(Volumes, OfAPodAreItsExecutorsAndSeenByEachTask) {
  EngineDriver driver(with_volumes({}, {{"shared", VolumeType::kRoot, {}, 300}}));
  driver.subscribe();
  driver.offer({big_offer(1)});
  const auto all = sent(driver);
  ASSERT_THAT(all, SizeIs(4));
  ASSERT_THAT(all[1].resources, SizeIs(1)) << "once, however many tasks there are";
  const std::string id = all[1].resources[0].disk->persistence_id;
  for (const char* name : {"zookeeper-0-server", "zookeeper-0-metrics"}) {
    const LaunchRecord& launch = *driver.stored.tasks.at(name).launch;
    size_t of_executor = 0, of_task = 0;
    for (const mesos::Resource& one : launch.executor->resources)
      of_executor += one.disk && one.disk->persistence_id == id ? 1 : 0;
    for (const mesos::Resource& one : launch.task->resources)
      of_task += one.disk && one.disk->persistence_id == id ? 1 : 0;
    EXPECT_EQ(of_executor, 1U) << name;
    EXPECT_EQ(of_task, 0U) << name;
    const auto& volumes = launch.task->container->volumes;
    EXPECT_TRUE(std::any_of(volumes.begin(), volumes.end(), [](const mesos::Volume& one) {
      return one.source == mesos::Volume::Source::kSandboxParent && one.source_path == "shared" &&
             one.container_path == "shared";
    })) << name;
  }
}

TEST(Volumes, OfAPreReservedRoleRefineItsDisks) {
  for (const VolumeType type : {VolumeType::kRoot, VolumeType::kMount}) {
    spec::ServiceSpec service = with_volumes({{"data", type, {}, 1000}});
    service.pods[0].pre_reserved_role = "slave_public";
    EngineDriver driver(service);
    driver.subscribe();
    FakeOffer offer = with_disks(big_offer(1), {disk_of(9000, "/mnt/large")});
    for (mesos::Resource& one : offer.resources) {
      one.reservations.push_back({false, "slave_public", {}, {}});
      one.allocation_role = "slave_public/zk-role";
    }
    offer_disks(driver, offer);
    ASSERT_THAT(driver.launched(), SizeIs(2));
    const mesos::Resource& data = held(driver, "server-resource-set/volume/data");
    ASSERT_EQ(data.reservations.size(), 2U);
    EXPECT_EQ(data.reservations[0].role, "slave_public");
    EXPECT_EQ(data.reservations[1].role, "slave_public/zk-role");
    EXPECT_EQ(data.milli, type == VolumeType::kRoot ? 1'000'000 : 9'000'000);
  }
}

// The disk itself is not the volume's: with its source it goes back to the agent.
TEST(Volumes, AMountDiskIsGivenBackWithoutItsVolumeButWithItsSource) {
  EngineDriver driver(with_volumes({{"data", VolumeType::kMount, {}, 1000}}));
  driver.subscribe();
  offer_disks(driver, with_disks(big_offer(1), {disk_of(9000, "/mnt/large")}));
  driver.ready("zookeeper-0");
  const std::string id = held(driver, "server-resource-set/volume/data").disk->persistence_id;
  const std::vector<mesos::Resource> old = driver.resources_of("zookeeper-0");
  driver.command(command::PodReplace{"zookeeper-0"});
  driver.update("zookeeper-0-server", TaskState::kKilled);
  driver.update("zookeeper-0-metrics", TaskState::kKilled);
  driver.calls.clear();
  offer_disks(driver, {"O-old", "S1", "10.0.0.1", old});
  const auto all = sent(driver);
  ASSERT_FALSE(all.empty());
  ASSERT_EQ(all[0].type, Type::kDestroy);
  ASSERT_THAT(all[0].resources, SizeIs(1));
  EXPECT_EQ(all[0].resources[0].disk->persistence_id, id);
  size_t mounts = 0;
  for (size_t i = 1; i < all.size(); ++i) {
    ASSERT_EQ(all[i].type, Type::kUnreserve);
    const mesos::Resource& one = all[i].resources.at(0);
    if (!one.disk) continue;
    ++mounts;
    EXPECT_EQ(one.disk->source->root, "/mnt/large");
    EXPECT_EQ(one.disk->persistence_id, "");
    EXPECT_EQ(one.disk->container_path, "");
  }
  EXPECT_EQ(mounts, 1U);
}

// Mesos refuses an operation on resources of several providers.
TEST(Volumes, OfAResourceProviderAreReservedAndCreatedByOperationsOfTheirOwn) {
  EngineDriver driver(
      with_volumes({{"data", VolumeType::kMount, {}, 1000}, {"log", VolumeType::kRoot, {}, 50}}));
  driver.subscribe();
  offer_disks(driver, with_disks(big_offer(1), {disk_of_provider("csi-1")}));
  const auto all = sent(driver);
  ASSERT_THAT(all, SizeIs(6));
  EXPECT_EQ(all[0].type, Type::kReserve);
  for (const mesos::Resource& one : all[0].resources) EXPECT_EQ(one.provider_id, "") << one.name;
  EXPECT_THAT(disks(all[0]), SizeIs(1));
  EXPECT_EQ(all[1].type, Type::kReserve);
  ASSERT_THAT(all[1].resources, SizeIs(1));
  EXPECT_EQ(all[1].resources[0].provider_id, "csi-1");
  EXPECT_EQ(all[1].resources[0].disk->persistence_id, "");
  EXPECT_EQ(all[2].type, Type::kCreate);
  ASSERT_THAT(all[2].resources, SizeIs(1));
  EXPECT_EQ(all[2].resources[0].disk->container_path, "log");
  EXPECT_EQ(all[3].type, Type::kCreate);
  ASSERT_THAT(all[3].resources, SizeIs(1));
  EXPECT_EQ(all[3].resources[0].provider_id, "csi-1");
  EXPECT_EQ(all[3].resources[0].disk->container_path, "data");
  EXPECT_EQ(all[4].type, Type::kLaunchGroup);
  std::set<std::string> ids;
  for (size_t i = 0; i < 4; ++i) ids.insert(all[i].id);
  EXPECT_THAT(ids, SizeIs(4)) << "each is told about";
  EXPECT_EQ(held(driver, "server-resource-set/volume/data").provider_id, "csi-1");
}

TEST(Volumes, OfSeveralResourceProvidersAreDestroyedByOneOperationEach) {
  EngineDriver driver(
      with_volumes({{"data", VolumeType::kMount, {}, 1000}, {"log", VolumeType::kMount, {}, 1000}}));
  driver.subscribe();
  offer_disks(driver, with_disks(big_offer(1), {disk_of_provider("csi-2"), disk_of_provider("csi-1")}));
  driver.ready("zookeeper-0");
  const std::vector<mesos::Resource> old = driver.resources_of("zookeeper-0");
  driver.command(command::PodReplace{"zookeeper-0"});
  driver.update("zookeeper-0-server", TaskState::kKilled);
  driver.update("zookeeper-0-metrics", TaskState::kKilled);
  driver.calls.clear();
  offer_disks(driver, {"O-old", "S1", "10.0.0.1", old});
  const auto all = sent(driver);
  ASSERT_THAT(all, SizeIs(2 + old.size()));
  for (size_t i = 0; i < 2; ++i) {
    ASSERT_EQ(all[i].type, Type::kDestroy);
    ASSERT_THAT(all[i].resources, SizeIs(1));
    EXPECT_EQ(all[i].resources[0].provider_id, i == 0 ? "csi-1" : "csi-2");
    EXPECT_NE(all[i].resources[0].disk->persistence_id, "");
  }
  size_t of_provider = 0;
  for (size_t i = 2; i < all.size(); ++i) {
    EXPECT_EQ(all[i].type, Type::kUnreserve);
    ASSERT_THAT(all[i].resources, SizeIs(1));
    of_provider += all[i].resources[0].provider_id.empty() ? 0 : 1;
  }
  EXPECT_EQ(of_provider, 2U);
}

}  // namespace
}  // namespace ostler::core::test
