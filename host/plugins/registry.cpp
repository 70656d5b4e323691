#include "plugins/registry.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "base/log.h"

namespace ostler::plugins {
namespace {

constexpr std::chrono::seconds kLastStop{10};  // for a registry that is dropped while started

// The parts that hold for any problem of one entry.
PluginProblem placed(PluginProblem problem, const Manifest& manifest, const PluginEntry& entry, Position at) {
  problem.plugin = entry.name;
  problem.where = manifest.where(at.line > 0 ? at : entry.at);
  return problem;
}

// Which line of the entry a problem of the library belongs to.
Position place_of(const PluginProblem& problem, const PluginEntry& entry) {
  if (problem.number == kOstNotTrusted && !entry.sha256.empty() &&
      problem.detail.find("sha256") != std::string::npos)
    return entry.sha256_at;
  if (problem.number == kOstNotInLibrary) return entry.plugin_id.empty() ? entry.kind_at : entry.plugin_at;
  return entry.library_at;
}

}  // namespace

Registry::Registry(RegistryOptions options)
    : options_(std::move(options)), hooks_(std::make_shared<SharedHooks>()), watchdog_(options_.on_overrun) {
  hooks_->set(options_.hooks);
}

Registry::~Registry() {
  stop(kLastStop);
  clear();
}

void Registry::edit_hooks(const std::function<void(HostHooks&)>& change) { hooks_->edit(change); }

// Faces first: they point at instances. Then the instances, last started first.
void Registry::clear() {
  hooks_->edit([](HostHooks& hooks) { hooks.secret = {}; });
  routes_.clear();
  http_.reset();
  exporters_.clear();
  judge_.reset();
  state_.reset();
  secrets_.reset();
  advisor_.reset();
  listed_.clear();
  while (!instances_.empty()) instances_.pop_back();
}

std::vector<PluginProblem> Registry::load_file(const std::string& manifest_file) {
  ManifestReading reading = read_manifest(manifest_file, options_.plugin_dir);
  // What could be read is tried all the same, so that its problems are shown, too.
  std::vector<PluginProblem> problems = load(reading.manifest);
  problems.insert(problems.begin(), reading.problems.begin(), reading.problems.end());
  if (!problems.empty()) clear();
  return problems;
}

std::vector<PluginProblem> Registry::load(const Manifest& manifest) {
  std::vector<PluginProblem> problems;
  manifest_file_ = manifest.file;
  std::map<const ostler_plugin_t*, std::string> single;  // who has it already
  for (const PluginEntry& entry : manifest.plugins) {
    Library::Loaded loaded = Library::load({entry.library, entry.sha256, options_.require_sha256});
    if (auto* problem = std::get_if<PluginProblem>(&loaded)) {
      const Position at = place_of(*problem, entry);
      problems.push_back(placed(std::move(*problem), manifest, entry, at));
      continue;
    }
    auto library = std::get<std::shared_ptr<const Library>>(loaded);
    auto found = library->find(entry.plugin_id, interface_id(entry.kind));
    if (auto* problem = std::get_if<PluginProblem>(&found)) {
      const Position at = place_of(*problem, entry);
      problems.push_back(placed(std::move(*problem), manifest, entry, at));
      continue;
    }
    const auto* plugin = std::get<const ostler_plugin_t*>(found);
    if ((plugin->flags & OSTLER_PLUGIN_SINGLE) != 0) {
      const auto [first, is_new] = single.insert({plugin, entry.name});
      if (!is_new) {
        PluginProblem problem;
        problem.number = kOstKindCount;
        problem.message = std::string("'") + plugin->id + "' can run once in a process, and '" +
                          first->second + "' runs it already";
        problems.push_back(placed(std::move(problem), manifest, entry, entry.library_at));
        continue;
      }
    }
    instances_.push_back(std::make_unique<Instance>(entry, std::move(library), plugin, hooks_, watchdog_));
    listed_.push_back(instances_.back().get());
  }
  std::stable_sort(instances_.begin(), instances_.end(),
                   [](const auto& a, const auto& b) { return a->kind() < b->kind(); });
  for (const auto& instance : instances_) create(*instance, manifest, problems);
  if (problems.empty()) {
    make_faces();
    check_paths(manifest, problems);
  }
  if (!problems.empty()) clear();
  return problems;
}

void Registry::create(Instance& instance, const Manifest& manifest, std::vector<PluginProblem>& problems) {
  const PluginEntry& entry = instance.entry();
  std::string config = entry.config;
  if (options_.defaults) {
    nlohmann::json parsed = nlohmann::json::parse(config);
    options_.defaults(entry.kind, instance.plugin().id, parsed);
    config = parsed.dump();
  }
  std::string pointer;
  if (auto problem = instance.create(config, pointer)) {
    const bool is_config = problem->number == kOstRefusedConfig || problem->number == kOstNoMessage;
    problems.push_back(
        placed(std::move(*problem), manifest, entry, is_config ? entry.find(pointer) : entry.library_at));
  }
}

void Registry::make_faces() {
  std::vector<Instance*> offers;
  for (const auto& instance : instances_) {
    switch (instance->kind()) {
      case Kind::kSecrets:
        secrets_ = std::make_unique<SecretsPlugin>(*instance, options_.service_path);
        break;
      case Kind::kState:
        state_ = std::make_unique<StatePlugin>(*instance, options_.state_timeout, options_.on_ownership_lost,
                                               options_.on_state_availability);
        break;
      case Kind::kMetrics:
        exporters_.emplace_back(*instance);
        break;
      case Kind::kOffers:
        offers.push_back(instance.get());
        break;
      case Kind::kHttp:
        http_ = std::make_unique<HttpServer>(*instance);
        break;
      case Kind::kAdvisor:
        advisor_ = std::make_unique<AdvisorPlugin>(*instance);
        break;
    }
    for (PluginRoute& route : PluginRoute::of(*instance)) routes_.push_back(std::move(route));
  }
  judge_ = std::make_unique<OffersPlugins>(std::move(offers));
}

// Two plugins that want one address of the API.
void Registry::check_paths(const Manifest& manifest, std::vector<PluginProblem>& problems) const {
  std::map<std::string, std::string> owners;
  const auto claim = [&](const std::string& address, const std::string& plugin) {
    const auto [owner, is_new] = owners.insert({address, plugin});
    if (is_new) return;
    for (const PluginEntry& entry : manifest.plugins) {
      if (entry.name != plugin) continue;
      PluginProblem problem;
      problem.number = kOstKindCount;
      problem.message = address + " is already answered by plugin '" + owner->second + "'";
      problem.advice = "Remove one of the two";
      problems.push_back(placed(std::move(problem), manifest, entry, entry.at));
    }
  };
  for (const MetricsExporter& exporter : exporters_) {
    if (!exporter.path().empty()) claim("GET " + exporter.path(), exporter.name());
  }
  for (const PluginRoute& route : routes_) claim(route.method() + " " + route.pattern(), route.plugin());
}

std::vector<PluginProblem> Registry::start(std::chrono::milliseconds timeout) {
  std::vector<PluginProblem> problems = start(timeout, {std::begin(kKinds), std::end(kKinds)});
  if (!problems.empty()) stop(timeout);
  return problems;
}

std::vector<PluginProblem> Registry::start(std::chrono::milliseconds timeout,
                                           const std::vector<Kind>& kinds) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point until = Clock::now() + timeout;
  for (const auto& instance : instances_) {
    if (std::find(kinds.begin(), kinds.end(), instance->kind()) == kinds.end()) continue;
    if (instance->state() == Instance::State::kStarted) continue;
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now());
    if (auto problem = instance->start(std::max(left, std::chrono::milliseconds(1)))) {
      problem->where = Manifest{manifest_file_, {}}.where(instance->entry().at);
      return {std::move(*problem)};
    }
    // From here on other plugins may ask for secrets, in their own start() at the earliest.
    if (instance->kind() == Kind::kSecrets) {
      hooks_->edit([this](HostHooks& hooks) {
        hooks.secret = [secrets = secrets_.get()](std::string_view reference, std::chrono::milliseconds limit,
                                                  const ostler_sink_t& value) -> Result<void> {
          Result<Secret> secret = secrets->resolve(reference, limit);
          if (!secret.ok()) return secret.error();
          const std::string_view bytes = secret->value.view();
          value.write(value.ctx, bytes.data(), bytes.size());
          return {};
        };
      });
    }
  }
  return {};
}

void Registry::stop(std::chrono::milliseconds timeout) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point until = Clock::now() + timeout;
  for (size_t left = instances_.size(); left > 0; --left) {
    const auto time = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now());
    instances_[left - 1]->stop(std::max(time / static_cast<int>(left), std::chrono::milliseconds(1)));
  }
}

std::vector<PluginInfo> Registry::plugins() const {
  std::vector<PluginInfo> out;
  for (const Instance* instance : listed_) {
    const ostler_plugin_t& plugin = instance->plugin();
    out.push_back({instance->name(), std::string(to_string(instance->kind())), plugin.id, plugin.version,
                   plugin.vendor, plugin.summary, instance->library().path().string(),
                   std::string(to_string(instance->state()))});
  }
  return out;
}

}  // namespace ostler::plugins
