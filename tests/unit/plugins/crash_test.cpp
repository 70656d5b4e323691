// Plugins that take the process with them, or never come back. Each runs in a child.
#include <gtest/gtest.h>

#include <csignal>
#include <future>

#include "harness.h"
#include "plugins/breadcrumb.h"

namespace ostler::plugins {
namespace {

using namespace std::chrono_literals;
using test::defect;
using test::load;

// Starts the plugins of `manifest` with the crash handler and judges one round.
void judge_once(const std::string& manifest) {
  install_crash_handler();
  Registry registry({});
  const std::vector<PluginProblem> problems = load(registry, manifest);
  if (!problems.empty()) std::exit(2);
  if (!registry.start(10s).empty()) std::exit(3);
  std::vector<ostler_verdict_t> verdicts;
  (void)registry.judge().evaluate({}, verdicts);
}

class Crash : public testing::Test {
 protected:
  Crash() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

#ifdef OSTLER_SANITIZED
// Sanitizers handle the signals themselves; ours comes first and theirs ends the process.
#define OSTLER_DIES_BY(signal) [](int status) { return status != 0; }
#else
#define OSTLER_DIES_BY(signal) testing::KilledBySignal(signal)
#endif

TEST_F(Crash, NamesThePluginThatTouchedBadMemory) {
  EXPECT_EXIT(judge_once(defect("segv_in_evaluate")), OSTLER_DIES_BY(SIGSEGV),
              "FATAL: SIGSEGV in plugin 'bad', called through evaluate");
}

TEST_F(Crash, NamesThePluginThatOverflowedItsStack) {
  EXPECT_EXIT(judge_once(defect("overflows_stack")), OSTLER_DIES_BY(SIGSEGV),
              "FATAL: SIGSEGV in plugin 'bad', called through evaluate");
}

TEST_F(Crash, NamesThePluginWhoseExceptionCannotBeCaught) {
  EXPECT_EXIT(judge_once(defect("throws_own_unwinder")), OSTLER_DIES_BY(SIGABRT),
              "FATAL: SIGABRT in plugin 'bad', called through create");
}

TEST_F(Crash, BlamesNobodyForACrashOfTheHost) {
  EXPECT_EXIT(
      {
        install_crash_handler();
        std::raise(SIGFPE);
      },
      OSTLER_DIES_BY(SIGFPE), "FATAL: SIGFPE outside of any plugin call");
}

TEST_F(Crash, EndsTheProcessWhenAPluginDoesNotStop) {
  const auto stop = [] {
    Registry registry({});
    if (!load(registry, defect("hangs_in_stop")).empty()) std::exit(2);
    if (!registry.start(10s).empty()) std::exit(3);
    registry.stop(200ms);
  };
  EXPECT_EXIT(stop(), testing::ExitedWithCode(70),
              "plugin 'bad' has been inside stop for .*ending the process, because nothing can go on without "
              "that call");
}

TEST(Watchdog, TellsAnOverrunWhileTheCallIsStillRunning) {
  std::promise<Watchdog::Overrun> first;
  Watchdog dog([&, told = false](const Watchdog::Overrun& overrun) mutable {
    if (!std::exchange(told, true)) first.set_value(overrun);
  });
  const Watchdog::Watch watch(dog, "state", "commit", 20ms, false);
  const Watchdog::Overrun overrun = first.get_future().get();
  EXPECT_EQ(overrun.plugin, "state");
  EXPECT_EQ(overrun.function, "commit");
  EXPECT_GE(overrun.elapsed, 20ms);
  EXPECT_FALSE(overrun.hopeless);
}

TEST(Watchdog, GivesUpAVitalCallAtTwiceItsTime) {
  std::promise<Watchdog::Overrun> hopeless;
  Watchdog dog([&, told = false](const Watchdog::Overrun& overrun) mutable {
    if (overrun.hopeless && !std::exchange(told, true)) hopeless.set_value(overrun);
  });
  const Watchdog::Watch watch(dog, "state", "commit", 20ms, true);
  EXPECT_GE(hopeless.get_future().get().elapsed, 40ms);
}

TEST(Watchdog, WakesForACallThatIsDueEarlier) {
  std::promise<std::string> first;
  Watchdog dog([&, told = false](const Watchdog::Overrun& overrun) mutable {
    if (!std::exchange(told, true)) first.set_value(overrun.plugin);
  });
  const Watchdog::Watch later(dog, "slow", "start", std::chrono::hours(1), true);
  const Watchdog::Watch sooner(dog, "quick", "start", 10ms, true);
  EXPECT_EQ(first.get_future().get(), "quick");
}

// The lock is tried for in slices, and ZooKeeper's name looked up within the first.
TEST(Watchdog, AllowsAStartAMinuteHoweverShortItsTimeout) {
  EXPECT_EQ(Instance::watched_start(100ms), 60s);
  EXPECT_EQ(Instance::watched_start(5min), 5min);
}

TEST(Watchdog, SaysItInOneSentence) {
  EXPECT_EQ((Watchdog::Overrun{"state", "commit", 10'000ms, 12'500ms, false}.text()),
            "plugin 'state' has been inside commit for 12.5 s; 10.0 s are allowed");
}

}  // namespace
}  // namespace ostler::plugins
