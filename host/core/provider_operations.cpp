#include "core/provider_operations.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

namespace ostler::core {

void add_operations(std::vector<mesos::Operation>& out, mesos::Operation::Type type,
                    std::vector<mesos::Resource> resources) {
  if (resources.empty()) return;
  const bool is_of_one = std::all_of(resources.begin(), resources.end(), [&](const mesos::Resource& one) {
    return one.provider_id == resources.front().provider_id;
  });
  if (is_of_one) {  // as a rule
    mesos::Operation& operation = out.emplace_back();
    operation.type = type;
    operation.resources = std::move(resources);
    return;
  }
  std::map<std::string, std::vector<mesos::Resource>> by_provider;
  for (mesos::Resource& resource : resources)
    by_provider[resource.provider_id].push_back(std::move(resource));
  for (auto& [provider_id, its] : by_provider) {
    mesos::Operation& operation = out.emplace_back();
    operation.type = type;
    operation.resources = std::move(its);
  }
}

}  // namespace ostler::core
