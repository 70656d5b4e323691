#include "plugins/watchdog.h"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <vector>

#include "base/log.h"
#include "plugins/problem.h"

namespace ostler::plugins {
namespace {

std::string seconds(std::chrono::milliseconds time) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f s", static_cast<double>(time.count()) / 1000);
  return text;
}

void log_or_end(const Watchdog::Overrun& overrun) {
  const std::string text = overrun.text() + " [OST-" + std::to_string(kOstOverrun) + "]";
  if (!overrun.hopeless) {
    log::warning(text);
    return;
  }
  log::error(text + "; ending the process, because nothing can go on without that call");
  ::_exit(kExitPlugin);
}

}  // namespace

std::string Watchdog::Overrun::text() const {
  return "plugin '" + plugin + "' has been inside " + function + " for " + seconds(elapsed) + "; " +
         seconds(limit) + " are allowed";
}

Watchdog::Watchdog(Action action) : action_(action ? std::move(action) : Action(log_or_end)) {}

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

Watchdog::Watch::Watch(Watchdog& dog, const std::string& plugin, const char* function,
                       std::chrono::milliseconds limit, bool vital)
    : dog_(limit.count() > 0 ? &dog : nullptr) {
  if (dog_ == nullptr) return;
  const Clock::time_point now = Clock::now();
  const std::lock_guard lock(dog.mutex_);
  // A quarter more than allowed: the plugin measures its time, too, and is late by a little.
  entry_ = dog.entries_.insert(
      dog.entries_.end(), Entry{{plugin, function, limit, {}, false}, vital, now, now + limit + limit / 4});
  if (!dog.thread_.joinable()) dog.thread_ = std::thread([&dog] { dog.run(); });
  if (entry_->next < dog.wakes_at_) dog.changed_.notify_all();
}

Watchdog::Watch::~Watch() {
  if (dog_ == nullptr) return;
  const std::lock_guard lock(dog_->mutex_);
  dog_->entries_.erase(entry_);
}

void Watchdog::run() {
  pthread_setname_np(pthread_self(), "watchdog");
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const Clock::time_point now = Clock::now();
    std::vector<Overrun> late;
    wakes_at_ = Clock::time_point::max();
    for (Entry& entry : entries_) {
      if (entry.next <= now) {
        entry.call.elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(now - entry.began);
        entry.call.hopeless = entry.vital && entry.told > 0;
        late.push_back(entry.call);
        ++entry.told;
        entry.next = entry.told == 1 ? entry.began + 2 * entry.call.limit : now + 2 * entry.call.limit;
      }
      wakes_at_ = std::min(wakes_at_, entry.next);
    }
    if (!late.empty()) {
      lock.unlock();
      for (const Overrun& overrun : late) action_(overrun);
      lock.lock();
      continue;
    }
    if (wakes_at_ == Clock::time_point::max()) {
      changed_.wait(lock);
    } else {
      changed_.wait_until(lock, wakes_at_);
    }
  }
}

}  // namespace ostler::plugins
