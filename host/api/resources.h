// The API's resources, one file a subject: each makes a reply out of a snapshot.
//
// Pure functions of their arguments; any thread. Bodies and codes are those of the
// DC/OS SDK's API, so that its CLI and its users' scripts keep working.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/http.h"
#include "core/snapshot.h"

namespace ostler::api {

using core::Snapshot;
using SpecToJson = std::function<std::string(const spec::ServiceSpec&)>;

// plans.cpp
Response list_plans(const Snapshot& snapshot);
// 200 when complete, 417 when the plan has errors, else 202.
Response show_plan(const Snapshot& snapshot, std::string_view name);

// What an uninstall still waits for, by agent and reservation id: what would be left
// behind if it were given up. 404 when there is none.
Response uninstall_status(const Snapshot& snapshot);

// pods.cpp
Response list_pods(const Snapshot& snapshot);
Response pods_status(const Snapshot& snapshot);
Response pod_status(const Snapshot& snapshot, std::string_view instance);
Response pod_info(const Snapshot& snapshot, std::string_view instance);

// endpoints.cpp
Response list_endpoints(const Snapshot& snapshot);
Response show_endpoint(const Snapshot& snapshot, std::string_view name);

// state.cpp
Response framework_id(const Snapshot& snapshot);
// The fault domain's zone of each task's agent; of tasks whose agent has one.
Response list_zones(const Snapshot& snapshot);
Response zone_of_task(const Snapshot& snapshot, std::string_view task);
Response zone_of_address(const Snapshot& snapshot, std::string_view pod_type, std::string_view address);
Response list_properties(const Snapshot& snapshot);
Response show_property(const Snapshot& snapshot, std::string_view key);

// why.cpp
Response why_all(const Snapshot& snapshot);
// 404 for a pod that neither waits nor exists; no steps for one that waits for nothing.
Response why_pod(const Snapshot& snapshot, std::string_view pod);
Response debug_offers(const Snapshot& snapshot);  // the SDK's /v2/debug/offers

// debug.cpp: the SDK's /v1/debug. A filter's names must exist, each with those above it.
struct DebugFilter {
  std::optional<std::string> plan, phase, step;
};
Response debug_plans(const Snapshot& snapshot, const DebugFilter& filter);
Response debug_task_statuses(const Snapshot& snapshot, const DebugFilter& filter);
Response debug_reservations(const Snapshot& snapshot);  // resource ids by host, those of intents too

// configurations.cpp
Response list_configurations(const Snapshot& snapshot);
Response target_id(const Snapshot& snapshot);
Response target_configuration(const Snapshot& snapshot, const SpecToJson& to_json);
Response show_configuration(const Snapshot& snapshot, std::string_view id, const SpecToJson& to_json);
// The text of a task's config template as `config_id` has it, be it the target or older.
Response show_template(const Snapshot& snapshot, std::string_view config_id, std::string_view pod_type,
                       std::string_view task, std::string_view config_name);

// health.cpp: the HTTP code is the health. `snapshot` is null before the first one;
// `notices` are reasons that the core does not know ("cannot reach ...").
Response health(const Snapshot* snapshot, const std::vector<std::string>& notices, bool is_verbose);

// page/: the page at "/", which shows all of this in a browser.
Response front_page();

}  // namespace ostler::api
