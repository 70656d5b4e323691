#include "shell/scheduler.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <nlohmann/json.hpp>

#include "api/api.h"
#include "api/host_api.h"
#include "base/exit_code.h"
#include "base/log.h"
#include "base/metrics.h"
#include "core/engine.h"
#include "core/roles.h"
#include "mesos/client.h"
#include "mesos/mesos_url.h"
#include "mesos/transport.h"
#include "plugins/registry.h"
#include "shell/advisor_runner.h"
#include "shell/api_setup.h"
#include "shell/command_port.h"
#include "shell/configure.h"
#include "shell/core_loop.h"
#include "shell/inbox.h"
#include "shell/metrics_pusher.h"
#include "shell/preview_route.h"
#include "shell/signals.h"
#include "spec/load.h"
#include "spec/spec_json.h"
#include "store/service_store.h"

namespace ostler::shell {
namespace {

using Clock = std::chrono::steady_clock;
using plugins::Kind;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kPluginStart{10};
constexpr seconds kPluginStop{10};
constexpr seconds kClientStop{2};
constexpr seconds kSettle{2};  // a master that takes longer holds no commit up
constexpr milliseconds kRetryMin{250}, kRetryMax{10000};
constexpr milliseconds kLockSliceMin{100}, kLockSlice{3000};

int report(const std::vector<plugins::PluginProblem>& problems) {
  for (const plugins::PluginProblem& problem : problems) log::error(problem.text());
  return plugins::exit_code(problems);
}

// Everything of one run. Members are destroyed in reverse order: the loop's users
// before the plugins, the plugins before what they call.
class Scheduler {
 public:
  explicit Scheduler(const SchedulerOptions& options)
      : options_(options),
        commands_(inbox_),
        api_({[](const spec::ServiceSpec& s) { return spec::to_json(s, 2); },
              [this](core::Command command) { return commands_.submit(std::move(command)); }},
             metrics_),
        host_api_(api_),
        signals_([this](int signal) {
          inbox_.push_urgent(StopRequest{kExitOk, signal == SIGINT ? "interrupted" : "asked to terminate"});
        }) {}

  int run() {
    if (const int code = read_configuration(); code != kExitOk) return code;
    make_registry();
    if (const int code = report(registry_->load_file(options_.manifest_file)); code != kExitOk) return code;
    const int code = run_with_plugins();
    inbox_.close();  // whoever waits for the core is a thread that the HTTP server waits for
    registry_->stop(kPluginStop);
    return code;
  }

 private:
  int read_configuration() {
    spec::EnvironmentResult environment = spec::read_environment(options_.env);
    file_ = spec::load_service({options_.service_file, options_.env, false});
    for (const spec::Problem& problem : environment.warnings) log::warning(problem.text());
    for (const spec::Problem& problem : file_.warnings) log::warning(problem.text());
    for (const spec::Problem& problem : environment.problems) log::error(problem.text());
    for (const spec::Problem& problem : file_.problems) log::error(problem.text());
    for (const spec::MissingValue& missing : file_.missing) {
      log::debug("no value for " + missing.name + " in line " + std::to_string(missing.line));
    }
    if (!environment.problems.empty() || (!file_.spec && file_.name.empty())) return refuse_file();
    environment_ = std::move(environment.values);
    if (file_.spec) {
      service_ = std::make_shared<const spec::ServiceSpec>(std::move(*file_.spec));
    } else {
      log::warning(options_.service_file + " cannot be read; looking whether " + file_.name +
                   " has a configuration from before, which stays in force then");
    }
    Result<std::vector<std::string>> masters = mesos::master_list(environment_.master);
    if (!masters.ok()) {
      log::error("OSTLER_MASTER: " + masters.error().text());
      return kExitInitialization;
    }
    masters_ = std::move(*masters);
    return kExitOk;
  }

  int refuse_file() {
    log::error(options_.service_file + " cannot be deployed; `ostler check` shows the same");
    return kExitInitialization;
  }

  // The service to set up for: of the file, or else the one in force. Null: there is neither.
  std::shared_ptr<const spec::ServiceSpec> service_of(const core::StoredState& stored) const {
    if (service_) return service_;
    if (const auto found = stored.configs.find(stored.target_config); found != stored.configs.end())
      return found->second;
    if (!environment_.uninstall) return nullptr;
    // Enough to say that nothing is left to uninstall.
    spec::ServiceSpec nothing;
    nothing.name = file_.name;
    return std::make_shared<const spec::ServiceSpec>(std::move(nothing));
  }

