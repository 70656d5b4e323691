// The core's side of an advisor: who is asked about, who waits, who goes first.
#include "core/advice.h"

#include <gmock/gmock.h>
#include <ostler/draft/advisor.h>

#include "backup_spec.h"
#include "deployed_service.h"
#include "engine_driver.h"

namespace ostler::core::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class AdviceTest : public ::testing::Test {
 protected:
  // Three nodes that run, and a configuration that changes all of them.
  void deploy_and_change(spec::Strategy strategy = spec::Strategy::kSerial) {
    driver_.emplace(sample_spec(strategy));
    driver_->settings.has_advisor = true;
    driver_->restart();
    driver_->subscribe();
    for (int i = 0; i < 3; ++i) {
      driver_->offer({big_offer(1), big_offer(2), big_offer(3)});
      for (int k = 0; k <= i; ++k) driver_->ready("zookeeper-" + std::to_string(k));
    }
    ASSERT_THAT(driver_->step_statuses(), ElementsAre("COMPLETE", "COMPLETE", "COMPLETE"));
    EXPECT_THAT(driver_->questions, IsEmpty()) << "nothing was taken down";
    spec::ServiceSpec changed = sample_spec(strategy);
    changed.pods[0].tasks[0].env["NEW"] = "1";
    driver_->restart_with(changed);
    driver_->subscribe();
    for (const std::string pod : {"zookeeper-0", "zookeeper-1", "zookeeper-2"}) driver_->ready(pod);
  }
  // The advisor lets zookeeper-0 go alone, which is launched anew and has said nothing yet.
  void relaunch_first() {
    answer(take_question(), {{true, ""}, {false, ""}, {false, ""}});
    die(*driver_, "zookeeper-0");
    EXPECT_THAT(driver_->questions, IsEmpty());
    driver_->relaunch("zookeeper-0");
  }
  static std::vector<std::string> candidates_of(const effect::Advise& question) {
    std::vector<std::string> out;
    for (const auto& member : question.members) {
      if ((member.flags & OSTLER_ADVICE_MEMBER_CANDIDATE) != 0) out.push_back(member.pod);
    }
    return out;
  }
  std::string message_of(size_t step) {
    return driver_->engine().planner().deploy().phases[0].steps[step].message;
  }
  effect::Advise take_question() {
    EXPECT_EQ(driver_->questions.size(), 1U);
    effect::Advise question = driver_->questions.at(0);
    driver_->questions.clear();
    return question;
  }
  void answer(const effect::Advise& question, std::vector<std::pair<bool, std::string>> rulings) {
    driver_->answer({question.id, std::move(rulings)});
  }

  std::optional<EngineDriver> driver_;
};

TEST_F(AdviceTest, NothingIsTakenDownBeforeTheAdvisorAgrees) {
  deploy_and_change();
  EXPECT_THAT(driver_->killed(), IsEmpty());
  const effect::Advise question = take_question();
  EXPECT_FALSE(question.has_come_back);
  EXPECT_THAT(candidates_of(question), ElementsAre("zookeeper-0", "zookeeper-1", "zookeeper-2"))
      << "in a serial phase any of them may go first";
  EXPECT_EQ(message_of(0), "waits for the advisor's leave to restart");
  answer(question, {{false, "0 has to wait"}, {false, "1 has to wait"}, {false, "2 has to wait"}});
  EXPECT_THAT(driver_->killed(), IsEmpty());
  EXPECT_EQ(message_of(0), "0 has to wait");
  EXPECT_THAT(driver_->questions, IsEmpty()) << "not at once again";
  driver_->advance(driver_->settings.advice_retry_ms);
  EXPECT_EQ(driver_->questions.size(), 1U);
}

TEST_F(AdviceTest, OneThatMayGoGoesBeforeThoseThatMayNot) {
  deploy_and_change();
  answer(take_question(), {{false, "it leads"}, {true, ""}, {true, ""}});
  ASSERT_EQ(driver_->killed().size(), 2U);
  EXPECT_THAT(driver_->killed()[0], HasSubstr("zookeeper-1-"));
  EXPECT_THAT(driver_->killed()[1], HasSubstr("zookeeper-1-")) << "one at a time";
}

