// How fast one OFFERS event becomes a batch of flat offers, against nlohmann on the
// same bytes. An offer is about 1.4 KB: three attributes, a fault domain, cpus, mem,
// disk, six port ranges and two executors; every tenth has our reservation with a volume as well.
//
//   ostler_parse_bench --benchmark_min_time=1
#include <benchmark/benchmark.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

#include "mesos/event_parser.h"

namespace {

using ostler::mesos::EventParser;

void add_scalar(std::string& out, const char* name, double value, const char* more = "") {
  char text[512];
  std::snprintf(
      text, sizeof text,
      R"({"allocation_info":{"role":"zk-role"},%s"name":"%s","scalar":{"value":%.1f},"type":"SCALAR"},)",
      more, name, value);
  out += text;
}

std::string offer(int i) {
  char text[1024];
  std::snprintf(
      text, sizeof text,
      R"({"agent_id":{"value":"11a27ff6-3f53-41b8-9253-177796827cfb-S%d"},"allocation_info":{"role":"zk-role"},)"
      R"("attributes":[{"name":"rack","text":{"value":"r%d"},"type":"TEXT"},)"
      R"({"name":"speed","scalar":{"value":2.5},"type":"SCALAR"},{"name":"os","text":{"value":"linux"},"type":"TEXT"}],)"
      R"("domain":{"fault_domain":{"region":{"name":"region-1"},"zone":{"name":"zone-%d"}}},)"
      R"("executor_ids":[{"value":"zookeeper-%d__3f1c6f4a-8f5b-4d57-9a43-5a1f9b1f7a11"},{"value":"zookeeper-%d__8a0e1d51-cf20-4d0c-b8a5-0b6e4f0f8c22"}],)"
      R"("framework_id":{"value":"11a27ff6-3f53-41b8-9253-177796827cfb-0000"},"hostname":"agent-%d.example.org",)"
      R"("id":{"value":"11a27ff6-3f53-41b8-9253-177796827cfb-O%d"},"resources":[)",
      i, i % 40, i % 3, i, i, i, i);
  std::string out = text;
  add_scalar(out, "cpus", 7.9);
  add_scalar(out, "mem", 30123.0);
  add_scalar(out, "disk", 122880.0);
  if (i % 10 == 0) {
    add_scalar(
        out, "disk", 2048.0,
        R"("disk":{"persistence":{"id":"v-1","principal":"p"},"volume":{"container_path":"data","mode":"RW"}},)"
        R"("reservations":[{"labels":{"labels":[{"key":"resource_id","value":"0b1c2d3e"}]},"principal":"p",)"
        R"("role":"zk-role","type":"DYNAMIC"}],)");
  }
  out +=
      R"({"allocation_info":{"role":"zk-role"},"name":"ports","ranges":{"range":[{"begin":1025,"end":2180},)"
      R"({"begin":2182,"end":3887},{"begin":3889,"end":5049},{"begin":5052,"end":8079},{"begin":8082,"end":8180},)"
      R"({"begin":8182,"end":32000}]},"type":"RANGES"}],)";
  std::snprintf(
      text, sizeof text,
      R"x("url":{"address":{"hostname":"agent-%d.example.org","ip":"10.0.%d.%d","port":5051},"path":"\/slave(1)",)x"
      R"("scheme":"http"}})",
      i, i / 250, i % 250);
  return out + text;
}

std::string offers_event(int count) {
  std::string out = R"({"type":"OFFERS","offers":{"offers":[)";
  for (int i = 0; i < count; ++i) {
    if (i > 0) out += ',';
    out += offer(i);
  }
  return out + "]}}";
}

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
