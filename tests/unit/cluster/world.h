// A model with a hand-driven clock and one scheduler's view of it, for tests.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cluster/model/master.h"

namespace ostler::cluster {

class World {
 public:
  explicit World(Master::Options options = {}, int agents = 1) : master(options, ids_) {
    for (int i = 0; i < agents; ++i) {
      AgentSpec spec;
      spec.address = "127.0.0." + std::to_string(11 + i);
      spec.resources = {scalar("cpus", 4000), scalar("mem", 8'192'000), scalar("disk", 20'480'000),
                        ports(10000, 19999)};
      agent_ids.push_back(master.add_agent(now, spec));
    }
    collect();
  }

  static Resource scalar(const std::string& name, int64_t milli) {
    Resource resource;
    resource.name = name;
    resource.milli = milli;
    return resource;
  }
  static Resource ports(uint64_t begin, uint64_t end) {
    Resource resource;
    resource.name = "ports";
    resource.type = mesos::ValueType::kRanges;
    resource.ranges = {{begin, end}};
    return resource;
  }
  static Resource reserved(Resource resource, const std::string& id = "r1",
                           const std::string& principal = "p", const std::string& role = "role") {
    resource.reservations.push_back({true, role, principal, {{"resource_id", id}}});
    return resource;
  }
  static Resource volume(int64_t milli, const std::string& id = "v1", const std::string& resource_id = "r1") {
    auto resource = reserved(scalar("disk", milli), resource_id);
    resource.disk.change([&](mesos::Disk& disk) {
      disk.persistence_id = id;
      disk.principal = "p";
      disk.container_path = "data";
    });
    return resource;
  }
  static mesos::Operation operation(mesos::Operation::Type type, Resources resources,
                                    const std::string& id = "") {
    mesos::Operation made;
    made.type = type;
    made.id = id;
    made.resources = std::move(resources);
    return made;
  }
  // A group of tasks "NAME__N" with 0.5 CPUs and 64 MB each, executor 0.1 CPUs and 32 MB.
  mesos::Operation group(const std::vector<std::string>& task_ids, const std::string& executor_id = "e1",
                         size_t agent = 0) {
    mesos::Operation made;
    made.type = mesos::Operation::Type::kLaunchGroup;
    made.executor.change([&](mesos::ExecutorInfo& executor) {
      executor.executor_id = executor_id;
      executor.framework_id = framework_id;
      executor.resources = {scalar("cpus", 100), scalar("mem", 32'000)};
    });
    for (const auto& id : task_ids) {
      mesos::TaskInfo task;
      task.task_id = id;
      task.name = id.substr(0, id.find("__"));
      task.agent_id = agent_ids[agent];
      task.resources = {scalar("cpus", 500), scalar("mem", 64'000)};
      task.command.value = "sleep 1000";
      made.tasks.push_back(task);
    }
    return made;
  }

  Master::Subscribe request(const std::string& id = "") const {
    Master::Subscribe wanted;
    wanted.info.id = id;
    wanted.info.name = "test";
    wanted.info.user = "root";
    wanted.info.principal = "p";
    wanted.info.roles = {"role"};
    wanted.info.capabilities = {"MULTI_ROLE", "RESERVATION_REFINEMENT", "PARTITION_AWARE"};
    wanted.info.failover_timeout_s = 600;
    return wanted;
  }
  void subscribe(Master::Subscribe wanted) {
    stream_id = master.subscribe(now, std::move(wanted));
    collect();
    for (const auto& event : events) {
      if (const auto* subscribed = std::get_if<event::Subscribed>(&event))
        framework_id = subscribed->framework_id;
    }
  }
  void subscribe() { subscribe(request()); }

  void call(const mesos::Call& call) {
    master.handle(now, framework_id, call);
    collect();
  }
  void accept(std::vector<mesos::Operation> operations, double refuse_s = 0, size_t offer = 0) {
    call(mesos::call::Accept{{offers.at(offer).id}, std::move(operations), refuse_s});
  }
  void pass(int64_t ms) {
    const auto until = now + ms;
    while (master.next_wake() <= until) {
      now = std::max(now, master.next_wake());
      master.advance(now);
      collect();
    }
    now = until;
    master.advance(now);
    collect();
  }
  void report(const std::string& task_id, mesos::TaskState state, const std::string& message = "",
              size_t agent = 0) {
    Master::TaskReport made;
    made.agent_id = agent_ids[agent];
    made.framework_id = framework_id;
    made.task_id = task_id;
    made.state = state;
    made.message = message;
    master.report(now, made);
    collect();
  }
  void acknowledge(const event::Update& update) {
    call(mesos::call::Acknowledge{update.status.agent_id, update.status.task_id, update.status.uuid});
  }
  void acknowledge_all() {
    for (size_t i = 0; i < events.size(); ++i) {
      const auto* update = std::get_if<event::Update>(&events[i]);
      if (update != nullptr && !update->status.uuid.empty()) acknowledge(event::Update(*update));
    }
  }
  // Launches "t__1" and brings it to RUNNING, all acknowledged.
  void run_task(const std::vector<mesos::Operation>& before = {}) {
    auto operations = before;
    operations.push_back(group({"t__1"}));
    accept(operations);
    report("t__1", mesos::TaskState::kStarting);
    report("t__1", mesos::TaskState::kRunning);
    acknowledge_all();
    forget();
  }

  void collect() {
    for (auto& output : master.take()) {
      if (auto* to = std::get_if<output::ToFramework>(&output)) {
        streams.push_back(to->stream_id);
        if (auto* made = std::get_if<event::Offers>(&to->event)) {
          for (const auto& offer : made->offers) offers.push_back(offer);
        }
        events.push_back(std::move(to->event));
      } else if (auto* end = std::get_if<output::EndStream>(&output)) {
        ended.push_back(*end);
      } else if (auto* start = std::get_if<output::StartTask>(&output)) {
        starts.push_back(*start);
      } else if (auto* kill = std::get_if<output::KillTask>(&output)) {
        kills.push_back(*kill);
      } else if (auto* removed = std::get_if<output::RemoveVolume>(&output)) {
        removed_volumes.push_back(removed->persistence_id);
      }
    }
  }
  void forget() {
    events.clear();
    streams.clear();
    offers.clear();
    starts.clear();
    kills.clear();
  }

  template <typename T>
  std::vector<T> all() const {
    std::vector<T> found;
    for (const auto& event : events) {
      if (const auto* one = std::get_if<T>(&event)) found.push_back(*one);
    }
    return found;
  }
  // "TASK_RUNNING REASON message" of each update.
  std::vector<std::string> updates() const {
    std::vector<std::string> texts;
    for (const auto& update : all<event::Update>()) {
      std::string text(mesos::to_string(update.status.state));
      if (!update.status.reason.empty()) text += " " + update.status.reason;
      if (!update.status.message.empty()) text += ": " + update.status.message;
      texts.push_back(std::move(text));
    }
    return texts;
  }
  std::vector<std::string> errors() const {
    std::vector<std::string> texts;
    for (const auto& error : all<event::Error>()) texts.push_back(error.message);
    return texts;
  }
  // Resources of the newest offer as Mesos prints them.
  std::string offered() const { return offers.empty() ? "nothing" : to_text(offers.back().resources); }

  SeededIds ids_{7};
  Master master;
  int64_t now = 1'000'000;
  std::vector<std::string> agent_ids;
  std::string framework_id, stream_id;
  std::vector<Event> events;
  std::vector<std::string> streams;
  std::vector<Offer> offers;
  std::vector<output::EndStream> ended;
  std::vector<output::StartTask> starts;
  std::vector<output::KillTask> kills;
  std::vector<std::string> removed_volumes;
};

using Type = mesos::Operation::Type;
using mesos::TaskState;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

}  // namespace ostler::cluster
