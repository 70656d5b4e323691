// A StateTree in memory that can be told to fail.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/ports.h"

namespace ostler::test {

class MemoryTree final : public core::StateTree {
 public:
  Result<std::string> get(std::string_view path) override {
    const auto found = nodes.find(std::string(path));
    if (found == nodes.end()) return Error{Code::kNotFound, "no such node", std::string(path)};
    return found->second;
  }

  Result<std::vector<std::string>> children(std::string_view path) override {
    const std::string prefix = std::string(path == "/" ? "" : path) + "/";
    std::set<std::string> names;
    for (const auto& [node, value] : nodes) {
      if (node.starts_with(prefix))
        names.insert(node.substr(prefix.size(), node.find('/', prefix.size()) - prefix.size()));
    }
    if (names.empty() && path != "/") return Error{Code::kNotFound, "no such node", std::string(path)};
    return std::vector<std::string>(names.begin(), names.end());
  }

  Result<void> commit(const std::vector<core::StoreOp>& ops) override {
    ++commits;
    if (!failures.empty()) {
      const Error error = failures.front();
      failures.pop_front();
      return error;
    }
    for (const core::StoreOp& op : ops) {
      if (op.type == core::StoreOp::Type::kPut) {
        nodes[op.path] = op.value;
        continue;
      }
      std::erase_if(nodes, [&](const auto& node) {
        return node.first == op.path || node.first.starts_with(op.path + "/");
      });
    }
    return {};
  }

  Limits limits() const override { return limit; }

  std::map<std::string, std::string> nodes;
  std::deque<Error> failures;  // of the next commits
  Limits limit;
  int commits = 0;
};

}  // namespace ostler::test