  core::ConfigCandidate candidate() const {
    if (service_) return service_;
    return core::ConfigCandidate(file_.problems);
  }

  void make_registry() {
    plugins::RegistryOptions options;
    options.plugin_dir = options_.plugin_dir;
    options.service_path = file_.name;
    options.hooks.metrics = &metrics_;
    options.hooks.api = [this](const ostler_http_request_t& request, const ostler_http_response_t& response) {
      host_api_.table()->handle(host_api_.table()->ctx, &request, &response);
    };
    options.hooks.post = [this](std::function<void()> task) { return inbox_.push(std::move(task)); };
    options.hooks.fatal = [this](const std::string& plugin, const Error& error, int exit_code) {
      inbox_.push_urgent(StopRequest{exit_code, "plugin '" + plugin + "' gave up: " + error.text()});
    };
    // The strongest fence there is: no call of this process reaches Mesos any more, from
    // whichever queue. There is nothing to save, since whatever matters is in the store.
    options.on_ownership_lost = [](const Error& error) {
      log::error("the state is not owned any more, ending at once: " + error.text());
      _exit(kExitLock);
    };
    options.on_state_availability = [this](const std::string& text) {
      api_.set_notice("state's backend", text);
    };
    options.defaults = [this](Kind kind, const std::string& id, nlohmann::json& config) {
      add_plugin_defaults(kind, id, file_.name, file_.zookeeper, environment_, config);
    };
    registry_ = std::make_unique<plugins::Registry>(std::move(options));
  }

  // What the API serves beside its own; it cannot be changed once that runs.
  int add_routes() {
    for (const Result<void>& added :
         {add_exporters(api_, registry_->metrics_exporters()), add_plugin_routes(api_, registry_->routes()),
          preview_route_.add_to(api_)}) {
      if (added.ok()) continue;
      log::error(added.error().text());
      return plugins::kExitConfig;
    }
    return kExitOk;
  }

  int run_with_plugins() {
    if (const int code = add_routes(); code != kExitOk) return code;
    publish_plugins();
    if (const int code = report(
            registry_->start(kPluginStart, {Kind::kSecrets, Kind::kMetrics, Kind::kOffers, Kind::kAdvisor}));
        code != kExitOk) {
      return code;
    }
    // The API comes before the state, so that a scheduler that waits can say what for. A
    // second scheduler on the same machine finds the port taken; then the lock decides.
    const auto http = registry_->start(kPluginStart, {Kind::kHttp});
    if (http.empty()) {
      if (const int code = announce_api(); code != kExitOk) return code;
    }
    if (const int code = own_state(); code != kExitOk) return code;
    if (!http.empty()) {
      if (!registry_->start(kPluginStart, {Kind::kHttp}).empty()) {
        report(http);
        return kExitApiServer;
      }
      if (const int code = announce_api(); code != kExitOk) return code;
    }
    return run_core();
  }

  int announce_api() {
    const Result<std::string> address = registry_->http().address();
    if (!address.ok()) return kExitOk;
    const Result<uint16_t> port = port_of(*address, registry_->http().name());
    if (!port.ok()) {
      log::error(port.error().text());
      return plugins::kExitConfig;
    }
    api_port_ = *port;
    log::info("the API is at http://" + *address + "/v1/plans");
    publish_plugins();
    return kExitOk;
  }

  void publish_plugins() {
    nlohmann::json list = nlohmann::json::array();
    for (const plugins::PluginInfo& one : registry_->plugins()) {
      list.push_back({{"name", one.name},
                      {"kind", one.kind},
                      {"id", one.id},
                      {"version", one.version},
                      {"vendor", one.vendor},
                      {"summary", one.summary},
                      {"library", one.library},
                      {"state", one.state}});
    }
    api_.set_plugins(list.dump(2));
  }

  // Waits for whatever stands in the way of owning the state: for a backend that cannot
  // be reached as long as it takes, for another owner up to the lock's timeout. In
  // slices, so that a signal is not left waiting.
  int own_state() {
    milliseconds pause = kRetryMin;
    milliseconds patience = options_.lock_timeout;
    api_.set_notice("state", "waiting to own it");
    for (;;) {
      const Clock::time_point begun = Clock::now();
      const auto problems =
          registry_->start(std::clamp<milliseconds>(patience, kLockSliceMin, kLockSlice), {Kind::kState});
      if (problems.empty()) break;
      const plugins::PluginProblem& problem = problems.front();
      if (problem.code == Code::kFailedPrecondition) {
        patience -= std::chrono::duration_cast<milliseconds>(Clock::now() - begun);
        if (patience <= milliseconds(0)) return report(problems);
        if (auto stop = inbox_.take_stop(Clock::now())) return end(*stop);
        api_.set_notice("state", problem.text());
        continue;
      }
      if (problem.code != Code::kUnavailable && problem.code != Code::kDeadlineExceeded)
        return report(problems);
      log::warning("the state cannot be reached, trying again: " + problem.text());
      api_.set_notice("state", problem.text());
      if (auto stop = inbox_.take_stop(Clock::now() + pause)) return end(*stop);
      pause = std::min(pause * 2, kRetryMax);
    }
    api_.set_notice("state", "");
    publish_plugins();
    return kExitOk;
  }

