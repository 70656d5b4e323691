// The environment is sorted already, so applying it in order is the rule itself.
#include "spec/taskcfg.h"

namespace ostler::spec {

void route_task_variables(const Environment& env, PodSpec& pod) {
  const std::string for_all = "TASKCFG_ALL_";
  const std::string for_pod = "TASKCFG_" + variable_part(pod.type) + "_";
  for (auto variable = env.lower_bound("TASKCFG_"); variable != env.end(); ++variable) {
    const auto& [name, value] = *variable;
    if (!name.starts_with("TASKCFG_")) break;
    for (const std::string& prefix : {for_all, for_pod}) {
      if (!name.starts_with(prefix) || name.size() == prefix.size()) continue;
      for (TaskSpec& task : pod.tasks) task.env[name.substr(prefix.size())] = value;
      if (for_all == for_pod) break;
    }
  }
}

}  // namespace ostler::spec
