// What is known of the nodes below the root: which exist, and which do not.
//
// Nobody else writes there, so what was learnt once holds, and what our own commits change
// is noted with them. It is learnt when somebody needs it: a large tree is not walked to
// write into one corner of it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ostler::zookeeper {

// path -> whether it exists afterwards, and then it is new
using NodeChanges = std::map<std::string, bool, std::less<>>;

class KnownNodes {
 public:
  // Nothing where it has to be asked. The root always exists.
  std::optional<bool> exists(std::string_view path) const;
  // All that lies below a node that exists, in byte order; nothing where that has to be
  // asked, and then `ask` gets the nodes whose children are not known.
  std::optional<std::vector<std::string>> below(std::string_view path, std::vector<std::string>& ask) const;

  // What an answer told. A node's number of children is in every one that has a value.
  void found(std::string_view path, int32_t child_count);
  void found_children(std::string_view path, const std::vector<std::string>& names);
  void missed(std::string_view path);
  // What one of our own commits did.
  void changed(const NodeChanges& changes);
  void forget() { nodes_.clear(); }

 private:
  struct Node {
    bool exists = false;
    bool has_known_children = false;  // all of them are in the map
  };
  using Nodes = std::map<std::string, Node, std::less<>>;
  Node& existing(std::string_view path);

  Nodes nodes_;
};

}  // namespace ostler::zookeeper
