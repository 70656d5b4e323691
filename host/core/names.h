// The names and ids that the SDK gives to things (java-sdk-spec-api-state.md, 4).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "spec/service_spec.h"

namespace ostler::core {

std::string pod_name(std::string_view pod_type, int32_t index);                           // "zookeeper-0"
std::string task_name(std::string_view pod_type, int32_t index, std::string_view task);   // "zookeeper-0-server"

// "/path/to/svc" -> "path.to.svc": as it stands in task and executor ids.
std::string service_in_ids(std::string_view service);
// "/path/to/svc" -> "pathtosvc": as it stands in DNS names of tasks and VIPs.
std::string service_in_dns(std::string_view service);

std::string make_task_id(std::string_view service, std::string_view task, std::string_view uuid);
std::string make_executor_id(std::string_view service, std::string_view pod_type, std::string_view uuid);
// The task's name out of its id: what stands between the last two "__"; empty when
// the id is not one of ours.
std::string_view task_name_of_id(std::string_view task_id);

std::string framework_host(std::string_view service, std::string_view service_tld);  // FRAMEWORK_HOST
std::string framework_vip_host(std::string_view service, std::string_view vip_tld);  // FRAMEWORK_VIP_HOST
// SCHEDULER_API_HOSTNAME on DC/OS: "/path/to/svc" -> "svc-to-path.marathon.<tld>".
std::string scheduler_hostname(std::string_view service, std::string_view marathon, std::string_view service_tld);

// What the task is called in DNS: its name, or "<discovery prefix>-<index>".
std::string dns_label(const spec::TaskSpec& task, std::string_view pod_type, int32_t index);

}  // namespace ostler::core
