// The names that the SDK derives from a service's name, a pod and the environment.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace ostler::spec {

using Environment = std::map<std::string, std::string>;

// For paths and roles: one leading slash dropped, every other one becomes "__".
std::string escape_service_name(std::string_view name);

// "/path/to/svc" -> "pathtosvc", as DNS names have it.
std::string service_without_slashes(std::string_view name);

// "<service without slashes, dots as dashes>.<tld>": what follows a task's name in DNS.
std::string framework_host(std::string_view service, std::string_view service_tld);
std::string framework_vip_host(std::string_view service, std::string_view vip_tld);
// "/path/to/svc" -> "svc-to-path.<marathon name>.<tld>"
std::string scheduler_api_hostname(std::string_view service, std::string_view marathon_name,
                                   std::string_view service_tld);

// "zookeeper-0" and "zookeeper-0-server".
std::string pod_instance_name(std::string_view pod, int32_t index);
std::string task_instance_name(std::string_view pod, int32_t index, std::string_view task);

// Upper case, with every character outside [A-Za-z0-9_] as '_': part of a variable's name.
std::string variable_part(std::string_view name);

// The framework's role: MESOS_ALLOCATION_ROLE where Marathon gives one, else
// "<escaped service name>-role". Empty when the environment demands a group role
// and names none; check_environment() reports that.
std::string service_role(std::string_view service, const Environment& env);

}  // namespace ostler::spec
