#include "core/task_table.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "core/claim.h"
#include "core/names.h"

namespace ostler::core {

Task* TaskTable::find(std::string_view name) {
  const auto found = tasks_.find(name);
  return found == tasks_.end() ? nullptr : &found->second;
}

const Task* TaskTable::find(std::string_view name) const { return const_cast<TaskTable*>(this)->find(name); }

void TaskTable::forget_holdings(const Entry& entry) {
  for (const Holding& holding : entry.second.launch->holdings) {
    const auto held = held_.find(resource_id_of(holding.resource));
    if (held == held_.end()) continue;
    held->second.erase(entry.first);
    if (held->second.empty()) held_.erase(held);
  }
}

void TaskTable::forget_pod(const Entry& entry) {
  const LaunchRecord& launch = *entry.second.launch;
  const auto pod = by_pod_.find(std::pair<std::string_view, int32_t>(launch.pod_type, launch.pod_index));
  std::erase(pod->second, &entry);
  if (pod->second.empty()) by_pod_.erase(pod);
}

void TaskTable::erase(const std::string& name) {
  const auto found = tasks_.find(name);
  if (found == tasks_.end()) return;
  if (found->second.launch) {
    forget_holdings(*found);
    forget_pod(*found);
  }
  tasks_.erase(found);
}

bool TaskTable::any_unreachable() const {
  return std::any_of(tasks_.begin(), tasks_.end(), [](const auto& one) {
    return one.second.launched() && one.second.state() == mesos::TaskState::kUnreachable;
  });
}

void TaskTable::set_launch(const std::string& name, std::shared_ptr<const LaunchRecord> launch) {
  Entry& entry = *tasks_.try_emplace(name).first;
  Task& task = entry.second;
  const bool is_known =
      task.launch && task.launch->pod_type == launch->pod_type && task.launch->pod_index == launch->pod_index;
  const bool holds_the_same =
      task.launch && task.launch->released == launch->released &&
      std::equal(task.launch->holdings.begin(), task.launch->holdings.end(), launch->holdings.begin(),
                 launch->holdings.end(), [](const Holding& one, const Holding& other) {
                   return resource_id_of(one.resource) == resource_id_of(other.resource);
                 });
  if (task.launch && !holds_the_same) forget_holdings(entry);
  if (task.launch && !is_known) forget_pod(entry);
  // What is to be given back belongs to nobody any more.
  if (!launch->released && !holds_the_same) {
    for (const Holding& holding : launch->holdings)
      held_[std::string(resource_id_of(holding.resource))].insert(name);
  }
  if (!is_known) {
    std::vector<const Entry*>& pod = by_pod_[{launch->pod_type, launch->pod_index}];
    const auto after = [](const std::string& one, const Entry* other) { return one < other->first; };
    pod.insert(std::upper_bound(pod.begin(), pod.end(), name, after), &entry);
  }
  task.launch = std::move(launch);
  task.has_unsaved_confirmation = false;
}

bool TaskTable::keeps(std::string_view resource_id) const {
  const std::set<std::string>& names = holders(resource_id);
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    const Task& task = tasks_.find(name)->second;
    return !task.launch->permanently_failed || task.live();
  });
}

const std::set<std::string>& TaskTable::holders(std::string_view resource_id) const {
  static const std::set<std::string> kNobody;
  const auto found = held_.find(resource_id);
  return found == held_.end() ? kNobody : found->second;
}

bool TaskTable::confirm(const std::string& name) {
  Task* task = find(name);
  if (task == nullptr || !task->launch) return false;
  const auto is_confirmed = [](const Holding& holding) { return holding.confirmed; };
  const auto& held = task->launch->holdings;
  if (std::all_of(held.begin(), held.end(), is_confirmed))
    return std::exchange(task->has_unsaved_confirmation, false);
  auto launch = std::make_shared<LaunchRecord>(*task->launch);
  for (Holding& holding : launch->holdings) holding.confirmed = true;
  task->launch = std::move(launch);
  task->has_unsaved_confirmation = false;
  return true;
}

void TaskTable::confirm_resources(const std::vector<std::string_view>& resource_ids) {
  std::set<std::string_view> names;
  for (const std::string_view id : resource_ids) {
    for (const std::string& holder : holders(id)) names.insert(holder);
  }
  for (const std::string_view name : names) {
    Task& task = tasks_.find(name)->second;
    const auto is_news = [&](const Holding& holding) {
      return !holding.confirmed && std::find(resource_ids.begin(), resource_ids.end(),
                                             resource_id_of(holding.resource)) != resource_ids.end();
    };
    const auto& held = task.launch->holdings;
    if (std::none_of(held.begin(), held.end(), is_news)) continue;
    auto launch = std::make_shared<LaunchRecord>(*task.launch);
    for (Holding& holding : launch->holdings) holding.confirmed |= is_news(holding);
    task.launch = std::move(launch);
    task.has_unsaved_confirmation = true;
  }
}

const std::vector<const TaskTable::Entry*>& TaskTable::of_pod(std::string_view pod_type,
                                                              int32_t index) const {
  static const std::vector<const Entry*> kNone;
  const auto pod = by_pod_.find(std::pair(pod_type, index));
  return pod == by_pod_.end() ? kNone : pod->second;
}

std::vector<std::string> TaskTable::names_of_pod(std::string_view instance) const {
  const size_t dash = instance.rfind('-');
  if (dash == std::string_view::npos) return {};
  const std::string_view type = instance.substr(0, dash);
  int32_t index = 0;
  std::from_chars(instance.data() + dash + 1, instance.data() + instance.size(), index);
  if (pod_name(type, index) != instance) return {};  // "zookeeper-00" is none
  std::vector<std::string> names;
  for (const Entry* entry : of_pod(type, index)) names.push_back(entry->first);
  return names;
}

}  // namespace ostler::core
