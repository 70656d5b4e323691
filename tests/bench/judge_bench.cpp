// The hot path: 10,000 offers judged for 10 pods, through the loaded offers-matcher.so
// and by the same code called directly. The difference is what the ABI costs.
#include <benchmark/benchmark.h>
#include <ostler/ostler.h>

#include <vector>

#include "../unit/offers/round_builder.h"
#include "bench/plugin_judge.h"
#include "judge.h"

namespace {

using namespace ostler;
using bench::Loaded;

constexpr int kOffers = 10'000;
constexpr int kPods = 10;

// A DC/OS agent: six resources, four attributes, six port ranges, three zones.
test::Offer offer(int number) {
  test::Offer offer;
  offer.agent = "6a4c2d3e-8b1f-4c55-9d0e-0123456789ab-S" + std::to_string(number);
  offer.hostname = "10." + std::to_string(number / 65536) + "." + std::to_string(number / 256 % 256) + "." +
                   std::to_string(number % 256);
  offer.region = "us-east-1";
  offer.zone = "us-east-1" + std::string(1, static_cast<char>('a' + number % 3));
  offer.attributes = {{"rack", "r" + std::to_string(number % 200)},
                      {"os", "debian"},
                      {"disk", "ssd"},
                      {"generation", std::to_string(number % 5)}};
  offer.resources = {{OSTLER_RES_CPUS, 1000 * (number % 16), {}},
                     {OSTLER_RES_MEM, 1'000'000LL * (number % 64), {}},
                     {OSTLER_RES_DISK, 1'000'000LL * (number % 500), {}},
                     {OSTLER_RES_GPUS, 0, {}},
                     {OSTLER_RES_PORTS,
                      0,
                      {{1025, 2180}, {2182, 3887}, {3889, 5049}, {5052, 8079}, {8082, 8180}, {8182, 32000}}},
                     {OSTLER_RES_DISK, 100'000'000, {}, OSTLER_RES_MOUNT, "zk-role", "*", "", "fast"}};
  return offer;
}

test::RoundBuilder build(uint64_t rule) {
  test::RoundBuilder builder;
  for (int i = 0; i < kOffers; ++i) builder.add(offer(i));
  for (int i = 0; i < kPods; ++i) {
    test::Pod pod;
    pod.name = "zk-" + std::to_string(i);
    pod.cpus = 1000 + 100 * i;
    pod.mem = 3'072'000;
    pod.disk = 5'256'000;
    pod.ports = {{1140, {}}, {1240, {}}, {1340, {}}};
    pod.placement = rule;
    builder.add(pod);
  }
  for (int i = 0; i < 5; ++i) {
    const test::Offer at = offer(i * 100);
    builder.add(test::Placed{"zk-" + std::to_string(i), "zk", at.agent, at.hostname, at.region, at.zone,
                             at.attributes});
  }
  return builder;
}

const char* const kRules[] = {"", R"([["hostname","UNIQUE"],["@zone","GROUP_BY","3"]])",
                              R"([["hostname","LIKE","10\\.0\\..*"],["rack","UNLIKE","r1.?"]])"};

void report(benchmark::State& state, const std::vector<ostler_verdict_t>& verdicts) {
  int64_t fitting = 0;
  for (const ostler_verdict_t& verdict : verdicts) fitting += verdict.reasons == 0;
  state.counters["fitting"] = static_cast<double>(fitting);
  state.counters["ns/pair"] =
      benchmark::Counter(static_cast<double>(verdicts.size()) * static_cast<double>(state.iterations()) / 1e9,
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void through_library(benchmark::State& state) {
  Loaded loaded;
  uint64_t rule = 0;
  const char* text = kRules[state.range(0)];
  if (*text != 0) loaded.table->compile(loaded.self, ostler_str_of(text), &rule, nullptr);
  const test::RoundBuilder builder = build(rule);
  const ostler_round_t round = builder.round();
  std::vector<ostler_verdict_t> verdicts(kOffers * kPods);
  const ostler_out_array_t out = {verdicts.data(), kOffers * kPods, sizeof(ostler_verdict_t)};
  for (auto _ : state) {
    if (loaded.table->evaluate(loaded.self, &round, &out, nullptr) != OSTLER_OK)
      state.SkipWithError("evaluate failed");
    benchmark::ClobberMemory();
  }
  report(state, verdicts);
}

void direct(benchmark::State& state) {
  matcher::Judge judge;
  const char* text = kRules[state.range(0)];
  const test::RoundBuilder builder = build(*text != 0 ? judge.compile(text) : 0);
  const ostler_round_t round = builder.round();
  std::vector<ostler_verdict_t> verdicts(kOffers * kPods);
  const ostler_out_array_t out = {verdicts.data(), kOffers * kPods, sizeof(ostler_verdict_t)};
  for (auto _ : state) {
    judge.evaluate(round, out);
    benchmark::ClobberMemory();
  }
  report(state, verdicts);
}

BENCHMARK(through_library)->ArgName("rule")->DenseRange(0, 2)->Unit(benchmark::kMillisecond);
BENCHMARK(direct)->ArgName("rule")->DenseRange(0, 2)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
