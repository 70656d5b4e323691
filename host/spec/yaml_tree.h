// YAML as a plain tree, with the place of everything and bounded in size.
//
// Built from the parser's events, so that a document which aliases blow up or
// which nests deeply is refused while it is read. Keys keep the file's order;
// a second use of a key is a problem and its value is left out.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "spec/problem.h"

namespace ostler::spec::yaml {

struct Entry;

struct Node {
  enum class Type { kNull, kScalar, kList, kMap } type = Type::kNull;
  std::string scalar;
  bool is_quoted = false;  // '1' or "1", not 1
  Mark mark;
  std::vector<Node> items;
  std::vector<Entry> entries;

  const Entry* entry(std::string_view key) const;
  // "'three'", "a list", "a map", "nothing".
  std::string found() const;
};

struct Entry {
  std::string key;
  Mark mark;
  Node value;
};

struct Limits {
  size_t max_bytes = 1 << 20;
  size_t max_nodes = 100'000;  // aliases count as what they stand for
  size_t max_key_bytes = 256;  // keys make up the paths of all that is below them
  int max_depth = 32;          // svc.yml itself needs 9
};

// The only document in `text`. Nothing when there is a problem that leaves no
// tree; otherwise the tree, even if problems were reported.
std::optional<Node> parse(std::string_view text, Report& report, const Limits& limits = {});

}  // namespace ostler::spec::yaml
