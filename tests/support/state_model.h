// The tree of ostler/state.h as a std::map: what every plugin is compared with.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "support/state_under_test.h"

namespace ostler::test {

class StateModel {
 public:
  struct Node {
    std::string value;
    int32_t version = 0;
  };

  // OSTLER_OK and the change, or the code of the first failing operation and none.
  ostler_status_t commit(const std::vector<Op>& ops);
  std::optional<Node> get(const std::string& path) const;
  std::vector<std::string> children(const std::string& path) const;
  const std::map<std::string, Node>& nodes() const { return nodes_; }

 private:
  using Nodes = std::map<std::string, Node>;
  static ostler_status_t apply(Nodes& nodes, const Op& op);

  Nodes nodes_ = {{"/", {}}};
};

}  // namespace ostler::test
