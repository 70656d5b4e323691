#include "bench/scale.h"

#include <chrono>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "harness/cluster.h"
#include "harness/scheduler.h"
#include "harness/wait.h"
#include "harness/work_folder.h"

namespace ostler::bench {
namespace {

using namespace harness;

std::string service_file(const WorkFolder& folder, int pods, const std::string& cpus,
                         const std::string& zookeeper = "", bool is_unique = true,
                         const std::string& name = "scale") {
  const std::string path = folder / "svc.yml";
  write_file(path, "name: " + name +
                       "\n"
                       "scheduler:\n  principal: scale-principal\n  user: root\n" +
                       (zookeeper.empty() ? "" : "  zookeeper: " + zookeeper + "\n") +
                       "pods:\n"
                       "  node:\n"
                       "    count: " +
                       std::to_string(pods) + "\n" +
                       (is_unique ? "    placement: '[[\"hostname\",\"UNIQUE\"]]'\n" : "") +
                       "    tasks:\n"
                       "      server:\n"
                       "        goal: RUNNING\n"
                       "        cmd: sleep 1000\n"
                       "        cpus: " +
                       cpus +
                       "\n"
                       "        memory: 64\n"
                       "plans:\n"
                       "  deploy:\n"
                       "    strategy: parallel\n"
                       "    phases:\n"
                       "      node-deploy:\n"
                       "        strategy: parallel\n"
                       "        pod: node\n");
  return path;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  if (at == std::string::npos) throw std::runtime_error("expected '" + from + "' in the manifest");
  return text.replace(at, from.size(), to);
}

Cluster start_cluster(const Installation& installation, const WorkFolder& folder, int agents) {
  return Cluster({installation,
                  folder.path(),
                  {"--agents", std::to_string(agents), "--simulate", "--allocation-interval-ms", "200",
                   "--task-delay-ms", "10"},
                  0});
}

constexpr int64_t kDayMs = 24 * 3600 * 1000;

// Of two times of a day, in seconds.
double between(double begin, double end) { return end < begin ? end - begin + kDayMs / 1000.0 : end - begin; }

// The time of day of the first log record that says `text`, in seconds.
double logged_at(const std::string& log, const std::string& text) {
  const size_t at = log.find(text);
  if (at == std::string::npos) throw HarnessError("the log does not say '" + text + "'");
  const size_t begin = log.rfind('\n', at) + 1;
  const auto record = nlohmann::json::parse(log.substr(begin, log.find('\n', at) - begin));
  const std::string time = record.at("ts");
  int hours = 0, minutes = 0;
  double seconds = 0;
  if (std::sscanf(time.c_str() + time.find('T') + 1, "%d:%d:%lf", &hours, &minutes, &seconds) != 3)
    throw HarnessError("no time in '" + time + "'");
  return hours * 3600 + minutes * 60 + seconds;
}

}  // namespace

Launches durable_launches(const Installation& installation, const std::string& parent,
                          const test::ZookeeperServer& zookeeper, const std::string& name, int pods) {
  const WorkFolder folder(parent, "bench-launch");
  Cluster cluster = start_cluster(installation, folder, pods);
  write_file(folder / "plugins.yaml", replaced(read_file(installation.share() + "/plugins.yaml"),
                                               "library: state-sqlite.so", "library: state-zookeeper.so"));
  Scheduler::Options options;
  options.installation = installation;
  options.folder = folder.path();
  options.master = cluster.master();
  options.manifest = folder / "plugins.yaml";
  options.arguments = {service_file(folder, pods, "0.5", zookeeper.address(), true, name)};
  Scheduler scheduler(options);
  const std::string complete = "deployment of " + name + " is complete";
  scheduler.wait_logged(complete);
  const std::string log = scheduler.log();
  const double subscribed = logged_at(log, "subscribed to ");
  const double sent = static_cast<double>(cluster.last_call_unix_ms("ACCEPT") % kDayMs) / 1000;
  return {pods / between(subscribed, sent), pods / between(subscribed, logged_at(log, complete))};
}

double memory_with_agents_mib(const Installation& installation, const std::string& parent, int agents) {
  const WorkFolder folder(parent, "bench-memory");
  Cluster cluster = start_cluster(installation, folder, agents);
  Scheduler::Options options;
  options.installation = installation;
  options.folder = folder.path();
  options.master = cluster.master();
  options.arguments = {service_file(folder, 10, "1000")};
  Scheduler scheduler(options);
  scheduler.wait_subscribed();  // before that the API knows nothing
  scheduler.wait_for("every agent to be looked at", [&] {
    const auto why = scheduler.get_json("/v1/why");
    return !why.at("steps").empty() && why["steps"][0].at("agents") == agents;
  });
  return resident_mib(scheduler.process().pid());
}

std::vector<double> starts_with_tasks_ms(const Installation& installation, const std::string& parent,
                                         int tasks, int starts) {
  const WorkFolder folder(parent, "bench-start");
  test::ZookeeperServer zookeeper(1024);
  Cluster cluster = start_cluster(installation, folder, tasks / 10);
  write_file(folder / "plugins.yaml", replaced(read_file(installation.share() + "/plugins.yaml"),
                                               "library: state-sqlite.so", "library: state-zookeeper.so"));
  Scheduler::Options options;
  options.installation = installation;
  options.folder = folder.path();
  options.master = cluster.master();
  options.manifest = folder / "plugins.yaml";
  options.arguments = {service_file(folder, tasks, "0.1", zookeeper.address(), false)};
  {
    Scheduler first(options);
    first.wait_for("the deployment", std::chrono::minutes(10),
                   [&] { return first.has_logged("deployment of scale is complete"); });
    first.terminate();
  }
  std::vector<double> ms;
  for (int start = 0; start < starts; ++start) {
    options.name = "again-" + std::to_string(start);  // a log of its own
    const auto begun = std::chrono::steady_clock::now();
    Scheduler again(options);
    again.wait_subscribed();
    ms.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begun).count());
    again.terminate();
  }
  return ms;
}

}  // namespace ostler::bench
