// RESERVE, UNRESERVE, CREATE and DESTROY: each turns resources of an offer into
// others, or is refused with a reason and changes nothing.
#include <set>

#include "cluster/model/master.h"

namespace ostler::cluster {
namespace {

using mesos::Operation;

std::string lacks(const Resources& all, const Resources& wanted) {
  return to_text(all) + " does not contain " + to_text(wanted);
}

// The volume's disk space before CREATE and after DESTROY.
Resource without_volume(Resource resource) {
  if (resource.disk->source) {
    mesos::Disk disk;
    disk.source = resource.disk->source;
    resource.disk = std::move(disk);
  } else {
    resource.disk.reset();
  }
  return resource;
}

Resource without_reservation(Resource resource) {
  resource.reservations.pop_back();
  return resource;
}

std::string at_agent(const Agent& agent) { return "; on agent " + agent.id + " at " + agent.spec->address; }

std::optional<std::string> invalid_reserve(const Framework& framework, const Agent& agent,
                                           const std::string& role, const Resources& resources) {
  const auto& principal = framework.info.principal;
  for (const auto& resource : resources) {
    if (resource.reservations.empty() || !resource.reservations.back().is_dynamic) {
      return "Resource " + to_text(resource) + " is not dynamically reserved";
    }
    const auto& reservation = resource.reservations.back();
    if (is_volume(resource)) {
      return "A persistent volume " + to_text(resource) + " must already be reserved";
    }
    if (reservation.role != role) {
      return "A reserve operation was attempted for " + to_text(resource) + ", which is reserved for role '" +
             reservation.role + "' but allocated to role '" + role + "'";
    }
    if (principal.empty()) continue;
    if (reservation.principal.empty()) {
      return "A reserve operation was attempted by authenticated principal '" + principal +
             "', but there is a reserved resource in the request with no principal set" + at_agent(agent);
    }
    if (reservation.principal != principal) {
      return "A reserve operation was attempted by authenticated principal '" + principal +
             "', which does not match a reserved resource in the request with principal '" +
             reservation.principal + "'" + at_agent(agent);
    }
  }
  return std::nullopt;
}

std::optional<std::string> invalid_create(const Framework& framework, const Agent& agent,
                                          const Resources& volumes) {
  std::set<std::string> ids;
  for (const auto& volume : volumes) {
    if (volume.name != "disk" || !is_volume(volume))
      return "Resource " + to_text(volume) + " does not have DiskInfo";
    if (volume.reservations.empty()) return "Persistent volumes cannot be created from unreserved resources";
    if (volume.disk->container_path.empty()) return "Expecting 'volume' to be set for persistent volume";
    if (volume.disk->read_only) return "Read-only persistent volume not supported";
    const auto& principal = volume.disk->principal;
    if (!framework.info.principal.empty() && principal != framework.info.principal) {
      return "Create volume operation attempted by principal '" + framework.info.principal +
             "', but there is a volume in the operation with " +
             (principal.empty() ? "no principal set" : "principal '" + principal + "'");
    }
    const auto& id = volume.disk->persistence_id;
    if (id.find('/') != std::string::npos) return "Persistence ID '" + id + "' contains invalid characters";
    if (agent.volumes.contains(id) || !ids.insert(id).second)
      return "Persistence ID '" + id + "' already exists";
  }
  return std::nullopt;
}

// As validateSingleResourceProvider() of Mesos says it.
std::optional<std::string> of_several_providers(const Resources& resources) {
  std::set<std::string> ids;
  for (const auto& resource : resources) ids.insert(resource.provider_id);
  if (ids.size() == 1) return std::nullopt;
  if (ids.contains("")) return "Invalid resources: Some resources have a resource provider and some do not";
  std::string text = "Invalid resources: The resources have multiple resource providers: ";
  for (const auto& id : ids) text += (id == *ids.begin() ? "" : ", ") + id;
  return text;
}

}  // namespace

std::optional<std::string> Master::apply(const Framework& framework, Agent& agent, const Operation& operation,
                                         const std::string& role, Resources& working) {
  auto resources = operation.resources;
  for (auto& resource : resources) {
    if (resource.allocation_role.empty()) resource.allocation_role = role;
    if (is_nothing(resource)) return "Resource '" + resource.name + "' is empty";
  }
  if (resources.empty()) return "Invalid resources: none are given";
  if (auto error = of_several_providers(resources)) return error;
  Resources before, after;  // what goes, and what comes in its place
  switch (operation.type) {
    case Operation::Type::kReserve:
      if (auto error = invalid_reserve(framework, agent, role, resources)) return error;
      for (const auto& resource : resources) before.push_back(without_reservation(resource));
      after = resources;
      break;
    case Operation::Type::kUnreserve:
      for (const auto& resource : resources) {
        if (resource.reservations.empty() || !resource.reservations.back().is_dynamic) {
          return "Resource " + to_text(resource) + " is not dynamically reserved";
        }
        if (is_volume(resource)) {
          return "A dynamically reserved persistent volume " + to_text(resource) +
                 " cannot be unreserved directly. Please destroy the persistent volume first then unreserve "
                 "the "
                 "resource";
        }
        after.push_back(without_reservation(resource));
      }
      before = resources;
      break;
    case Operation::Type::kCreate:
      if (auto error = invalid_create(framework, agent, resources)) return error;
      for (const auto& volume : resources) before.push_back(without_volume(volume));
      after = resources;
      break;
    case Operation::Type::kDestroy:
      for (const auto& volume : resources) {
        if (!is_volume(volume)) return "Resource " + to_text(volume) + " is not a persistent volume";
        after.push_back(without_volume(volume));
      }
      before = resources;
      break;
    case Operation::Type::kLaunchGroup:
      return "LAUNCH_GROUP converts no resources";
  }
  if (!subtract(working, before)) return lacks(working, before);
  add(working, after);
  for (const auto& volume : resources) {
    if (operation.type == Operation::Type::kCreate) agent.volumes.insert(volume.disk->persistence_id);
    if (operation.type == Operation::Type::kDestroy) {
      agent.volumes.erase(volume.disk->persistence_id);
      outputs_.push_back(output::RemoveVolume{agent.id, volume.disk->persistence_id});
    }
  }
  return std::nullopt;
}

}  // namespace ostler::cluster
