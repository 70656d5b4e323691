#include "known_nodes.h"

#include "support/state_checks.h"

namespace ostler::zookeeper {
namespace {

constexpr std::string_view kRoot = "/";

// The end of what starts with below(path).
std::string behind(std::string below) {
  below.back() = '/' + 1;
  return below;
}

}  // namespace

std::optional<bool> KnownNodes::exists(std::string_view path) const {
  if (path == kRoot) return true;
  if (const auto node = nodes_.find(path); node != nodes_.end()) return node->second.exists;
  const std::string_view parent = support::parent_of(path);
  const std::optional<bool> has_parent = exists(parent);
  if (!has_parent) return std::nullopt;
  if (!*has_parent) return false;
  const auto known = nodes_.find(parent);
  if (known != nodes_.end() && known->second.has_known_children) return false;
  return std::nullopt;
}

std::optional<std::vector<std::string>> KnownNodes::below(std::string_view path,
                                                          std::vector<std::string>& ask) const {
  std::vector<std::string> all;
  bool is_known = true;
  const auto look = [&](std::string_view node, bool has_known_children) {
    if (has_known_children) return;
    is_known = false;
    ask.emplace_back(node);
  };
  const auto self = nodes_.find(path);
  look(path, self != nodes_.end() && self->second.has_known_children);
  const std::string first = support::below(path);
  const auto end = nodes_.lower_bound(behind(first));
  for (auto node = nodes_.lower_bound(first); node != end; ++node) {
    if (!node->second.exists || node->first == path) continue;
    look(node->first, node->second.has_known_children);
    all.push_back(node->first);
  }
  if (!is_known) return std::nullopt;
  return all;
}

// A node that exists has parents that do.
KnownNodes::Node& KnownNodes::existing(std::string_view path) {
  auto node = nodes_.find(path);
  if (node == nodes_.end()) node = nodes_.emplace(path, Node{}).first;
  if (!node->second.exists) {
    node->second = {true, false};
    if (path != kRoot) existing(support::parent_of(path));
  }
  return node->second;
}

void KnownNodes::found(std::string_view path, int32_t child_count) {
  Node& node = existing(path);
  if (child_count == 0) node.has_known_children = true;
}

void KnownNodes::found_children(std::string_view path, const std::vector<std::string>& names) {
  existing(path).has_known_children = true;
  const std::string before = support::below(path);
  for (const std::string& name : names) existing(before + name);
}

void KnownNodes::missed(std::string_view path) {
  const std::string first = support::below(path);
  nodes_.erase(nodes_.lower_bound(first), nodes_.lower_bound(behind(first)));
  const auto parent = nodes_.find(support::parent_of(path));
  if (parent != nodes_.end() && parent->second.has_known_children) {
    if (const auto node = nodes_.find(path); node != nodes_.end()) nodes_.erase(node);
  } else {
    nodes_.insert_or_assign(std::string(path), Node{});
  }
}

// In byte order, so a node comes before what lies below it.
void KnownNodes::changed(const NodeChanges& changes) {
  for (const auto& [path, is_new] : changes) {
    if (is_new) {
      existing(path) = {true, true};
    } else if (exists(path) != false) {
      missed(path);
    }
  }
}

}  // namespace ostler::zookeeper
