// How HTTP threads give commands to the core and wait for the answer.
//
// A thread that waits is a thread that serves nobody else: so only few may wait at a
// time, none for long, and none before there is a core that takes commands. A command that nobody waits for
// any more is not carried out, unless the core has begun with it already.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>

#include "core/command.h"
#include "shell/inbox.h"

namespace ostler::shell {

// One command on its way. Made by CommandPort, carried out by CoreLoop.
class PendingCommand {
 public:
  explicit PendingCommand(core::Command command) : command_(std::move(command)) {}

  // [core-thread] The command, or null when nobody waits for it any more.
  const core::Command* begin();
  // [core-thread] What it came to, once all is stored.
  void finish(core::Answer answer);

  // The process ends: whoever waits is told so. [any-thread]
  void abandon();

  // The answer, or why there is none after that time.
  core::Answer wait(std::chrono::milliseconds timeout);

 private:
  const core::Command command_;
  std::mutex mutex_;
  std::condition_variable finished_;
  bool begun_ = false, given_up_ = false;
  std::optional<core::Answer> answer_;
};

class CommandPort {
 public:
  explicit CommandPort(Inbox& inbox, std::chrono::milliseconds timeout = std::chrono::seconds(5))
      : inbox_(inbox), timeout_(timeout) {}

  // [any-thread] Blocks until the core has answered. kUnavailable: the text says whether
  // the command may still take effect.
  core::Answer submit(core::Command command);

 private:
  static constexpr int kMaxWaiting = 8;

  Inbox& inbox_;
  const std::chrono::milliseconds timeout_;
  std::atomic<int> waiting_{0};
};

}  // namespace ostler::shell
