#include "support/state_model.h"

#include <algorithm>

namespace ostler::test {
namespace {

bool is_below(const std::string& path, const std::string& top) {
  return path != "/" && (top == "/" || path.starts_with(top + "/"));
}

std::string parent(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

ostler_status_t StateModel::commit(const std::vector<Op>& ops) {
  Nodes changed = nodes_;
  for (const Op& op : ops)
    if (const ostler_status_t code = apply(changed, op); code != OSTLER_OK) return code;
  nodes_ = std::move(changed);
  return OSTLER_OK;
}

ostler_status_t StateModel::apply(Nodes& nodes, const Op& op) {
  const auto found = nodes.find(op.path);
  const bool exists = found != nodes.end();
  const bool matches = exists && (op.version == OSTLER_ANY_VERSION || op.version == found->second.version);
  if (op.type == OSTLER_OP_CHECK) return matches ? OSTLER_OK : OSTLER_ABORTED;
  if (op.type == OSTLER_OP_DELETE) {
    if (!exists) return OSTLER_OK;
    if (!matches) return OSTLER_ABORTED;
    std::erase_if(nodes, [&](const auto& node) { return is_below(node.first, op.path); });
    if (op.path == "/") {
      nodes["/"] = {"", nodes["/"].version + 1};
    } else {
      nodes.erase(op.path);
    }
    return OSTLER_OK;
  }
  if (op.type == OSTLER_OP_CREATE && exists) return OSTLER_ALREADY_EXISTS;
  if (op.type == OSTLER_OP_SET && !exists) return OSTLER_NOT_FOUND;
  if (op.type == OSTLER_OP_SET && !matches) return OSTLER_ABORTED;
  if (exists) {
    found->second = {op.value, found->second.version + 1};
    return OSTLER_OK;
  }
  for (std::string up = parent(op.path); !nodes.contains(up); up = parent(up)) nodes[up] = {};
  nodes[op.path] = {op.value, 0};
  return OSTLER_OK;
}

std::optional<StateModel::Node> StateModel::get(const std::string& path) const {
  const auto found = nodes_.find(path);
  return found == nodes_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<std::string> StateModel::children(const std::string& path) const {
  std::vector<std::string> names;
  for (const auto& [node, content] : nodes_)
    if (node != "/" && parent(node) == path) names.push_back(node.substr(node.rfind('/') + 1));
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace ostler::test
