// The tree of ostler/state.h in one table: node(path, value, version).
//
// Every node has a row, parents included; the root's row always exists. Ordered by
// the bytes of the path, everything below "/a" lies between "/a/" and "/a0" ('0'
// follows '/'), so a subtree is one range of the index.
#pragma once

#include <ostler/state.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "database.h"

namespace ostler::sqlite {

class Tree {
 public:
  struct Node {
    std::string value;
    int32_t version = 0;
  };

  // Makes the table in an empty database. Throws FAILED_PRECONDITION when the
  // database belongs to another program or a newer Ostler.
  explicit Tree(const std::string& path);

  std::optional<Node> get(std::string_view path);
  // Names in byte order, or nothing when the node does not exist.
  std::optional<std::vector<std::string>> children(std::string_view path);
  // All of the operations, or none and an Error. `ops` are checked.
  void commit(const ostler_array_t& ops);

  Database& database() { return database_; }

 private:
  Database& prepare();
  void apply(const ostler_state_op_t& op);
  std::optional<int32_t> version_of(std::string_view path);
  void create_with_parents(std::string_view path, std::string_view value);
  void set(std::string_view path, std::string_view value);
  void remove(std::string_view path);

  Database database_;
  Statement get_, version_, insert_, update_, remove_one_, remove_below_, below_;
};

}  // namespace ostler::sqlite
