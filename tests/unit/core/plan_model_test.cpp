// Random plans under random commands and progress: what must hold for every shape, also
// for a plan that is built anew from what was stored about it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>

#include "base/uuid.h"
#include "core/plan_commands.h"
#include "core/plan_control.h"

namespace ostler::core {
namespace {

using spec::Strategy;

constexpr Strategy kStrategies[] = {
    Strategy::kSerial,     Strategy::kParallel,         Strategy::kSerialCanary, Strategy::kParallelCanary,
    Strategy::kDependency, Strategy::kDependencyCanary, Strategy::kRandom};

class PlanModel {
 public:
  explicit PlanModel(uint64_t seed) : random_(seed), ids_(seed) {
    shape_.name = "deploy";
    shape_.strategy = one_in(2) ? Strategy::kSerial : Strategy::kParallel;
    for (int p = 0, phases = 1 + below(3); p < phases; ++p) {
      Phase& phase = shape_.phases.emplace_back();
      phase.id = ids_.uuid();
      phase.name = "phase-" + std::to_string(p);
      phase.strategy = kStrategies[below(std::size(kStrategies))];
      for (int s = 0, steps = 1 + below(5); s < steps; ++s) {
        Step& step = phase.steps.emplace_back();
        step.id = ids_.uuid();
        step.pod_type = "pod";
        step.pod_index = s / 2;
        step.name = "step-" + std::to_string(s);
        step.tasks = {"server"};
      }
    }
    plan_ = shape_;
    for (Phase& phase : plan_.phases) {
      if (is_canary(phase.strategy)) choose_canaries(phase);
    }
    refresh();
  }

  void step() {
    switch (below(8)) {
      case 0:
        interrupt(plan_, target());
        break;
      case 1:
      case 2:
        proceed(plan_, target());
        break;
      case 3:
        force_complete(plan_, target());
        break;
      case 4:
        restart(plan_, target(), tasks_);
        break;
      default:
        progress();
    }
    refresh();
    check();
  }

  // Whoever only ever lets things go on comes to the end.
  void finish() {
    for (int i = 0; i < 200 && status_of(plan_) != Status::kComplete; ++i) {
      proceed(plan_, {"deploy", {}, {}});
      for (Phase& phase : plan_.phases) {
        proceed(plan_, {"deploy", phase.name, {}});
        for (Step& one : phase.steps) proceed(plan_, {"deploy", phase.name, one.name});
      }
      refresh();
      progress();
      refresh();
    }
    EXPECT_EQ(to_string(status_of(plan_)), "COMPLETE");
  }

 private:
  int below(size_t n) { return static_cast<int>(random_() % n); }
  bool one_in(size_t n) { return below(n) == 0; }

  command::Target target() {
    command::Target out{"deploy", {}, {}};
    if (one_in(3)) return out;
    const Phase& phase = plan_.phases[static_cast<size_t>(below(plan_.phases.size()))];
    out.phase = one_in(2) ? phase.name : phase.id;
    if (one_in(2)) return out;
    out.step = phase.steps[static_cast<size_t>(below(phase.steps.size()))].name;
    return out;
  }

  // One of the steps that are worked on comes further.
  void progress() {
    const std::vector<Step*> working = candidates(plan_);
    if (working.empty()) return;
    Step& step = *working[static_cast<size_t>(below(working.size()))];
    step.status = step.status == Status::kStarting ? Status::kComplete : Status::kStarting;
    step.complete = step.status == Status::kComplete;
  }

  void refresh() {
    for (Phase& phase : plan_.phases) {
      for (Step& one : phase.steps) {
        if (one.status == Status::kWaiting && !one.interrupted) one.status = Status::kPending;
        if (one.status == Status::kPending && one.interrupted) one.status = Status::kWaiting;
      }
    }
  }

  void check() {
    const std::vector<Step*> working = candidates(plan_);
    EXPECT_TRUE(working.empty() || !plan_.interrupted);
    EXPECT_NE(to_string(status_of(plan_)), "ERROR") << "nothing has an error";
    size_t phases_at_work = 0;
    for (const Phase& phase : plan_.phases) {
      size_t here = 0;
      for (const Step& one : phase.steps) {
        const bool is_worked_on = std::find(working.begin(), working.end(), &one) != working.end();
        here += is_worked_on ? 1 : 0;
        if (!is_worked_on) continue;
        EXPECT_NE(one.status, Status::kComplete) << one.name;
        EXPECT_FALSE(one.interrupted) << one.name;
        EXPECT_FALSE(phase.interrupted) << phase.name;
      }
      phases_at_work += here > 0 ? 1 : 0;
      const bool one_by_one = phase.strategy == Strategy::kSerial || phase.strategy == Strategy::kRandom ||
                              (phase.strategy == Strategy::kSerialCanary && !holds_canary(phase));
      // While a canary is held, only the other one may be worked on.
      if (one_by_one || holds_canary(phase)) {
        EXPECT_LE(here, 1U) << phase.name;
      }
    }
    if (plan_.strategy == Strategy::kSerial) {
      EXPECT_LE(phases_at_work, 1U);
    }
    check_restart();
  }

  // A new process derives the steps' progress from the tasks, and the rest from the store.
  void check_restart() {
    Plan after = shape_;
    apply_control(control_of(plan_, "config"), after);
    for (size_t p = 0; p < after.phases.size(); ++p) {
      for (size_t s = 0; s < after.phases[p].steps.size(); ++s) {
        const Step& before = plan_.phases[p].steps[s];
        after.phases[p].steps[s].status = before.status;
        EXPECT_EQ(after.phases[p].steps[s].forced, before.forced);
      }
    }
    std::vector<std::string> now, then;
    for (const Step* one : candidates(plan_)) now.push_back(one->id);
    for (const Step* one : candidates(after)) then.push_back(one->id);
    EXPECT_EQ(now, then);
    EXPECT_EQ(to_string(status_of(after)), to_string(status_of(plan_)));
  }

  std::mt19937_64 random_;
  SeededIds ids_;
  TaskTable tasks_;
  Plan shape_, plan_;
};

TEST(PlanModel, KeepsItsRulesUnderRandomCommands) {
  const char* given = std::getenv("OSTLER_SEED");
  const uint64_t first = given != nullptr ? std::strtoull(given, nullptr, 10) : 1;
  for (uint64_t seed = first; seed < first + (given != nullptr ? 1 : 2000); ++seed) {
    SCOPED_TRACE("OSTLER_SEED=" + std::to_string(seed));
    PlanModel model(seed);
    for (int i = 0; i < 40; ++i) model.step();
    model.finish();
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace ostler::core
