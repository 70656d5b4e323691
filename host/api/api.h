// The HTTP API: every path, answered from the last published snapshot; commands (POST)
// go to the core and are answered when what they changed is stored.
//
// The core publishes, HTTP threads read; neither waits for the other beyond the copy of
// a pointer, so the API answers while the core works, and before it has begun. Routes are
// all added before the server starts; the rest may be called from any thread at any time.
#pragma once

#include <ostler/metrics.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "api/http.h"
#include "api/resources.h"
#include "api/router.h"
#include "base/metrics.h"
#include "base/result.h"
#include "core/command.h"

namespace ostler::api {

struct ApiOptions {
  SpecToJson spec_to_json;  // how a stored configuration is shown; required
  // Gives a command to the core and waits for what it says; called from any thread. Empty:
  // commands are answered with 503.
  std::function<core::Answer(core::Command)> submit = {};
};

// What a metrics exporter made of the samples.
struct Rendered {
  std::string content_type;
  std::string body;
};
using RenderFunction =
    std::function<Result<Rendered>(const std::vector<ostler_sample_t>& samples, std::string_view accept)>;

// A route of the host's own, for the reference page.
struct RouteText {
  std::string method, pattern, about;
};

class Api {
 public:
  // Counts its replies in `metrics` ("api.requests", "api.responses.2xx" ...), which has
  // to live longer.
  Api(ApiOptions options, MetricsRegistry& metrics);

  // Serves a metrics exporter's text at `path`, which no one else has. Before the start.
  Result<void> add_exporter(const std::string& path, const std::string& owner, RenderFunction render);

  // Serves another's route (ostler/routes.h). Before the start.
  Result<void> add_route(std::string method, std::string pattern, std::string owner, Handler handler);

  // From now on requests are answered from `snapshot`. [any-thread]
  void publish(std::shared_ptr<const Snapshot> snapshot);

  // A reason that /v1/health shows for as long as it is not empty: "mesos", "cannot reach
  // 10.0.0.1:5050: connection refused". One text an area. [any-thread]
  void set_notice(const std::string& area, std::string text);

  // The body of /v1/plugins. [any-thread]
  void set_plugins(std::string json);

  // The host's own routes, in the order of the page.
  const std::vector<RouteText>& own_routes() const { return own_routes_; }

  // Answers within the time it takes to write the body. Never throws. [any-thread]
  Response handle(const Request& request) noexcept;

 private:
  using SnapshotHandler = std::function<Response(const Snapshot&, const PathValues&)>;

  void add_own_routes();
  void add_own(RouteText route, Handler handler);
  // A GET that needs a snapshot: 503 before the first one.
  void add_view(const char* pattern, const char* about, SnapshotHandler handler);
  // A POST: reads a command out of the request, or says what is wrong with it.
  using CommandReader =
      std::function<std::variant<core::Command, Response>(const Request&, const PathValues&)>;
  void add_commands();
  void add_command(std::string pattern, const char* about, CommandReader reader);
  Response answer(const Request& request);
  std::shared_ptr<const Snapshot> snapshot() const;
  std::vector<std::string> notices() const;

  const ApiOptions options_;
  MetricsRegistry& metrics_;
  Counter& requests_;
  std::vector<Counter*> responses_;  // by the status' first digit, from 1xx
  Router router_;
  std::vector<RouteText> own_routes_;

  mutable std::mutex mutex_;  // held to copy, never to work
  std::shared_ptr<const Snapshot> snapshot_;
  std::map<std::string, std::string> notices_;
  std::string plugins_ = "[]";
};

}  // namespace ostler::api
