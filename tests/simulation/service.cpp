#include "simulation/service.h"

#include <array>
#include <iterator>

namespace ostler::simulation {
namespace {

// Shapes 1 to 7, one a strategy, have a phase for each of its two tasks; 8 to 14 one phase
// with both, instance by instance, and tasks whose failure is the pod's.
void add_own_plan(uint32_t shape, spec::ServiceSpec& service) {
  constexpr spec::Strategy kStrategies[] = {spec::Strategy::kSerial,       spec::Strategy::kParallel,
                                            spec::Strategy::kSerialCanary, spec::Strategy::kParallelCanary,
                                            spec::Strategy::kDependency,   spec::Strategy::kDependencyCanary,
                                            spec::Strategy::kRandom};
  const spec::Strategy strategy = kStrategies[(shape - 1) % std::size(kStrategies)];
  const bool is_joint = shape > std::size(kStrategies);
  spec::PodSpec& pod = service.pods.front();
  spec::PlanSpec own;
  own.name = kOwnPlan;
  own.strategy = shape % 2 == 0 ? spec::Strategy::kParallel : spec::Strategy::kSerial;
  spec::PhaseSpec joint;
  joint.has_custom_steps = is_joint;
  for (const char* name : {"init", "backup"}) {
    spec::TaskSpec task;
    task.name = name;
    task.cmd = std::string("run ") + name;
    task.goal = task.name == "init" ? spec::Goal::kOnce : spec::Goal::kFinish;
    task.essential = is_joint;
    // One after the other they can share what they need.
    task.resource_set = is_joint ? "own-resource-set" : task.name + "-resource-set";
    if (pod.resource_set(task.resource_set) == nullptr) {
      spec::ResourceSet set;
      set.id = task.resource_set;
      set.cpus_milli = 100;
      set.memory_mb = 64;
      pod.resource_sets.push_back(set);
    }
    pod.tasks.push_back(task);
    spec::PhaseSpec phase;
    phase.name = task.name;
    phase.has_custom_steps = true;
    phase.pod = pod.type;
    phase.strategy = strategy;
    for (int32_t i = 0; i < pod.count; ++i) phase.steps.push_back({i, {task.name}});
    if (!is_joint) own.phases.push_back(std::move(phase));
  }
  if (is_joint) {
    joint.name = "both";
    joint.pod = pod.type;
    joint.strategy = strategy;
    for (int32_t i = 0; i < pod.count; ++i) {
      joint.steps.push_back({i, {"init"}});
      joint.steps.push_back({i, {"backup"}});
    }
    own.phases = {joint};
  }
  service.plans.push_back(std::move(own));
}

spec::ServiceSpec make(uint32_t variant, bool parallel, uint32_t plan) {
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
  phase.has_custom_steps = plan != 0;
  phase.pod = pod.type;
  phase.strategy = parallel ? spec::Strategy::kParallel : spec::Strategy::kSerial;
  for (int32_t i = 0; i < pod.count; ++i) phase.steps.push_back({i, {"server", "metrics"}});
  deploy.phases = {phase};
  service.pods = {pod};
  service.plans = {deploy};
  if (plan != 0) add_own_plan(plan, service);
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

std::optional<spec::ReplacementPolicy> policy_of(uint32_t policy) {
  constexpr spec::ReplacementPolicy kAll[] = {{60, 10}, {120, 600}, {240, 240}};
  if (policy == 0) return std::nullopt;
  return kAll[policy - 1];
}

std::shared_ptr<const spec::ServiceSpec> service(uint32_t variant, bool parallel, uint32_t plan,
                                                 uint32_t policy) {
  static std::array<std::shared_ptr<const spec::ServiceSpec>, size_t{kVariants} * 2 * kPlans * kPolicies> all;
  auto& one = all[((policy * kPlans + plan) * kVariants + variant) * 2 + (parallel ? 1 : 0)];
  if (!one) {
    spec::ServiceSpec made = make(variant, parallel, plan);
    made.replacement_policy = policy_of(policy);
    one = std::make_shared<const spec::ServiceSpec>(std::move(made));
  }
  return one;
}

bool is_of_own_plan(std::string_view task_name) {
  return task_name.ends_with("-init") || task_name.ends_with("-backup");
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
    volume.disk.change([](mesos::Disk& disk) {
      disk.persistence_id = "their-volume";
      disk.principal = "other";
      disk.container_path = "data";
    });
    spec.resources.push_back(volume);
  }
  return spec;
}

}  // namespace ostler::simulation
