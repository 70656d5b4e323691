// What is accepted, but cannot work or is hardly meant: one function a doubt.
#include <algorithm>
#include <map>
#include <set>

#include "spec/shared_things.h"
#include "spec/spec_places.h"

namespace ostler::spec {
namespace {

class Doubts {
 public:
  Doubts(const ServiceSpec& spec, Loading& loading) : spec_(spec), loading_(loading) {}

  void run() {
    steps_share_nothing();
    for (const PodSpec& pod : spec_.pods) {
      ports_can_be_had_together(pod);
      mapped_ports_are_held(pod);
      variables_have_one_source(pod);
      files_have_one_secret(pod);
      encryption_is_not_carried_out(pod);
    }
    plans_do_something();
  }

 private:
  void warning(const std::string& path, std::string found, std::string expected, std::string hint = {}) {
    loading_.report.warning(nearest_place(loading_, path), path, std::move(found), std::move(expected),
                            std::move(hint));
  }

  // Such a step can never be launched; the SDK accepts the file and shows the
  // step as ERROR, so this is a warning.
  void steps_share_nothing() {
    std::set<std::string> told;
    for (const PlanSpec& plan : spec_.plans) {
      for (const PhaseSpec& phase : plan.phases) {
        const PodSpec* pod = spec_.pod(phase.pod);
        for (const StepSpec& step : phase.steps) {
          if (!pod) continue;
          const std::string shared = shared_in(*pod, step);
          const std::string path = loading_.places.contains("plans")
                                       ? "plans." + plan.name + ".phases." + phase.name
                                       : "pods." + phase.pod;
          if (shared.empty() || !told.insert(path + shared).second) continue;
          warning(path, "a step whose tasks share " + shared,
                  "tasks with resources and DNS names of their own",
                  "give them steps of their own, or the step will be in error");
        }
      }
    }
  }

  // Each set is reserved as a whole and for good, so two with one port never fit one agent.
  // On an overlay ports are the container's own and not reserved.
  void ports_can_be_had_together(const PodSpec& pod) {
    if (std::any_of(pod.networks.begin(), pod.networks.end(),
                    [](const Network& network) { return network.name != "mesos-bridge"; })) {
      return;
    }
    std::map<uint16_t, std::pair<const ResourceSet*, std::string>> first;
    for (const ResourceSet& set : pod.resource_sets) {
      for (const PortSpec& port : set.ports) {
        if (port.port == 0) continue;
        const std::string path = set_path(loading_, pod, set) + ".ports." + port.name;
        const auto [same, is_new] = first.emplace(port.port, std::pair(&set, path));
        if (is_new || same->second.first == &set) continue;
        warning(path, "port " + std::to_string(port.port) + ", which " + same->second.second + " has too",
                "a port of its own, or one resource set for both tasks",
                "an agent gives each port once, so both cannot be deployed");
      }
    }
  }

  // What the bridge maps is the agent's, and only ports of tasks are reserved there.
  void mapped_ports_are_held(const PodSpec& pod) {
    std::set<uint16_t> held;
    for (const ResourceSet& set : pod.resource_sets) {
      for (const PortSpec& port : set.ports) held.insert(port.port);
    }
    for (const Network& network : pod.networks) {
      if (network.name != "mesos-bridge") continue;
      for (const uint16_t port : network.host_ports) {
        if (held.contains(port)) continue;
        warning(pod_path(pod) + ".networks." + network.name + ".host-ports",
                "the host port " + std::to_string(port) + ", which is no port of a task",
                "a task with 'port: " + std::to_string(port) + "'",
                "it is not reserved on the agent otherwise");
      }
    }
  }

  // The later one wins, which is seldom meant.
  void variables_have_one_source(const PodSpec& pod) {
    for (const TaskSpec& task : pod.tasks) {
      std::map<std::string, std::string> first;  // variable -> path
      for (const SecretSpec& secret : pod.secrets) {
        if (!secret.env_key.empty()) first.emplace(secret.env_key, pod_path(pod) + ".secrets");
      }
      const ResourceSet* set = pod.resource_set(task.resource_set);
      if (!set) continue;
      for (const PortSpec& port : set->ports) {
        if (port.env_key.empty()) continue;
        const std::string path = set_path(loading_, pod, *set) + ".ports." + port.name;
        const auto [same, is_new] = first.emplace(port.env_key, path);
        if (is_new || !told_.insert(path + ".env-key").second) continue;
        warning(path + ".env-key",
                "the variable " + in_quotes(port.env_key) + ", which " + same->second + " sets too",
                "a variable of its own");
      }
    }
  }

  void files_have_one_secret(const PodSpec& pod) {
    std::set<std::string> files, variables;
    for (const SecretSpec& secret : pod.secrets) {
      const std::string path = pod_path(pod) + ".secrets";
      if (!secret.file.empty() && !files.insert(secret.file).second)
        warning(path, "a second secret for the file " + in_quotes(secret.file), "a file for each secret");
      if (!secret.env_key.empty() && !variables.insert(secret.env_key).second) {
        warning(path, "a second secret for the variable " + in_quotes(secret.env_key),
                "a variable for each secret");
      }
    }
  }

  // A warning here, because the file is right; `ostler run` refuses it (core/validators.h).
  void encryption_is_not_carried_out(const PodSpec& pod) {
    for (const TaskSpec& task : pod.tasks) {
      if (task.transport_encryption.empty()) continue;
      warning(task_path(pod, task) + ".transport-encryption", "a wish for certificates",
              "certificates and keys among the pod's secrets",
              "Ostler issues none, and `ostler run` does not deploy a service that wants them");
    }
  }

  void plans_do_something() {
    for (const PlanSpec& plan : spec_.plans) {
      const std::string path = "plans." + plan.name;
      if (plan.name == "recovery" || plan.name == "decommission") {
        warning(path, "a plan named " + in_quotes(plan.name), "another name",
                "it is not used: the scheduler makes the plan of that name itself");
      } else if (plan.phases.empty() && !loading_.report.has_errors()) {
        warning(path + ".phases", "no phases", "at least one", "the plan does nothing");
      }
    }
  }

  const ServiceSpec& spec_;
  Loading& loading_;
  std::set<std::string> told_;  // places that several tasks share
};

}  // namespace

std::string shared_in(const PodSpec& pod, const StepSpec& step) {
  std::set<std::string> seen;
  for (const std::string& name : step.tasks) {
    const TaskSpec* task = pod.task(name);
    if (!task) continue;
    const std::string set = "the resource set " + in_quotes(task->resource_set);
    if (!seen.insert(set).second) return set;
    if (!task->discovery || task->discovery->prefix.empty()) continue;
    const std::string prefix = "the prefix " + in_quotes(task->discovery->prefix);
    if (!seen.insert(prefix).second) return prefix;
  }
  return {};
}

Mark nearest_place(const Loading& loading, const std::string& path) {
  for (std::string at = path; !at.empty();
       at.resize(at.find_last_of('.') == std::string::npos ? 0 : at.rfind('.'))) {
    if (const auto found = loading.places.find(at); found != loading.places.end()) return found->second;
  }
  return {};
}

std::string set_path(const Loading& loading, const PodSpec& pod, const ResourceSet& set) {
  const std::string named = pod_path(pod) + ".resource-sets." + set.id;
  if (loading.places.contains(named)) return named;
  for (const TaskSpec& task : pod.tasks) {
    if (task.resource_set == set.id) return task_path(pod, task);
  }
  return pod_path(pod);
}

void warn_of_doubts(const ServiceSpec& spec, Loading& loading) { Doubts(spec, loading).run(); }

}  // namespace ostler::spec
