// The ids that the SDK gives to tasks and executors (java-sdk-spec-api-state.md, 4);
// names that the spec needs too are in spec/names.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "spec/names.h"
#include "spec/service_spec.h"

namespace ostler::core {

inline std::string pod_name(std::string_view pod_type, int32_t index) {  // "zookeeper-0"
  return spec::pod_instance_name(pod_type, index);
}
inline std::string task_name(std::string_view pod_type, int32_t index,
                             std::string_view task) {  // "zookeeper-0-server"
  return spec::task_instance_name(pod_type, index, task);
}

// "/path/to/svc" -> "path.to.svc": as it stands in task and executor ids.
std::string service_in_ids(std::string_view service);

std::string make_task_id(std::string_view service, std::string_view task, std::string_view uuid);
std::string make_executor_id(std::string_view service, std::string_view pod_type, std::string_view uuid);
// The task's name out of its id: what stands between the last two "__"; empty when
// the id is not one of ours.
std::string_view task_name_of_id(std::string_view task_id);

// What the task is called in DNS: its name, or "<discovery prefix>-<index>".
std::string dns_label(const spec::TaskSpec& task, std::string_view pod_type, int32_t index);

// As a word of Mesos' stands in a metric's name: in lower case.
std::string metric_word(std::string_view word);

}  // namespace ostler::core