TEST_F(AdviceTest, AStepIsCompleteOnlyWhenItHasComeBack) {
  deploy_and_change();
  relaunch_first();
  driver_->ready("zookeeper-0");
  EXPECT_EQ(driver_->step_statuses()[0], "STARTED");
  EXPECT_EQ(message_of(0), "waits for the advisor to see it back");
  const effect::Advise back = take_question();
  EXPECT_TRUE(back.has_come_back);
  EXPECT_THAT(candidates_of(back), ElementsAre("zookeeper-0"));
  answer(back, {{false, "no write was committed"}});
  EXPECT_EQ(message_of(0), "no write was committed");
  driver_->advance(driver_->settings.advice_retry_ms);
  answer(take_question(), {{true, ""}});
  EXPECT_EQ(driver_->step_statuses()[0], "COMPLETE");
  EXPECT_THAT(candidates_of(take_question()), ElementsAre("zookeeper-1", "zookeeper-2"));
}

TEST_F(AdviceTest, AParallelPhaseTakesOneDownAtATimeToo) {
  deploy_and_change(spec::Strategy::kParallel);
  answer(take_question(), {{true, ""}, {true, ""}, {true, ""}});
  EXPECT_EQ(driver_->killed().size(), 2U) << "both tasks of zookeeper-0";
}

TEST_F(AdviceTest, TheOthersSayForWhomTheyWaitAndNoLongerThanTheyDo) {
  deploy_and_change(spec::Strategy::kParallel);
  answer(take_question(), {{true, ""}, {false, "it leads"}, {true, ""}});
  EXPECT_EQ(message_of(1), "waits until zookeeper-0 is back");
  EXPECT_EQ(message_of(2), "waits until zookeeper-0 is back");
  die(*driver_, "zookeeper-0");
  // One that dies by itself waits for nobody's leave.
  driver_->update("zookeeper-2-server", mesos::TaskState::kFailed);
  driver_->update("zookeeper-2-metrics", mesos::TaskState::kKilled);
  EXPECT_THAT(message_of(2), ::testing::Not(HasSubstr("is back")));
  driver_->relaunch("zookeeper-0");
  driver_->ready("zookeeper-0");
  answer(take_question(), {{true, ""}});
  EXPECT_EQ(message_of(1), "waits for the advisor's leave to restart");
}

// The word that a pod is back is no leave to take it down once more.
TEST_F(AdviceTest, ARestartByAnOperatorNeedsALeaveOfItsOwn) {
  deploy_and_change();
  relaunch_first();
  driver_->ready("zookeeper-0");
  const effect::Advise back = take_question();
  driver_->calls.clear();
  driver_->command(command::PlanRestart{"deploy", "", ""});
  answer(back, {{true, ""}});
  EXPECT_THAT(driver_->killed(), IsEmpty());
  driver_->advance(driver_->settings.advice_retry_ms);
  const effect::Advise leave = take_question();
  EXPECT_FALSE(leave.has_come_back);
  answer(leave, {{true, ""}, {false, ""}, {false, ""}});
  EXPECT_THAT(driver_->killed(), ::testing::SizeIs(2));
}

TEST_F(AdviceTest, AResumeBeforeThePodIsSeenBackNeedsALeaveOfItsOwn) {
  deploy_and_change();
  relaunch_first();
  driver_->ready("zookeeper-0");
  ASSERT_TRUE(take_question().has_come_back);
  driver_->calls.clear();
  driver_->command(command::PodPause{"zookeeper-0", {}});
  EXPECT_THAT(driver_->killed(), IsEmpty());
  driver_->advance(driver_->settings.advice_retry_ms);
  EXPECT_THAT(driver_->killed(), IsEmpty());
}

TEST_F(AdviceTest, AServerThatServesAgainNeedsALeaveThoughItsStepIsNotOver) {
  deploy_and_change();
  relaunch_first();
  driver_->update("zookeeper-0-server", mesos::TaskState::kRunning, 0);
  driver_->calls.clear();
  driver_->command(command::PodRestart{"zookeeper-0"});
  EXPECT_THAT(driver_->killed(), IsEmpty());
  driver_->advance(driver_->settings.advice_retry_ms);
  EXPECT_THAT(candidates_of(take_question()), ElementsAre("zookeeper-0", "zookeeper-1", "zookeeper-2"));
}

