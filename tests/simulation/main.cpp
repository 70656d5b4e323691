// ostler_simulation: runs seeds, and one seed again.
#include <algorithm>
#include <boost/program_options.hpp>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <iostream>
#include <optional>

#include "simulation/shrink.h"

namespace {

using namespace ostler::simulation;
namespace po = boost::program_options;
using Clock = std::chrono::steady_clock;

void print(const std::string& line) { std::printf("%s\n", line.c_str()); }

void explain(const Setup& setup, const Violation& violation, bool with_trace) {
  std::printf("seed %llu breaks rule %d: %s\n", static_cast<unsigned long long>(setup.seed), violation.rule,
              violation.text.c_str());
  const Setup small = shrink(setup, violation);
  std::printf("of its %zu faults these are enough:\n", setup.faults.size());
  for (const Fault& fault : small.faults) std::printf("  %s\n", to_text(fault).c_str());
  if (with_trace) run(small, print);
  std::printf("replay: ostler_simulation --seed %llu --trace\n", static_cast<unsigned long long>(setup.seed));
}

// Each planted defect must break a rule within so many seeds.
int prove_defects(uint64_t limit) {
  int missed = 0;
  for (uint8_t d = 1; d < static_cast<uint8_t>(Defect::kCount); ++d) {
    const Defect defect = static_cast<Defect>(d);
    uint64_t seed = 0;
    std::optional<Violation> found;
    for (; seed < limit && !found; ++seed) {
      Setup setup = random_setup(seed);
      setup.defect = defect;
      found = run(setup).violation;
    }
    missed += !found;
    std::printf("%-28s %s\n", std::string(to_string(defect)).c_str(),
                found ? ("seed " + std::to_string(seed - 1) + ", rule " + std::to_string(found->rule) + ": " +
                         found->text.substr(0, 120))
                            .c_str()
                      : "NOT SEEN");
  }
  std::printf("%d planted defects, %d not seen within %llu seeds each\n",
              static_cast<int>(Defect::kCount) - 1, missed, static_cast<unsigned long long>(limit));
  return missed == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  uint64_t first = 0, seeds = 0, seed = 0, defects = 0;
  setvbuf(stdout, nullptr, _IOLBF, 0);
  po::options_description options("Simulates deployments with faults, each from a seed");
  options.add_options()("help", "shows this")("seeds", po::value(&seeds)->default_value(1000), "how many")(
      "first", po::value(&first)->default_value(0), "the first of them")("seed", po::value(&seed),
                                                                         "this one alone")(
      "trace", "tells what happens in it, with as few faults as it still fails with")(
      "all", "with --trace: with all its faults")("rate", "prints the runs a second and nothing else")(
      "keep-going", "after a failure")("defects", po::value(&defects),
                                       "plants each defect and looks for it in so many seeds");
  po::variables_map given;
  try {
    po::store(po::command_line_parser(argc, argv)
                  .options(options)
                  .style(po::command_line_style::unix_style ^ po::command_line_style::allow_guessing)
                  .run(),
              given);
    po::notify(given);
  } catch (const po::error& e) {
    std::fprintf(stderr, "ostler_simulation: %s\n", e.what());
    return 64;
  }
  if (given.contains("help")) {
    std::cout << options;
    return 0;
  }
  if (given.contains("seed")) {
    const Setup setup = random_setup(seed);
    const bool in_full = given.contains("trace") && given.contains("all");
    const Outcome outcome = in_full ? run(setup, print) : run(setup);
    if (!outcome.violation) {
      if (given.contains("trace") && !in_full) run(setup, print);
      std::printf("seed %llu: all rules hold\n", static_cast<unsigned long long>(seed));
      return 0;
    }
    explain(setup, *outcome.violation, given.contains("trace") && !in_full);
    return 1;
  }

  if (defects != 0) return prove_defects(defects);
  const Clock::time_point begun = Clock::now();
  uint64_t failures = 0, faults = 0;
  double virtual_s = 0;
  for (uint64_t i = 0; i < seeds; ++i) {
    const Setup setup = random_setup(first + i);
    const Outcome outcome = run(setup);
    faults += outcome.hits.size();
    virtual_s += static_cast<double>(outcome.virtual_ms) / 1000;
    if (!outcome.violation) continue;
    ++failures;
    explain(setup, *outcome.violation, false);
    if (!given.contains("keep-going")) return 1;
  }
  const double took = std::chrono::duration<double>(Clock::now() - begun).count();
  // One thread: its processor time says how fast a core is, whatever else it has to do.
  const double worked = static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
  const double rate = static_cast<double>(seeds) / worked;
  if (given.contains("rate")) {
    std::printf("%.0f\n", rate);
  } else {
    std::printf(
        "%llu deployments with %llu faults in %.1f s: %.0f a second and core, %.0f times as fast as time; "
        "%llu failed\n",
        static_cast<unsigned long long>(seeds), static_cast<unsigned long long>(faults), took, rate,
        virtual_s / worked, static_cast<unsigned long long>(failures));
  }
  return failures == 0 ? 0 : 1;
}
