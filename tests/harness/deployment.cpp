#include "harness/deployment.h"

#include <time.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "harness/wait.h"

namespace ostler::harness {
namespace {

using Clock = std::chrono::steady_clock;
using nlohmann::json;

double ms_since(Clock::time_point from) {
  return std::chrono::duration<double, std::milli>(Clock::now() - from).count();
}

double rounded(double value, double digits) { return std::round(value * digits) / digits; }

// When a line of the log was written, to the millisecond: its "ts".
std::optional<std::chrono::system_clock::time_point> time_of(const std::string& log,
                                                             const std::string& text) {
  const size_t at = log.find(text);
  if (at == std::string::npos) return std::nullopt;
  const size_t line = log.rfind('\n', at) + 1;
  const json record = json::parse(log.substr(line, log.find('\n', at) - line), nullptr, false);
  if (!record.is_object()) return std::nullopt;
  const std::string stamp = record.value("ts", "");
  tm parts{};
  const char* rest = strptime(stamp.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  if (rest == nullptr || *rest != '.') return std::nullopt;
  return std::chrono::system_clock::from_time_t(timegm(&parts)) +
         std::chrono::milliseconds(std::atoi(rest + 1));
}

}  // namespace

json Figures::to_json() const {
  return {{"cluster_ready_ms", rounded(cluster_ready_ms, 1)},
          {"subscribed_ms", rounded(subscribed_ms, 1)},
          {"deploy_s", rounded(deploy_s, 100)},
          {"write_read_ms", rounded(write_read_ms, 1)},
          {"idle_mib", rounded(idle_mib, 10)}};
}

Deployment::Deployment(Options options) : options_(std::move(options)) {
  service_ = quick_service(options_.installation, free_ports(options_.ports));
  service_["PORT_API"] = std::to_string(free_port(options_.api_port));
}

void Deployment::start_cluster() {
  const auto begun = Clock::now();
  cluster_ = std::make_unique<Cluster>(
      Cluster::Options{options_.installation, options_.folder, {"--allocation-interval-ms", "250"}, 0});
  figures_.cluster_ready_ms = ms_since(begun);
}

void Deployment::start_scheduler() {
  Scheduler::Options options;
  options.installation = options_.installation;
  options.folder = options_.folder;
  options.master = cluster_->master();
  options.service = service_;
  scheduler_started_wall_ = std::chrono::system_clock::now();
  scheduler_started_ = Clock::now();
  scheduler_ = std::make_unique<Scheduler>(options);
}

void Deployment::wait(const std::string& what, const std::function<bool()>& is_true) {
  scheduler_->wait_for(what, [&] {
    if (options_.progress && !options_.progress(nullptr)) throw HarnessError("interrupted");
    return is_true();
  });
}

void Deployment::wait_subscribed() {
  constexpr const char* kLine = "subscribed to ";
  wait("Mesos to know the scheduler", [&] { return scheduler_->has_logged(kLine); });
  const auto at = time_of(scheduler_->log(), kLine);
  if (!at) throw HarnessError("the log's line '" + std::string(kLine) + "' has no time");
  figures_.subscribed_ms = std::chrono::duration<double, std::milli>(*at - scheduler_started_wall_).count();
}

void Deployment::wait_deployed() {
  scheduler_->api();
  wait("the deployment to be complete", [&] {
    const HttpReply reply = scheduler_->get("/v1/plans/deploy");
    const json plan = json::parse(reply.body, nullptr, false);
    if (options_.progress && plan.is_object() && !options_.progress(&plan)) throw HarnessError("interrupted");
    return reply.status == 200;
  });
  figures_.deploy_s = ms_since(scheduler_started_) / 1000;
}

void Deployment::write_and_read() {
  const std::vector<ServerState> servers = members();
  const auto begun = Clock::now();
  write_znode(servers.back().address, "/ostler-demo", "deployed by ostler");
  const std::string value = read_znode(servers.front().address, "/ostler-demo");
  figures_.write_read_ms = ms_since(begun);
  if (value != "deployed by ostler") {
    throw HarnessError("read '" + value + "' through " + servers.front().address +
                       ", expected what was written through " + servers.back().address);
  }
}

void Deployment::measure_memory() { figures_.idle_mib = resident_mib(scheduler_->process().pid()); }

std::vector<ServerState> Deployment::members() {
  std::vector<ServerState> out;
  for (const std::string& address : scheduler_->client_addresses()) out.push_back(server_state(address));
  if (out.empty()) throw HarnessError("/v1/endpoints/clientport names no server");
  std::stable_partition(out.begin(), out.end(), [](const ServerState& one) { return one.mode == "leader"; });
  return out;
}

}  // namespace ostler::harness