// It went first since its pod was down; by the time that the plan went on, the recovery had
// launched the pod as it was before, and the step took it down.
TEST_F(AdviceTest, ALeaveIsNotKeptForAnInterruptedStepWhoseServerServesMeanwhile) {
  deploy_and_change();
  die(*driver_, "zookeeper-1");
  answer(take_question(), {{false, ""}, {false, ""}, {false, ""}});
  ASSERT_TRUE(driver_->engine().planner().deploy().phases[0].steps[1].out);
  driver_->command(command::PlanInterrupt{{"deploy", {}, {}}});
  driver_->relaunch("zookeeper-1");
  driver_->ready("zookeeper-1");
  driver_->calls.clear();
  driver_->command(command::PlanContinue{{"deploy", {}, {}}});
  EXPECT_THAT(driver_->killed(), IsEmpty());
  driver_->advance(driver_->settings.advice_retry_ms);
  EXPECT_FALSE(take_question().has_come_back);
}

// A pod that serves went first, since it only lacked its metrics: it was taken down later on
// the strength of that.
TEST_F(AdviceTest, OneThatWentFirstSinceItTookNothingDownNeedsALeaveToTakeSomethingDown) {
  deploy_and_change();
  answer(take_question(), {{false, ""}, {true, ""}, {false, ""}});
  die(*driver_, "zookeeper-1");
  driver_->relaunch("zookeeper-1");
  driver_->update("zookeeper-1-server", mesos::TaskState::kRunning, 0);
  driver_->update("zookeeper-1-metrics", mesos::TaskState::kFailed);
  driver_->questions.clear();
  driver_->restart();
  driver_->subscribe();
  for (const std::string pod : {"zookeeper-0", "zookeeper-2"}) driver_->ready(pod);
  driver_->update("zookeeper-1-server", mesos::TaskState::kRunning, 0);
  const effect::Advise question = take_question();
  EXPECT_THAT(candidates_of(question), ElementsAre("zookeeper-0", "zookeeper-2"));
  answer(question, {{false, "0 leads"}, {false, "2 is behind"}});
  ASSERT_TRUE(driver_->engine().planner().deploy().phases[0].steps[1].out) << "it goes first";
  driver_->calls.clear();
  driver_->command(command::PodRestart{"zookeeper-1"});
  EXPECT_THAT(driver_->killed(), IsEmpty());
  driver_->advance(driver_->settings.advice_retry_ms);
  const effect::Advise leave = take_question();
  EXPECT_THAT(candidates_of(leave), ElementsAre("zookeeper-0", "zookeeper-1", "zookeeper-2"));
  answer(leave, {{false, ""}, {true, ""}, {false, ""}});
  EXPECT_THAT(driver_->killed(), ::testing::Contains(HasSubstr("zookeeper-1-server")));
}

TEST_F(AdviceTest, AMemberThatWasMissingAndIsOnItsWayUpNeedsALeaveToGoDownAgain) {
  deploy_and_change();
  die(*driver_, "zookeeper-1");
  driver_->questions.clear();
  driver_->restart();
  driver_->subscribe();
  for (const std::string pod : {"zookeeper-0", "zookeeper-2"}) driver_->ready(pod);
  answer(take_question(), {{false, "0 leads"}, {false, "2 is behind"}});
  driver_->relaunch("zookeeper-1");
  driver_->update("zookeeper-1-server", mesos::TaskState::kRunning);
  driver_->calls.clear();
  driver_->command(command::PodRestart{"zookeeper-1"});
  EXPECT_THAT(driver_->killed(), IsEmpty());
}

