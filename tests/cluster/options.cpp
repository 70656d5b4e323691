#include "cluster/options.h"

#include <boost/program_options.hpp>
#include <cmath>
#include <sstream>

namespace ostler::cluster {
namespace {

namespace po = boost::program_options;

constexpr int kFirstAddress = 11;
constexpr int kMaxAgents = 50'000;

// What a DC/OS agent offers: everything but the ports its own services use.
constexpr mesos::Range kPorts[] = {{1025, 2180}, {2182, 3887}, {3889, 5049},
                                   {5052, 8079}, {8082, 8180}, {8182, 32000}};

constexpr const char* kExamples = R"(
Examples:
  ostler-cluster
      a master on 127.0.0.1:5050 and agents on 127.0.0.11, .12 and .13
  ostler-cluster --port 0 --agents 5 --zones zone-1,zone-2,zone-3 --attributes "rack:r%n"
      any free port (printed as JSON), five agents in three zones, racks r1 to r5
  ostler-cluster --agents 10000 --simulate --task-delay-ms 200
      no real task: for tests of scale

The control API is described in tests/cluster/README.md; try
  curl http://127.0.0.1:5050/control/state
)";

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, at);) parts.push_back(part);
  return parts;
}

std::string replace_number(std::string text, int number) {
  for (size_t at; (at = text.find("%n")) != std::string::npos;) text.replace(at, 2, std::to_string(number));
  return text;
}

Resource scalar(const std::string& name, int64_t milli) {
  Resource resource;
  resource.name = name;
  resource.milli = milli;
  return resource;
}

Result<std::vector<Attribute>> make_attributes(const std::string& text, int number) {
  std::vector<Attribute> attributes;
  for (const auto& one : split(text, ';')) {
    const auto colon = one.find(':');
    if (colon == std::string::npos || colon == 0) {
      return Error{Code::kInvalidArgument, "found '" + one + "'; expected name:value pairs divided by ';'",
                   "--attributes"};
    }
    Attribute attribute;
    attribute.name = one.substr(0, colon);
    attribute.text = replace_number(one.substr(colon + 1), number);
    char* end = nullptr;
    const double value = std::strtod(attribute.text.c_str(), &end);
    // Mesos reads what looks like a number as one.
    if (!attribute.text.empty() && *end == 0 && std::isfinite(value)) {
      attribute.is_text = false;
      attribute.milli = std::llround(value * 1000);
    }
    attributes.push_back(std::move(attribute));
  }
  return attributes;
}

}  // namespace

std::string agent_address(int number) {
  const int host = number + kFirstAddress;
  return "127.0." + std::to_string(host / 256) + "." + std::to_string(host % 256);
}

