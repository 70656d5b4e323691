// Drives an Engine in a test: remembers what it did, as Mesos and the store would.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/engine.h"
#include "core/names.h"
#include "fake_mesos.h"

namespace ostler::core::test {

// Three nodes with two tasks each, like the service we ship.
inline spec::ServiceSpec sample_spec(spec::Strategy strategy = spec::Strategy::kSerial, int32_t count = 3) {
  spec::ServiceSpec service;
  service.name = "zk";
  service.principal = "zk-principal";
  service.role = "zk-role";
  spec::PodSpec pod;
  pod.type = "zookeeper";
  pod.count = count;
  pod.placement = {{"hostname", "UNIQUE"}};
  spec::ResourceSet server, metrics;
  server.id = "server-resource-set";
  server.cpus_milli = 1000;
  server.memory_mb = 512;
  server.ports = {{"client", 1140, "CLIENT_PORT", true, {}, 0, {}}};
  server.volumes = {{"data", spec::VolumeType::kRoot, {}, 1000}};
  metrics.id = "metrics-resource-set";
  metrics.cpus_milli = 100;
  metrics.memory_mb = 64;
  pod.resource_sets = {server, metrics};
  spec::TaskSpec one, two;
  one.name = "server";
  one.cmd = "run server";
  one.resource_set = server.id;
  one.readiness_check = spec::ReadinessCheck{"ready", 5, 0, 5};
  two.name = "metrics";
  two.cmd = "run metrics";
  two.essential = false;
  two.resource_set = metrics.id;
  pod.tasks = {one, two};
  service.pods = {pod};
  spec::PlanSpec deploy;
  deploy.name = "deploy";
  spec::PhaseSpec phase;
  phase.name = "node-deploy";
  phase.pod = "zookeeper";
  phase.strategy = strategy;
  for (int32_t i = 0; i < count; ++i) phase.steps.push_back({i, {"server", "metrics"}});
  deploy.phases = {phase};
  service.plans = {deploy};
  return service;
}

class EngineDriver {
 public:
  explicit EngineDriver(spec::ServiceSpec spec)
      : spec_(std::make_shared<const spec::ServiceSpec>(std::move(spec))) {
    restart();
  }

  // A new process on the same store.
  void restart() {
    engine_ = std::make_unique<Engine>(settings, stored, judge, ids);
    calls.clear();
    questions.clear();
    exit.reset();
    run([&](Effects& out) { engine_->start(spec_, now, out); });
  }
  void restart_with(spec::ServiceSpec spec) {
    spec_ = std::make_shared<const spec::ServiceSpec>(std::move(spec));
    restart();
  }

  void subscribe() {
    run([&](Effects& out) { engine_->handle(mesos::event::Subscribed{"F1", "master:5050", ""}, now, out); });
  }
  void offer(const std::vector<FakeOffer>& offers) {
    run([&](Effects& out) { engine_->handle(offers_event(offers), now, out); });
  }
  void event(mesos::Event event) {
    run([&](Effects& out) { engine_->handle(std::move(event), now, out); });
  }
  Answer command(const Command& command) {
    Answer answer;
    run([&](Effects& out) { answer = engine_->handle(command, now, out); });
    return answer;
  }
  void update(const std::string& task, mesos::TaskState state, std::optional<int32_t> exit_code = {},
              const std::string& source = "SOURCE_EXECUTOR") {
    update_id(task_id(task), state, exit_code, source);
  }
  void update_id(const std::string& id, mesos::TaskState state, std::optional<int32_t> exit_code = {},
                 const std::string& source = "SOURCE_EXECUTOR") {
    mesos::TaskStatus status;
    status.task_id = id;
    status.state = state;
    status.source = source;
    status.agent_id = "S1";
    status.check_exit_code = exit_code;
    status.has_check = exit_code.has_value();
    status.uuid = source == "SOURCE_MASTER" ? "" : "u" + std::to_string(++uuids_);
    run([&](Effects& out) { engine_->handle(mesos::event::Update{status}, now, out); });
  }
  void ready(const std::string& pod) {
    update(pod + "-server", mesos::TaskState::kRunning, 0);
    update(pod + "-metrics", mesos::TaskState::kRunning);
  }
  void answer(const Advice& advice) {
    run([&](Effects& out) { engine_->handle(advice, now, out); });
  }
  // A pod instance is launched again where it was.
  void relaunch(const std::string& pod) {
    offer({{"O-" + pod, agent_of(pod + "-server"), "10.0.0.1", resources_of(pod)}});
  }
  void advance(int64_t ms) {
    now.mono_ms += ms;
    now.unix_ms += ms;
    run([&](Effects& out) { engine_->tick(now, out); });
  }

  std::string task_id(const std::string& task) const { return stored.tasks.at(task).launch->task->task_id; }
  std::string agent_of(const std::string& task) const { return stored.tasks.at(task).launch->task->agent_id; }