  int run_core() {
    store::ServiceStore store(registry_->state());
    milliseconds pause = kRetryMin;
    Result<core::StoredState> stored = store.load(file_.name);
    while (!stored.ok() && stored.error().code == Code::kUnavailable) {
      log::warning("the state cannot be read, trying again: " + stored.error().text());
      api_.set_notice("state", stored.error().text());
      if (auto stop = inbox_.take_stop(Clock::now() + pause)) return end(*stop);
      pause = std::min(pause * 2, kRetryMax);
      stored = store.load(file_.name);
    }
    if (!stored.ok()) {
      log::error("the state cannot be used: " + stored.error().text());
      return kExitInitialization;
    }
    api_.set_notice("state", "");

    const std::shared_ptr<const spec::ServiceSpec> service = service_of(*stored);
    if (service == nullptr) return refuse_file();

    const std::string framework_id = stored->framework_id;
    core::Settings settings = settings_of(*service, environment_, api_port_);
    settings.has_advisor = registry_->advisor() != nullptr;
    settings.max_config_bytes = store.max_config_bytes();
    const std::vector<std::string> held_roles = core::held_roles(*stored);
    core::Engine engine(std::move(settings), std::move(*stored), registry_->judge(), ids_);
    mesos::ClientConfig config;
    config.masters = masters_;
    config.framework = framework_of(*service, environment_, framework_id, held_roles);
    config.principal = environment_.mesos_principal;
    config.secret = environment_.mesos_secret;
    config.backoff_min = milliseconds(100);
    mesos::SchedulerClient client(std::move(config),
                                  [this](mesos::Event event) { inbox_.push(std::move(event)); });
    std::unique_ptr<AdvisorRunner> advisor;
    CoreLoop loop(engine,
                  {inbox_, store, metrics_, [&](mesos::Call call) { client.send(std::move(call)); },
                   [&] { client.settle(kSettle); },
                   [&](core::effect::Advise question) { advisor->ask(std::move(question)); },
                   [this](auto snapshot) { api_.publish(std::move(snapshot)); },
                   [&](const std::string& area, std::string text) { api_.set_notice(area, std::move(text)); },
                   [&] { return client.status(); }});
    advisor = std::make_unique<AdvisorRunner>(registry_->advisor(), [&](core::Advice advice) {
      inbox_.push(std::function<void()>([&loop, advice = std::move(advice)] { loop.take(advice); }));
    });
    if (auto stop = loop.start(candidate())) return end(*stop);
    preview_route_.answer_with(
        [&engine](auto candidate) { return engine.preview(std::move(candidate), now()); });
    MetricsPusher pusher(registry_->metrics_exporters(), metrics_);
    if (engine.wants_mesos()) client.start();
    const StopRequest why = loop.run();
    inbox_.close();
    client.stop(kClientStop);
    return end(why);
  }

  static int end(const StopRequest& stop) {
    if (stop.exit_code == kExitOk) {
      log::info("stopping: " + stop.why);
    } else {
      log::error("ending with exit code " + std::to_string(stop.exit_code) + ": " + stop.why);
    }
    return stop.exit_code;
  }

  const SchedulerOptions& options_;
  spec::SchedulerEnvironment environment_;
  spec::LoadResult file_;
  std::shared_ptr<const spec::ServiceSpec> service_;  // of the file; null: it cannot be read
  std::vector<std::string> masters_;
  uint16_t api_port_ = 0;

  RandomIds ids_;
  MetricsRegistry metrics_;
  Inbox inbox_;
  CommandPort commands_;
  api::Api api_;
  api::HostApi host_api_;
  PreviewRoute preview_route_{inbox_};
  std::unique_ptr<plugins::Registry> registry_;
  SignalThread signals_;
};

}  // namespace

int run_scheduler(const SchedulerOptions& options) {
  mesos::init_once();
  return Scheduler(options).run();
}

}  // namespace ostler::shell
