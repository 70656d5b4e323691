// Which steps a strategy works on, and what the statuses of steps make of their phase and
// plan: the SDK's cases of its strategies' tests, DefaultPhaseTest and PlanUtilsTest.
// plan_model_test.cpp has random ones.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/plan.h"
#include "core/plan_commands.h"
#include "core/task_table.h"

namespace ostler::core {
namespace {

using spec::Strategy;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Words = std::vector<std::string>;

// One phase of steps "0", "1", ... of as many pod instances.
Plan one_phase(Strategy strategy, int steps) {
  Plan plan;
  plan.name = "deploy";
  Phase& phase = plan.phases.emplace_back();
  phase.name = "nodes";
  phase.strategy = strategy;
  for (int i = 0; i < steps; ++i) {
    Step& step = phase.steps.emplace_back();
    step.id = std::to_string(i);
    step.name = step.id;
    step.pod_type = "node";
    step.pod_index = i;
    step.tasks = {"server"};
  }
  return plan;
}

Words working_on(Plan& plan) {
  Words out;
  for (const Step* step : candidates(plan)) out.push_back(step->name);
  return out;
}

Step& step_of(Plan& plan, size_t at) { return plan.phases[0].steps[at]; }

void complete(Plan& plan, size_t at) {
  step_of(plan, at).status = Status::kComplete;
  step_of(plan, at).complete = true;
}

void go_on(Plan& plan) { EXPECT_TRUE(proceed(plan, {"deploy", "nodes", {}}).ok()); }

std::string status(const Plan& plan) { return std::string(to_string(status_of(plan.phases[0]))); }

TEST(Strategies, SerialWorksOnTheFirstThatIsNotComplete) {
  Plan plan = one_phase(Strategy::kSerial, 3);
  EXPECT_THAT(working_on(plan), ElementsAre("0"));
  complete(plan, 0);
  EXPECT_THAT(working_on(plan), ElementsAre("1"));
  complete(plan, 1);
  complete(plan, 2);
  EXPECT_THAT(working_on(plan), IsEmpty());
  // Unlike the SDK, where a step that is begun again has no predecessors any more and holds
  // nobody up: the order is that of the file, whenever one looks.
  step_of(plan, 2).status = step_of(plan, 1).status = Status::kPending;
  EXPECT_THAT(working_on(plan), ElementsAre("1"));
}

TEST(Strategies, InASerialPhaseNobodyOvertakesWhatIsHeldOrInError) {
  Plan plan = one_phase(Strategy::kSerial, 2);
  step_of(plan, 0).interrupted = true;
  step_of(plan, 0).status = Status::kWaiting;
  EXPECT_THAT(working_on(plan), IsEmpty());
  EXPECT_EQ(status(plan), "WAITING");
  step_of(plan, 0).interrupted = false;
  step_of(plan, 0).errors = {"its tasks share a port"};
  step_of(plan, 0).status = Status::kError;
  EXPECT_THAT(working_on(plan), IsEmpty());
  EXPECT_EQ(status(plan), "ERROR");
}

TEST(Strategies, ParallelWorksOnAllInTheOrderOfTheFile) {
  Plan plan = one_phase(Strategy::kParallel, 4);
  EXPECT_THAT(working_on(plan), ElementsAre("0", "1", "2", "3"));
  complete(plan, 1);
  step_of(plan, 2).interrupted = true;
  EXPECT_THAT(working_on(plan), ElementsAre("0", "3"));
  plan.phases[0].interrupted = true;
  EXPECT_THAT(working_on(plan), IsEmpty());
}

TEST(Strategies, RandomWorksOnOneUntilItIsDone) {
  Plan plan = one_phase(Strategy::kRandom, 3);
  step_of(plan, 0).lot = 7;  // the smallest goes first
  step_of(plan, 1).lot = 1;
  step_of(plan, 2).lot = 2;
  EXPECT_THAT(working_on(plan), ElementsAre("1"));
  EXPECT_THAT(working_on(plan), ElementsAre("1"));
  complete(plan, 1);
  EXPECT_THAT(working_on(plan), ElementsAre("2"));
  step_of(plan, 2).interrupted = true;
  EXPECT_THAT(working_on(plan), ElementsAre("0")) << "what is held is passed by";
  complete(plan, 0);
  EXPECT_THAT(working_on(plan), IsEmpty());
  EXPECT_EQ(status(plan), "WAITING");
}

TEST(Strategies, DependencyKeepsTheOrderWithinAPodInstanceOnly) {
  Plan plan = one_phase(Strategy::kDependency, 4);
  step_of(plan, 1).pod_index = 0;
  step_of(plan, 3).pod_index = step_of(plan, 2).pod_index;
  EXPECT_THAT(working_on(plan), ElementsAre("0", "2"));
  complete(plan, 2);
  EXPECT_THAT(working_on(plan), ElementsAre("0", "3"));
  complete(plan, 0);
  EXPECT_THAT(working_on(plan), ElementsAre("1", "3"));
}

TEST(Strategies, CanariesGoOneByOneAndThenTheRestAsUsual) {
  for (const auto& [strategy, rest] :
       {std::pair(Strategy::kSerialCanary, Words{"2"}), std::pair(Strategy::kParallelCanary, Words{"2", "3"}),
        std::pair(Strategy::kDependencyCanary, Words{"2", "3"})}) {
    SCOPED_TRACE(spec::strategy_name(strategy));
    Plan plan = one_phase(strategy, 4);
    choose_canaries(plan.phases[0]);
    EXPECT_THAT(working_on(plan), IsEmpty());
    EXPECT_EQ(status(plan), "WAITING");
    go_on(plan);
    EXPECT_THAT(working_on(plan), ElementsAre("0"));
    complete(plan, 0);
    EXPECT_THAT(working_on(plan), IsEmpty());
    EXPECT_EQ(status(plan), "WAITING");
    go_on(plan);
    EXPECT_THAT(working_on(plan).front(), "1");
    complete(plan, 1);
    EXPECT_EQ(working_on(plan), rest);
    ASSERT_TRUE(interrupt(plan, {"deploy", "nodes", {}}).ok());
    EXPECT_THAT(working_on(plan), IsEmpty());
    go_on(plan);
    EXPECT_EQ(working_on(plan), rest) << "from now on it is a phase like others";
  }
}

TEST(Strategies, BothCanariesMayBeLetGoBeforeTheFirstIsDone) {
  Plan plan = one_phase(Strategy::kSerialCanary, 3);
  choose_canaries(plan.phases[0]);
  go_on(plan);
  go_on(plan);
  EXPECT_THAT(working_on(plan), ElementsAre("0")) << "serial, once nobody is held";
}

TEST(Strategies, OnlyWhatIsPendingIsACanary) {
  Plan two = one_phase(Strategy::kSerialCanary, 4);
  complete(two, 0);
  choose_canaries(two.phases[0]);
  EXPECT_THAT(two.phases[0].canaries, ElementsAre(1U, 2U));
  Plan one = one_phase(Strategy::kSerialCanary, 2);
  complete(one, 0);
  choose_canaries(one.phases[0]);
  go_on(one);
  EXPECT_THAT(working_on(one), ElementsAre("1"));
  Plan none = one_phase(Strategy::kSerialCanary, 1);
  complete(none, 0);
  choose_canaries(none.phases[0]);
  EXPECT_EQ(status(none), "COMPLETE");
}

TEST(Strategies, PhasesGoOneAfterTheOtherOrTogether) {
  Plan plan = one_phase(Strategy::kSerial, 2);
  plan.phases.push_back(one_phase(Strategy::kParallel, 2).phases[0]);
  for (Step& step : plan.phases[1].steps) step.name = "later-" + step.name;
  EXPECT_THAT(working_on(plan), ElementsAre("0"));
  plan.strategy = Strategy::kParallel;
  EXPECT_THAT(working_on(plan), ElementsAre("0", "later-0", "later-1"));
  plan.interrupted = true;
  EXPECT_THAT(working_on(plan), IsEmpty());
  EXPECT_EQ(to_string(status_of(plan)), "WAITING");
  plan.interrupted = false;
  plan.strategy = Strategy::kSerial;
  plan.phases[0].steps.clear();
  EXPECT_THAT(working_on(plan), ElementsAre("later-0", "later-1")) << "a phase of nothing is complete";
  plan.phases.clear();
  EXPECT_EQ(to_string(status_of(plan)), "COMPLETE");
}

// Each row is one of the rules, in the order in which the first that applies decides.
TEST(Aggregate, FollowsItsRulesInOrder) {
  using S = Status;
  const auto of = [](const std::vector<S>& children, const std::vector<S>& worked_on, bool has_errors = false,
                     bool is_held = false) {
    return std::string(to_string(aggregate(children, worked_on, has_errors, is_held)));
  };
  EXPECT_EQ(of({S::kComplete}, {}, true), "ERROR") << "its own";
  EXPECT_EQ(of({S::kComplete, S::kError}, {}, false, true), "ERROR") << "a child's";
  EXPECT_EQ(of({}, {}), "COMPLETE");
  EXPECT_EQ(of({S::kComplete, S::kComplete}, {}, false, true), "COMPLETE") << "although it is held";
  EXPECT_EQ(of({S::kPrepared}, {}, false, true), "WAITING");
  EXPECT_EQ(of({S::kDelayed, S::kDelayed}, {S::kDelayed}), "DELAYED");
  EXPECT_EQ(of({S::kPending, S::kPrepared}, {S::kPending}), "IN_PROGRESS");
  EXPECT_EQ(of({S::kWaiting, S::kStarting}, {S::kWaiting}), "WAITING");
  EXPECT_EQ(of({S::kInProgress, S::kPending}, {S::kInProgress}), "IN_PROGRESS");
  for (const S next : {S::kPending, S::kStarting, S::kStarted})
    EXPECT_EQ(of({S::kComplete, next}, {next}), "IN_PROGRESS") << to_string(next);
  EXPECT_EQ(of({S::kPending, S::kStarting}, {S::kPending, S::kStarting}), "PENDING");
  EXPECT_EQ(of({S::kWaiting, S::kStarting}, {S::kStarting}), "WAITING");
  EXPECT_EQ(of({S::kStarting, S::kStarted}, {S::kStarting, S::kStarted}), "STARTING");
  EXPECT_EQ(of({S::kStarted}, {S::kStarted}), "STARTED");
}

// The SDK has no rule for these and calls them an ERROR, which stops whoever polls it.
TEST(Aggregate, IsNoErrorWhereTheSdkHasNoRule) {
  using S = Status;
  EXPECT_EQ(aggregate({S::kComplete, S::kDelayed}, {S::kDelayed}, false, false), S::kDelayed);
  EXPECT_EQ(aggregate({S::kPending, S::kDelayed}, {S::kDelayed}, false, false), S::kDelayed);
  EXPECT_EQ(aggregate({S::kPending}, {}, false, false), S::kPending);
}

}  // namespace
}  // namespace ostler::core
