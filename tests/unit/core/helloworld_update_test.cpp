// Helloworld when its scheduler starts anew, with the same configuration or another one
// (java-sdk-engine.md, 12.3). A comment that begins with "Unlike the SDK" says what we want
// otherwise than it, and why.
#include "helloworld_play.h"

namespace ostler::core::test {
namespace {

using mesos::TaskState;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(HelloWorldUpdate, AStepThatWasUnderWayAtARestartIsAdopted) {
  Play play;
  play.registers().offers(1);
  play.both_run("hello-0").waits(5000).offers(2);
  play.runs("world-0-sidecar").runs("world-0-server");
  const std::string before = play.id("world-0-server");
  // Unlike the SDK, which kills such a task once and launches it again: a restart with the
  // same configuration kills nothing.
  play.restarts().both_run("hello-0");
  play.runs("world-0-sidecar").runs("world-0-server").expect_kills({});
  play.expect_steps({"COMPLETE", "STARTED", "PENDING"});
  play.checked("world-0-server", 0).expect_steps({"COMPLETE", "COMPLETE", "PENDING"});
  EXPECT_EQ(play.id("world-0-server"), before);
}

TEST(HelloWorldUpdate, AStepThatWasCompleteStaysSoAndWhatWasNeverBegunIsPending) {
  Play play;
  play.registers().offers(1);
  play.both_run("hello-0");
  play.restarts().expect_steps({"COMPLETE", "PENDING", "PENDING"});
  play.both_run("hello-0").expect_kills({}).expect_steps({"COMPLETE", "PENDING", "PENDING"});
  play.offers(2).expect_launches({"world-0-server", "world-0-sidecar"});
}

TEST(HelloWorldUpdate, TheUpdatePlanTakesOverOnceADeploymentWasComplete) {
  spec::ServiceSpec service = helloworld();
  service.plans.push_back(service.plans[0]);
  service.plans[1].name = "update";
  for (spec::PhaseSpec& phase : service.plans[1].phases) phase.name = phase.pod + "-update";
  const auto property = [](Play& play) {
    const auto& stored = play.driver().stored.properties;
    const auto found = stored.find("last-completed-update-type");
    return found == stored.end() ? std::string() : found->second;
  };
  Play play(service);
  play.registers().offers(1).expect_launches({"hello-0-server", "hello-0-sidecar"});
  play.restarts();
  EXPECT_THAT(play.phases("deploy"), ElementsAre("hello-deploy STARTING", "world-deploy PENDING"));
  // Unlike the SDK, which kills the task that was starting and launches it again.
  play.both_run("hello-0").expect_kills({}).offers(2);
  play.both_run("world-0").waits(5000).offers(3);
  EXPECT_EQ(property(play), "");
  play.expect_suppresses(0);
  // Unlike the SDK, which suppresses in the cycle after: nothing is left to be done.
  play.both_run("world-1").expect_plan("deploy", Status::kComplete).expect_suppresses(1);
  EXPECT_EQ(property(play), "DEPLOY");

  play.restarts().expect_plan("deploy", Status::kComplete);
  EXPECT_THAT(play.phases("deploy"), ElementsAre("hello-update COMPLETE", "world-update COMPLETE"));
  for (const char* pod : {"hello-0", "world-0", "world-1"}) play.both_run(pod);
  play.expect_suppresses(1).expect_kills({});
  EXPECT_EQ(play.driver().engine().snapshot()->plan("update"), nullptr);
}

TEST(HelloWorldUpdate, AShrinkThatIsNotAllowedIsRefusedAndAllElseGoesOn) {
  Play play;
  play.is_deployed();
  const std::string target = play.driver().stored.target_config;
  spec::ServiceSpec smaller = helloworld();
  smaller.pods[0].count = 0;
  smaller.plans[0].phases[0].steps.clear();
  play.restarts_with(smaller);
  for (const char* pod : {"hello-0", "world-0", "world-1"}) play.both_run(pod);
  play.expect_kills({}).expect_plan("deploy", Status::kError).expect_plan("recovery", Status::kComplete);
  const auto snapshot = play.driver().engine().snapshot();
  EXPECT_THAT(snapshot->plan("deploy")->errors,
              ElementsAre("Field: 'PodSpec[name:hello]'; Transition: '1' => '0'; Message: 'New config's "
                          "PodSpec named 'hello' has 0 tasks, expected >=1 tasks; set its count back to 1, "
                          "or give it allow-decommission'; Fatal: false"));
  EXPECT_EQ(snapshot->plan("decommission"), nullptr);
  EXPECT_EQ(play.driver().stored.target_config, target);
  play.expect_steps({"COMPLETE", "COMPLETE", "COMPLETE"});
  play.ends("hello-0-server").ends("hello-0-sidecar", TaskState::kKilled);
  play.offers_own("hello-0").expect_launches({"hello-0-server", "hello-0-sidecar"});
}

TEST(HelloWorldUpdate, AnInvalidPlacementIsRefusedAndTheOldOneStays) {
  Play play;
  play.is_deployed();
  spec::ServiceSpec invalid = helloworld(3);
  invalid.pods[1].placement_error = "Unsupported operator: 'NEAR'";
  play.restarts_with(invalid);
  for (const char* pod : {"hello-0", "world-0", "world-1"}) play.both_run(pod);
  play.expect_kills({}).expect_plan("deploy", Status::kError);
  EXPECT_FALSE(play.driver().exit) << "it ends only where there is no configuration to go on with";
  play.offers(4).expect_declined();

  spec::ServiceSpec valid = helloworld(3);
  valid.pods[1].placement = {{"@hostname", "MAX_PER", "1"}};
  play.restarts_with(valid);
  for (const char* pod : {"hello-0", "world-0", "world-1"}) play.both_run(pod);
  play.expect_kills({}).expect_steps({"COMPLETE", "COMPLETE", "COMPLETE", "PENDING"});
  play.offers(3).expect_declined();
  play.offers(4).expect_launches({"world-2-server", "world-2-sidecar"});
}

TEST(HelloWorldUpdate, WorldsThatAreTooManyGoHighestFirst) {
  Play play;
  play.is_deployed();
  play.restarts_with(helloworld(0));
  for (const char* pod : {"hello-0", "world-0", "world-1"}) play.both_run(pod);
  play.expect_plan("decommission", Status::kStarting).expect_plan("deploy", Status::kComplete);
  EXPECT_THAT(play.phases("deploy"), ElementsAre("hello-deploy COMPLETE", "world-deploy COMPLETE"))
      << "a phase of nothing is complete";
  EXPECT_THAT(play.phases("decommission"), ElementsAre("world-1 STARTING", "world-0 STARTING"));
  Names steps = play.first_steps("decommission");
  // Two tasks, and what they and their executor hold: each reservation once.
  ASSERT_THAT(steps, SizeIs(2 + play.driver().resources_of("world-1").size() + 2));
  EXPECT_EQ(steps[0], "kill-world-1-server STARTING");
  EXPECT_EQ(steps[1], "kill-world-1-sidecar STARTING");
  for (size_t i = 2; i < steps.size() - 2; ++i)
    EXPECT_TRUE(steps[i].starts_with("unreserve-") && steps[i].ends_with(" PENDING")) << steps[i];
  EXPECT_EQ(steps[steps.size() - 2], "erase-world-1-server PENDING");
  EXPECT_EQ(steps.back(), "erase-world-1-sidecar PENDING");
  const auto left = [&](const std::string& pod) {
    return play.driver().stored.tasks.contains(pod + "-server");
  };
  play.ends("world-1-server", TaskState::kKilled).ends("world-1-sidecar", TaskState::kKilled);
  play.offers_own("hello-0");
  EXPECT_TRUE(left("world-1")) << "another pod's resources are no step forward";
  const auto give_back = [&](const std::string& pod, int host) {
    play.offers_own(pod);
    // Unlike the SDK, which takes an UNRESERVE for done once it was sent: what a later offer
    // of the agent lacks, or the agent's word, tells.
    play.waits(36'000).offers(host);
  };
  give_back("world-1", 3);
  EXPECT_FALSE(left("world-1"));
  EXPECT_TRUE(left("world-0"));
  play.ends("world-0-server", TaskState::kKilled).ends("world-0-sidecar", TaskState::kKilled);
  give_back("world-0", 2);
  EXPECT_FALSE(left("world-0"));
  EXPECT_TRUE(left("hello-0"));
}

TEST(HelloWorldUpdate, APodThatFailsDuringAnUpdateComesBackInItsTurn) {
  Play play;
  play.is_deployed();
  const std::string before = play.id("world-0-server");
  play.restarts_with(helloworld(2, "run world --new"));
  for (const char* pod : {"hello-0", "world-0", "world-1"}) play.both_run(pod);
  EXPECT_EQ(play.id("world-0-server"), before);
  // The first in line is the update's: with its new configuration.
  play.ends("world-0-server", TaskState::kKilled).ends("world-0-sidecar", TaskState::kKilled);
  // Another one is the recovery's: with its old one first, and later rolled as all.
  play.ends("world-1-server").expect_kills({"world-1-sidecar"});
  play.ends("world-1-sidecar", TaskState::kKilled);
  play.offers_own("world-1").expect_launches({"world-1-server", "world-1-sidecar"});
  EXPECT_EQ(play.command_of("world-1-server"), "run world");
  play.both_run("world-1").offers_own("world-0").expect_launches({"world-0-server", "world-0-sidecar"});
  EXPECT_EQ(play.command_of("world-0-server"), "run world --new");
  play.both_run("world-0").expect_kills({"world-1-server", "world-1-sidecar"});
}

TEST(HelloWorldUpdate, OnlyWhatMayGoElsewhereAsksForOffersAgain) {
  Play play;
  play.is_deployed();
  play.restarts_with(helloworld(2, "run world --new"));
  for (const char* pod : {"hello-0", "world-0", "world-1"}) play.both_run(pod);
  play.expect_kills({"world-0-server", "world-0-sidecar"});
  play.ends("world-0-server", TaskState::kKilled).ends("world-0-sidecar", TaskState::kKilled);
  play.offers_own("world-0").expect_launches({"world-0-server", "world-0-sidecar"});
  play.waits(5000).expect_revives(0);
  play.ends("world-0-server").expect_kills({"world-0-sidecar"});
  play.ends("world-0-sidecar", TaskState::kKilled).expect_kills({}).waits(5000).expect_revives(0);
  EXPECT_THAT(play.phases("recovery"), IsEmpty()) << "it is the update's";
}

TEST(HelloWorldUpdate, ARolloutCanBeReplacedInTheMiddle) {
  Play play;
  play.is_deployed();
  play.restarts_with(helloworld(2, "run world --new"));
  for (const char* pod : {"hello-0", "world-0", "world-1"}) play.both_run(pod);
  play.ends("world-0-server", TaskState::kKilled).ends("world-0-sidecar", TaskState::kKilled);
  play.offers(4).expect_declined().waits(5000).expect_revives(0);
  play.tells(command::PodReplace{"world-0"}).expect_revives(1);
  play.offers(4).expect_launches({"world-0-server", "world-0-sidecar"});
  EXPECT_EQ(play.command_of("world-0-server"), "run world --new");
  play.both_run("world-0").expect_kills({"world-1-server", "world-1-sidecar"});
}

}  // namespace
}  // namespace ostler::core::test
