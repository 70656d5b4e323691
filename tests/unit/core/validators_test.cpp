// Each rule of the table, by the text that an operator reads.
#include "core/validators.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <set>

#include "engine_driver.h"

namespace ostler::core::test {
namespace {

using spec::ServiceSpec;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> texts(const std::vector<Objection>& all) {
  std::vector<std::string> out;
  for (const Objection& one : all) out.push_back(one.text());
  return out;
}

template <typename Change>
std::vector<std::string> first(Change change) {
  ServiceSpec spec = sample_spec();
  change(spec);
  return texts(objections({nullptr, spec}));
}

template <typename Change>
std::vector<std::string> changed(Change change, ServiceSpec before = sample_spec()) {
  ServiceSpec after = before;
  change(after);
  return texts(objections({&before, after}));
}

TEST(Validators, AcceptWhatIsSoundAndWhatStaysTheSame) {
  EXPECT_THAT(first([](ServiceSpec&) {}), IsEmpty());
  EXPECT_THAT(changed([](ServiceSpec&) {}), IsEmpty());
  EXPECT_THAT(changed([](ServiceSpec& s) { s.pods[0].count = 5; }), IsEmpty());
  EXPECT_THAT(changed([](ServiceSpec& s) { s.pods[0].resource_sets[0].memory_mb = 1024; }), IsEmpty());
}

TEST(Validators, RefuseADoubleUnderscoreInTheName) {
  EXPECT_THAT(
      first([](ServiceSpec& s) { s.name = "a__b"; }),
      ElementsAre("Field: 'ServiceName'; Value: 'a__b'; Message: 'Service name may not contain double "
                  "underscores: a__b'; Fatal: false"));
}

TEST(Validators, RefuseANameTooLongForDnsOnlyAtFirst) {
  const std::string name = "/" + std::string(40, 'a') + "/" + std::string(24, 'b');
  EXPECT_THAT(
      first([&](ServiceSpec& s) { s.name = name; }),
      ElementsAre("Field: 'service.name'; Value: '" + name +
                  "'; Message: 'Service name (without slashes) exceeds 63 characters: it has 64, and tasks "
                  "could not be found by their DNS names'; Fatal: false"));
  ServiceSpec installed = sample_spec();
  installed.name = name;
  EXPECT_THAT(changed([](ServiceSpec&) {}, installed), IsEmpty());
}

TEST(Validators, RefuseTwoPodsOfOneName) {
  EXPECT_THAT(
      first([](ServiceSpec& s) { s.pods.push_back(s.pods[0]); }),
      ElementsAre("Field: 'PodSpecs'; Value: 'zookeeper'; Message: 'Two pods have the name 'zookeeper''; "
                  "Fatal: false"));
}

TEST(Validators, RefuseAnInvalidPlacement) {
  EXPECT_THAT(
      first([](ServiceSpec& s) { s.pods[0].placement_error = "unsupported operator 'NEAR'"; }),
      ElementsAre("Field: 'PlacementRule'; Value: 'unsupported operator 'NEAR''; Message: 'The PlacementRule "
                  "for PodSpec 'zookeeper' had invalid constraints'; Fatal: false"));
}

TEST(Validators, RefuseALimitBelowTheRequest) {
  EXPECT_THAT(
      first([](ServiceSpec& s) {
        s.pods[0].resource_sets[0].limits = {{"cpus", 0.5}, {"mem", 100}};
      }),
      ElementsAre("Field: 'ResourceLimits'; Value: '0.5'; Message: 'The cpus resource-limits for task "
                  "'server', 0.5, is less than the requested amount, 1'; Fatal: false",
                  "Field: 'ResourceLimits'; Value: '100'; Message: 'The memory resource-limits for task "
                  "'server', 100, is less than the requested amount, 512'; Fatal: false"));
  EXPECT_THAT(first([](ServiceSpec& s) {
                s.pods[0].resource_sets[0].limits = {{"cpus", std::numeric_limits<double>::infinity()}};
              }),
              IsEmpty());
}

TEST(Validators, RefuseSharedMemoryThatContradictsItself) {
  EXPECT_THAT(
      first([](ServiceSpec& s) {
        s.pods[0].tasks[0].ipc_mode = "SHARE_PARENT";
        s.pods[0].tasks[0].shm_size_mb = 64;
      }),
      ElementsAre("Field: 'TaskSpec[name:server].shm-size'; Value: '64'; Message: 'Task 'server' shares its "
                  "pod's /dev/shm, so it cannot have a size of its own'; Fatal: false"));
}

TEST(Validators, RefusePortMappingWithoutABridge) {
  EXPECT_THAT(first([](ServiceSpec& s) {
                s.pods[0].networks = {{"dcos", {1}, {2}, {}}};
              }),
              ElementsAre("Field: 'PodSpec[name:zookeeper]'; Value: 'dcos'; Message: 'Network 'dcos' of pod "
                          "'zookeeper' cannot map ports; only mesos-bridge can'; Fatal: false"));
}

TEST(Validators, RefuseAWishForCertificatesAndSayWhatToDoInstead) {
  ServiceSpec spec = sample_spec();
  spec.pods[0].tasks[0].transport_encryption = {{"zk", "TLS"}};
  EXPECT_THAT(
      texts(objections({nullptr, spec})),
      ElementsAre("Field: 'transport-encryption'; Value: 'server'; Message: 'Ostler issues no TLS artifacts: "
                  "store a certificate and key as secrets, name them under 'secrets' of pod 'zookeeper', and "
                  "remove transport-encryption from task 'server''; Fatal: false"));
}

TEST(Validators, RefuseAConfigurationThatTheStateCannotHold) {
  ServiceSpec spec = sample_spec();
  spec.pods[0].tasks[0].configs = {{"big", "big", std::string(5000, 'x')}};
  const auto found = objections({nullptr, spec, 4000});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_THAT(
      found[0].text(),
      ::testing::MatchesRegex("Field: 'configuration'; Value: '6[0-9]{3} bytes'; Message: 'The configuration "
                              "has 6[0-9]{3} bytes as JSON, but the state plugin holds at most 4000; shorten "
                              "config templates and environment, or let tasks fetch them'; Fatal: false"));
  EXPECT_THAT(objections({nullptr, spec, 8000}), IsEmpty());
}

TEST(Validators, RefuseToShrinkWithoutLeave) {
  EXPECT_THAT(
      changed([](ServiceSpec& s) { s.pods[0].count = 2; }),
      ElementsAre("Field: 'PodSpec[name:zookeeper]'; Transition: '3' => '2'; Message: 'New config's PodSpec "
                  "named 'zookeeper' has 2 tasks, expected >=3 tasks; set its count back to 3, or give it "
                  "allow-decommission'; Fatal: false"));
  EXPECT_THAT(
      changed([](ServiceSpec& s) { s.pods.clear(); }),
      ElementsAre("Field: 'PodSpec[name:zookeeper]'; Transition: '3' => '0'; Message: 'New config is missing "
                  "PodSpec named 'zookeeper' (expected present with >= 3 tasks); bring it back, or first "
                  "deploy it with allow-decommission'; Fatal: false"));
  EXPECT_THAT(changed([](ServiceSpec& s) { s.pods[0].count = 2, s.pods[0].allow_decommission = true; }),
              IsEmpty());
  ServiceSpec leaving = sample_spec();
  leaving.pods[0].allow_decommission = true;
  EXPECT_THAT(changed([](ServiceSpec& s) { s.pods.clear(); }, leaving), IsEmpty());
}

TEST(Validators, RefuseAnotherNetworkRegime) {
  const auto to_overlay = [](ServiceSpec& s) { s.pods[0].networks = {{"dcos", {}, {}, {}}}; };
  const auto to_bridge = [](ServiceSpec& s) { s.pods[0].networks = {{"mesos-bridge", {}, {}, {}}}; };
  EXPECT_THAT(
      changed(to_overlay),
      ElementsAre(
          "Field: 'PodSpec[name:zookeeper]'; Transition: 'host' => 'dcos'; Message: 'New config has "
          "pod zookeeper moving networks from host to dcos, changing its host ports requirements from "
          "true to false, not allowed. Revert to network host to proceed'; Fatal: false"));
  EXPECT_THAT(changed(to_bridge), IsEmpty());
  ServiceSpec overlay = sample_spec();
  to_overlay(overlay);
  EXPECT_EQ(changed(to_bridge, overlay).size(), 1u);
  EXPECT_THAT(changed([](ServiceSpec& s) { s.pods[0].networks[0].name = "other-overlay"; }, overlay),
              IsEmpty());
}

TEST(Validators, RefuseAnotherIdentity) {
  EXPECT_THAT(
      changed([](ServiceSpec& s) { s.user = "nobody"; }),
      ElementsAre(
          "Field: 'user'; Transition: 'root' => 'nobody'; Message: 'Cannot change user of deployed "
          "service from 'root' to 'nobody': the data belongs to it. Revert to previous user 'root' to "
          "proceed'; Fatal: false"));
  EXPECT_THAT(
      changed([](ServiceSpec& s) { s.region = "north"; }),
      ElementsAre("Field: 'region'; Transition: '' => 'north'; Message: 'Region for old service must remain "
                  "the same across deployments. Revert to no region to proceed'; Fatal: false"));
  EXPECT_THAT(
      changed([](ServiceSpec& s) { s.role = "other-role"; }),
      ElementsAre("Field: 'role'; Transition: 'zk-role' => 'other-role'; Message: 'The role of a deployed "
                  "service cannot change: what it holds is reserved for 'zk-role'. Revert to that role to "
                  "proceed'; Fatal: false"));
  EXPECT_THAT(
      changed([](ServiceSpec& s) { s.pods[0].pre_reserved_role = "slave_public"; }),
      ElementsAre(
          "Field: 'PodSpec[pre-reserved-role:*]'; Transition: '*' => 'slave_public'; Message: 'New "
          "config has changed the pre-reserved-role of PodSpec named 'zookeeper' (expected it to stay "
          "'*')'; Fatal: false"));
  EXPECT_THAT(
      changed([](ServiceSpec& s) { s.name = "other"; }),
      ElementsAre(
          "Field: 'ServiceName'; Transition: 'zk' => 'other'; Message: 'The name of a deployed service "
          "cannot change, since its state and its tasks are found by it; revert to 'zk' to proceed, "
          "or install another service'; Fatal: false"));
}

TEST(Validators, RefuseOtherVolumesButNotAnotherOrder) {
  const spec::VolumeSpec log{"log", spec::VolumeType::kRoot, {}, 50};
  EXPECT_THAT(
      changed([](ServiceSpec& s) { s.pods[0].resource_sets[0].volumes[0].size_mb = 2000; }),
      ElementsAre("Field: 'TaskVolumes[taskname:server]'; Transition: 'data ROOT 1000 MB' => 'data ROOT 2000 "
                  "MB'; Message: 'Volumes must be equal.'; Fatal: false"));
  EXPECT_THAT(
      changed([&](ServiceSpec& s) { s.pods[0].volumes = {log}; }),
      ElementsAre("Field: 'PodVolumes[podname:zookeeper]'; Transition: 'none' => 'log ROOT 50 MB'; Message: "
                  "'Volumes must be equal.'; Fatal: false"));
  ServiceSpec two = sample_spec();
  two.pods[0].resource_sets[0].volumes.push_back(log);
  EXPECT_THAT(changed(
                  [](ServiceSpec& s) {
                    std::swap(s.pods[0].resource_sets[0].volumes[0], s.pods[0].resource_sets[0].volumes[1]);
                  },
                  two),
              IsEmpty());
}

TEST(Validators, RefuseToRenameTheResourceSetThatHoldsAVolume) {
  EXPECT_THAT(
      changed([](ServiceSpec& s) {
        s.pods[0].resource_sets[0].id = s.pods[0].tasks[0].resource_set = "renamed";
      }),
      ElementsAre("Field: 'TaskVolumes[taskname:server].resource-set'; Transition: 'server-resource-set' => "
                  "'renamed'; Message: 'The volumes of task 'server' are held under the name of its resource "
                  "set. Name it 'server-resource-set' again to proceed'; Fatal: false"));
}

TEST(Validators, RefuseAnotherZoneAwarenessWhereTheServiceSaysSo) {
  ServiceSpec before = sample_spec();
  before.zone_awareness_fixed = {"zookeeper"};
  EXPECT_THAT(
      changed(
          [](ServiceSpec& s) {
            s.pods[0].placement.push_back({"@zone", "GROUP_BY", "3"});
          },
          before),
      ElementsAre("Field: 'zookeeper.PlacementRule'; Transition: 'hostname:UNIQUE' => "
                  "'hostname:UNIQUE,@zone:GROUP_BY:3'; Message: 'PlacementRule cannot change from not "
                  "referring to zones to referring to them. Revert to 'hostname:UNIQUE' to proceed'; "
                  "Fatal: false"));
  EXPECT_THAT(changed([](ServiceSpec& s) { s.pods[0].placement.clear(); }, before), IsEmpty());
  EXPECT_THAT(changed([](ServiceSpec& s) {
                s.pods[0].placement.push_back({"@zone", "GROUP_BY", "3"});
              }),
              IsEmpty());
}

TEST(Validators, NameTheOptionAndBothValues) {
  ServiceSpec before = sample_spec();
  before.option_rules = {
      {"NODE_COUNT", "3", spec::Fixed::kAlways, {}, {}, {}, {}, "members know each other"}};
  EXPECT_THAT(
      changed([](ServiceSpec& s) { s.pods[0].count = 5, s.option_rules[0].value = "5"; }, before),
      ElementsAre("Field: 'NODE_COUNT'; Transition: '3' => '5'; Message: 'NODE_COUNT cannot change once the "
                  "service is installed: members know each other. Set NODE_COUNT back to '3' to proceed'; "
                  "Fatal: false"));
}

TEST(Validators, ReportEverythingAtOnceWithTheRuleBehindIt) {
  ServiceSpec before = sample_spec(), after = sample_spec();
  after.user = "nobody";
  after.pods[0].count = 1;
  after.pods[0].placement_error = "bad";
  std::vector<std::string> names;
  for (const Objection& one : objections({&before, after})) names.push_back(one.validator);
  EXPECT_THAT(names, ElementsAre("PlacementRuleIsValid", "PodSpecsCannotShrink", "UserCannotChange"));
}

TEST(Validators, HaveNamesOfTheirOwnAndARuleInAFullSentence) {
  std::set<std::string_view> names;
  for (const ValidatorText& one : validator_texts()) {
    EXPECT_TRUE(names.insert(one.name).second) << one.name;
    EXPECT_TRUE(one.rule.ends_with('.')) << one.name;
  }
}

}  // namespace
}  // namespace ostler::core::test
