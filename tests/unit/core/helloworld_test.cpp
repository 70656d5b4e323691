// The scenarios that the SDK's own simulation plays with its helloworld service
// (java-sdk-engine.md, 12.3), in the same style: what is sent, and what is expected for it.
// Here are deployment and failures; helloworld_update_test.cpp has restarts and changes of
// the configuration, custom_steps_test.cpp orders of steps, examples_test.cpp the example
// files. README.md lists where the rest is.
//
// Where we want something else than the SDK does, a comment that begins with "Unlike the
// SDK" says what and why.
#include "helloworld_play.h"

namespace ostler::core::test {
namespace {

using mesos::TaskState;
using ::testing::ElementsAre;
using ::testing::SizeIs;

TEST(HelloWorld, IsDeployedPodByPod) {
  Play play;
  play.registers();
  const auto asked = play.driver().calls_of<mesos::call::Reconcile>();
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_TRUE(asked[0].tasks.empty()) << "the implicit question: nothing was launched yet";
  // Unlike the SDK, which revives at every new step: a subscription brings all offers by
  // itself, and what was not declined for long needs no REVIVE.
  play.expect_revives(0).expect_suppresses(0);
  play.offers(1).expect_launches({"hello-0-server", "hello-0-sidecar"});
  play.offers(2).expect_declined();
  play.runs("hello-0-sidecar").expect_steps({"STARTING", "PENDING", "PENDING"});
  play.runs("hello-0-server").expect_steps({"COMPLETE", "PENDING", "PENDING"});
  play.expect_revives(1);
  play.offers(2).expect_launches({"world-0-server", "world-0-sidecar"});
  // Running is not enough where there is a readiness check.
  play.runs("world-0-sidecar").runs("world-0-server").expect_steps({"COMPLETE", "STARTED", "PENDING"});
  play.checked("world-0-server", 1).expect_steps({"COMPLETE", "STARTED", "PENDING"});
  play.checked("world-0-server", 0).expect_steps({"COMPLETE", "COMPLETE", "PENDING"});
  play.waits(5000).expect_revives(1);  // the least time between two of them
  play.offers(2).expect_declined();    // a host of its own
  play.offers(3).expect_launches({"world-1-server", "world-1-sidecar"});
  play.both_run("world-1").expect_plan("deploy", Status::kComplete);
  play.expect_plan("recovery", Status::kComplete);
  play.offers(4).expect_declined().expect_suppresses(1);
  EXPECT_TRUE(play.driver().engine().snapshot()->suppressed);
}

TEST(HelloWorld, AnEssentialTaskTakesItsPodWithItAndASidecarDoesNot) {
  Play play;
  play.is_deployed();
  play.ends("world-0-server").expect_kills({"world-0-sidecar"});  // only what is alive
  play.ends("world-0-sidecar", TaskState::kKilled);
  play.offers(4).expect_declined();  // in place, or not at all
  play.offers_own("world-0").expect_launches({"world-0-server", "world-0-sidecar"});
  play.both_run("world-0").expect_plan("recovery", Status::kComplete);

  play.ends("world-1-sidecar").expect_kills({});
  play.offers(4).expect_declined();
  play.offers_own("world-1").expect_launches({"world-1-sidecar"});
  play.runs("world-1-sidecar").expect_plan("recovery", Status::kComplete);
}

TEST(HelloWorld, AZombieIsKilledAndItsNamesakeIsNot) {
  Play play;
  play.is_deployed();
  const std::string zombie = "zk__world-0-server__00000000-0000-4000-8000-000000000000";
  play.says_of(zombie, TaskState::kRunning).expect_kill_of_id(zombie);
  play.expect_steps({"COMPLETE", "COMPLETE", "COMPLETE"});
}

TEST(HelloWorld, AReplacementOfARecoveringPodGoesElsewhere) {
  Play play;
  play.is_deployed();
  play.waits(5000).expect_suppresses(1);
  play.ends("world-0-server").ends("world-0-sidecar", TaskState::kKilled).expect_revives(1);
  play.offers(4).expect_declined();
  EXPECT_THAT(play.first_steps("recovery"), ElementsAre("world-0:[server, sidecar] PREPARED"));
  // What was declined for its sake may serve now.
  play.waits(5000).tells(command::PodReplace{"world-0"}).expect_revives(1);
  EXPECT_THAT(play.first_steps("recovery"), ElementsAre("world-0:[server, sidecar] PREPARED"));
  EXPECT_THAT(play.phases("recovery"), SizeIs(1)) << "one phase, whatever it became";
  play.offers(4).expect_launches({"world-0-server", "world-0-sidecar"});
  play.both_run("world-0").expect_plan("recovery", Status::kComplete);
  EXPECT_THAT(play.phases("recovery"), ElementsAre("world-0:[server, sidecar] COMPLETE"));
}

}  // namespace
}  // namespace ostler::core::test
