// ContainerInfo of executors and tasks: volumes, image, networks, limits.
#pragma once

#include <cstdint>
#include <vector>

#include "mesos/types.h"
#include "spec/service_spec.h"

namespace ostler::core {

// Of instance `index`; `ports` are the agent's ports that its tasks have.
mesos::ContainerInfo executor_container(const spec::ServiceSpec& service, const spec::PodSpec& pod,
                                        int32_t index, const std::vector<uint32_t>& ports);
mesos::ContainerInfo task_container(const spec::ServiceSpec& service, const spec::PodSpec& pod, int32_t index,
                                    const spec::TaskSpec& task);

}  // namespace ostler::core
