// GET /control/state: everything the model knows, with the processes behind it.
#include <nlohmann/json.hpp>

#include "cluster/agent/sandbox.h"
#include "cluster/http/control.h"
#include "mesos/codec.h"

namespace ostler::cluster {
namespace {

using nlohmann::json;

// All resources of an agent: free, offered and in use.
Resources everything(const Master& master, const Agent& agent) {
  Resources all = agent.available;
  const auto put = [&](Resources resources) {
    set_allocation(resources, "");
    add(all, resources);
  };
  for (const auto& id : agent.offers) put(master.offers().at(id).resources);
  for (const auto& [key, executor] : agent.executors) put(executor.resources);
  for (const auto& [key, task] : agent.tasks) {
    if (task.live()) put(task.resources);
  }
  return all;
}

json task_json(const Agent& agent, const Agent::Key& key, const Task& task,
               const std::map<std::string, Runner::Facts>& facts) {
  json out{{"task_id", key.second},
           {"name", task.info->name},
           {"framework_id", key.first},
           {"agent_id", agent.id},
           {"agent", agent.spec->address},
           {"executor_id", task.executor_id},
           {"state", mesos::to_string(task.state)},
           {"live", task.live()},
           {"unacknowledged", task.pending.size()}};
  if (task.healthy) out["healthy"] = *task.healthy;
  if (task.check_exit_code) out["check_exit_code"] = *task.check_exit_code;
  json volumes = json::array();
  for (const auto& resource : task.resources) {
    if (is_volume(resource)) volumes.push_back(resource.disk->persistence_id);
  }
  out["volumes"] = std::move(volumes);
  if (const auto found = facts.find(key.second); found != facts.end()) {
    out["pid"] = found->second.pid;
    out["sandbox"] = found->second.sandbox;
  }
  return out;
}

json agent_json(const Cluster& cluster, const Master& master, const Agent& agent) {
  json out{{"agent_id", agent.id},      {"address", agent.spec->address},
           {"zone", agent.spec->zone},  {"standing", to_string(agent.standing)},
           {"linked", agent.is_linked}, {"offers", agent.offers}};
  const auto all = everything(master, agent);
  json reserved = json::array(), volumes = json::array(), resources = json::array();
  for (const auto& resource : all) {
    resources.push_back(to_text(resource));
    if (!resource.reservations.empty()) reserved.push_back(mesos::to_json(resource));
    if (!is_volume(resource)) continue;
    const auto& id = resource.disk->persistence_id;
    json volume{{"persistence_id", id}, {"container_path", resource.disk->container_path}};
    if (!cluster.options().simulate)
      volume["path"] = volume_path(cluster.options().runner.root, agent.id, id).string();
    volumes.push_back(std::move(volume));
  }
  out["resources"] = std::move(resources);
  out["reservations"] = std::move(reserved);
  out["volumes"] = std::move(volumes);
  json executors = json::array();
  for (const auto& [key, executor] : agent.executors) {
    executors.push_back(
        {{"framework_id", key.first}, {"executor_id", key.second}, {"live_tasks", executor.live_tasks}});
  }
  out["executors"] = std::move(executors);
  return out;
}

}  // namespace

json state_json(Cluster& cluster) {
  const auto facts = cluster.task_facts();
  return cluster.with([&](Master& master, int64_t now) {
    json agents = json::array(), tasks = json::array(), frameworks = json::array();
    for (const auto& agent : master.agents()) {
      agents.push_back(agent_json(cluster, master, *agent));
      for (const auto& [key, task] : agent->tasks) tasks.push_back(task_json(*agent, key, task, facts));
    }
    for (const auto& [id, framework] : master.frameworks()) {
      frameworks.push_back({{"framework_id", id},
                            {"name", framework.info.name},
                            {"roles", framework.info.roles},
                            {"suppressed", framework.suppressed},
                            {"connected", framework.is_connected},
                            {"tasks", framework.tasks.size()}});
    }
    const auto& audit = master.audit();
    return json{{"master_id", master.id()},
                {"now_ms", now},
                {"agents", std::move(agents)},
                {"tasks", std::move(tasks)},
                {"frameworks", std::move(frameworks)},
                {"launches", audit.launches()},
                {"runs", audit.runs()},
                {"violations", audit.violations()},
                {"violation_count", audit.violation_count()}};
  });
}

}  // namespace ostler::cluster
