// Ids, labels, environment and discovery of a task: the SDK's cases of CommonIdUtilsTest,
// LaunchEvaluationStageTest, TaskLabelReaderWriterTest, NamedVIPEvaluationStageTest and of
// PortEvaluationStageTest as far as they are about variables.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/task_builder.h"
#include "engine_driver.h"

namespace ostler::core::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST(Ids, AreMadeOfTheServiceTheNameAndAUuid) {
  EXPECT_EQ(make_task_id("zk", "hello-0-server", "u1"), "zk__hello-0-server__u1");
  EXPECT_EQ(make_task_id("/path/to/zk", "hello-0-server", "u1"), "path.to.zk__hello-0-server__u1");
  EXPECT_EQ(make_task_id("path/to/zk/", "hello-0-server", "u1"), "path.to.zk__hello-0-server__u1");
  EXPECT_EQ(make_executor_id("/path/to/zk", "hello", "u1"), "path.to.zk__hello__u1");
}

TEST(Ids, TellTheNameOfTheirTask) {
  for (const char* service : {"zk", "/path/to/zk", "with_one", "a.b"}) {
    const std::string id = make_task_id(service, "hello-0-server", "1f2c4c1e-8c6e-4a6e-9d0b-0a8f3e1d2c3b");
    EXPECT_EQ(task_name_of_id(id), "hello-0-server") << id;
  }
  EXPECT_EQ(task_name_of_id("a__b__hello-0-server__u1"), "hello-0-server");
}

// The SDK only warns of these and leaves their tasks alone; of ours none is empty, so such a
// task is one that the store does not know, and is killed.
TEST(Ids, OfOthersTellNone) {
  for (const char* id : {"", "__", "a", "a__b", "__b", "a_b_c", "____"})
    EXPECT_EQ(task_name_of_id(id), "") << id;
}

// A task that has everything, on an agent with everything.
class Built {
 public:
  Built() {
    service.name = "/path/to/zk";
    pod().networks.clear();
    server().env = {{"MINE", "1"}, {"TASK_NAME", "mine"}};
    server().labels = {{"team", "blue"}};
    server().health_check = spec::HealthCheck{"alive", 1, 2, 3, 4, 5};
    place = {"S1", "host-1", "eu", "eu-1", {{"rack", "r1"}, {"disks", "2.000"}}};
  }
  spec::PodSpec& pod() { return service.pods[0]; }
  spec::TaskSpec& server() { return pod().tasks[0]; }
  mesos::TaskInfo info() {
    settings.api_hostname = "api.zk.example";
    settings.api_port = 8080;
    return build_task(
        {settings, service, config, pod(), 2, server(), place, {{"client", 1140}}, parameters, paused});
  }

  Settings settings;
  spec::ServiceSpec service = sample_spec();
  Place place;
  std::string config = "config-1";
  std::map<std::string, std::string> parameters;
  bool paused = false;
};

std::map<std::string, std::string> variables_of(const mesos::CommandInfo& command) {
  std::map<std::string, std::string> out;
  for (const auto& one : command.environment)
    EXPECT_TRUE(out.emplace(one.name, one.value).second) << one.name;
  return out;
}

TEST(TaskInfo, HasTheLabelsThatOthersLookFor) {
  Built built;
  EXPECT_THAT(built.info().labels,
              ElementsAre(Pair("target_configuration", "config-1"), Pair("task_type", "zookeeper"),
                          Pair("index", "2"), Pair("offer_attributes", "rack:r1;disks:2.000"),
                          Pair("offer_hostname", "host-1"), Pair("offer_region", "eu"),
                          Pair("offer_zone", "eu-1"), Pair("team", "blue")));
  built.place.region = built.place.zone = "";
  EXPECT_EQ(built.info().labels.size(), 6U) << "an agent without a fault domain";
}

TEST(TaskInfo, HasTheVariablesOfTheSdk) {
  Built built;
  EXPECT_EQ(variables_of(built.info().command),
            (std::map<std::string, std::string>{{"CLIENT_PORT", "1140"},
                                                {"FRAMEWORK_HOST", "pathtozk.autoip.dcos.thisdcos.directory"},
                                                {"FRAMEWORK_NAME", "/path/to/zk"},
                                                {"FRAMEWORK_VIP_HOST", "pathtozk.l4lb.thisdcos.directory"},
                                                {"MINE", "1"},
                                                {"PLACEMENT_REFERENCED_REGION", "false"},
                                                {"PLACEMENT_REFERENCED_ZONE", "false"},
                                                {"POD_INSTANCE_INDEX", "2"},
                                                {"REGION", "eu"},
                                                {"SCHEDULER_API_HOSTNAME", "api.zk.example"},
                                                {"SCHEDULER_API_PORT", "8080"},
                                                {"TASK_NAME", "zookeeper-2-server"},
                                                {"ZONE", "eu-1"},
                                                {"zookeeper-2-server", "true"}}));
  built.pod().placement = {{"@zone", "GROUP_BY", "3"}};
  built.place.region = built.place.zone = "";
  const auto env = variables_of(built.info().command);
  EXPECT_EQ(env.at("PLACEMENT_REFERENCED_ZONE"), "true");
  EXPECT_FALSE(env.contains("REGION"));
  EXPECT_FALSE(env.contains("ZONE"));
}

