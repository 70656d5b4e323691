// ContainerInfo of executors and tasks: volumes, image, networks, limits.
#pragma once

#include <string>

#include "mesos/types.h"
#include "spec/service_spec.h"

namespace ostler::core {

mesos::ContainerInfo executor_container(const spec::ServiceSpec& service, const spec::PodSpec& pod);
mesos::ContainerInfo task_container(const spec::PodSpec& pod, const spec::TaskSpec& task);

// "host" for a bridge with port maps, "container" for other named networks.
std::string network_scope(const spec::PodSpec& pod);

}  // namespace ostler::core
