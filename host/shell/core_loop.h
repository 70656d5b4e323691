// Runs the core: takes events, carries out effects, publishes snapshots.
//
// All of it on one thread, so that a Persist has succeeded before the Call behind it
// is sent. Owns no plugin and no connection; it is given them.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "base/metrics.h"
#include "core/engine.h"
#include "shell/inbox.h"
#include "store/service_store.h"

namespace ostler::shell {

struct LoopPorts {
  Inbox& inbox;
  store::ServiceStore& store;
  MetricsRegistry& metrics;
  std::function<void(mesos::Call)> send;
  // Waits, not for long, until what was sent has reached Mesos.
  std::function<void()> settle;
  // Asks the advisor; the answer comes back through take().
  std::function<void(core::effect::Advise)> advise;
  std::function<void(std::shared_ptr<const core::Snapshot>)> publish;
  // What /v1/health should say about an area ("state"); empty: all is well.
  std::function<void(const std::string& area, std::string text)> notice;
  // How the connection to Mesos is, in a sentence.
  std::function<std::string()> mesos_status;
};

// The clocks, for the core.
core::Now now();

class CoreLoop {
 public:
  CoreLoop(core::Engine& engine, LoopPorts ports) : engine_(engine), ports_(std::move(ports)) {}

  // Chooses the target configuration and publishes the first snapshot. A value: end
  // with that exit code.
  std::optional<StopRequest> start(core::ConfigCandidate candidate);

  // The advisor's answer, as a task of the inbox.
  void take(const core::Advice& advice) { engine_.handle(advice, now(), effects_); }

  // Until something asks to stop.
  StopRequest run();

 private:
  // Hands `first` to the core, and the events behind it that have come in already.
  void handle_events(mesos::Event&& first);
  // Carries out what is in effects_: stores as much as a commit takes, does what that
  // allows, and so on.
  std::optional<StopRequest> carry_out();
  std::optional<StopRequest> act(core::Effect& effect);
  // Stores the first of these, and returns how many share its commit.
  std::variant<size_t, StopRequest> persist(store::ServiceStore::Groups groups);
  std::optional<StopRequest> dispatch(Message&& message);
  void publish_if_changed();
  void note_mesos();

  core::Engine& engine_;
  LoopPorts ports_;
  core::Effects effects_;
  bool accepted_ = false;  // an ACCEPT was sent since the last commit
  uint64_t published_ = 0;
  bool subscribed_ = false;
  std::chrono::steady_clock::time_point published_at_{};
};

}  // namespace ostler::shell
