// One function a rule.
#include "spec/spec_validate.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <set>

#include "spec/names.h"
#include "spec/option_rules.h"

namespace ostler::spec {
namespace {

class Validator {
 public:
  Validator(const ServiceSpec& spec, Loading& loading) : spec_(spec), loading_(loading) {}

  void run() {
    advertised_port_names_are_unique();
    discovery_prefixes_stay_in_one_pod();
    for (const PodSpec& pod : spec_.pods) {
      resource_set_names_are_free(pod);
      resource_sets_exist(pod);
      limits_cover_requests(pod);
      placement_is_valid(pod);
    }
    steps_share_nothing();
    name_fits_dns();
    options_keep_their_rules();
    extension_names_pods();
  }

 private:
  Mark place(const std::string& path) const {
    // The nearest recorded place: of the key itself, or of what holds it.
    for (std::string at = path; !at.empty();
         at.resize(at.find_last_of('.') == std::string::npos ? 0 : at.rfind('.'))) {
      if (const auto found = loading_.places.find(at); found != loading_.places.end()) return found->second;
    }
    return {};
  }
  void error(const std::string& path, std::string found, std::string expected, std::string hint = {}) {
    loading_.report.error(place(path), path, std::move(found), std::move(expected), std::move(hint));
  }
  void objection(const std::string& path, std::string found, std::string expected, std::string hint = {}) {
    loading_.report.objection(place(path), path, std::move(found), std::move(expected), std::move(hint));
  }
  void warning(const std::string& path, std::string found, std::string expected, std::string hint = {}) {
    loading_.report.warning(place(path), path, std::move(found), std::move(expected), std::move(hint));
  }

  static std::string pod_path(const PodSpec& pod) { return "pods." + pod.type; }
  static std::string task_path(const PodSpec& pod, const TaskSpec& task) {
    return pod_path(pod) + ".tasks." + task.name;
  }
  // Where a set is written: under resource-sets, or in the task it was made for.
  std::string set_path(const PodSpec& pod, const ResourceSet& set) const {
    const std::string named = pod_path(pod) + ".resource-sets." + set.id;
    if (loading_.places.contains(named)) return named;
    for (const TaskSpec& task : pod.tasks) {
      if (task.resource_set == set.id) return task_path(pod, task);
    }
    return pod_path(pod);
  }

  void advertised_port_names_are_unique() {
    std::map<std::string, std::string> first;  // name -> path
    for (const PodSpec& pod : spec_.pods) {
      for (const ResourceSet& set : pod.resource_sets) {
        // A set whose name is taken is reported as such; its place is not known.
        if (pod.resource_set(set.id) != &set) continue;
        for (const PortSpec& port : set.ports) {
          if (!port.advertise) continue;
          const std::string path = set_path(pod, set) + ".ports." + port.name;
          const auto [same, is_new] = first.emplace(port.name, path);
          if (!is_new) {
            error(path, "a second advertised port named " + in_quotes(port.name),
                  "advertised ports with names of their own in the whole service",
                  "the first is " + same->second);
          }
        }
      }
    }
  }

  void discovery_prefixes_stay_in_one_pod() {
    std::map<std::string, std::string> owner;  // prefix -> pod
    for (const PodSpec& pod : spec_.pods) {
      for (const TaskSpec& task : pod.tasks) {
        if (!task.discovery || task.discovery->prefix.empty()) continue;
        const auto [first, is_new] = owner.emplace(task.discovery->prefix, pod.type);
        if (is_new || first->second == pod.type) continue;
        error(task_path(pod, task) + ".discovery.prefix",
              "the prefix " + in_quotes(task.discovery->prefix) + ", which the pod " +
                  in_quotes(first->second) + " uses too",
              "DNS names that tasks of different pods do not share");
      }
    }
  }

  void resource_sets_exist(const PodSpec& pod) {
    for (const TaskSpec& task : pod.tasks) {
      if (pod.resource_set(task.resource_set)) continue;
      std::vector<std::string_view> ids;
      for (const ResourceSet& set : pod.resource_sets) ids.push_back(set.id);
      const std::string_view meant = nearest(task.resource_set, ids);
      error(task_path(pod, task) + ".resource-set", in_quotes(task.resource_set),
            "the name of a resource set of the pod",
            meant.empty() ? "" : "did you mean '" + std::string(meant) + "'?");
    }
  }

  // A named set may have the very name that a task's own resources get.
  void resource_set_names_are_free(const PodSpec& pod) {
    std::set<std::string> ids;
    for (const ResourceSet& set : pod.resource_sets) {
      if (ids.insert(set.id).second) continue;
      error(pod_path(pod) + ".resource-sets." + set.id, "the name " + in_quotes(set.id),
            "a name that is not '<task>-resource-set' of a task with resources of its own");
    }
  }

  void limits_cover_requests(const PodSpec& pod) {
    for (const ResourceSet& set : pod.resource_sets) {
      for (const auto& [name, limit] : set.limits) {
        const double requested =
            name == "cpus" ? static_cast<double>(set.cpus_milli) / 1000 : static_cast<double>(set.memory_mb);
        if (limit >= requested) continue;
        char amounts[80];
        std::snprintf(amounts, sizeof amounts, "%g, less than the requested %g", limit, requested);
        objection(set_path(pod, set) + ".resource-limits." + (name == "cpus" ? "cpus" : "memory"), amounts,
                  "a limit that is not below the request");
      }
    }
  }

  void placement_is_valid(const PodSpec& pod) {
    if (pod.placement_error.empty()) return;
    objection(pod_path(pod) + ".placement", "an invalid constraint: " + pod.placement_error,
              "a Marathon constraint", "it fits no agent");
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

  static std::string shared_in(const PodSpec& pod, const StepSpec& step) {
    std::set<std::string> seen;
    for (const std::string& name : step.tasks) {
      const TaskSpec* task = pod.task(name);
      if (!task) continue;
      if (!seen.insert("the resource set " + in_quotes(task->resource_set)).second) {
        return "the resource set " + in_quotes(task->resource_set);
      }
      if (!task->discovery || task->discovery->prefix.empty()) continue;
      if (!seen.insert("the prefix " + in_quotes(task->discovery->prefix)).second) {
        return "the prefix " + in_quotes(task->discovery->prefix);
      }
    }
    return {};
  }

  // Refused on the first installation only; later it is too late to change.
  void name_fits_dns() {
    const size_t length = service_without_slashes(spec_.name).size();
    if (length <= 63) return;
    objection("name", std::to_string(length) + " characters without slashes",
              "at most 63, the limit of a DNS label", "tasks cannot be found by name otherwise");
  }

  void options_keep_their_rules() {
    for (const OptionBreach& breach : option_breaches(nullptr, spec_)) {
      objection("x-ostler.options." + breach.option, in_quotes(breach.after), breach.message);
    }
  }

  void extension_names_pods() {
    for (const std::string& pod : spec_.zone_awareness_fixed) {
      if (spec_.pod(pod)) continue;
      error("x-ostler.zone-awareness-fixed", in_quotes(pod), "the name of a pod");
    }
  }

  const ServiceSpec& spec_;
  Loading& loading_;
};

}  // namespace

void validate(const ServiceSpec& spec, Loading& loading) { Validator(spec, loading).run(); }

}  // namespace ostler::spec
