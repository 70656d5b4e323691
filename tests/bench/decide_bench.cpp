// The way of an OFFERS event through everything but the network: bytes in, decisions
// out. Parsing, the plugin, the claims, the records of why, and the calls that answer.
//
//   ostler_decide_bench --benchmark_min_time=1
//
// `none_fits`: ten pods that want more than any agent has, so that every pair is looked
// at, counted and explained, and every offer declined. `all_fit`: ten pods that are
// launched. The baseline is nlohmann::json reading the same bytes, and no more.
#include <benchmark/benchmark.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "base/large_pages.h"
#include "bench/offers_event.h"
#include "bench/plugin_judge.h"
#include "core/engine.h"
#include "mesos/event_parser.h"

namespace {

using namespace ostler;

// The plugin behind the core's interface, as host/plugins has it without its checks.
class PluginJudge final : public core::Judge {
 public:
  Result<uint64_t> compile(std::string_view rule) override {
    uint64_t handle = 0;
    const ostler_str_t text{rule.data(), rule.size()};
    if (loaded_.table->compile(loaded_.self, text, &handle, nullptr) != OSTLER_OK)
      return Error{Code::kInvalidArgument, "rule", {}};
    return handle;
  }
  void release(uint64_t handle) override { loaded_.table->release(loaded_.self, handle); }
  Result<void> evaluate(const ostler_round_t& round, std::vector<ostler_verdict_t>& verdicts) override {
    verdicts.resize(size_t{round.requirements.count} * round.offers.count);
    const ostler_out_array_t out = {verdicts.data(), static_cast<uint32_t>(verdicts.size()),
                                    sizeof(ostler_verdict_t)};
    if (loaded_.table->evaluate(loaded_.self, &round, &out, nullptr) != OSTLER_OK)
      return Error{Code::kInternal, "evaluate", {}};
    return {};
  }
  std::string explain(const ostler_round_t& round, uint32_t requirement, uint32_t offer) override {
    std::string text;
    const ostler_sink_t sink = {&text, [](void* context, const void* data, size_t size) {
                                  static_cast<std::string*>(context)->append(static_cast<const char*>(data),
                                                                             size);
                                }};
    loaded_.table->explain(loaded_.self, &round, requirement, offer, &sink, nullptr);
    return text;
  }

 private:
  bench::Loaded loaded_;
};

std::shared_ptr<const spec::ServiceSpec> service(int64_t cpus_milli) {
  spec::ServiceSpec service;
  service.name = "zk";
  service.principal = "zk-principal";
  service.role = "zk-role";
  spec::PodSpec pod;
  pod.type = "zookeeper";
  pod.count = 10;
  pod.placement = {{"hostname", "UNIQUE"}};
  spec::ResourceSet set;
  set.id = "server-resource-set";
  set.cpus_milli = cpus_milli;
  set.memory_mb = 4000;
  set.ports = {{"client", 1140, "P1", false, {}, 0, {}},
               {"follower", 1240, "P2", false, {}, 0, {}},
               {"election", 1340, "P3", false, {}, 0, {}}};
  set.volumes = {{"data", spec::VolumeType::kRoot, {}, 5000}};
  pod.resource_sets = {set};
  spec::TaskSpec task;
  task.name = "server";
  task.cmd = "run";
  task.resource_set = set.id;
  pod.tasks = {task};
  service.pods = {pod};
  spec::PlanSpec deploy;
  deploy.name = "deploy";
  spec::PhaseSpec phase;
  phase.name = "deploy";
  phase.pod = pod.type;
  phase.strategy = spec::Strategy::kParallel;
  for (int32_t i = 0; i < pod.count; ++i) phase.steps.push_back({i, {"server"}});
  deploy.phases = {phase};
  service.plans = {deploy};
  return std::make_shared<const spec::ServiceSpec>(service);
}

struct World {
  PluginJudge judge;
  SeededIds ids{42};
  std::unique_ptr<core::Engine> engine;
  mesos::EventParser parser{{.framework_id = bench::kFrameworkId, .roles = {"zk-role"}}};
  core::Now now{1'000'000, 1'700'000'000'000};
  core::Effects effects;

  explicit World(int64_t cpus_milli) : cpus_milli_(cpus_milli) { begin(); }
  void begin() {
    core::StoredState stored;
    engine = std::make_unique<core::Engine>(core::Settings(), std::move(stored), judge, ids);
    effects.clear();
    engine->start(service(cpus_milli_), now, effects);
    engine->handle(mesos::event::Subscribed{bench::kFrameworkId, "m", ""}, now, effects);
    effects.clear();
  }
  bool decide(std::string record) {
    effects.clear();
    now.mono_ms += 5000;
    now.unix_ms += 5000;
    auto parsed = parser.parse(std::move(record));
    if (!parsed.ok() || !parsed->event) return false;
    engine->handle(std::move(*parsed->event), now, effects);
    return true;
  }
  size_t accepts() const {
    size_t count = 0;
    for (const core::Effect& effect : effects) {
      const auto* call = std::get_if<core::effect::Call>(&effect);
      count += call != nullptr && std::holds_alternative<mesos::call::Accept>(call->call);
    }
    return count;
  }

 private:
  int64_t cpus_milli_;
};

// As mesos::RecordReader reads it.
std::string record_of(const std::string& bytes) {
  std::string record;
  reserve_large(record, bytes.size());
  return record.append(bytes);
}

void none_fits(benchmark::State& state) {
  const std::string bytes = bench::offers_event(static_cast<int>(state.range(0)));
  World world(100'000);
  if (!world.decide(bytes))
    return state.SkipWithError("the event was not understood");  // agents are known then
  for (auto _ : state) {
    state.PauseTiming();
    std::string record = record_of(bytes);
    state.ResumeTiming();
    if (!world.decide(std::move(record))) return state.SkipWithError("the event was not understood");
  }
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(bytes.size()));
}

void all_fit(benchmark::State& state) {
  const std::string bytes = bench::offers_event(static_cast<int>(state.range(0)));
  World world(1000);
  for (auto _ : state) {
    state.PauseTiming();
    std::string record = record_of(bytes);
    world.begin();
    state.ResumeTiming();
    if (!world.decide(std::move(record))) return state.SkipWithError("the event was not understood");
    // Some of the ten may share an agent with what is cleaned up there.
    if (world.accepts() < 10) return state.SkipWithError("not all pods were launched");
  }
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(bytes.size()));
}

void parse_nlohmann(benchmark::State& state) {
  const std::string bytes = bench::offers_event(static_cast<int>(state.range(0)));
  for (auto _ : state) {
    nlohmann::json document = nlohmann::json::parse(bytes);
    benchmark::DoNotOptimize(document);
  }
}

BENCHMARK(none_fits)->Arg(1000)->Arg(10000)->Arg(50000)->Unit(benchmark::kMillisecond);
BENCHMARK(all_fit)->Arg(10000)->Unit(benchmark::kMillisecond);
BENCHMARK(parse_nlohmann)->Arg(10000)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
