// What is different between two specifications, field by field, and what each
// difference means for tasks that run.
//
// The walk is over the complete JSON of both, so a field that is added to a spec is
// compared without being named here; what needs no restart is the exception, and the
// table of exceptions is in spec_diff.cpp. Pure functions; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "spec/service_spec.h"

namespace ostler::spec {

enum class Impact : uint8_t {
  kRestart,    // the tasks it concerns are launched anew
  kScale,      // instances come or go; those that are there stay
  kOnReplace,  // running pods stay where they are; it counts when a pod is placed anew
  kNoRestart,  // in force at once
};

// "restart", "scale", "on replace", "no restart".
std::string_view impact_name(Impact impact);

struct Difference {
  // In the keys of the stored configuration, lists by name:
  // "pod-specs[zookeeper].task-specs[server].environment.NODE_HEAP".
  std::string field;
  // Texts as they are, everything else as JSON; "(none)" where there is nothing. Of a text
  // of many lines the first line that differs, as "line 3: tickTime=2000".
  std::string before, after;
  std::string pod;                 // pod type; empty: the service's own
  std::vector<std::string> tasks;  // the tasks it concerns; empty: all of the pod
  Impact impact = Impact::kRestart;
};

// Empty exactly when the two are equal. In the order of the stored configuration.
std::vector<Difference> differences(const ServiceSpec& before, const ServiceSpec& after);

// The differences for which a running task has to be launched anew. An empty list: it
// may go on as it is.
std::vector<const Difference*> restart_reasons(const std::vector<Difference>& all, std::string_view pod,
                                               std::string_view task);

}  // namespace ostler::spec
