#include "plugins/instance.h"

#include <cxxabi.h>

#include <cstdlib>
#include <cstring>

#include "base/log.h"
#include "plugins/sinks.h"
#include "plugins/tables.h"

namespace ostler::plugins {
namespace {

// Lifecycle calls that have no limit in the ABI still must end.
constexpr std::chrono::seconds kCreateLimit{10};
constexpr bool kVital = true;

std::string_view text_of(const char* field, size_t size) { return {field, ::strnlen(field, size)}; }

// The type and text of what is being caught.
std::string current_exception_text() {
  std::string type = "unknown type";
  if (const std::type_info* info = abi::__cxa_current_exception_type()) {
    int status = 0;
    char* readable = abi::__cxa_demangle(info->name(), nullptr, nullptr, &status);
    type = status == 0 ? readable : info->name();
    std::free(readable);
  }
  try {
    throw;
  } catch (const std::exception& e) {
    return type + " (" + e.what() + ")";
  } catch (...) {
    return type;
  }
}

PluginProblem problem(int number, int exit_code, Code code, const std::string& plugin, std::string message) {
  PluginProblem out;
  out.number = number;
  out.exit_code = exit_code;
  out.code = code;
  out.plugin = plugin;
  out.message = std::move(message);
  return out;
}

Code code_of(ostler_status_t status) {
  return status > OSTLER_OK && status <= OSTLER_UNAUTHENTICATED ? static_cast<Code>(status) : Code::kUnknown;
}

}  // namespace

std::string_view to_string(Instance::State state) {
  static constexpr std::string_view kNames[] = {"new", "created", "started", "stopped", "broken"};
  return kNames[static_cast<size_t>(state)];
}

Instance::Instance(PluginEntry entry, std::shared_ptr<const Library> library, const ostler_plugin_t* plugin,
                   std::shared_ptr<SharedHooks> hooks, Watchdog& watchdog)
    : entry_(std::move(entry)),
      library_(std::move(library)),
      plugin_(plugin),
      hooks_(std::move(hooks)),
      watchdog_(watchdog),
      host_(HostTable::make(entry_.name, hooks_)) {}

Instance::~Instance() {
  host_.close();
  if (self_ == nullptr || state_ == State::kBroken) return;
  is_destroying_ = true;
  const Result<void> done = call(
      "destroy", kCreateLimit,
      [this](ostler_error_t*) {
        plugin_->destroy(self_);
        return OSTLER_OK;
      },
      kVital);
  if (!done.ok()) log::error(done.error().message);
}

std::optional<PluginProblem> Instance::create(const std::string& config, std::string& pointer) {
  ostler_error_t error{};
  error.struct_size = sizeof error;
  ostler_status_t status = OSTLER_OK;
  ostler_instance_t* made = nullptr;
  const Result<void> ran = call(
      "create", kCreateLimit,
      [&](ostler_error_t*) {
        status = plugin_->create(host_.table(), str(config), &made, &error);
        return OSTLER_OK;
      },
      kVital);
  if (!ran.ok()) return problem(kOstException, kExitPlugin, Code::kInternal, name(), ran.error().message);
  if (status != OSTLER_OK) {
    const std::string message(text_of(error.message, sizeof error.message));
    pointer = text_of(error.where, sizeof error.where);
    if (message.empty()) {
      host_.breach(kOstNoMessage, "create returned " + status_name(status) + " and left no message (R8)");
      return problem(kOstNoMessage, kExitConfig, code_of(status), name(),
                     "create returned " + status_name(status) + " and left no message");
    }
    PluginProblem refused = problem(kOstRefusedConfig, kExitConfig, code_of(status), name(), message);
    // What is no place in the configuration is worth showing as it is.
    if (!pointer.empty() && pointer[0] != '/') refused.detail = "It says where: " + pointer;
    return refused;
  }
  if (made == nullptr)
    return problem(kOstBrokenTable, kExitPlugin, Code::kInternal, name(),
                   "create returned OK and no instance");
  self_ = made;
  state_ = State::kCreated;
  table_ = query(plugin_->kind);
  std::vector<std::string> complaints = check_interface(kind(), table_);
  // Whoever answers to an id that nobody has would be called through a wrong table.
  if (query("ostler.nothing/0") != nullptr)
    complaints.push_back("query(\"ostler.nothing/0\") answered a table; an unknown id is NULL (R10)");
  if (complaints.empty()) return std::nullopt;
  PluginProblem broken = problem(kOstBrokenTable, kExitPlugin, Code::kInternal, name(),
                                 library_->path().string() + " breaks the plugin contract");
  for (const std::string& complaint : complaints)
    broken.detail += (broken.detail.empty() ? "" : "\n") + complaint;
  broken.advice = "Ask its vendor for a corrected build";
  return broken;
}

std::optional<PluginProblem> Instance::start(std::chrono::milliseconds timeout) {
  const auto began = std::chrono::steady_clock::now();
  ostler_error_t error{};
  error.struct_size = sizeof error;
  ostler_status_t status = OSTLER_OK;
  const Result<void> ran = call(
      "start", watched_start(timeout),
      [&](ostler_error_t*) {
        status = plugin_->start(self_, static_cast<uint32_t>(timeout.count()), &error);
        return OSTLER_OK;
      },
      kVital);
  if (!ran.ok()) return problem(kOstException, kExitPlugin, Code::kInternal, name(), ran.error().message);
  if (status == OSTLER_OK) {
    state_ = State::kStarted;
    return std::nullopt;
  }
  char took[32];
  std::snprintf(took, sizeof took, "%.1f s",
                std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
  std::string message(text_of(error.message, sizeof error.message));
  const bool is_silent = message.empty();
  if (is_silent) {
    message = "start returned " + status_name(status) + " and left no message";
    host_.breach(kOstNoMessage, message + " (R8)");
  } else {
    message = "cannot start: " + message;
  }
  // Another owner of the state is no failure of this installation, and scripts can tell.
  const bool is_owned = kind() == Kind::kState && status == OSTLER_FAILED_PRECONDITION;
  return problem(is_silent ? kOstNoMessage : kOstStartFailed, is_owned ? kExitNotOwner : kExitUnavailable,
                 code_of(status), name(), message + " (after " + took + ")");
}

void Instance::stop(std::chrono::milliseconds timeout) {
  if (state_ == State::kStarted) {
    const Result<void> done = call(
        "stop", timeout,
        [&](ostler_error_t*) {
          plugin_->stop(self_, static_cast<uint32_t>(timeout.count()));
          return OSTLER_OK;
        },
        kVital);
    if (!done.ok()) log::error(done.error().message);
    State expected = State::kStarted;
    state_.compare_exchange_strong(expected, State::kStopped);
  }
  host_.close();
}

const void* Instance::query(const char* id) const {
  if (self_ == nullptr || state_ == State::kBroken) return nullptr;
  const Breadcrumb inside(name().c_str(), "query");
  try {
    return plugin_->query(self_, id);
  } catch (...) {
    host_.breach(kOstException, current_exception_text() + " left query (R6)");
    return nullptr;
  }
}

Error Instance::refuse(const char* function) const {
  const bool is_broken = state_ == State::kBroken;
  return {is_broken ? Code::kInternal : Code::kFailedPrecondition,
          "plugin '" + name() + "': " + function + ": " +
              (is_broken ? "it broke the contract before and is not called any more" : "it is stopped"),
          {}};
}

Error Instance::escaped(const char* function) {
  const std::string what = current_exception_text() + " left " + function + " (R6)";
  const bool was_started = state_.exchange(State::kBroken) == State::kStarted;
  host_.breach(kOstException, what);
  const Error error{Code::kInternal, "plugin '" + name() + "': " + what, {}};
  // Without state or an API there is nothing to go on with. The others have a
  // fallback: their calls fail, and the host says so. Before the start the registry
  // reports it.
  if (was_started && (kind() == Kind::kState || kind() == Kind::kHttp)) {
    if (const auto hooks = hooks_->get(); hooks->fatal) hooks->fatal(name(), error, kExitPlugin);
  }
  return error;
}

Error Instance::failed(const char* function, ostler_status_t status, const ostler_error_t& error) const {
  std::string message(text_of(error.message, sizeof error.message));
  if (message.empty()) {
    message = "returned " + status_name(status) + " and left no message";
    host_.breach(kOstNoMessage, std::string(function) + " " + message + " (R8)");
  }
  return {code_of(status), "plugin '" + name() + "': " + function + ": " + message,
          std::string(text_of(error.where, sizeof error.where))};
}

void Instance::measure(const char* function, std::chrono::nanoseconds duration) const {
  if (MetricsRegistry* metrics = hooks_->get()->metrics)
    metrics->observe("plugin." + name() + "." + function, duration);
}

}  // namespace ostler::plugins
