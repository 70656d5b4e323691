#include "cluster/http/cluster.h"

#include <pthread.h>
#include <signal.h>

#include <algorithm>

namespace ostler::cluster {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

int64_t wall_ms() {
  return duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}
int64_t steady_ms() {
  return duration_cast<milliseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::unique_ptr<IdSource> make_ids(uint64_t seed) {
  if (seed == 0) return std::make_unique<RandomIds>();
  return std::make_unique<SeededIds>(seed);
}

}  // namespace

Cluster::Cluster(Options options, std::unique_ptr<ProcessHost> processes)
    : options_(std::move(options)),
      ids_(make_ids(options_.seed)),
      started_wall_ms_(wall_ms()),
      started_steady_ms_(steady_ms()),
      master_(options_.model, *ids_),
      simulated_(options_.task_delay_ms) {
  if (!options_.simulate) {
    runner_ = std::make_unique<Runner>(options_.runner, std::move(processes), [this](auto& r) { report(r); });
  }
  with([&](Master& master, int64_t now) {
    for (const auto& agent : options_.agents) master.add_agent(now, agent);
  });
  timers_ = std::thread([this] { run_timers(); });
}

Cluster::~Cluster() { stop(); }

void Cluster::stop() {
  std::unique_ptr<Runner> runner;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (auto& [id, stream] : streams_) stream->end(true);
    changed_.notify_all();
    runner = std::move(runner_);
  }
  if (timers_.joinable()) timers_.join();
  // Outside the lock, since the runner's thread may be waiting for it.
  runner.reset();
}

// Wall clock time that never goes back.
int64_t Cluster::now_ms() const { return started_wall_ms_ + steady_ms() - started_steady_ms_; }

void Cluster::run_timers() {
  ::pthread_setname_np(::pthread_self(), "timers");
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const auto now = now_ms();
    master_.advance(now);
    carry_out(now);
    const auto next = std::min(master_.next_wake(), simulated_.next_wake());
    const auto wait = std::clamp<int64_t>(next - now_ms(), 0, 1000);
    if (wait > 0) changed_.wait_for(lock, milliseconds(wait));
  }
}

void Cluster::carry_out(int64_t now) {
  do {
    for (auto outputs = master_.take(); !outputs.empty(); outputs = master_.take()) {
      for (auto& output : outputs) carry_out_one(now, output);
    }
    if (options_.simulate) simulated_.advance(now, master_);
    // What a task did may have made work for the next round.
  } while (options_.simulate && simulated_.next_wake() <= now);
  for (auto& output : master_.take()) carry_out_one(now, output);
  changed_.notify_all();
}

void Cluster::carry_out_one(int64_t now, Output& output) {
  if (auto* to = std::get_if<output::ToFramework>(&output)) {
    const auto found = streams_.find(to->stream_id);
    if (found != streams_.end()) found->second->push(std::move(to->event));
  } else if (auto* end = std::get_if<output::EndStream>(&output)) {
    const auto found = streams_.find(end->stream_id);
    if (found != streams_.end()) found->second->end(end->cut);
  } else if (auto* start = std::get_if<output::StartTask>(&output)) {
    if (options_.simulate) simulated_.start(now, *start);
    if (runner_) runner_->start(std::move(*start));
  } else if (auto* kill = std::get_if<output::KillTask>(&output)) {
    if (options_.simulate) simulated_.kill(now, *kill);
    if (runner_) runner_->kill(std::move(*kill));
  } else if (auto* volume = std::get_if<output::RemoveVolume>(&output)) {
    if (runner_) runner_->remove_volume(std::move(*volume));
  }
}

void Cluster::report(const Master::TaskReport& report) {
  with([&](Master& master, int64_t now) { master.report(now, report); });
}

Cluster::Subscription Cluster::subscribe(Master::Subscribe request) {
  return with([&](Master& master, int64_t now) {
    Subscription made;
    made.stream_id = master.subscribe(now, std::move(request));
    made.stream = std::make_shared<Stream>();
    streams_[made.stream_id] = made.stream;  // Before the outputs are carried out.
    return made;
  });
}

void Cluster::stream_closed(const std::string& stream_id) {
  with([&](Master& master, int64_t now) {
    streams_.erase(stream_id);
    master.stream_closed(now, stream_id);
  });
}

void Cluster::cut_streams() {
  const std::lock_guard lock(mutex_);
  for (auto& [id, stream] : streams_) stream->end(true);
}

void Cluster::stall_streams() {
  const std::lock_guard lock(mutex_);
  for (auto& [id, stream] : streams_) stream->stall();
}

void Cluster::set_down_for(int64_t ms) { down_until_ms_ = now_ms() + ms; }
bool Cluster::is_down() const { return now_ms() < down_until_ms_; }

bool Cluster::signal_task(const std::string& task_id, int signal_number) {
  return with([&](Master& master, int64_t now) {
    for (const auto& agent : master.agents()) {
      for (const auto& [key, task] : agent->tasks) {
        if (key.second != task_id || !task.live()) continue;
        if (options_.simulate) {
          simulated_.end(now, task_id, mesos::TaskState::kFailed,
                         std::string("Command terminated with signal ") + ::strsignal(signal_number));
        } else if (runner_) {
          runner_->signal_task(task_id, signal_number);
        }
        return true;
      }
    }
    return false;
  });
}

bool Cluster::kill_executor(const std::string& executor_id) {
  return with([&](Master& master, int64_t now) {
    for (const auto& agent : master.agents()) {
      for (const auto& [key, executor] : agent->executors) {
        if (key.second != executor_id) continue;
        const auto died = [this, agent_id = agent->id, key = key] {
          with([&](Master& m, int64_t at) { m.executor_died(at, agent_id, key.first, key.second, SIGKILL); });
        };
        if (options_.simulate) {
          master.executor_died(now, agent->id, std::string(key.first), std::string(key.second), SIGKILL);
        } else if (runner_) {
          runner_->kill_executor(agent->id, executor_id, died);
        }
        return true;
      }
    }
    return false;
  });
}

bool Cluster::kill_host(const std::string& agent_id) {
  return with([&](Master& master, int64_t now) {
    const auto* agent = master.agent(agent_id);
    if (agent == nullptr) return false;
    master.disconnect_agent(now, agent_id);
    std::vector<Agent::Key> keys;
    for (const auto& [key, executor] : agent->executors) keys.push_back(key);
    for (const auto& key : keys) {
      if (options_.simulate) {
        master.executor_died(now, agent_id, key.first, key.second, SIGKILL);
        continue;
      }
      if (runner_ == nullptr) continue;
      runner_->kill_executor(agent_id, key.second, [this, agent_id, key] {
        with([&](Master& m, int64_t at) { m.executor_died(at, agent_id, key.first, key.second, SIGKILL); });
      });
    }
    return true;
  });
}

std::map<std::string, Runner::Facts> Cluster::task_facts() const {
  const std::lock_guard lock(mutex_);
  return runner_ ? runner_->facts() : std::map<std::string, Runner::Facts>();
}

MasterFacts Cluster::facts() const {
  return {"127.0.0.1", port_, options_.region, options_.zone,
          static_cast<double>(options_.heartbeat_ms) / 1000};
}

}  // namespace ostler::cluster
