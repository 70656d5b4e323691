// `packaging/bench`: the product's figures, one JSON object a line.
//
//   {"name": ..., "value": ..., "unit": ..., "baseline": ..., "ratio": value / baseline}
//
// The baselines of memory and start are the Java scheduler's, measured once (README.md);
// all others are measured in the same run. The median of several runs is shown.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bench/bare_ensemble.h"
#include "bench/scale.h"
#include "harness/deployment.h"
#include "harness/wait.h"
#include "harness/work_folder.h"

namespace {

using namespace ostler::harness;
using nlohmann::json;

constexpr double kJavaIdleMib = 150;
constexpr double kJavaSubscribedMs = 2200;
constexpr double kJavaLaunchesPerS = 19;    // and less; stored in memory only
constexpr double kStartWithTasksMs = 2000;  // what is asked for
constexpr double kAgentsFloorMib = 64;      // what ten thousand agents may cost

void print(const std::string& name, double value, const std::string& unit, double baseline) {
  const auto number = [](double x) {
    char text[32];
    std::snprintf(text, sizeof text, "%.4g", x);
    return json::parse(text);
  };
  const json line{{"name", name},
                  {"value", number(value)},
                  {"unit", unit},
                  {"baseline", number(baseline)},
                  {"ratio", number(value / baseline)}};
  std::printf("%s\n", line.dump().c_str());
  std::fflush(stdout);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

double bare_quorum_s(const std::string& parent, const Environment& settings) {
  const WorkFolder folder(parent, "bench-bare");
  const auto begun = std::chrono::steady_clock::now();
  ostler::bench::BareEnsemble ensemble(folder.path(), free_ports({}), settings);
  ensemble.wait_serving();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

Figures deployment(const Installation& installation, const std::string& parent) {
  WorkFolder folder(parent, "bench-deployment");
  Deployment::Options options;
  options.installation = installation;
  options.folder = folder.path();
  Deployment deployment(options);
  deployment.start_cluster();
  deployment.start_scheduler();
  deployment.wait_subscribed();
  deployment.wait_deployed();
  deployment.write_and_read();
  deployment.measure_memory();
  deployment.scheduler().terminate();
  return deployment.figures();
}

void product(const Installation& installation, int runs) {
  const std::string parent = installation.prefix + "/work";
  const Environment settings = quick_service(installation, free_ports({}));
  std::vector<double> idle, subscribed, deploy, bare;
  for (int run = 0; run < runs; ++run) {
    bare.push_back(bare_quorum_s(parent, settings));
    const Figures figures = deployment(installation, parent);
    idle.push_back(figures.idle_mib);
    subscribed.push_back(figures.subscribed_ms);
    deploy.push_back(figures.deploy_s);
  }
  print("memory.idle_mib", median(idle), "MiB", kJavaIdleMib);
  print("start.subscribed_ms", median(subscribed), "ms", kJavaSubscribedMs);
  print("deploy.three_nodes_s", median(deploy), "s", median(bare));
}

// The results of a Google Benchmark program, by name: the fastest of several repetitions, which
// are taken in turns. A machine that is shared with others is slower at one time than at another,
// and what is compared must not be measured at different times.
std::map<std::string, json> run_benchmarks(const Installation& installation, const std::string& program,
                                           const std::string& filter, bool quick) {
  const WorkFolder folder(installation.prefix + "/work", program);
  ProcessOptions run;
  run.arguments = {installation.prefix + "/bench/" + program,
                   "--benchmark_filter=" + filter,
                   std::string("--benchmark_min_time=") + (quick ? "0.1" : "0.5"),
                   "--benchmark_repetitions=9",
                   "--benchmark_enable_random_interleaving=true",
                   "--benchmark_out_format=json",
                   "--benchmark_out=" + (folder / "out.json")};
  run.stderr_path = folder / "log";
  Process process(run);
  const auto code = process.wait(std::chrono::minutes(5));
  if (code != 0) throw HarnessError(program + " failed: " + last_lines(folder / "log", 10));
  std::map<std::string, json> out;
  const json results = json::parse(read_file(folder / "out.json"));
  for (const json& one : results.at("benchmarks")) {
    if (one.at("run_type") != "iteration") continue;  // a mean of them
    json& fastest = out[one.at("name")];
    if (fastest.is_null() || one.at("cpu_time") < fastest.at("cpu_time")) fastest = one;
  }
  return out;
}

void hot_paths(const Installation& installation, bool quick) {
  constexpr double kMb = 1e6;
  const auto parse = run_benchmarks(installation, "ostler_parse_bench", "/10000$", quick);
  print("offers.parse_mb_per_s", parse.at("parse_offers/10000").at("bytes_per_second").get<double>() / kMb,
        "MB/s", parse.at("parse_offers_nlohmann/10000").at("bytes_per_second").get<double>() / kMb);
  const auto judge = run_benchmarks(installation, "ostler_judge_bench", "rule:1$", quick);
  print("offers.judge_ns", judge.at("through_library/rule:1").at("ns/pair"), "ns",
        judge.at("direct/rule:1").at("ns/pair"));
  const auto decide = run_benchmarks(installation, "ostler_decide_bench", "0$", quick);
  const double reading = decide.at("parse_nlohmann/10000").at("cpu_time");
  print("offers.decide_10k_x_10_ms", decide.at("none_fits/10000").at("cpu_time"), "ms", reading);
  // What an offer costs among fifty thousand, as a part of what it costs among a thousand.
  const double small = decide.at("none_fits/1000").at("cpu_time").get<double>() / 1000;
  const double large = decide.at("none_fits/50000").at("cpu_time").get<double>() / 50000;
  print("offers.decide_growth", large / small, "times", 1);
  print("offers.launch_10_of_10k_ms", decide.at("all_fit/10000").at("cpu_time"), "ms", reading);
}

void launches(const Installation& installation, int runs) {
  // ZooKeeper's own scripts give it so much memory; and it has been running, not just been
  // started, so the first run is not counted.
  ostler::test::ZookeeperServer zookeeper(1000);
  std::vector<double> sent_per_s, running_per_s;
  for (int run = 0; run <= runs; ++run) {
    const auto measured = ostler::bench::durable_launches(installation, installation.prefix + "/work",
                                                          zookeeper, "scale-" + std::to_string(run), 1000);
    if (run == 0) continue;
    sent_per_s.push_back(measured.sent_per_s);
    running_per_s.push_back(measured.running_per_s);
  }
  print("launch.durable_per_s", median(sent_per_s), "1/s", kJavaLaunchesPerS);
  print("launch.running_per_s", median(running_per_s), "1/s", kJavaLaunchesPerS);
}

void memory(const Installation& installation, int runs) {
  const std::string parent = installation.prefix + "/work";
  std::vector<double> mib;
  for (int run = 0; run < runs; ++run) {
    mib.push_back(ostler::bench::memory_with_agents_mib(installation, parent, 10000) -
                  ostler::bench::memory_with_agents_mib(installation, parent, 10));
  }
  print("memory.agents_10k_mib", median(mib), "MiB", kAgentsFloorMib);
}

void start_with_tasks(const Installation& installation, int starts) {
  const std::vector<double> ms =
      ostler::bench::starts_with_tasks_ms(installation, installation.prefix + "/work", 10000, starts);
  print("start.subscribed_10k_tasks_ms", median(ms), "ms", kStartWithTasksMs);
}

// Simulated deployments of three nodes with faults, by one core in a second: the fastest of
// five times the same.
void simulation(const Installation& installation, bool quick) {
  constexpr double kWanted = 1000;
  const WorkFolder folder(installation.prefix + "/work", "simulation");
  ProcessOptions run;
  run.arguments = {installation.prefix + "/tests/ostler_simulation", "--rate", "--seeds",
                   quick ? "2000" : "10000"};
  run.stdout_path = folder / "rate";
  run.stderr_path = folder / "log";
  double fastest = 0;
  for (int i = 0; i < 5; ++i) {
    write_file(run.stdout_path, "");
    Process process(run);
    if (process.wait(std::chrono::minutes(5)) != 0)
      throw HarnessError("ostler_simulation failed: " + last_lines(run.stdout_path, 10));
    fastest = std::max(fastest, std::stod(read_file(run.stdout_path)));
  }
  print("simulation.runs_per_s", fastest, "1/s", kWanted);
}

}  // namespace

int main(int argc, char** argv) {
  bool quick = false;
  std::string only;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--quick") == 0) {
      quick = true;
    } else if (argv[i][0] != '-' && only.empty()) {
      only = argv[i];
    } else {
      std::fprintf(stderr,
                   "usage: ostler-bench [--quick] [product|paths|simulation|start|launches|memory]\n");
      return 64;
    }
  }
  const auto is_wanted = [&](const char* part) { return only.empty() || only == part; };
  try {
    const Installation installation = Installation::own();
    if (is_wanted("product")) product(installation, quick ? 1 : 5);
    if (is_wanted("paths")) hot_paths(installation, quick);
    if (is_wanted("simulation")) simulation(installation, quick);
    // By name only: the deployment that it needs takes minutes.
    if (only == "start") start_with_tasks(installation, quick ? 1 : 5);
    if (is_wanted("launches")) launches(installation, quick ? 1 : 5);
    if (is_wanted("memory")) memory(installation, quick ? 1 : 5);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench: %s\n", error.what());
    return 1;
  }
}
