// Turns the spec and the environment into what the parts are configured with.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "core/settings.h"
#include "mesos/types.h"
#include "plugins/manifest.h"
#include "spec/environment.h"
#include "spec/service_spec.h"

namespace ostler::shell {

// `api_port` is the port the API is really bound to.
core::Settings settings_of(const spec::ServiceSpec& service, const spec::SchedulerEnvironment& env,
                           uint16_t api_port);

// `held_roles` are those of what the service holds already (core/roles.h).
mesos::FrameworkInfo framework_of(const spec::ServiceSpec& service, const spec::SchedulerEnvironment& env,
                                  const std::string& framework_id,
                                  const std::vector<std::string>& held_roles = {});

// What the manifest need not say: the API's port, where the state of `service` lies.
void add_plugin_defaults(plugins::Kind kind, const std::string& plugin_id, const std::string& service,
                         const std::string& zookeeper, const spec::SchedulerEnvironment& env,
                         nlohmann::json& config);

}  // namespace ostler::shell