  // The calls of one kind since the last clear.
  template <typename T>
  std::vector<T> calls_of() const {
    std::vector<T> out;
    for (const mesos::Call& call : calls) {
      if (const T* one = std::get_if<T>(&call)) out.push_back(*one);
    }
    return out;
  }
  std::vector<std::string> launched() const {
    std::vector<std::string> names;
    for (const auto& accept : calls_of<mesos::call::Accept>()) {
      for (const auto& op : accept.operations) {
        for (const mesos::TaskInfo& task : op.tasks) names.push_back(task.name);
      }
    }
    return names;
  }
  std::vector<std::string> killed() const {
    std::vector<std::string> ids_killed;
    for (const auto& kill : calls_of<mesos::call::Kill>()) ids_killed.push_back(kill.task_id);
    return ids_killed;
  }
  // What the last accept reserved and created, as an agent offers it when it is free again.
  std::vector<mesos::Resource> resources_of(const std::string& pod) const {
    std::map<std::string, mesos::Resource> by_id;
    for (const auto& [name, task] : stored.tasks) {
      if (pod_name(task.launch->pod_type, task.launch->pod_index) != pod) continue;
      for (const Holding& h : task.launch->holdings)
        by_id[std::string(resource_id_of(h.resource))] = h.resource;
    }
    std::vector<mesos::Resource> out;
    for (auto& [id, resource] : by_id) out.push_back(resource);
    return out;
  }
  std::vector<std::string> step_statuses() const {
    std::vector<std::string> out;
    const auto snapshot = engine_->snapshot();
    for (const PhaseView& phase : snapshot->plan("deploy")->phases) {
      for (const StepView& step : phase.steps) out.push_back(std::string(to_string(step.status)));
    }
    return out;
  }
  Engine& engine() { return *engine_; }

  Settings settings;
  StoredState stored;
  FakeJudge judge;
  SeededIds ids{42};
  Now now{1000000, 1700000000000};
  std::vector<mesos::Call> calls;
  std::vector<effect::Advise> questions;
  std::optional<effect::Exit> exit;
  // Throws away everything from this effect on, as a crash would; negative: never.
  int crash_after_effects = -1;

 private:
  template <typename Body>
  void run(Body body) {
    Effects out;
    body(out);
    for (Effect& effect : out) {
      if (crash_after_effects == 0) return;
      if (crash_after_effects > 0 &&
          (std::holds_alternative<effect::Persist>(effect) || std::holds_alternative<effect::Call>(effect)))
        --crash_after_effects;
      if (auto* persist = std::get_if<effect::Persist>(&effect)) {
        for (const Change& change : persist->changes) apply(change);
      } else if (auto* call = std::get_if<effect::Call>(&effect)) {
        check_write_ahead(call->call);
        calls.push_back(call->call);
      } else if (auto* stop = std::get_if<effect::Exit>(&effect)) {
        exit = *stop;
      } else if (auto* question = std::get_if<effect::Advise>(&effect)) {
        questions.push_back(*question);
      }
    }
  }

  // Rule 1 of the design: nothing is sent that is not stored.
  void check_write_ahead(const mesos::Call& call) const {
    const auto* accept = std::get_if<mesos::call::Accept>(&call);
    if (accept == nullptr) return;
    for (const auto& op : accept->operations) {
      for (const mesos::TaskInfo& task : op.tasks) {
        ASSERT_TRUE(stored.tasks.contains(task.name));
        EXPECT_EQ(*stored.tasks.at(task.name).launch->task, task);
        EXPECT_EQ(stored.tasks.at(task.name).status->task_id, task.task_id);
      }
    }
  }

  void apply(const Change& change) {
    if (auto* c = std::get_if<change::PutFrameworkId>(&change)) stored.framework_id = c->id;
    if (auto* c = std::get_if<change::PutConfig>(&change)) stored.configs[c->id] = c->spec;
    if (auto* c = std::get_if<change::DeleteConfig>(&change)) stored.configs.erase(c->id);
    if (auto* c = std::get_if<change::PutTarget>(&change)) stored.target_config = c->config_id;
    if (auto* c = std::get_if<change::PutLaunch>(&change)) stored.tasks[c->task].launch = c->launch;
    if (auto* c = std::get_if<change::PutStatus>(&change)) stored.tasks[c->task].status = c->status;
    if (auto* c = std::get_if<change::DeleteTask>(&change)) stored.tasks.erase(c->task);
    if (auto* c = std::get_if<change::PutProperty>(&change)) stored.properties[c->key] = c->value;
    if (auto* c = std::get_if<change::DeleteProperty>(&change)) stored.properties.erase(c->key);
    if (std::holds_alternative<change::DeleteService>(change)) {
      const std::string framework = stored.framework_id;
      stored = StoredState{};
      stored.framework_id = framework;
    }
    if (std::holds_alternative<change::DeleteIdentity>(change)) stored.framework_id.clear();
    if (auto* c = std::get_if<change::PutGoalOverride>(&change)) stored.tasks[c->task].goal = c->goal;
    if (auto* c = std::get_if<change::PutBackoff>(&change)) stored.tasks[c->task].backoff = c->backoff;
    if (auto* c = std::get_if<change::PutPlanControl>(&change)) stored.plan_controls[c->plan] = c->control;
    if (auto* c = std::get_if<change::DeletePlanControl>(&change)) stored.plan_controls.erase(c->plan);
  }

  std::shared_ptr<const spec::ServiceSpec> spec_;
  std::unique_ptr<Engine> engine_;
  int uuids_ = 0;
};

// zookeeper-0, -1 and -2 on agents S1, S2 and S3, ready.
inline EngineDriver deployed_driver(spec::ServiceSpec spec = sample_spec(spec::Strategy::kParallel)) {
  EngineDriver driver(std::move(spec));
  driver.subscribe();
  driver.offer({big_offer(1), big_offer(2), big_offer(3)});
  for (const char* pod : {"zookeeper-0", "zookeeper-1", "zookeeper-2"}) driver.ready(pod);
  driver.calls.clear();
  return driver;
}

}  // namespace ostler::core::test
