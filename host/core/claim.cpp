#include "core/claim.h"

#include <algorithm>
#include <set>

#include "core/claiming.h"
#include "core/names.h"
#include "core/network.h"
#include "core/roles.h"

namespace ostler::core {
namespace {

using mesos::view;

Place place_of(const mesos::OfferBatch& batch, const ostler_offer_t& offer) {
  Place place;
  place.agent_id = view(offer.agent_id);
  place.hostname = view(offer.hostname);
  place.region = view(offer.region);
  place.zone = view(offer.zone);
  for (uint32_t i = 0; i < offer.attributes.count; ++i) {
    const ostler_attribute_t& attribute = batch.attributes[offer.attributes.first + i];
    place.attributes.emplace_back(view(attribute.name), view(attribute.text));
  }
  return place;
}

std::string port_key(const spec::ResourceSet& set, const spec::PortSpec& port) {
  return set.id + "/port/" + port.name;
}

std::map<std::string, uint32_t> ports_of(const spec::PodSpec& pod, const spec::ResourceSet& set,
                                         const std::map<std::string, Holding>& holdings) {
  if (!uses_agent_ports(pod)) return container_ports(pod, set);
  std::map<std::string, uint32_t> ports;
  for (const spec::PortSpec& port : set.ports) {
    const auto held = holdings.find(port_key(set, port));
    if (held != holdings.end() && !held->second.resource.ranges.empty()) {
      ports[port.name] = static_cast<uint32_t>(held->second.resource.ranges.front().begin);
    }
  }
  return ports;
}

// Of all sets, also those that are not launched now: the executor outlives this launch.
std::vector<uint32_t> agent_ports(const LaunchRequest& request,
                                  const std::map<std::string, Holding>& holdings) {
  std::vector<uint32_t> out;
  if (!uses_agent_ports(*request.pod)) return out;
  std::map<std::string, Holding> ports;
  for (const spec::ResourceSet& set : request.pod->resource_sets) {
    for (const spec::PortSpec& port : set.ports) {
      const std::string key = port_key(set, port);
      const auto now = holdings.find(key);
      const auto before = request.held.find(key);
      if (now != holdings.end()) {
        ports.insert(*now);
      } else if (before != request.held.end()) {
        ports.emplace(key, *before->second);
      }
    }
    for (const auto& [name, number] : ports_of(*request.pod, set, ports)) out.push_back(number);
  }
  return out;
}

std::vector<Holding> holdings_of(const std::map<std::string, Holding>& all, std::string_view set_id) {
  std::vector<Holding> out;
  out.reserve(all.size());
  for (const auto& [key, holding] : all) {
    if (is_executor_key(key) || resource_set_of_key(key) == set_id) out.push_back(holding);
  }
  return out;
}

}  // namespace

std::string_view resource_id_of(const mesos::Resource& resource) {
  for (auto reservation = resource.reservations.rbegin(); reservation != resource.reservations.rend();
       ++reservation) {
    for (const auto& [key, value] : reservation->labels) {
      if (key == "resource_id") return value;
    }
  }
  return {};
}

std::string allocation_role_of(const LaunchRequest& request, const std::string& service_role) {
  for (const auto& [key, holding] : request.held) {
    if (!holding->confirmed) continue;
    if (std::string role = role_of(holding->resource); !role.empty()) return role;
  }
  const std::string& pre_reserved = request.pod->pre_reserved_role;
  return pre_reserved == "*" ? service_role : pre_reserved + "/" + service_role;
}

std::vector<Need> needs_of(const Settings& settings, const LaunchRequest& request) {
  std::vector<Need> needs;
  if (!request.live_executor) needs = executor_needs(settings, *request.pod);
  for (const spec::ResourceSet& set : request.pod->resource_sets) {
    const bool launched =
        std::any_of(request.tasks.begin(), request.tasks.end(), [&](const std::string& name) {
          const spec::TaskSpec* task = request.pod->task(name);
          return task != nullptr && task->resource_set == set.id;
        });
    // A new pod takes everything at its first launch, so that a later step finds it.
    if (!launched && request.in_place()) continue;
    for (Need& need : resource_set_needs(set)) {
      if (need.kind == Need::Kind::kPort && !uses_agent_ports(*request.pod)) continue;
      needs.push_back(std::move(need));
    }
  }
  return needs;
}

Result<Claim> claim(const ClaimContext& context, const LaunchRequest& request, AgentPool& pool) {
  const std::vector<Need> needs = needs_of(context.settings, request);
  Claiming claiming(context, request, pool);
  claiming.divide(needs);
  for (const Need& need : needs) {
    Result<void> taken = claiming.take(need);
    if (!taken.ok()) return taken.error();
  }
  std::set<std::string, std::less<>> scope;
  if (!request.live_executor) scope.insert("executor");
  for (const std::string& name : request.tasks) scope.insert(request.pod->task(name)->resource_set);
  claiming.release_unneeded(needs, scope);

  const Place place = place_of(claiming.pool().batch(), claiming.pool().offer());
  Shared<mesos::ExecutorInfo> executor;
  if (request.live_executor) {
    executor = request.live_executor;
    for (const auto& [key, holding] : request.held) {
      if (is_executor_key(key)) claiming.holdings()[key] = *holding;
    }
  } else {
    mesos::ExecutorInfo info =
        build_executor(context.settings, *request.service, *request.pod, request.index,
                       agent_ports(request, claiming.holdings()), context.framework_id);
    info.executor_id = make_executor_id(request.service->name, request.pod->type, context.ids.uuid());
    for (const auto& [key, holding] : claiming.holdings()) {
      if (is_executor_key(key)) info.resources.push_back(holding.resource);
    }
    executor = std::move(info);
  }

  Claim out;
  out.agent_id = place.agent_id;
  out.role = allocation_role_of(request, context.role);
  out.operations = claiming.take_operations(request.tasks.size());
  for (const spec::TaskSpec& task : request.pod->tasks) {
    const bool launched =
        std::find(request.tasks.begin(), request.tasks.end(), task.name) != request.tasks.end();
    if (!launched && request.in_place()) continue;
    const spec::ResourceSet& set = *request.pod->resource_set(task.resource_set);
    auto record = std::make_shared<LaunchRecord>();
    record->pod_type = request.pod->type;
    record->pod_index = request.index;
    record->task_spec = task.name;
    record->config_id = request.config_id;
    record->executor = executor;
    record->hostname = place.hostname;
    record->region = place.region;
    record->zone = place.zone;
    record->attributes = place.attributes;
    record->holdings = holdings_of(claiming.holdings(), set.id);
    mesos::TaskInfo info =
        build_task({context.settings, *request.service, request.config_id, *request.pod, request.index, task,
                    place, ports_of(*request.pod, set, claiming.holdings()), request.parameters,
                    request.paused.contains(task.name)});
    record->paused = launched && request.paused.contains(task.name);
    info.resources.reserve(record->holdings.size());
    for (const Holding& holding : record->holdings) {
      if (!is_executor_key(holding.key)) info.resources.push_back(holding.resource);
    }
    if (launched) info.task_id = make_task_id(request.service->name, info.name, context.ids.uuid());
    record->task = std::move(info);
    if (launched) {
      // A group of its own each: Mesos kills a whole group with its first failing task,
      // which would make every task essential.
      mesos::Operation& launch = out.operations.emplace_back();
      launch.type = mesos::Operation::Type::kLaunchGroup;
      launch.executor = executor;
      launch.tasks.push_back(record->task);
    }
    (launched ? out.launched : out.reserved).emplace_back(record->task->name, record);
  }
  pool = std::move(claiming.pool());
  return out;
}

}  // namespace ostler::core
