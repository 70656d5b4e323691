#include "simulation/service.h"

namespace ostler::simulation {
namespace {

spec::ServiceSpec make(uint32_t variant, bool parallel) {
  spec::ServiceSpec service;
  service.name = "zk";
  service.principal = "zk-principal";
  service.role = "zk-role";
  spec::PodSpec pod;
  pod.type = "zookeeper";
  pod.count = 3;
  pod.placement = {{"hostname", "UNIQUE"}};
  spec::ResourceSet server, metrics;
  server.id = "server-resource-set";
  server.cpus_milli = 1000;
  server.memory_mb = 512;
  // Where steps run in parallel, ports are dynamic: nothing but the placement rule keeps
  // two nodes apart.
  server.ports = {{"client", static_cast<uint16_t>(parallel ? 0 : 1140), "CLIENT_PORT", true, {}, 0, {}}};
  server.volumes = {{"data", spec::VolumeType::kRoot, {}, 1000}};
  metrics.id = "metrics-resource-set";
  metrics.cpus_milli = 100;
  metrics.memory_mb = 64;
  spec::TaskSpec one, two;
  one.name = "server";
  one.cmd = "run server";
  one.resource_set = server.id;
  one.readiness_check = spec::ReadinessCheck{"ready", 5, 0, 5};
  two.name = "metrics";
  two.cmd = "run metrics";
  two.essential = false;
  two.resource_set = metrics.id;
  switch (variant) {
    case 1:
      one.cmd = "run server --quick";
      break;
    case 2:
      server.memory_mb = 768;
      break;
    case 3:
      two.cmd = "run metrics --more";
      break;
    case 4:
      server.ports[0].port = 1150;
      break;
    case 5:
      server.cpus_milli = 500;
      break;
    case 6:
      metrics.ports = {{"metrics", 0, "METRICS_PORT", true, {}, 0, {}}};
      break;
    case kFewer:
      pod.count = 2;
      pod.allow_decommission = true;
      break;
    case kRejected:
      pod.count = 1;
      break;
    case kRejected + 1:
      server.volumes[0].size_mb = 2000;
      break;
    default:
      break;
  }
  pod.resource_sets = {server, metrics};
  pod.tasks = {one, two};
  spec::PlanSpec deploy;
  deploy.name = "deploy";
  spec::PhaseSpec phase;
  phase.name = "node-deploy";
  phase.pod = pod.type;
  phase.strategy = parallel ? spec::Strategy::kParallel : spec::Strategy::kSerial;
  for (int32_t i = 0; i < pod.count; ++i) phase.steps.push_back({i, {"server", "metrics"}});
  deploy.phases = {phase};
  service.pods = {pod};
  service.plans = {deploy};
  return service;
}

cluster::Resource scalar(const char* name, int64_t amount) {
  cluster::Resource resource;
  resource.name = name;
  resource.milli = amount * 1000;
  return resource;
}

cluster::Resource reserved(cluster::Resource resource, bool is_dynamic, const char* role) {
  mesos::Reservation reservation;
  reservation.is_dynamic = is_dynamic;
  reservation.role = role;
  if (is_dynamic) {
    reservation.principal = "other";
    reservation.labels = {{"framework_id", "another-framework"}, {"resource_id", "theirs"}};
  }
  resource.reservations.push_back(std::move(reservation));
  return resource;
}

}  // namespace

std::shared_ptr<const spec::ServiceSpec> service(uint32_t variant, bool parallel) {
  static const auto kAll = [] {
    std::vector<std::shared_ptr<const spec::ServiceSpec>> all;
    for (uint32_t v = 0; v < kVariants; ++v) {
      for (const bool p : {false, true}) all.push_back(std::make_shared<const spec::ServiceSpec>(make(v, p)));
    }
    return all;
  }();
  return kAll[variant * 2 + (parallel ? 1 : 0)];
}

cluster::AgentSpec agent(int number, bool shared) {
  cluster::AgentSpec spec;
  spec.address = "10.0.0." + std::to_string(number + 1);
  spec.region = "region-1";
  spec.zone = "zone-" + std::to_string(number % 3);
  cluster::Resource ports;
  ports.name = "ports";
  ports.type = mesos::ValueType::kRanges;
  ports.ranges = {{1025, 2180}, {2182, 3887}};
  spec.resources = {scalar("cpus", 3), scalar("mem", 2048), scalar("disk", 5000), ports};
  if (shared) {
    spec.resources.push_back(reserved(scalar("cpus", 1), true, "zk-role"));
    spec.resources.push_back(reserved(scalar("mem", 256), false, "zk-role"));
    cluster::Resource volume = reserved(scalar("disk", 100), true, "zk-role");
    volume.disk.emplace();
    volume.disk->persistence_id = "their-volume";
    volume.disk->principal = "other";
    volume.disk->container_path = "data";
    spec.resources.push_back(volume);
  }
  return spec;
}

}  // namespace ostler::simulation