Result<ClusterOptions> parse_options(int argc, const char* const* argv) {
  ClusterOptions o;
  std::string zones, mount_disks;
  int64_t task_delay_ms = 0, seed = 0;
  int follower = -1;
  auto& model = o.cluster.model;
  po::options_description description(
      "ostler-cluster: a Mesos master and agents in one process, for tests.\n\nOptions");
  const auto ms = [&](int64_t& value) { return po::value(&value)->default_value(value)->value_name("MS"); };
  // clang-format off
  description.add_options()
    ("help", "show this text")
    ("version", "show the version")
    ("port", po::value(&o.port)->default_value(o.port)->value_name("PORT"), "port of the master; 0: any free one")
    ("follower-port", po::value(&follower)->value_name("PORT"), "also listen here as a master that does not lead: answers 307; 0: any")
    ("agents", po::value(&o.agents)->default_value(o.agents)->value_name("N"), "number of agents, on 127.0.0.11 and up")
    ("cpus", po::value(&o.cpus)->default_value(o.cpus)->value_name("N"), "CPUs of each agent")
    ("mem", po::value(&o.mem_mb)->default_value(o.mem_mb)->value_name("MB"), "memory of each agent")
    ("disk", po::value(&o.disk_mb)->default_value(o.disk_mb)->value_name("MB"), "root disk of each agent")
    ("mount-disks", po::value(&mount_disks)->value_name("MB,..."), "sizes of MOUNT disks of each agent")
    ("attributes", po::value(&o.attributes)->value_name("NAME:VALUE;..."), "attributes of each agent; %n is its number from 1")
    ("zones", po::value(&zones)->value_name("ZONE,..."), "zones, given to the agents in turn; without: no fault domain")
    ("region", po::value(&o.region)->default_value(o.region)->value_name("NAME"), "region of master and agents, with --zones")
    ("work-dir", po::value(&o.work_dir)->value_name("DIR"), "sandboxes and volumes; without: a temporary folder that is removed at the end")
    ("hosts-file", po::value(&o.hosts_file)->value_name("FILE"), "names of running tasks; without: 'hosts' in the work folder")
    ("tld", po::value(&o.cluster.runner.tld)->default_value(o.cluster.runner.tld)->value_name("NAME"), "what task names end in")
    ("allocation-interval-ms", ms(model.allocation_interval_ms), "time between rounds of offers")
    ("heartbeat-ms", ms(o.cluster.heartbeat_ms), "time between heartbeats")
    ("agent-timeout-ms", ms(model.agent_timeout_ms), "from a lost agent to TASK_UNREACHABLE")
    ("agent-reregister-ms", ms(model.agent_reregister_ms), "until agents are back after a restart of the master")
    ("update-retry-ms", ms(model.update_retry_ms), "until an unacknowledged update is sent again")
    ("simulate", po::bool_switch(&o.cluster.simulate), "run no tasks, only pretend")
    ("task-delay-ms", ms(task_delay_ms), "with --simulate: from launch to running")
    ("seed", po::value(&seed)->default_value(seed)->value_name("N"), "repeatable identifiers; 0: random ones")
    ("log-file", po::value(&o.log_file)->value_name("FILE"), "log there instead of on standard error");
  // clang-format on
  po::variables_map found;
  try {
    // No guessing: --agent must not quietly mean --agents.
    const auto style = po::command_line_style::default_style & ~po::command_line_style::allow_guessing;
    const po::positional_options_description none;
    po::store(po::command_line_parser(argc, argv).options(description).positional(none).style(style).run(),
              found);
    po::notify(found);
  } catch (const po::error& error) {
    return Error{Code::kInvalidArgument, std::string(error.what()) + "; --help shows the options", {}};
  }
  if (found.count("help") > 0) {
    std::ostringstream text;
    text << description << kExamples;
    o.print = text.str();
  }
  if (found.count("version") > 0) o.print = "ostler-cluster " OSTLER_VERSION "\n";

  std::string problems;
  const auto check = [&](bool ok, const std::string& text) {
    if (!ok) problems += (problems.empty() ? "" : "\n") + text;
  };
  const auto is_port = [](int port) { return port >= 0 && port <= 65535; };
  check(is_port(o.port), "--port is " + std::to_string(o.port) + "; expected 0 to 65535");
  if (follower != -1)
    check(is_port(follower), "--follower-port is " + std::to_string(follower) + "; expected 0 to 65535");
  check(o.agents >= 0 && o.agents <= kMaxAgents,
        "--agents is " + std::to_string(o.agents) + "; expected 0 to " + std::to_string(kMaxAgents));
  check(o.cpus >= 0 && o.cpus <= 1e6, "--cpus must be 0 to 1000000");
  check(o.mem_mb >= 0 && o.mem_mb <= 1'000'000'000, "--mem must be 0 to 1000000000");
  check(o.disk_mb >= 0 && o.disk_mb <= 1'000'000'000'000, "--disk must be 0 to 1000000000000");
  check(seed >= 0, "--seed is " + std::to_string(seed) + "; expected 0 or more");
  check(model.allocation_interval_ms > 0, "--allocation-interval-ms must be above 0");
  check(o.cluster.heartbeat_ms > 0, "--heartbeat-ms must be above 0");
  check(model.update_retry_ms > 0, "--update-retry-ms must be above 0");
  for (const auto& [name, value] : {std::pair{"--agent-timeout-ms", model.agent_timeout_ms},
                                    std::pair{"--agent-reregister-ms", model.agent_reregister_ms},
                                    std::pair{"--task-delay-ms", task_delay_ms}}) {
    check(value >= 0, std::string(name) + " is " + std::to_string(value) + "; expected 0 or more");
  }
  for (const auto& size : split(mount_disks, ',')) {
    const bool is_number =
        !size.empty() && size.size() < 13 && size.find_first_not_of("0123456789") == std::string::npos;
    check(is_number, "--mount-disks: found '" + size + "'; expected sizes in MB divided by ','");
    if (is_number) o.mount_disks_mb.push_back(std::stoll(size));
  }
  if (const auto wrong = make_attributes(o.attributes, 1); !wrong) check(false, wrong.error().text());
  if (!problems.empty()) return Error{Code::kInvalidArgument, problems, {}};
  o.zones = split(zones, ',');
  if (follower != -1) o.follower_port = follower;
  o.cluster.seed = static_cast<uint64_t>(seed);
  o.cluster.task_delay_ms = task_delay_ms;
  if (!o.zones.empty()) {
    o.cluster.region = o.region;
    o.cluster.zone = o.zones.front();
  }
  return o;
}

Result<std::vector<AgentSpec>> make_agents(const ClusterOptions& options, const std::string& root) {
  std::vector<AgentSpec> agents;
  for (int number = 0; number < options.agents; ++number) {
    AgentSpec agent;
    agent.address = agent_address(number);
    if (!options.zones.empty()) {
      agent.region = options.region;
      agent.zone = options.zones[static_cast<size_t>(number) % options.zones.size()];
    }
    auto attributes = make_attributes(options.attributes, number + 1);
    if (!attributes) return attributes.error();
    agent.attributes = std::move(*attributes);
    Resource ports;
    ports.name = "ports";
    ports.type = mesos::ValueType::kRanges;
    ports.ranges.assign(std::begin(kPorts), std::end(kPorts));
    add(agent.resources, ports);
    add(agent.resources, scalar("cpus", std::llround(options.cpus * 1000)));
    add(agent.resources, scalar("mem", options.mem_mb * 1000));
    add(agent.resources, scalar("disk", options.disk_mb * 1000));
    for (size_t disk = 0; disk < options.mount_disks_mb.size(); ++disk) {
      auto mount = scalar("disk", options.mount_disks_mb[disk] * 1000);
      mount.disk.change([&](mesos::Disk& whole) {
        whole.source.emplace().type = "MOUNT";
        whole.source->root = root + "/mounts/" + agent.address + "/disk-" + std::to_string(disk + 1);
      });
      add(agent.resources, mount);
    }
    agents.push_back(std::move(agent));
  }
  return agents;
}

}  // namespace ostler::cluster