// One plan waited until the pod was back, the other until the first had replaced it.
TEST_F(AdviceTest, AnotherPlanThatTakesTheSamePodDownDoesNotWaitForItToBeBack) {
  driver_.emplace(with_backup());
  driver_->settings.has_advisor = true;
  driver_->restart();
  driver_->subscribe();
  driver_->offer({big_offer(1), big_offer(2), big_offer(3)});
  for (const char* pod : {"zookeeper-0", "zookeeper-1", "zookeeper-2"}) driver_->ready(pod);
  driver_->command(command::PlanStart{"backup", {}});
  driver_->relaunch("zookeeper-0");
  driver_->update("zookeeper-0-backup", mesos::TaskState::kRunning);
  driver_->command(command::PlanStop{"backup"});
  driver_->command(command::PlanStart{"backup", {{"RUN", "2"}}});
  const effect::Advise question = take_question();
  EXPECT_THAT(candidates_of(question), ElementsAre("zookeeper-0"));
  answer(question, {{true, ""}});
  EXPECT_THAT(driver_->killed(), ElementsAre(driver_->task_id("zookeeper-0-backup")));

  driver_->command(command::PodReplace{"zookeeper-0"});
  driver_->advance(driver_->settings.advice_retry_ms);
  const effect::Advise again = take_question();
  EXPECT_FALSE(again.has_come_back);
  EXPECT_THAT(candidates_of(again), ElementsAre("zookeeper-0"));
  answer(again, {{true, ""}});
  EXPECT_THAT(driver_->killed(), ::testing::Contains(driver_->task_id("zookeeper-0-server")));
}

// An erase that was forced leaves gaps.
TEST_F(AdviceTest, IsAskedOfEachPodThatGoesAlsoBehindAGap) {
  driver_.emplace(sample_spec(spec::Strategy::kSerial, 5));
  driver_->settings.has_advisor = true;
  driver_->restart();
  driver_->subscribe();
  for (int i = 0; i < 5; ++i) {
    driver_->offer({big_offer(i + 1)});
    driver_->ready("zookeeper-" + std::to_string(i));
  }
  for (const char* task : {"zookeeper-3-server", "zookeeper-3-metrics"}) driver_->stored.tasks.erase(task);
  spec::ServiceSpec smaller = sample_spec(spec::Strategy::kSerial, 3);
  smaller.pods[0].allow_decommission = true;
  driver_->restart_with(smaller);
  driver_->subscribe();
  for (const std::string pod : {"zookeeper-0", "zookeeper-1", "zookeeper-2", "zookeeper-4"})
    driver_->ready(pod);
  driver_->update("zookeeper-4-metrics", mesos::TaskState::kKilled);
  EXPECT_THAT(candidates_of(take_question()), ElementsAre("zookeeper-4"));
}

TEST_F(AdviceTest, IsAskedBeforeAPodGoesForGood) {
  deploy_and_change();
  answer(take_question(), {{false, ""}, {false, ""}, {false, ""}});
  spec::ServiceSpec smaller = sample_spec(spec::Strategy::kSerial, 2);
  smaller.pods[0].allow_decommission = true;
  driver_->restart_with(smaller);
  driver_->subscribe();
  for (const std::string pod : {"zookeeper-0", "zookeeper-1", "zookeeper-2"}) driver_->ready(pod);
  EXPECT_THAT(driver_->killed(), ElementsAre(driver_->task_id("zookeeper-2-metrics")))
      << "the pod does without that one";
  EXPECT_THAT(driver_->questions, IsEmpty());
  driver_->update("zookeeper-2-metrics", mesos::TaskState::kKilled);
  const effect::Advise question = take_question();
  EXPECT_THAT(candidates_of(question), ElementsAre("zookeeper-2"));
  EXPECT_EQ(question.members.size(), 3U);
  EXPECT_EQ(driver_->killed().size(), 1U);
  answer(question, {{false, "zookeeper-1 is not in sync"}});
  const auto snapshot = driver_->engine().snapshot();
  EXPECT_EQ(snapshot->plan("decommission")->phases[0].steps[1].message, "zookeeper-1 is not in sync");
  EXPECT_EQ(driver_->killed().size(), 1U);
  driver_->advance(driver_->settings.advice_retry_ms);
  answer(take_question(), {{true, ""}});
  EXPECT_THAT(driver_->killed(), ::testing::Contains(driver_->task_id("zookeeper-2-server")));
}

