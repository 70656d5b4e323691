// A placement rule, compiled: a small tree whose leaves each look at one value of an
// agent (its hostname, zone, region, id, or an attribute).
//
// Two spellings are read: Marathon constraint rows, [["hostname","UNIQUE"]], of which
// all must hold, and the SDK's rule objects, {"@type":"NotRule","rule":{...}}.
//
// Expressions are RE2's: linear in the length of the text whatever the pattern is, so
// no rule can hang or overflow the scheduler. What RE2 does not have (references to
// groups, look-around) is refused with a reason.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace re2 {
class RE2;
}

namespace ostler::matcher {

enum class Field : uint8_t { kHostname, kZone, kRegion, kAgentId, kAttribute };

enum class Test : uint8_t {
  kEquals,       // IS, CLUSTER: text equal, or both numbers and equal in thousandths
  kNotEquals,    // IS_NOT
  kLike,         // the whole value matches
  kUnlike,       // not kLike
  kLocalRegion,  // the master's region, or unknown
  kMaxPer,       // at most `limit` instances of the pod per value
  kGroupBy,      // values are used evenly; `limit` of them are expected, 0: unknown
  kNear,         // an instance of pod type `text` is on the agent, or is nowhere
  kApart         // none is on the agent
};

struct Leaf {
  Leaf();
  Leaf(Leaf&&) noexcept;
  ~Leaf();

  Field field = Field::kHostname;
  std::string attribute;      // of kAttribute
  bool ignores_case = false;  // of the attribute's name
  Test test = Test::kEquals;
  std::string text;
  std::optional<int64_t> number;  // `text` in thousandths, when it is a number
  std::unique_ptr<re2::RE2> expression;
  uint32_t limit = 0;
  // Of kMaxPer and kGroupBy: counts each pod with a task whose name this accepts. Null: the
  // instances of the requirement's own pod.
  std::unique_ptr<Leaf> task_filter;
  // Of the SDK's kMaxPer of an attribute: limits only the values that this accepts. Null: all, and
  // an agent without one is refused.
  std::unique_ptr<Leaf> value_filter;
  std::string source;  // as written, for explanations

  // True when the leaf counts placed pods: its answer depends on who asks.
  bool counts() const { return test >= Test::kMaxPer; }
  // The answer for one value, of a leaf that does not count.
  bool accepts(std::string_view value, std::string_view local_region) const;
  // The answer for an agent without such a value.
  bool accepts_absence() const;
};

struct Node {
  enum class Type : uint8_t { kLeaf, kAll, kAny, kNot, kNever } type = Type::kLeaf;
  uint32_t leaf = 0;
  std::vector<uint32_t> children;  // numbers of nodes
};

struct Rule {
  std::vector<Leaf> leaves;
  std::vector<Node> nodes;  // the last is the root; children come before parents
};

// What is wrong with a rule. `where` is a JSON pointer into it.
struct RuleError {
  std::string message;
  std::string where;
};

// Throws RuleError.
Rule parse_rule(std::string_view json);

// Thousandths of a decimal number such as "-1.5", or nothing.
std::optional<int64_t> parse_milli(std::string_view text);

}  // namespace ostler::matcher
