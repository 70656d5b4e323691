// Runs the plugins named in a manifest.
//
// The registry decides the order: plugins start by kind (secrets, state, metrics,
// offers, http, advisor) and stop in reverse. Loading collects the problems of all plugins,
// so that an operator mends them in one go; nothing is started unless all is well.
// Main thread only, except where noted; the faces it hands out live as long as it.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "core/ports.h"
#include "plugins/advisor_plugin.h"
#include "plugins/host_table.h"
#include "plugins/http_plugin.h"
#include "plugins/manifest.h"
#include "plugins/metrics_plugin.h"
#include "plugins/offers_plugins.h"
#include "plugins/problem.h"
#include "plugins/secrets_plugin.h"
#include "plugins/state_plugin.h"
#include "plugins/watchdog.h"

namespace ostler::plugins {

struct RegistryOptions {
  std::filesystem::path plugin_dir;  // where bare library names are looked for
  bool require_sha256 = false;
  std::string service_path;                         // for secrets that are authorised by path
  std::chrono::milliseconds state_timeout{10'000};  // of one call of the state plugin
  HostHooks hooks;                                  // can be exchanged later with set_hooks()

  // Ownership of the state is lost; on any thread, at most once.
  std::function<void(const Error&)> on_ownership_lost;
  // What is wrong with the state's backend now, empty when all is well; on any thread.
  std::function<void(const std::string&)> on_state_availability;

  // Adds what the manifest leaves out of a plugin's configuration ("port", "address",
  // "root"). Called for each plugin before create().
  std::function<void(Kind kind, const std::string& plugin_id, nlohmann::json& config)> defaults;

  // For tests: what happens to calls that do not come back.
  Watchdog::Action on_overrun;
};

// One line of /v1/plugins.
struct PluginInfo {
  std::string name, kind, id, version, vendor, summary, library, state;
};

class Registry {
 public:
  explicit Registry(RegistryOptions options);
  // Stops what is started and destroys everything, in reverse order of kinds.
  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  // Reads the manifest, then loads and creates every plugin of it, starting none.
  // Returns everything that is wrong; with an empty list all faces below can be used.
  // Once in a registry's life.
  std::vector<PluginProblem> load_file(const std::string& manifest_file);
  std::vector<PluginProblem> load(const Manifest& manifest);

  // Starts all plugins within `timeout`. On failure those already started are stopped
  // again and the one problem is returned; its exit code says what to end with.
  std::vector<PluginProblem> start(std::chrono::milliseconds timeout);

  // Starts the plugins of some kinds, for a host that goes on between them. On failure
  // nothing is stopped; the same call may be repeated.
  std::vector<PluginProblem> start(std::chrono::milliseconds timeout, const std::vector<Kind>& kinds);

  // Stops all plugins in reverse order, each with its share of `timeout`.
  void stop(std::chrono::milliseconds timeout);

  // Exchanges the host's side, e.g. once there is a core to post to. [any-thread]
  void edit_hooks(const std::function<void(HostHooks&)>& change);

  StatePlugin& state() { return *state_; }
  OffersPlugins& judge() { return *judge_; }
  SecretsPlugin* secrets() { return secrets_.get(); }  // null when the manifest has none
  AdvisorPlugin* advisor() { return advisor_.get(); }  // null when the manifest has none
  const std::vector<MetricsExporter>& metrics_exporters() const { return exporters_; }
  HttpServer& http() { return *http_; }
  // Routes that plugins add to the API.
  const std::vector<PluginRoute>& routes() const { return routes_; }

  // In the order of the manifest. [any-thread, once loaded]
  std::vector<PluginInfo> plugins() const;

 private:
  void create(Instance& instance, const Manifest& manifest, std::vector<PluginProblem>& problems);
  void make_faces();
  void check_paths(const Manifest& manifest, std::vector<PluginProblem>& problems) const;
  void clear();

  RegistryOptions options_;
  std::shared_ptr<SharedHooks> hooks_;
  Watchdog watchdog_;
  std::string manifest_file_;
  std::vector<std::unique_ptr<Instance>> instances_;  // in the order of starting
  std::vector<const Instance*> listed_;               // in the order of the manifest

  std::unique_ptr<StatePlugin> state_;
  std::unique_ptr<OffersPlugins> judge_;
  std::unique_ptr<SecretsPlugin> secrets_;
  std::unique_ptr<AdvisorPlugin> advisor_;
  std::vector<MetricsExporter> exporters_;
  std::unique_ptr<HttpServer> http_;
  std::vector<PluginRoute> routes_;
};

}  // namespace ostler::plugins
