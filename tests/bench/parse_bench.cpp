// How fast one OFFERS event becomes a batch of flat offers, against nlohmann on the
// same bytes (offers_event.h).
//
//   ostler_parse_bench --benchmark_min_time=1
#include <benchmark/benchmark.h>

#include <nlohmann/json.hpp>
#include <string>

#include "bench/offers_event.h"
#include "mesos/event_parser.h"

namespace {

using ostler::bench::offers_event;
using ostler::mesos::EventParser;

void report(benchmark::State& state, size_t bytes) {
  const auto offers = static_cast<double>(state.range(0));
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(bytes));
  state.counters["bytes_per_offer"] = static_cast<double>(bytes) / offers;
  state.counters["us_per_offer"] = benchmark::Counter(
      offers * 1e-6, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

// The record is handed over as the stream reader does it, so its copy is not counted;
// freeing the result is, here and below.
void parse_offers(benchmark::State& state) {
  const std::string bytes = offers_event(static_cast<int>(state.range(0)));
  EventParser parser({.framework_id = "11a27ff6-3f53-41b8-9253-177796827cfb-0000", .roles = {"zk-role"}});
  for (auto _ : state) {
    state.PauseTiming();
    std::string record = bytes;
    state.ResumeTiming();
    auto parsed = parser.parse(std::move(record));
    if (!parsed) return state.SkipWithError(parsed.error().text().c_str());
    benchmark::DoNotOptimize(parsed);
  }
  report(state, bytes.size());
}

void parse_offers_nlohmann(benchmark::State& state) {
  const std::string bytes = offers_event(static_cast<int>(state.range(0)));
  for (auto _ : state) {
    nlohmann::json document = nlohmann::json::parse(bytes);
    benchmark::DoNotOptimize(document);
  }
  report(state, bytes.size());
}

BENCHMARK(parse_offers)->Arg(10)->Arg(1000)->Arg(10000)->Unit(benchmark::kMillisecond);
BENCHMARK(parse_offers_nlohmann)->Arg(1000)->Arg(10000)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
