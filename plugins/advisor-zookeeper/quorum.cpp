#include "quorum.h"

#include <algorithm>

namespace ostler::advisor {
namespace {

using Role = ServerView::Role;

std::string join(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items) out += (out.empty() ? "" : ", ") + item;
  return out;
}

// In the next moment it may carry the quorum, which then stands on it.
bool is_electing(const std::vector<Node>& nodes, const Node& node) {
  if (!node.view.may_be_electing || node.electing_for > kLongestElection) return false;
  return std::none_of(nodes.begin(), nodes.end(),
                      [](const Node& other) { return other.view.role == Role::kLeader; });
}

}  // namespace

Ruling may_go_down(const std::vector<Node>& nodes, size_t which) {
  const Node& node = nodes[which];
  if (is_electing(nodes, node)) {
    return {false, node.pod + " " + node.view.problem +
                       ", maybe for an election; it may go when that lasts for " +
                       std::to_string(kLongestElection.count()) + " s"};
  }
  if (!node.view.serves() && !node.view.may_serve)
    return {true, node.pod + " serves nobody: it " + node.view.problem};

  const Node* leader = nullptr;
  std::vector<std::string> down, waiting;
  int voters = 0;
  for (size_t i = 0; i < nodes.size(); ++i) {
    const Node& other = nodes[i];
    voters += other.view.role != Role::kObserver;
    if (other.view.role == Role::kLeader) leader = &other;
    if (i == which) continue;
    if (!other.view.serves()) down.push_back(other.pod + " " + other.view.problem);
    if (other.is_candidate && other.view.role != Role::kLeader) waiting.push_back(other.pod);
  }
  if (!down.empty()) return {false, "the ensemble cannot do without " + node.pod + " now: " + join(down)};
  if (leader == nullptr) return {false, "the ensemble has no leader now"};
  const int followers = voters - 1 - (node.view.serves() ? 0 : 1);
  if (leader->view.synced_followers < followers) {
    return {false, "only " + std::to_string(leader->view.synced_followers) + " of " +
                       std::to_string(followers) + " followers are in sync with the leader " + leader->pod};
  }
  if (node.view.role == Role::kLeader && !waiting.empty())
    return {false, node.pod + " leads the ensemble, so it goes last, after " + join(waiting)};
  return {true, "all others serve and are in sync"};
}

}  // namespace ostler::advisor
