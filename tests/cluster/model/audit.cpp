#include "cluster/model/audit.h"

namespace ostler::cluster {
namespace {

template <typename F>
void for_each_volume(const std::vector<mesos::Resource>& resources, F f) {
  for (const auto& resource : resources) {
    if (resource.disk && !resource.disk->persistence_id.empty()) f(resource.disk->persistence_id);
  }
}

std::string join(const std::set<std::string>& items) {
  std::string text;
  for (const auto& item : items) text += (text.empty() ? "'" : ", '") + item + "'";
  return text;
}

}  // namespace

void Audit::report(std::string text) {
  ++violation_count_;
  if (violations_.size() < kMaxViolations) violations_.push_back(std::move(text));
}

void Audit::use(const std::string& volume, const std::string& user, int64_t now_ms) {
  auto& users = volumes_[volume];
  users.insert(user);
  if (users.size() > 1) {
    report("two users of volume '" + volume + "' at " + std::to_string(now_ms) + " ms: " + join(users));
  }
}

void Audit::started(const std::string& framework_id, const mesos::TaskInfo& task, const std::string& agent_id,
                    const mesos::ExecutorInfo& executor, int64_t now_ms) {
  const auto name = framework_id + "/" + task.name;
  ++launches_[name];
  auto& live = live_[name];
  const auto where = task.task_id + " on " + agent_id;
  live.insert(where);
  live_on_[framework_id + "/" + task.task_id] = where;
  if (live.size() > 1) {
    report("two live tasks named '" + task.name + "' at " + std::to_string(now_ms) + " ms: " + join(live));
  }
  for_each_volume(task.resources, [&](auto& id) { use(id, "task " + task.task_id, now_ms); });
  for_each_volume(executor.resources, [&](auto& id) { use(id, "executor " + executor.executor_id, now_ms); });
}

void Audit::ran(const std::string& framework_id, const mesos::TaskInfo& task) {
  ++runs_[framework_id + "/" + task.name];
}

void Audit::ended(const std::string& framework_id, const mesos::TaskInfo& task) {
  const auto name = framework_id + "/" + task.name;
  const auto on = live_on_.find(framework_id + "/" + task.task_id);
  if (on == live_on_.end()) return;
  const auto live = live_.find(name);
  if (live != live_.end()) {
    live->second.erase(on->second);
    if (live->second.empty()) live_.erase(live);
  }
  live_on_.erase(on);
  for_each_volume(task.resources, [&](auto& id) { volumes_[id].erase("task " + task.task_id); });
}

void Audit::executor_ended(const mesos::ExecutorInfo& executor) {
  for_each_volume(executor.resources,
                  [&](auto& id) { volumes_[id].erase("executor " + executor.executor_id); });
}

}  // namespace ostler::cluster
