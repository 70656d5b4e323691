#include "core/roles.h"

#include <set>

namespace ostler::core {

std::string role_of(const mesos::Resource& resource) {
  if (!resource.allocation_role.empty()) return resource.allocation_role;
  return resource.reservations.empty() ? std::string() : resource.reservations.back().role;
}

std::vector<std::string> held_roles(const StoredState& stored) {
  std::set<std::string> roles;
  for (const auto& [name, task] : stored.tasks) {
    if (!task.launch) continue;
    for (const Holding& holding : task.launch->holdings) roles.insert(role_of(holding.resource));
    for (const Leftover& leftover : task.launch->leftovers) roles.insert(role_of(leftover.resource));
  }
  roles.erase("");
  roles.erase("*");
  return {roles.begin(), roles.end()};
}

}  // namespace ostler::core
