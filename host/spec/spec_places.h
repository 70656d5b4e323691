// Where in svc.yml the parts of a specification are written, for those who check it as a whole.
#pragma once

#include <string>

#include "spec/field.h"
#include "spec/service_spec.h"

namespace ostler::spec {

// The nearest recorded place: of the key itself, or of what holds it.
Mark nearest_place(const Loading& loading, const std::string& path);

inline std::string pod_path(const PodSpec& pod) { return "pods." + pod.type; }
inline std::string task_path(const PodSpec& pod, const TaskSpec& task) {
  return pod_path(pod) + ".tasks." + task.name;
}
// Where a set is written: under resource-sets, or in the task it was made for.
std::string set_path(const Loading& loading, const PodSpec& pod, const ResourceSet& set);

// Warns of what is accepted, because the SDK accepts it, but cannot work or is hardly meant.
void warn_of_doubts(const ServiceSpec& spec, Loading& loading);

}  // namespace ostler::spec
