#include "simulation/fault.h"

#include <algorithm>
#include <cstdio>

#include "simulation/service.h"

namespace ostler::simulation {
namespace {

struct Row {
  FaultKind kind;
  std::string_view name;
  char unit;     // of `at`: t ms, e effects, c commits, s calls sent, a accepts, u updates
  int weight;    // how often it is chosen
  int64_t last;  // `at` is below
  int64_t shortest_ms, longest_ms;
  uint32_t choices;  // `which` is below
};

// An agent that is back within 75 s was not missed; one that is away longer comes back as unreachable.
constexpr Row kRows[] = {
    {FaultKind::kCrash, "crash", 'e', 30, 120, 0, 0, 1},
    {FaultKind::kCommitFails, "commit fails", 'c', 6, 40, 0, 0, 4},
    {FaultKind::kCommitUnknown, "commit unknown", 'c', 6, 40, 0, 0, 1},
    {FaultKind::kCrashAfterCommit, "crash after commit", 'c', 15, 40, 0, 0, 1},
    {FaultKind::kCallLost, "call lost", 's', 8, 60, 0, 0, 1},
    {FaultKind::kCallAnswerLost, "answer to call lost", 's', 6, 60, 0, 0, 1},
    {FaultKind::kCallRefused, "call refused", 's', 6, 60, 0, 0, 1},
    {FaultKind::kCallLate, "call late", 's', 4, 60, 1, 90'000, 1},
    {FaultKind::kOperationsRefused, "operations refused", 'a', 12, 6, 0, 0, 4},
    {FaultKind::kUpdateLost, "update lost", 'u', 6, 30, 0, 0, 1},
    {FaultKind::kUpdateLate, "update late", 'u', 6, 30, 100, 30'000, 1},
    {FaultKind::kUpdateTwice, "update twice", 'u', 6, 30, 100, 30'000, 1},
    {FaultKind::kStop, "stop", 't', 5, 90'000, 0, 0, 1},
    {FaultKind::kPause, "pause", 't', 4, 90'000, 100, 60'000, 1},
    {FaultKind::kSecondStarts, "second scheduler", 't', 3, 90'000, 1000, 60'000, 1},
    {FaultKind::kStoreAway, "store away", 't', 4, 90'000, 100, 600'000, 1},
    {FaultKind::kStreamCut, "stream cut", 't', 8, 90'000, 0, 20'000, 1},
    {FaultKind::kStreamSlow, "stream slow", 't', 4, 90'000, 100, 20'000, 1},
    {FaultKind::kAgentAway, "agent away", 't', 10, 90'000, 100, 200'000, 8},
    {FaultKind::kHostDies, "host dies", 't', 8, 90'000, 1000, 200'000, 8},
    {FaultKind::kAgentNewId, "agent with a new id", 't', 1, 90'000, 1000, 60'000, 8},
    {FaultKind::kAgentGone, "agent gone", 't', 1, 90'000, 0, 0, 8},
    {FaultKind::kMaintenance, "maintenance", 't', 0, 90'000, 1000, 120'000, 16},
    {FaultKind::kOffersRescinded, "offers rescinded", 't', 5, 60'000, 0, 0, 8},
    {FaultKind::kMasterFailover, "master fails over", 't', 10, 90'000, 10, 60'000, 2},
    {FaultKind::kTaskFails, "task fails", 't', 10, 90'000, 0, 0, 12},
    {FaultKind::kExecutorFails, "executor fails", 't', 5, 90'000, 0, 0, 8},
    {FaultKind::kCrashLoop, "crash loop", 't', 4, 60'000, 0, 0, 6},
    {FaultKind::kRivalHoards, "rival hoards", 't', 4, 60'000, 1000, 60'000, 1},
    {FaultKind::kConfigFlip, "configuration flips", 't', 10, 120'000, 0, 0, kVariants},
    {FaultKind::kCommand, "command", 't', 6, 90'000, 0, 0, 5},
    {FaultKind::kForceComplete, "force-complete", 't', 2, 90'000, 0, 0, 3},
    {FaultKind::kPodRestart, "pod restart", 't', 6, 90'000, 0, 0, 3},
    {FaultKind::kPodReplace, "pod replace", 't', 6, 90'000, 0, 0, 3},
    {FaultKind::kPodPause, "pod pause", 't', 5, 90'000, 1000, 60'000, 6},
    {FaultKind::kUninstall, "uninstall", 't', 2, 90'000, 0, 0, 1},
    {FaultKind::kPlan, "plan command", 't', 0, 120'000, 0, 0, 600},
    {FaultKind::kClockJumps, "clock jumps", 't', 3, 90'000, 0, 0, 2},
    {FaultKind::kFrameworkRemoved, "framework removed", 't', 0, 90'000, 61'000, 150'000, 2},
};

const Row& row(FaultKind kind) {
  return *std::find_if(std::begin(kRows), std::end(kRows), [&](const Row& r) { return r.kind == kind; });
}

std::string seconds(int64_t ms) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f s", static_cast<double>(ms) / 1000);
  return text;
}

}  // namespace

bool is_timed(FaultKind kind) { return row(kind).unit == 't'; }
std::string_view to_string(FaultKind kind) { return row(kind).name; }

std::string to_text(const Fault& fault) {
  const Row& r = row(fault.kind);
  std::string text(r.name);
  text += " at ";
  switch (r.unit) {
    case 't':
      text += seconds(fault.at);
      break;
    case 'e':
      text += "effect " + std::to_string(fault.at);
      break;
    case 'c':
      text += "commit " + std::to_string(fault.at);
      break;
    case 's':
      text += "call " + std::to_string(fault.at);
      break;
    case 'a':
      text += "ACCEPT " + std::to_string(fault.at);
      break;
    default:
      text += "update " + std::to_string(fault.at);
  }
  if (r.longest_ms > 0) text += " for " + seconds(fault.length_ms);
  if (r.choices > 1) text += " (" + std::to_string(fault.which) + ")";
  return text;
}

std::vector<Fault> random_faults(Random& random) {
  int total = 0;
  for (const Row& r : kRows) total += r.weight;
  std::vector<Fault> faults(random.below(11));
  for (Fault& fault : faults) {
    int64_t ticket = random.between(0, total - 1);
    const Row* chosen = kRows;
    while (ticket >= chosen->weight) ticket -= (chosen++)->weight;
    fault.kind = chosen->kind;
    // Half of them early, while the first deployment is under way.
    fault.at = random.between(0, random.chance(50) ? chosen->last / 4 : chosen->last - 1);
    // Lengths of all orders of magnitude.
    int64_t longest = chosen->longest_ms;
    while (longest / 10 > chosen->shortest_ms && random.chance(50)) longest /= 10;
    fault.length_ms = random.between(chosen->shortest_ms, longest);
    fault.which = static_cast<uint32_t>(random.below(chosen->choices));
  }
  return faults;
}

void add_rare_faults(Random& random, std::vector<Fault>& faults) {
  const auto add = [&](FaultKind kind) {
    const Row& r = row(kind);
    faults.push_back({kind, random.between(0, r.last - 1), random.between(r.shortest_ms, r.longest_ms),
                      static_cast<uint32_t>(random.below(r.choices))});
  };
  // Maintenance is by people's clock: one that is wrong takes its hour for another one.
  const bool is_clock_right = std::none_of(
      faults.begin(), faults.end(), [](const Fault& fault) { return fault.kind == FaultKind::kClockJumps; });
  if (random.chance(8) && is_clock_right) add(FaultKind::kMaintenance);
  if (random.chance(4) && is_clock_right) add(FaultKind::kMaintenance);
  if (random.chance(2)) add(FaultKind::kFrameworkRemoved);
}

void add_absences(Random& random, std::vector<Fault>& faults) {
  // A master that forgot its agents does not know tasks on those that are away, and after eleven
  // minutes a launch of which nothing was ever heard counts as never made (core/status_updates.cpp).
  const bool is_forgetful = std::any_of(faults.begin(), faults.end(), [](const Fault& fault) {
    return fault.kind == FaultKind::kMasterFailover && (fault.which & 1) == 0;
  });
  const int64_t longest_ms = is_forgetful ? 600'000 : 1'200'000;
  const uint64_t count = 1 + random.below(3);
  for (uint64_t i = 0; i < count; ++i) {
    const FaultKind kind = random.chance(50) ? FaultKind::kAgentAway : FaultKind::kHostDies;
    faults.push_back({kind, random.between(0, 60'000), random.between(100'000, longest_ms),
                      static_cast<uint32_t>(random.below(8))});
  }
}

void add_plan_commands(Random& random, std::vector<Fault>& faults) {
  const uint64_t count = 1 + random.below(8);
  int64_t at = random.between(0, 60'000);
  for (uint64_t i = 0; i < count; ++i) {
    const auto what = static_cast<uint32_t>(random.below(600));
    faults.push_back({FaultKind::kPlan, at, 0, i == 0 && random.chance(80) ? what / 6 * 6 : what});
    at += random.between(0, 15'000);
  }
}

}  // namespace ostler::simulation
