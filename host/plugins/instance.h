// One plugin at work: its table, its host table and its state.
//
// Every call into the plugin goes through call(): it leaves a breadcrumb, watches
// the clock, and catches what a plugin must not throw (R6). A plugin that threw is
// never called again. That net has a hole: a plugin that brings its own unwinder
// ends the process instead, which the breadcrumb then explains.
//
// created -> started -> stopped -> destroyed; lifecycle calls on the main thread,
// call() on the threads that the kind's header allows.
#pragma once

#include <ostler/plugin.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "plugins/breadcrumb.h"
#include "plugins/host_table.h"
#include "plugins/library.h"
#include "plugins/manifest.h"
#include "plugins/problem.h"
#include "plugins/watchdog.h"

namespace ostler::plugins {

class Instance {
 public:
  enum class State : uint8_t { kNew, kCreated, kStarted, kStopped, kBroken };

  Instance(PluginEntry entry, std::shared_ptr<const Library> library, const ostler_plugin_t* plugin,
           std::shared_ptr<SharedHooks> hooks, Watchdog& watchdog);
  // Destroys the plugin's instance; it is not started.
  ~Instance();
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  const PluginEntry& entry() const { return entry_; }
  const std::string& name() const { return entry_.name; }
  Kind kind() const { return entry_.kind; }
  const ostler_plugin_t& plugin() const { return *plugin_; }
  const Library& library() const { return *library_; }
  State state() const { return state_; }

  // create() and the check of the kind's table. `config` is JSON text. The problem
  // has no `where`; `pointer` is set to the place in the configuration that the
  // plugin named.
  std::optional<PluginProblem> create(const std::string& config, std::string& pointer);
  std::optional<PluginProblem> start(std::chrono::milliseconds timeout);
  // How long start() may take before the watchdog speaks of it. Much more than the plugin
  // is asked to keep to: a name server that is silent costs 10 s and more, and the check of
  // a large file as much, and neither can be interrupted; that is no reason to end.
  static constexpr std::chrono::milliseconds watched_start(std::chrono::milliseconds timeout) {
    return std::max<std::chrono::milliseconds>(timeout, std::chrono::seconds(60));
  }
  void stop(std::chrono::milliseconds timeout);

  // The table for an interface id, or null. [any-thread]
  const void* query(const char* id) const;
  // The table of the plugin's own kind; not null once create() went well.
  template <typename Table>
  const Table& table() const {
    return *static_cast<const Table*>(table_);
  }
  ostler_instance_t* self() const { return self_; }

  // Runs body(&error), which calls one function of the plugin and returns its status.
  // The error's message names plugin and function. The process ends when a `vital` call
  // takes twice its limit; all of the state plugin's are.
  template <typename Body>
  Result<void> call(const char* function, std::chrono::milliseconds limit, Body&& body,
                    bool is_vital = false) {
    if (state_ >= State::kStopped && !is_destroying_) return refuse(function);
    ostler_error_t error{};
    error.struct_size = sizeof error;
    ostler_status_t status = OSTLER_OK;
    const auto began = std::chrono::steady_clock::now();
    {
      const Breadcrumb inside(name().c_str(), function);
      const Watchdog::Watch watch(watchdog_, name(), function, limit, is_vital || kind() == Kind::kState);
      try {
        status = body(&error);
      } catch (...) {
        return escaped(function);
      }
    }
    measure(function, std::chrono::steady_clock::now() - began);
    if (status == OSTLER_OK) return {};
    return failed(function, status, error);
  }

 private:
  Error refuse(const char* function) const;
  // Within a catch block: tells what was thrown and shuts the plugin off.
  Error escaped(const char* function);
  Error failed(const char* function, ostler_status_t status, const ostler_error_t& error) const;
  void measure(const char* function, std::chrono::nanoseconds duration) const;

  const PluginEntry entry_;
  const std::shared_ptr<const Library> library_;
  const ostler_plugin_t* const plugin_;
  const std::shared_ptr<SharedHooks> hooks_;
  Watchdog& watchdog_;
  HostTable& host_;
  ostler_instance_t* self_ = nullptr;
  const void* table_ = nullptr;
  bool is_destroying_ = false;
  std::atomic<State> state_{State::kNew};
};

std::string_view to_string(Instance::State state);

}  // namespace ostler::plugins
