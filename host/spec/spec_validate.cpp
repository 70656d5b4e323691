// What is wrong: one function a rule. What is only doubtful is in spec_doubts.cpp.
#include "spec/spec_validate.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <set>

#include "spec/names.h"
#include "spec/option_rules.h"
#include "spec/spec_places.h"

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
      volume_paths_differ(pod);
      placement_is_valid(pod);
    }
    task_names_differ();
    name_fits_dns();
    options_keep_their_rules();
    extension_names_pods();
  }

 private:
  void error(const std::string& path, std::string found, std::string expected, std::string hint = {}) {
    loading_.report.error(nearest_place(loading_, path), path, std::move(found), std::move(expected),
                          std::move(hint));
  }
  void objection(const std::string& path, std::string found, std::string expected, std::string hint = {}) {
    loading_.report.objection(nearest_place(loading_, path), path, std::move(found), std::move(expected),
                              std::move(hint));
  }

  void advertised_port_names_are_unique() {
    std::map<std::string, std::string> first;  // name -> path
    for (const PodSpec& pod : spec_.pods) {
      for (const ResourceSet& set : pod.resource_sets) {
        // A set whose name is taken is reported as such; its place is not known.
        if (pod.resource_set(set.id) != &set) continue;
        for (const PortSpec& port : set.ports) {
          if (!port.advertise) continue;
          const std::string path = set_path(loading_, pod, set) + ".ports." + port.name;
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
        objection(set_path(loading_, pod, set) + ".resource-limits." + (name == "cpus" ? "cpus" : "memory"),
                  amounts, "a limit that is not below the request");
      }
    }
  }

  // The tasks of a pod see the volumes of all through their executor, where a path is one volume:
  // Mesos mounts the first and leaves the others out without a word.
  void volume_paths_differ(const PodSpec& pod) {
    std::map<std::string, std::string> first;  // volume path -> path in the file
    const auto look = [&](const VolumeSpec& volume, const std::string& path) {
      const auto [same, is_new] = first.emplace(volume.path, path);
      if (is_new || same->second == path) return;  // two in one list were found as it was read
      error(path, "a second volume at " + in_quotes(volume.path),
            "volumes with paths of their own in the whole pod", "the first is that of " + same->second);
    };
    const auto look_at_all = [&](const std::vector<VolumeSpec>& volumes, const std::string& of) {
      for (const VolumeSpec& volume : volumes)
        look(volume, of + (volumes.size() > 1 ? ".volumes" : ".volume"));
    };
    look_at_all(pod.volumes, pod_path(pod));
    for (const ResourceSet& set : pod.resource_sets) look_at_all(set.volumes, set_path(loading_, pod, set));
  }

  // "<pod>-<number>-<task>" must not say two things: pod a, task 1-t and pod a-0, task t.
  void task_names_differ() {
    for (const PodSpec& longer : spec_.pods) {
      for (size_t dash = longer.type.find('-'); dash != std::string::npos;
           dash = longer.type.find('-', dash + 1)) {
        const PodSpec* shorter = spec_.pod(std::string_view(longer.type).substr(0, dash));
        if (shorter) compare_names(*shorter, longer, std::string_view(longer.type).substr(dash + 1));
      }
    }
  }
  // `rest` is what the longer type has behind the shorter one and a dash: "0", or "0-x".
  void compare_names(const PodSpec& shorter, const PodSpec& longer, std::string_view rest) {
    const size_t digits = std::min(rest.find('-'), rest.size());
    const std::string number(rest.substr(0, digits));
    if (number.empty() || number.size() > 9 || number.find_first_not_of("0123456789") != std::string::npos)
      return;
    const int index = std::atoi(number.c_str());
    if (std::to_string(index) != number || index >= shorter.count) return;
    const std::string begin = digits < rest.size() ? std::string(rest.substr(digits + 1)) + "-" : "";
    for (const TaskSpec& task : longer.tasks) {
      for (const TaskSpec& other : shorter.tasks) {
        // begin + <number> + "-" + task
        const std::string_view name = other.name;
        const std::string end = "-" + task.name;
        if (name.size() <= begin.size() + end.size() || !name.starts_with(begin) || !name.ends_with(end))
          continue;
        const std::string instance(name.substr(begin.size(), name.size() - begin.size() - end.size()));
        if (instance.size() > 9 || instance.find_first_not_of("0123456789") != std::string::npos) continue;
        const int of_longer = std::atoi(instance.c_str());
        if (std::to_string(of_longer) != instance || of_longer >= longer.count) continue;
        error(task_path(longer, task),
              "the task name " + in_quotes(task_instance_name(longer.type, of_longer, task.name)) +
                  ", which " + task_path(shorter, other) + " has too",
              "names of pods and tasks that give each task a name of its own");
      }
    }
  }

  void placement_is_valid(const PodSpec& pod) {
    if (pod.placement_error.empty()) return;
    objection(pod_path(pod) + ".placement", "an invalid constraint: " + pod.placement_error,
              "a Marathon constraint", "it fits no agent");
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

void validate(const ServiceSpec& spec, Loading& loading) {
  Validator(spec, loading).run();
  warn_of_doubts(spec, loading);
}

}  // namespace ostler::spec
