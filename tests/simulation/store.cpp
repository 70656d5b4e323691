#include "simulation/store.h"

#include "mesos/codec.h"
#include "store/launch_json.h"

namespace ostler::simulation {
namespace {

constexpr std::string_view kTasks = "/Tasks/", kOverrides = "/Overrides/";

// Keeps what a record says, where the watch reads it.
void note(const core::StoreOp& op, Kept& kept) {
  if (op.path == "/ConfigTarget") kept.target_config = op.value;
  if (op.path.starts_with(kOverrides)) {
    const auto task = kept.tasks().find(op.path.substr(kOverrides.size()));
    if (task == kept.tasks().end()) return;
    const bool is_paused = op.type == core::StoreOp::Type::kPut;
    task->second.goal = is_paused ? core::GoalOverride::kPaused : core::GoalOverride::kNone;
  }
  if (!op.path.starts_with(kTasks)) return;
  const size_t slash = op.path.find('/', kTasks.size());
  const std::string name = op.path.substr(kTasks.size(), slash - kTasks.size());
  if (op.type == core::StoreOp::Type::kDelete) {
    kept.erase(name);
  } else if (op.path.ends_with("/TaskInfo")) {
    kept.note_launch(name, op.value);
  } else {
    kept.note_status(name, op.value);
  }
}

Error away() { return {Code::kUnavailable, "the state's servers cannot be reached", {}}; }

}  // namespace

void Kept::note_launch(const std::string& task, std::string text) {
  tasks_[task].launch = nullptr;
  launch_texts_[task] = std::move(text);
}

void Kept::read_launch(const std::string& task, const std::string& text) const {
  if (auto launch = store::launch_from_text(text); launch.ok()) tasks_[task].launch = *launch;
}

void Kept::read() const {
  for (const auto& [name, text] : launch_texts_) read_launch(name, text);
  for (const auto& [name, text] : status_texts_) {
    if (auto status = mesos::task_status_from_text(text); status.ok()) tasks_[name].status = *status;
  }
  launch_texts_.clear();
  status_texts_.clear();
}

const std::map<std::string, core::StoredState::Task>& Kept::tasks() const {
  read();
  return tasks_;
}

const std::map<std::string, core::StoredState::Task>& Kept::tasks_naming(std::string_view id) const {
  std::erase_if(launch_texts_, [&](const auto& one) {
    if (one.second.find(id) == std::string::npos) return false;
    read_launch(one.first, one.second);
    return true;
  });
  return tasks_;
}

std::map<std::string, core::StoredState::Task>& Kept::tasks() {
  read();
  return tasks_;
}

void Kept::erase(const std::string& task) {
  launch_texts_.erase(task);
  status_texts_.erase(task);
  tasks_.erase(task);
}

void Store::apply(const std::vector<core::StoreOp>& ops) {
  for (const core::StoreOp& op : ops) {
    note(op, kept);
    if (op.type == core::StoreOp::Type::kPut) {
      nodes_[op.path] = op.value;
      continue;
    }
    nodes_.erase(op.path);
    const std::string below = op.path + "/";
    auto node = nodes_.lower_bound(below);
    while (node != nodes_.end() && node->first.starts_with(below)) node = nodes_.erase(node);
  }
}

Result<std::string> Session::get(std::string_view path) {
  if (store_.is_away) return away();
  const std::string* value = store_.find(path);
  if (value == nullptr) return Error{Code::kNotFound, "no such node", std::string(path)};
  return *value;
}

Result<std::vector<std::string>> Session::children(std::string_view path) {
  if (store_.is_away) return away();
  const std::string below = std::string(path == "/" ? "" : path) + "/";
  std::vector<std::string> names;
  const auto& nodes = store_.nodes();
  for (auto node = nodes.lower_bound(below); node != nodes.end() && node->first.starts_with(below); ++node) {
    std::string name = node->first.substr(below.size(), node->first.find('/', below.size()) - below.size());
    if (names.empty() || names.back() != name) names.push_back(std::move(name));
  }
  if (names.empty() && path != "/") return Error{Code::kNotFound, "no such node", std::string(path)};
  return names;
}

Result<void> Session::commit(const std::vector<core::StoreOp>& ops) {
  return commit_with([&] { store_.apply(ops); });
}

Result<void> Session::commit_with(const std::function<void()>& apply) {
  if (crashed_ || store_.is_away) return away();
  if (!is_owner()) return Error{Code::kFailedPrecondition, "another session owns the state", {}};
  const CommitFate fate = hooks_.fate();
  if (fate == CommitFate::kFails) return away();
  apply();
  hooks_.stored();
  if (fate == CommitFate::kDone) return {};
  crashed_ = fate == CommitFate::kCrashesAfter;
  return away();
}

}  // namespace ostler::simulation
