// A small service in the middle of its deployment, for tests of the API.
#pragma once

#include <memory>

#include "core/snapshot.h"

namespace ostler::api::test {

inline constexpr const char* kTargetId = "0b8f7c1e-6d5f-4a53-9c43-7f8e2d1a0b3c";
inline constexpr const char* kOldId = "7a1d2c3b-4e5f-4a6b-8c7d-9e0f1a2b3c4d";

inline std::shared_ptr<const spec::ServiceSpec> sample_spec(const std::string& zoo_cfg) {
  spec::TaskSpec server;
  server.name = "server";
  server.configs.push_back({"zoo.cfg", "conf/zoo.cfg", zoo_cfg});
  spec::PodSpec pod;
  pod.type = "zookeeper";
  pod.count = 2;
  pod.tasks.push_back(server);
  spec::ServiceSpec spec;
  spec.name = "confluent-zookeeper";
  spec.pods.push_back(pod);
  return std::make_shared<const spec::ServiceSpec>(spec);
}

inline core::Snapshot sample_snapshot() {
  using core::Status;
  core::Snapshot s;
  s.service_name = "confluent-zookeeper";
  s.framework_id = "5c1a-0001";
  s.subscribed = true;
  s.health = {202, {"zookeeper-1:[server] is starting"}};

  core::PhaseView phase;
  phase.id = "p-1";
  phase.name = "node-update";
  phase.strategy = "serial";
  phase.status = Status::kInProgress;
  phase.steps.push_back(
      {"s-0", "zookeeper-0:[server]", Status::kComplete, "COMPLETE", "runs and is ready", {}});
  phase.steps.push_back(
      {"s-1", "zookeeper-1:[server]", Status::kStarting, "PAUSING", "waits for TASK_RUNNING", {}});
  s.plans.push_back({"deploy", "serial", Status::kInProgress, {}, {phase}});
  s.plans.push_back({"recovery", "parallel", Status::kComplete, {}, {}});
  s.plans.push_back({"replace", "serial", Status::kError, {"the pod 'web' does not exist"}, {}});

  core::TaskView running;
  running.name = "zookeeper-0-server";
  running.task_id = "zookeeper-0-server__1";
  running.status = "RUNNING";
  auto launch = std::make_shared<core::LaunchRecord>();
  launch->task.change([&](mesos::TaskInfo& info) {
    info.name = "zookeeper-0-server";
    info.task_id = running.task_id;
  });
  running.launch = launch;
  mesos::TaskStatus status;
  status.task_id = running.task_id;
  status.state = mesos::TaskState::kRunning;
  running.last_status = std::make_shared<const mesos::TaskStatus>(status);
  core::TaskView never_launched;
  never_launched.name = "zookeeper-10-server";
  s.pods.push_back({"zookeeper-10", "zookeeper", 10, {never_launched}});
  s.pods.push_back({"zookeeper-0", "zookeeper", 0, {running}});
  s.pods.push_back({"backup-0", "backup", 0, {}});

  s.endpoints.push_back({"clientport",
                         {"zookeeper-0-server.confluent-zookeeper.autoip.dcos.thisdcos.directory:1140"},
                         {"127.0.0.11:1140"},
                         ""});
  s.endpoints.push_back({"admin", {"a:8080"}, {"127.0.0.11:8080"}, "admin.confluent-zookeeper.l4lb:80"});
  s.target_config = kTargetId;
  s.configs[kTargetId] = sample_spec("tickTime={{TICK_TIME}}\n");
  s.configs[kOldId] = sample_spec("tickTime=1000\n");
  s.properties["suppressed"] = "false";
  s.properties["zookeeper-0-server:task-status"] = R"({"ip":"10.0.0.1"})";
  return s;
}

}  // namespace ostler::api::test
