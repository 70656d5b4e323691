#include "api/api.h"

#include <algorithm>

#include "api/preview.h"
#include "base/log.h"

namespace ostler::api {
namespace {

// No request of this API is longer; the server has limits of its own.
constexpr size_t kMaxPath = 8 * 1024;
constexpr size_t kMaxQuery = 8 * 1024;
constexpr size_t kMaxBody = 64 * 1024;
// Except a whole specification with its config templates.
constexpr std::string_view kSpecPath = kPreviewPath;
constexpr size_t kMaxSpec = 4 * 1024 * 1024;

Response not_ready() {
  Response response = text_response(503, "the scheduler is starting: nothing was read from the store yet");
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

}  // namespace

Api::Api(ApiOptions options, MetricsRegistry& metrics)
    : options_(std::move(options)),
      metrics_(metrics),
      requests_(metrics.counter("api.requests", "HTTP requests answered by the API.")) {
  for (const char* kind : {"1xx", "2xx", "3xx", "4xx", "5xx"}) {
    responses_.push_back(
        &metrics.counter(std::string("api.responses.") + kind, "HTTP replies of that class."));
  }
  add_own_routes();
  add_commands();
}

void Api::add_own(RouteText route, Handler handler) {
  const Result<void> added =
      router_.add(std::string(route.method), std::string(route.pattern), "the host", std::move(handler));
  OSTLER_CHECK(added.ok(), "%s", added.error().text().c_str());
  own_routes_.push_back(std::move(route));
}

void Api::add_view(const char* pattern, const char* about, SnapshotHandler handler) {
  add_own({"GET", pattern, about},
          [this, handler = std::move(handler)](const Request&, const PathValues& values) {
            const std::shared_ptr<const Snapshot> current = snapshot();
            return current == nullptr ? not_ready() : handler(*current, values);
          });
}

void Api::add_own_routes() {
  add_view("/v1/plans", "The names of all plans.",
           [](const Snapshot& s, const PathValues&) { return list_plans(s); });
  add_view("/v1/plans/:plan",
           "The plan with its phases, steps, their statuses and messages: 200 when it is complete, 417 when "
           "it has errors, else 202.",
           [](const Snapshot& s, const PathValues& v) { return show_plan(s, v[0]); });
  add_view("/v1/plan", "The plan `deploy`. Deprecated.",
           [](const Snapshot& s, const PathValues&) { return show_plan(s, "deploy"); });  // deprecated
  add_view("/v1/pod", "The names of all pod instances.",
           [](const Snapshot& s, const PathValues&) { return list_pods(s); });
  add_view("/v1/pod/status", "Every pod instance with the status of its tasks.",
           [](const Snapshot& s, const PathValues&) { return pods_status(s); });
  add_view("/v1/pod/:instance/status", "The same of one.",
           [](const Snapshot& s, const PathValues& v) { return pod_status(s, v[0]); });
  add_view("/v1/pod/:instance/info",
           "The TaskInfo and TaskStatus of each of its tasks. Secrets are not in them.",
           [](const Snapshot& s, const PathValues& v) { return pod_info(s, v[0]); });
  add_view("/v1/uninstall",
           "What an uninstall still waits for, by agent and resource id. 404 while the service is not being "
           "uninstalled.",
           [](const Snapshot& s, const PathValues&) { return uninstall_status(s); });
  add_view("/v1/why",
           "Why each open step waits: a sentence with counts, all reasons, the nearest fit, agents never "
           "offered, and what was before.",
           [](const Snapshot& s, const PathValues&) { return why_all(s); });
  add_view("/v1/why/:pod", "The same for one pod instance.",
           [](const Snapshot& s, const PathValues& v) { return why_pod(s, v[0]); });
  add_view("/v2/debug/offers", "The last decisions on offers, newest first, as the SDK shows them.",
           [](const Snapshot& s, const PathValues&) { return debug_offers(s); });
  add_view("/v1/debug/reservations", "The resource ids that are reserved, by host.",
           [](const Snapshot& s, const PathValues&) { return debug_reservations(s); });
  add_view("/v1/endpoints", "The names of all endpoints.",
           [](const Snapshot& s, const PathValues&) { return list_endpoints(s); });
  add_view("/v1/endpoints/:name", "Where clients connect: addresses, DNS names, VIP.",
           [](const Snapshot& s, const PathValues& v) { return show_endpoint(s, v[0]); });
  add_view("/v1/state/frameworkId", "The framework's id.",
           [](const Snapshot& s, const PathValues&) { return framework_id(s); });
  add_view("/v1/state/zone/tasks", "The zone of each task's agent.",
           [](const Snapshot& s, const PathValues&) { return list_zones(s); });
  add_view("/v1/state/zone/tasks/:task", "The same of one task.",
           [](const Snapshot& s, const PathValues& v) { return zone_of_task(s, v[0]); });
  add_view("/v1/state/zone/:pod/:address", "The zone of the task of that pod type at that IP address.",
           [](const Snapshot& s, const PathValues& v) { return zone_of_address(s, v[0], v[1]); });
  add_view("/v1/state/properties", "The keys of stored properties.",
           [](const Snapshot& s, const PathValues&) { return list_properties(s); });
  add_view("/v1/state/properties/*", "The value of one.",
           [](const Snapshot& s, const PathValues& v) { return show_property(s, v[0]); });
  add_view("/v1/configurations", "The ids of all stored configurations.",
           [](const Snapshot& s, const PathValues&) { return list_configurations(s); });
  add_view("/v1/configurations/targetId", "The id of the one in force.",
           [](const Snapshot& s, const PathValues&) { return target_id(s); });
  add_view("/v1/configurations/target", "The configuration in force.",
           [this](const Snapshot& s, const PathValues&) {
             return target_configuration(s, options_.spec_to_json);
           });
  add_view("/v1/configurations/:id", "The configuration of that id.",
           [this](const Snapshot& s, const PathValues& v) {
             return show_configuration(s, v[0], options_.spec_to_json);
           });
  add_view("/v1/artifacts/template/:config/:pod/:task/:name",
           "A task's config template before it is rendered.",
           [](const Snapshot& s, const PathValues& v) { return show_template(s, v[0], v[1], v[2], v[3]); });

  const auto add_debug = [this](const char* pattern, const char* about,
                                Response (*body)(const Snapshot&, const DebugFilter&)) {
    add_own({"GET", pattern, about}, [this, body](const Request& request, const PathValues&) {
      const std::shared_ptr<const Snapshot> current = snapshot();
      const DebugFilter filter{request.parameter("plan"), request.parameter("phase"),
                               request.parameter("step")};
      return current == nullptr ? not_ready() : body(*current, filter);
    });
  };
  add_debug("/v1/debug/plans", "Plans as the SDK's debug page has them; `plan`, `phase` and `step` choose.",
            debug_plans);
  add_debug("/v1/debug/taskStatuses", "The stored status of each task; `plan`, `phase` and `step` choose.",
            debug_task_statuses);

  // These answer before the first snapshot too.
  const auto add = [this](const char* pattern, const char* about, Handler handler) {
    add_own({"GET", pattern, about}, std::move(handler));
  };
  add("/v1/health", "How the service is; the codes are below. `verbose=true` adds the reasons.",
      [this](const Request& request, const PathValues&) {
        const std::shared_ptr<const Snapshot> current = snapshot();
        return health(current.get(), notices(), request.parameter("verbose") == "true");
      });
  add("/", "A page that shows all of this in a browser.",
      [](const Request&, const PathValues&) { return front_page(); });
  add("/v1/plugins", "The plugins that were loaded, with version and file.",
      [this](const Request&, const PathValues&) {
        const std::lock_guard lock(mutex_);
        return json_text_response(200, plugins_);
      });
}

Result<void> Api::add_exporter(const std::string& path, const std::string& owner, RenderFunction render) {
  return router_.add("GET", path, owner,
                     [this, owner, render = std::move(render)](const Request& request, const PathValues&) {
                       Response response;
                       metrics_.visit([&](const std::vector<ostler_sample_t>& samples) {
                         Result<Rendered> rendered = render(samples, request.accept);
                         if (rendered.ok()) {
                           response.headers.emplace_back("Content-Type", rendered->content_type);
                           response.body = std::move(rendered->body);
                         } else {
                           response = text_response(
                               500, owner + " cannot render the metrics: " + rendered.error().text());
                         }
                       });
                       return response;
                     });
}

Result<void> Api::add_route(std::string method, std::string pattern, std::string owner, Handler handler) {
  return router_.add(std::move(method), std::move(pattern), std::move(owner), std::move(handler));
}

void Api::publish(std::shared_ptr<const Snapshot> snapshot) {
  const std::lock_guard lock(mutex_);
  snapshot_.swap(snapshot);  // the old one is freed after the lock, by whoever holds it last
}

void Api::set_notice(const std::string& area, std::string text) {
  const std::lock_guard lock(mutex_);
  if (text.empty()) {
    notices_.erase(area);
  } else {
    notices_[area] = std::move(text);
  }
}

void Api::set_plugins(std::string json) {
  const std::lock_guard lock(mutex_);
  plugins_ = std::move(json);
}

std::shared_ptr<const Snapshot> Api::snapshot() const {
  const std::lock_guard lock(mutex_);
  return snapshot_;
}

std::vector<std::string> Api::notices() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> all;
  for (const auto& [area, text] : notices_) all.push_back(area + ": " + text);
  return all;
}

Response Api::answer(const Request& request) {
  if (request.path.size() > kMaxPath || request.query.size() > kMaxQuery) {
    return text_response(414, "the path or the query is longer than 8192 bytes");
  }
  if (const size_t most = request.path == kSpecPath ? kMaxSpec : kMaxBody; request.body.size() > most)
    return text_response(413, "the body is longer than " + std::to_string(most) + " bytes");
  return router_.handle(request);
}

Response Api::handle(const Request& request) noexcept {
  Response response;
  try {
    response = answer(request);
    response.headers.emplace_back("X-Content-Type-Options", "nosniff");  // texts repeat names from the path
  } catch (const std::exception& e) {
    response = {500, {}, {}};
    log::error("a request to the API failed",
               {{"path", std::string(request.path.substr(0, 200))}, {"reason", e.what()}});
  }
  requests_.add();
  responses_[std::clamp<size_t>(response.status / 100, 1, responses_.size()) - 1]->add();
  return response;
}

}  // namespace ostler::api