TEST(TaskInfo, ItsChecksKnowItsPortsButNoParametersOfAPlan) {
  Built built;
  built.parameters = {{"TARGET", "s3"}};
  const mesos::TaskInfo info = built.info();
  EXPECT_EQ(variables_of(info.command).at("TARGET"), "s3");
  for (const mesos::Check* check : {&*info.health_check, &*info.check}) {
    const auto env = variables_of(check->command);
    EXPECT_EQ(env.at("CLIENT_PORT"), "1140");
    EXPECT_EQ(env.at("TASK_NAME"), "zookeeper-2-server");
    EXPECT_FALSE(env.contains("TARGET"));
  }
  EXPECT_EQ(info.health_check->command.value, "alive");
  EXPECT_EQ(info.health_check->consecutive_failures, 5U);
  EXPECT_EQ(info.check->command.value, "ready");
}

TEST(TaskInfo, APausedOneIsNeverReadyAndNotKilledByItsHealthCheck) {
  Built built;
  built.paused = true;
  const mesos::TaskInfo info = built.info();
  EXPECT_EQ(info.command.value, built.settings.pause_command);
  EXPECT_FALSE(info.health_check);
  EXPECT_EQ(info.check->command.value, "exit 1");
}

TEST(TaskInfo, IsFoundUnderItsOwnNameOrItsPrefix) {
  Built built;
  EXPECT_EQ(built.info().discovery->name, "zookeeper-2-server");
  EXPECT_EQ(built.info().discovery->visibility, "CLUSTER");
  built.server().discovery = spec::DiscoverySpec{"zk", "EXTERNAL"};
  EXPECT_EQ(built.info().discovery->name, "zk-2");
  EXPECT_EQ(built.info().discovery->visibility, "EXTERNAL");
  built.server().discovery->prefix = "";
  EXPECT_EQ(built.info().discovery->name, "zookeeper-2-server") << "the SDK leaves it empty";
}

TEST(TaskInfo, APortIsSeenFromOutsideWhenItIsAdvertisedOrHasAVip) {
  Built built;
  spec::PortSpec& port = built.pod().resource_sets[0].ports[0];
  EXPECT_EQ(built.info().discovery->ports[0].visibility, "EXTERNAL");
  port.advertise = false;
  EXPECT_EQ(built.info().discovery->ports[0].visibility, "CLUSTER");
  EXPECT_THAT(built.info().discovery->ports[0].labels, IsEmpty());
  port.vip_prefix = "client";
  port.vip_port = 2181;
  EXPECT_THAT(built.info().discovery->ports[0].labels, ElementsAre(Pair("VIP_client", "client:2181")));
  for (const auto& [network, scope] : {std::pair("dcos", "container"), std::pair("mesos-bridge", "host")}) {
    built.pod().networks = {{network, {}, {}, {}}};
    EXPECT_THAT(built.info().discovery->ports[0].labels,
                ElementsAre(Pair("VIP_client", "client:2181"), Pair("network-scope", scope)));
  }
}

// One service a framework: what its reservations belong to is said by two labels, and no
// third one names the service, as the SDK's multi-service mode has it.
TEST(TaskInfo, ReservationsNameTheFrameworkAndThemselves) {
  EngineDriver driver(sample_spec(spec::Strategy::kSerial, 1));
  driver.subscribe();
  driver.offer({big_offer(1)});
  std::set<std::string> ids;
  size_t count = 0;
  for (const mesos::Resource& one : driver.resources_of("zookeeper-0")) {
    ++count;
    ASSERT_EQ(one.reservations.size(), 1U);
    EXPECT_THAT(one.reservations[0].labels,
                ElementsAre(Pair("framework_id", "F1"), Pair("resource_id", testing::_)));
    ids.emplace(resource_id_of(one));
  }
  EXPECT_EQ(ids.size(), count);
  EXPECT_GT(count, 5U);
}

TEST(TaskInfo, ItsAddressesAreKeptWhenMesosDoesNotRepeatThem) {
  EngineDriver driver(sample_spec(spec::Strategy::kSerial, 1));
  driver.subscribe();
  driver.offer({big_offer(1)});
  mesos::TaskStatus status;
  status.task_id = driver.task_id("zookeeper-0-server");
  status.state = mesos::TaskState::kRunning;
  status.source = "SOURCE_EXECUTOR";
  status.uuid = "u1";
  status.ip_addresses = {"9.0.0.7"};
  driver.event(mesos::event::Update{status});
  driver.update("zookeeper-0-server", mesos::TaskState::kRunning, {}, "SOURCE_MASTER");
  EXPECT_THAT(driver.stored.tasks.at("zookeeper-0-server").status->ip_addresses, ElementsAre("9.0.0.7"));
}

}  // namespace
}  // namespace ostler::core::test
