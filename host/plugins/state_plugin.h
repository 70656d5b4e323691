// The state plugin as the core sees it.
#pragma once

#include <ostler/state.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/ports.h"
#include "plugins/instance.h"

namespace ostler::plugins {

// One caller at a time, except is_owner() and availability(), which any thread may ask.
// Once ownership is lost no call reaches the plugin any more: everything fails with
// kFailedPrecondition (the fence).
class StatePlugin final : public core::StateTree {
 public:
  // `timeout` is for each call. `on_lost` runs at most once, on a thread of the
  // plugin's, after the fence is up; `on_availability` whenever availability() changes.
  StatePlugin(Instance& instance, std::chrono::milliseconds timeout,
              std::function<void(const Error&)> on_lost,
              std::function<void(const std::string&)> on_availability = {});
  ~StatePlugin() override;

  Result<std::string> get(std::string_view path) override;
  Result<void> get_each(const std::vector<std::string>& paths,
                        const std::function<void(size_t, std::string_view value)>& found) override;
  Result<std::vector<std::string>> children(std::string_view path) override;
  Result<void> commit(const std::vector<core::StoreOp>& ops) override;
  Limits limits() const override;

  bool is_owner() const;
  // What is wrong with the backend now, in a sentence; empty when all is well.
  std::string availability() const;

 private:
  struct Owner;  // outlives this: a plugin's thread may come late
  Result<void> fence() const;

  Instance& instance_;
  const std::chrono::milliseconds timeout_;
  Owner& owner_;
};

}  // namespace ostler::plugins
