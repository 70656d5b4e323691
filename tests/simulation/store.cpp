#include "simulation/store.h"

namespace ostler::simulation {
namespace {

Error away() { return {Code::kUnavailable, "the state's servers cannot be reached", {}}; }

}  // namespace

void Store::apply(const std::vector<core::StoreOp>& ops) {
  for (const core::StoreOp& op : ops) {
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
  if (crashed_ || store_.is_away) return away();
  if (!is_owner()) return Error{Code::kFailedPrecondition, "another session owns the state", {}};
  const CommitFate fate = hooks_.fate();
  if (fate == CommitFate::kFails) return away();
  store_.apply(ops);
  hooks_.stored(ops);
  if (fate == CommitFate::kDone) return {};
  crashed_ = fate == CommitFate::kCrashesAfter;
  return away();
}

}  // namespace ostler::simulation
