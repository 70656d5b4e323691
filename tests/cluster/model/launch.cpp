// LAUNCH_GROUP: what a master refuses, and how a group comes to life on an agent.
#include <algorithm>

#include "cluster/model/master.h"

namespace ostler::cluster {
namespace {

using mesos::ExecutorInfo;

constexpr int64_t kMinExecutorCpusMilli = 10;
constexpr int64_t kMinExecutorMemMilli = 32'000;

bool same_executor(const ExecutorInfo& a, const ExecutorInfo& b) {
  if (a == b) return true;
  auto left = a, right = b;
  left.resources.clear();
  right.resources.clear();
  return left == right && equal(a.resources, b.resources);
}

std::string describe(const ExecutorInfo& executor) {
  return "executor_id: \"" + executor.executor_id + "\" name: \"" + executor.name +
         "\" resources: " + to_text(executor.resources);
}

bool is_valid_id(const std::string& id) {
  if (id.empty() || id == "." || id == "..") return false;
  return std::none_of(id.begin(), id.end(),
                      [](unsigned char c) { return c < ' ' || c == 0x7F || c == '/' || c == '\\'; });
}

// Puts what the scheduler may leave out into a LAUNCH_GROUP.
void inject_role(mesos::Operation& operation, const std::string& role) {
  const auto inject = [&](auto& info) {
    const auto lacks_role = [](const Resource& resource) { return resource.allocation_role.empty(); };
    if (std::none_of(info->resources.begin(), info->resources.end(), lacks_role)) return;
    info.change([&](auto& copy) {
      for (auto& resource : copy.resources) {
        if (lacks_role(resource)) resource.allocation_role = role;
      }
    });
  };
  inject(operation.executor);
  for (auto& task : operation.tasks) inject(task);
}

}  // namespace

std::optional<std::string> Master::invalid_group(const std::string& framework_id, const Agent& agent,
                                                 const mesos::Operation& operation,
                                                 const Resources& working) const {
  const auto& framework = frameworks_.at(framework_id);
  const ExecutorInfo& executor = operation.executor;
  if (operation.tasks.empty()) return "Task group cannot be empty";
  std::set<std::string> ids;
  Resources needed;
  for (const mesos::TaskInfo& task : operation.tasks) {
    const auto wrong = [&](const std::string& why) {
      return "Task '" + task.task_id + "' is invalid: " + why;
    };
    if (!is_valid_id(task.task_id)) return wrong("'" + task.task_id + "' contains invalid characters");
    if (framework.tasks.contains(task.task_id) || framework.unreachable.contains(task.task_id) ||
        !ids.insert(task.task_id).second) {
      return wrong("Task has duplicate ID: " + task.task_id);
    }
    if (task.agent_id != agent.id) {
      return wrong("Task uses invalid agent " + task.agent_id + " while agent " + agent.id + " is expected");
    }
    if (task.resources.empty()) return wrong("Task uses no resources");
    needed.insert(needed.end(), task.resources.begin(), task.resources.end());
  }
  if (!is_valid_id(executor.executor_id)) {
    return "'ExecutorInfo.executor_id' is invalid: '" + executor.executor_id +
           "' contains invalid characters";
  }
  // Our struct has no command: it would be among what was not understood.
  if (executor.extra.starts_with("{\"command\":") ||
      executor.extra.find(",\"command\":") != std::string::npos) {
    return "'ExecutorInfo.command' must not be set for 'DEFAULT' executor";
  }
  if (executor.framework_id != framework_id) {
    return "ExecutorInfo has an invalid FrameworkID (Actual: " + executor.framework_id +
           " vs Expected: " + framework_id + ")";
  }
  const auto name = [&] { return "Executor '" + executor.executor_id + "'"; };
  if (const auto cpus = total_milli(executor.resources, "cpus"); cpus < kMinExecutorCpusMilli) {
    return name() + " uses less CPUs (" + (cpus == 0 ? "None" : milli_text(cpus)) +
           ") than the minimum required (0.01)";
  }
  if (const auto mem = total_milli(executor.resources, "mem"); mem < kMinExecutorMemMilli) {
    return name() + " uses less memory (" + (mem == 0 ? "None" : milli_text(mem) + "MB") +
           ") than the minimum required (32MB)";
  }
  const auto running = agent.executors.find({framework_id, executor.executor_id});
  if (running != agent.executors.end()) {
    if (!same_executor(*running->second.info, executor)) {
      return "ExecutorInfo is not compatible with existing ExecutorInfo with same ExecutorID.\nExisting "
             "ExecutorInfo:\n" +
             describe(*running->second.info) + "\nExecutorInfo:\n" + describe(executor) + "\n";
    }
  } else {
    needed.insert(needed.end(), executor.resources.begin(), executor.resources.end());
  }
  if (!contains(working, needed)) {
    Resources total;
    add(total, needed);
    return "Total resources " + to_text(total) +
           " required by task group and its executor are more than available " + to_text(working);
  }
  return std::nullopt;
}

void Master::launch_group(int64_t now_ms, const std::string& framework_id, Agent& agent,
                          mesos::Operation operation, const std::string& role, Resources& working) {
  inject_role(operation, role);
  auto& framework = frameworks_.at(framework_id);
  if (auto error = invalid_group(framework_id, agent, operation, working)) {
    for (const mesos::TaskInfo& task : operation.tasks) {
      emit_update(now_ms, framework_id,
                  {master_status(now_ms, task.task_id, task.agent_id, mesos::TaskState::kError,
                                 "REASON_TASK_GROUP_INVALID", *error),
                   {},
                   {},
                   0});
    }
    return;
  }
  const Agent::Key key{framework_id, operation.executor->executor_id};
  auto running = agent.executors.find(key);
  if (running != agent.executors.end() && running->second.ending) {
    for (const mesos::TaskInfo& task : operation.tasks) {
      auto status = master_status(now_ms, task.task_id, agent.id, mesos::TaskState::kDropped,
                                  "REASON_EXECUTOR_TERMINATED", "Executor terminating");
      emit_update(now_ms, framework_id, {std::move(status), {}, {}, 0});
    }
    return;
  }
  if (running == agent.executors.end()) {
    subtract(working, operation.executor->resources);
    Executor executor;
    executor.resources = operation.executor->resources;
    executor.info = std::move(operation.executor);
    executor.container_id = ids_.uuid();
    running = agent.executors.emplace(key, std::move(executor)).first;
  }
  auto& executor = running->second;
  const auto group = ++next_group_;
  for (auto& info : operation.tasks) {
    subtract(working, info->resources);
    const Agent::Key task_key{framework_id, info->task_id};
    Task task;
    task.executor_id = key.second;
    task.group = group;
    task.resources = info->resources;
    task.container_id = ids_.uuid();
    task.executor_container_id = executor.container_id;
    task.info = std::move(info);
    audit_.started(framework_id, *task.info, agent.id, *executor.info, now_ms);
    outputs_.push_back(output::StartTask{agent.id, framework_id, framework.info.name, task.container_id,
                                         executor.container_id, agent.spec, executor.info, task.info});
    framework.tasks[task_key.second] = &agent;
    ++executor.live_tasks;
    agent.tasks.emplace(task_key, std::move(task));
  }
}

void Master::end_executor(int64_t /*now_ms*/, Agent& agent, const Agent::Key& key, int32_t status) {
  const auto found = agent.executors.find(key);
  if (found == agent.executors.end()) return;
  audit_.executor_ended(*found->second.info);
  outputs_.push_back(output::ExecutorEnded{agent.id, key.first, key.second, found->second.container_id});
  release(agent, find_framework(key.first), found->second.resources);
  agent.executors.erase(found);
  if (agent.standing == Standing::kRegistered)
    to_framework(key.first, event::Failure{agent.id, key.second, status});
}

}  // namespace ostler::cluster
