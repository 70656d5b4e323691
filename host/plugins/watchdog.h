// Notices calls into plugins that do not come back.
//
// A call that hangs cannot be interrupted and its thread cannot be joined. So the
// watchdog says at once which plugin is late, and for calls the process cannot go
// on without, ends the process when twice the time has passed: the supervisor
// starts a clean one. [any-thread]
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <thread>

namespace ostler::plugins {

class Watchdog {
 public:
  struct Overrun {
    std::string plugin;
    std::string function;
    std::chrono::milliseconds limit{0};
    std::chrono::milliseconds elapsed{0};
    bool hopeless = false;  // twice the limit has passed, and nothing goes on without the call

    // "plugin 'state' has been inside commit for 20.0 s; 10.0 s are allowed"
    std::string text() const;
  };
  using Action = std::function<void(const Overrun&)>;

  // `action` runs on the watchdog's thread. Without one an overrun is logged, and a
  // hopeless one ends the process with exit code 70.
  explicit Watchdog(Action action = {});
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

 private:
  using Clock = std::chrono::steady_clock;
  struct Entry {
    Overrun call;
    bool vital;
    Clock::time_point began, next;
    int told = 0;
  };

 public:
  // Watches one call for the object's lifetime. A limit of 0 watches nothing; a
  // `vital` call becomes hopeless at twice its limit.
  class Watch {
   public:
    Watch(Watchdog& dog, const std::string& plugin, const char* function, std::chrono::milliseconds limit,
          bool vital);
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

   private:
    Watchdog* dog_;
    std::list<Entry>::iterator entry_;
  };

 private:
  void run();

  Action action_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::list<Entry> entries_;
  Clock::time_point wakes_at_ = Clock::time_point::max();
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace ostler::plugins
