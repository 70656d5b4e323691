#include "api/api.h"

#include <algorithm>

#include "base/log.h"

namespace ostler::api {
namespace {

// No request of this API is longer; the server has limits of its own.
constexpr size_t kMaxPath = 8 * 1024;
constexpr size_t kMaxQuery = 8 * 1024;
constexpr size_t kMaxBody = 64 * 1024;
// Except a whole specification with its config templates.
constexpr std::string_view kSpecPath = "/v1/configurations/preview";
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

void Api::add_view(const std::string& pattern, SnapshotHandler handler) {
  const Result<void> added =
      router_.add("GET", pattern, "the host",
                  [this, handler = std::move(handler)](const Request&, const PathValues& values) {
                    const std::shared_ptr<const Snapshot> current = snapshot();
                    return current == nullptr ? not_ready() : handler(*current, values);
                  });
  OSTLER_CHECK(added.ok(), "%s", added.error().text().c_str());
}

void Api::add_own_routes() {
  add_view("/v1/plans", [](const Snapshot& s, const PathValues&) { return list_plans(s); });
  add_view("/v1/plans/:plan", [](const Snapshot& s, const PathValues& v) { return show_plan(s, v[0]); });
  add_view("/v1/plan",
           [](const Snapshot& s, const PathValues&) { return show_plan(s, "deploy"); });  // deprecated
  add_view("/v1/pod", [](const Snapshot& s, const PathValues&) { return list_pods(s); });
  add_view("/v1/pod/status", [](const Snapshot& s, const PathValues&) { return pods_status(s); });
  add_view("/v1/pod/:instance/status",
           [](const Snapshot& s, const PathValues& v) { return pod_status(s, v[0]); });
  add_view("/v1/pod/:instance/info",
           [](const Snapshot& s, const PathValues& v) { return pod_info(s, v[0]); });
  add_view("/v1/uninstall", [](const Snapshot& s, const PathValues&) { return uninstall_status(s); });
  add_view("/v1/why", [](const Snapshot& s, const PathValues&) { return why_all(s); });
  add_view("/v1/why/:pod", [](const Snapshot& s, const PathValues& v) { return why_pod(s, v[0]); });
  add_view("/v2/debug/offers", [](const Snapshot& s, const PathValues&) { return debug_offers(s); });
  add_view("/v1/debug/reservations",
           [](const Snapshot& s, const PathValues&) { return debug_reservations(s); });
  add_view("/v1/endpoints", [](const Snapshot& s, const PathValues&) { return list_endpoints(s); });
  add_view("/v1/endpoints/:name",
           [](const Snapshot& s, const PathValues& v) { return show_endpoint(s, v[0]); });
  add_view("/v1/state/frameworkId", [](const Snapshot& s, const PathValues&) { return framework_id(s); });
  add_view("/v1/state/zone/tasks", [](const Snapshot& s, const PathValues&) { return list_zones(s); });
  add_view("/v1/state/zone/tasks/:task",
           [](const Snapshot& s, const PathValues& v) { return zone_of_task(s, v[0]); });
  add_view("/v1/state/zone/:pod/:address",
           [](const Snapshot& s, const PathValues& v) { return zone_of_address(s, v[0], v[1]); });
  add_view("/v1/state/properties", [](const Snapshot& s, const PathValues&) { return list_properties(s); });
  add_view("/v1/state/properties/*",
           [](const Snapshot& s, const PathValues& v) { return show_property(s, v[0]); });
  add_view("/v1/configurations", [](const Snapshot& s, const PathValues&) { return list_configurations(s); });
  add_view("/v1/configurations/targetId", [](const Snapshot& s, const PathValues&) { return target_id(s); });
  add_view("/v1/configurations/target", [this](const Snapshot& s, const PathValues&) {
    return target_configuration(s, options_.spec_to_json);
  });
  add_view("/v1/configurations/:id", [this](const Snapshot& s, const PathValues& v) {
    return show_configuration(s, v[0], options_.spec_to_json);
  });
  add_view("/v1/artifacts/template/:config/:pod/:task/:name",
           [](const Snapshot& s, const PathValues& v) { return show_template(s, v[0], v[1], v[2], v[3]); });

  const auto add_debug = [this](const char* pattern, Response (*body)(const Snapshot&, const DebugFilter&)) {
    const Result<void> added =
        router_.add("GET", pattern, "the host", [this, body](const Request& request, const PathValues&) {
          const std::shared_ptr<const Snapshot> current = snapshot();
          const DebugFilter filter{request.parameter("plan"), request.parameter("phase"),
                                   request.parameter("step")};
          return current == nullptr ? not_ready() : body(*current, filter);
        });
    OSTLER_CHECK(added.ok(), "%s", added.error().text().c_str());
  };
  add_debug("/v1/debug/plans", debug_plans);
  add_debug("/v1/debug/taskStatuses", debug_task_statuses);

  // These answer before the first snapshot too.
  const auto add = [this](const char* pattern, Handler handler) {
    const Result<void> added = router_.add("GET", pattern, "the host", std::move(handler));
    OSTLER_CHECK(added.ok(), "%s", added.error().text().c_str());
  };
  add("/v1/health", [this](const Request& request, const PathValues&) {
    const std::shared_ptr<const Snapshot> current = snapshot();
    return health(current.get(), notices(), request.parameter("verbose") == "true");
  });
  add("/", [](const Request&, const PathValues&) { return front_page(); });
  add("/v1/plugins", [this](const Request&, const PathValues&) {
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