TEST_F(AdviceTest, AnAnswerToAnotherQuestionIsNoAnswer) {
  deploy_and_change();
  effect::Advise question = take_question();
  ++question.id;
  answer(question, {{true, ""}, {true, ""}, {true, ""}});
  EXPECT_THAT(driver_->killed(), IsEmpty());
}

TEST_F(AdviceTest, TellsWhereTheMembersAreAndWhatTheirPortsAre) {
  deploy_and_change();
  const effect::Advise question = take_question();
  ASSERT_EQ(question.members.size(), 3U);
  const effect::AdviceMember& member = question.members[1];
  EXPECT_EQ(member.pod_type, "zookeeper");
  EXPECT_EQ(member.host, driver_->stored.tasks.at("zookeeper-1-server").launch->hostname);
  EXPECT_THAT(member.ports, ElementsAre(std::pair<std::string, uint32_t>("client", 1140)));
  EXPECT_EQ(member.flags, static_cast<uint32_t>(OSTLER_ADVICE_MEMBER_RUNS | OSTLER_ADVICE_MEMBER_LAUNCHED |
                                                OSTLER_ADVICE_MEMBER_CANDIDATE));
}

// Where nothing can be known of the others, the advisor never agrees; an operator may know better.
TEST_F(AdviceTest, AnOperatorMayOverruleIt) {
  deploy_and_change();
  answer(take_question(), {{false, "x"}, {false, "x"}, {false, "x"}});
  driver_->command(command::PodRestart{"zookeeper-0"});
  EXPECT_THAT(driver_->killed(), IsEmpty());
  driver_->command(command::PodRestart{"zookeeper-0", true});
  ASSERT_EQ(driver_->killed().size(), 2U);
  EXPECT_THAT(driver_->killed()[0], HasSubstr("zookeeper-0-"));
  die(*driver_, "zookeeper-0");
  driver_->relaunch("zookeeper-0");
  driver_->ready("zookeeper-0");
  driver_->calls.clear();
  driver_->command(command::PodRestart{"zookeeper-0"});
  EXPECT_THAT(driver_->killed(), IsEmpty()) << "that was for once";
}

TEST_F(AdviceTest, AReplacementByForceWaitsForNobodyElse) {
  deploy_and_change(spec::Strategy::kParallel);
  answer(take_question(), {{true, ""}, {false, ""}, {false, ""}});
  driver_->calls.clear();
  driver_->command(command::PodReplace{"zookeeper-2", true});
  ASSERT_EQ(driver_->killed().size(), 2U);
  EXPECT_THAT(driver_->killed()[0], HasSubstr("zookeeper-2-"));
}

// When it is back it may be what the others lack.
TEST_F(AdviceTest, WhatCannotBeReachedIsAskedAboutWhenItIsBack) {
  deploy_and_change();
  driver_->questions.clear();
  die(*driver_, "zookeeper-1", mesos::TaskState::kUnreachable);
  driver_->advance(driver_->settings.advice_retry_ms);
  for (const effect::Advise& question : driver_->questions)
    EXPECT_THAT(candidates_of(question), ::testing::Not(::testing::Contains("zookeeper-1")));
}

TEST_F(AdviceTest, ALeaveEndsWhenWhatItIsForCannotBeReachedAnyMore) {
  deploy_and_change();
  answer(take_question(), {{true, ""}, {false, ""}, {false, ""}});
  ASSERT_EQ(driver_->killed().size(), 2U);
  die(*driver_, "zookeeper-0", mesos::TaskState::kUnreachable);
  driver_->calls.clear();
  driver_->advance(60'000);
  EXPECT_THAT(driver_->killed(), IsEmpty());
  answer(take_question(), {{false, ""}, {false, ""}});
  driver_->ready("zookeeper-0");
  EXPECT_THAT(driver_->killed(), IsEmpty()) << "not before the advisor has looked again";
  driver_->advance(driver_->settings.advice_retry_ms);
  ASSERT_FALSE(driver_->questions.empty());
  EXPECT_THAT(candidates_of(driver_->questions.back()), ::testing::Contains("zookeeper-0"));
}

}  // namespace
}  // namespace ostler::core::test
