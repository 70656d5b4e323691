#include "rule.h"

#include <re2/re2.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace ostler::matcher {
namespace {

using nlohmann::json;

constexpr size_t kMaxBytes = 64 * 1024;
constexpr size_t kMaxLeaves = 64;
constexpr int kMaxDepth = 16;
constexpr size_t kMaxPattern = 1000;
constexpr int64_t kMaxMemory = 1 << 20;  // of one expression

std::unique_ptr<re2::RE2> compile(const std::string& pattern, const std::string& where) {
  if (pattern.size() > kMaxPattern) {
    throw RuleError{"the pattern has " + std::to_string(pattern.size()) + " characters; 1000 are allowed",
                    where};
  }
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMaxMemory);
  auto expression = std::make_unique<RE2>(pattern, options);
  if (!expression->ok())
    throw RuleError{"'" + pattern + "' is no regular expression: " + expression->error(), where};
  return expression;
}

std::string upper(std::string text) {
  for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return text;
}

class Parser {
 public:
  Rule parse(std::string_view text) {
    if (text.size() > kMaxBytes) throw RuleError{"the rule is larger than 64 KiB", ""};
    const json root = json::parse(text, nullptr, false);
    if (root.is_discarded()) throw RuleError{"the rule is not JSON", ""};
    if (root.is_array()) {
      rows(root);
    } else {
      object(root, "", 0);
    }
    return std::move(rule_);
  }

 private:
  uint32_t add(Node node) {
    rule_.nodes.push_back(std::move(node));
    return static_cast<uint32_t>(rule_.nodes.size() - 1);
  }
  uint32_t add(Leaf leaf) {
    if (rule_.leaves.size() >= kMaxLeaves) throw RuleError{"the rule has more than 64 conditions", ""};
    rule_.leaves.push_back(std::move(leaf));
    return add(Node{Node::Type::kLeaf, static_cast<uint32_t>(rule_.leaves.size() - 1), {}});
  }

  // [["hostname","UNIQUE"], ...], or one such row. A rule object may stand for a row.
  void rows(const json& list) {
    const bool is_single =
        !list.empty() && std::all_of(list.begin(), list.end(), [](const json& v) { return v.is_string(); });
    Node all{Node::Type::kAll, 0, {}};
    if (is_single) {
      all.children.push_back(row(list, ""));
    } else {
      for (size_t i = 0; i < list.size(); ++i) {
        const std::string where = "/" + std::to_string(i);
        all.children.push_back(list[i].is_object() ? object(list[i], where, 1) : row(list[i], where));
      }
    }
    add(std::move(all));
  }

  uint32_t row(const json& cells, const std::string& where) {
    const bool is_text = cells.is_array() &&
                         std::all_of(cells.begin(), cells.end(), [](const json& v) { return v.is_string(); });
    if (!is_text || cells.size() < 2 || cells.size() > 3) {
      throw RuleError{"a constraint is a list of two or three texts, field, operator and parameter; found " +
                          cells.dump(),
                      where};
    }
    Leaf leaf;
    leaf.source = cells.dump();
    set_field(leaf, cells[0].get<std::string>(), where + "/0");
    const std::string op = upper(cells[1].get<std::string>());
    const bool has_parameter = cells.size() == 3 && !cells[2].get<std::string>().empty();
    const std::string parameter = cells.size() == 3 ? cells[2].get<std::string>() : "";
    const auto need_parameter = [&](const char* what) {
      if (!has_parameter)
        throw RuleError{op + " needs " + what + " as its parameter; found " + leaf.source, where};
    };
    if (op == "UNIQUE") {
      leaf.test = Test::kMaxPer;
      leaf.limit = 1;
    } else if (op == "CLUSTER" || op == "IS" || op == "IS_NOT") {
      need_parameter("a value");
      set_text(leaf, op == "IS_NOT" ? Test::kNotEquals : Test::kEquals, parameter);
    } else if (op == "LIKE" || op == "UNLIKE") {
      need_parameter("a regular expression");
      set_expression(leaf, op == "LIKE" ? Test::kLike : Test::kUnlike, parameter, where + "/2");
    } else if (op == "MAX_PER") {
      need_parameter("a number");
      leaf.test = Test::kMaxPer;
      leaf.limit = number(parameter, op, where + "/2");
    } else if (op == "GROUP_BY") {
      leaf.test = Test::kGroupBy;
      leaf.ignores_case = true;
      if (has_parameter) leaf.limit = number(parameter, op, where + "/2");
    } else {
      throw RuleError{"unknown operator '" + cells[1].get<std::string>() +
                          "'; there are UNIQUE, CLUSTER, GROUP_BY, LIKE, UNLIKE, MAX_PER, IS and IS_NOT",
                      where + "/1"};
    }
    return add(std::move(leaf));
  }

  static void set_field(Leaf& leaf, const std::string& name, const std::string& where) {
    if (name == "hostname" || name == "@hostname") {
      leaf.field = Field::kHostname;
    } else if (name == "@zone") {
      leaf.field = Field::kZone;
    } else if (name == "@region") {
      leaf.field = Field::kRegion;
    } else if (name.empty() || name[0] == '@') {
      throw RuleError{"unknown field '" + name +
                          "'; there are 'hostname', '@hostname', '@zone', '@region' and names of attributes",
                      where};
    } else {
      leaf.field = Field::kAttribute;
      leaf.attribute = name;
    }
  }
  static void set_text(Leaf& leaf, Test test, const std::string& text) {
    leaf.test = test;
    leaf.text = text;
    leaf.number = parse_milli(text);
  }
  static void set_expression(Leaf& leaf, Test test, const std::string& pattern, const std::string& where) {
    leaf.test = test;
    leaf.text = pattern;
    leaf.expression = compile(pattern, where);
  }
  static uint32_t number(const std::string& text, const std::string& op, const std::string& where) {
    uint32_t value = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc() || end != text.data() + text.size() || value < 1) {
      throw RuleError{op + " needs a number of at least 1; found '" + text + "'", where};
    }
    return value;
  }

  // One of the SDK's rule objects.
  uint32_t object(const json& rule, const std::string& where, int depth) {
    if (depth > kMaxDepth) throw RuleError{"the rule is nested more than 16 levels deep", where};
    if (!rule.is_object())
      throw RuleError{"a rule is a list of constraints or an object with '@type'; found " + rule.dump(),
                      where};
    const std::string type = text_of(rule, "@type", where);
    if (type == "AndRule" || type == "OrRule") return branch(rule, type == "AndRule", where, depth);
    if (type == "NotRule") {
      const uint32_t child = object(member(rule, "rule", where), where + "/rule", depth + 1);
      return add(Node{Node::Type::kNot, 0, {child}});
    }
    if (type == "PassthroughRule") return add(Node{Node::Type::kAll, 0, {}});
    if (type == "InvalidPlacementRule") {
      throw RuleError{"the rule was invalid when it was stored: " +
                          rule.value("exception", std::string("no reason given")),
                      where};
    }
    Leaf leaf;
    leaf.source = type;
    if (type == "AgentRule") {
      leaf.field = Field::kAgentId;
      leaf.test = Test::kEquals;
      leaf.text = text_of(rule, "agent-id", where);
      return add(std::move(leaf));
    }
    if (type == "IsLocalRegionRule") {
      leaf.field = Field::kRegion;
      leaf.test = Test::kLocalRegion;
      leaf.source = "the rule to stay in the master's region";
      return add(std::move(leaf));
    }
    if (type == "TaskTypeRule") {
      const std::string behavior = upper(text_of(rule, "behavior", where));
      if (behavior != "COLOCATE" && behavior != "AVOID") {
        throw RuleError{"'behavior' is COLOCATE or AVOID; found '" + behavior + "'", where + "/behavior"};
      }
      leaf.field = Field::kAgentId;
      leaf.test = behavior == "COLOCATE" ? Test::kNear : Test::kApart;
      leaf.text = text_of(rule, "type", where);
      return add(std::move(leaf));
    }
    return field_rule(rule, type, std::move(leaf), where);
  }

  uint32_t branch(const json& rule, bool is_and, const std::string& where, int depth) {
    const json& rules = member(rule, "rules", where);
    if (!rules.is_array()) throw RuleError{"'rules' must be a list", where + "/rules"};
    // The SDK lets an empty list fail.
    if (rules.empty()) return add(Node{Node::Type::kNever, 0, {}});
    Node node{is_and ? Node::Type::kAll : Node::Type::kAny, 0, {}};
    for (size_t i = 0; i < rules.size(); ++i) {
      node.children.push_back(object(rules[i], where + "/rules/" + std::to_string(i), depth + 1));
    }
    return add(std::move(node));
  }

  // HostnameRule, MaxPerZoneRule, RoundRobinByAttributeRule and their like.
  uint32_t field_rule(const json& rule, const std::string& type, Leaf leaf, const std::string& where) {
    static const struct {
      const char* name;
      Field field;
      const char* count_key;
    } kFields[] = {{"Hostname", Field::kHostname, "agent-count"},
                   {"Zone", Field::kZone, "zone-count"},
                   {"Region", Field::kRegion, "region-count"},
                   {"Attribute", Field::kAttribute, "value-count"}};
    for (const auto& field : kFields) {
      const std::string name = field.name;
      leaf.field = field.field;
      if (type == name + "Rule") {
        matcher(leaf, member(rule, "matcher", where), where + "/matcher");
        return add(std::move(leaf));
      }
      const bool is_max = type == "MaxPer" + name + "Rule";
      if (!is_max && type != "RoundRobinBy" + name + "Rule") continue;
      if (const auto filter = rule.find("task-filter"); filter != rule.end() && !filter->is_null()) {
        leaf.task_filter = std::make_unique<Leaf>();
        matcher(*leaf.task_filter, *filter, where + "/task-filter");
        leaf.task_filter->number.reset();  // names, though they may look like numbers
      }
      if (is_max) {
        if (field.field == Field::kAttribute) {
          leaf.value_filter = std::make_unique<Leaf>();
          leaf.value_filter->field = Field::kAttribute;
          matcher(*leaf.value_filter, member(rule, "matcher", where), where + "/matcher");
          leaf.attribute = leaf.value_filter->attribute;
          leaf.ignores_case = leaf.value_filter->ignores_case;
        }
        leaf.test = Test::kMaxPer;
        leaf.limit = count_of(member(rule, "max", where), where + "/max");
      } else {
        if (field.field == Field::kAttribute) leaf.attribute = text_of(rule, "name", where);
        leaf.test = Test::kGroupBy;
        leaf.ignores_case = true;
        const auto count = rule.find(field.count_key);
        if (count != rule.end() && !count->is_null())
          leaf.limit = count_of(*count, where + "/" + field.count_key);
      }
      return add(std::move(leaf));
    }
    throw RuleError{"unknown rule '" + type + "'", where + "/@type"};
  }

  static void matcher(Leaf& leaf, const json& matcher, const std::string& where) {
    const std::string type = text_of(matcher, "@type", where);
    if (type == "AnyMatcher") {
      set_expression(leaf, Test::kLike, "(?s).*", where);
      if (leaf.field == Field::kAttribute)
        throw RuleError{"an attribute's matcher must name the attribute", where};
      return;
    }
    const bool is_regex = type == "RegexMatcher";
    if (!is_regex && type != "ExactMatcher" && type != "InvertedExactMatcher")
      throw RuleError{"unknown matcher '" + type + "'", where + "/@type"};
    std::string text = text_of(matcher, is_regex ? "pattern" : "string", where);
    // The SDK matches attributes as "name:value".
    if (leaf.field == Field::kAttribute) {
      const size_t colon = text.find(':');
      if (colon == std::string::npos || colon == 0)
        throw RuleError{"an attribute is matched as 'name:value'; found '" + text + "'", where};
      leaf.attribute = text.substr(0, colon);
      text.erase(0, colon + 1);
    }
    if (is_regex) {
      set_expression(leaf, Test::kLike, text, where + "/pattern");
    } else {
      set_text(leaf, type == "ExactMatcher" ? Test::kEquals : Test::kNotEquals, text);
    }
  }

  static const json& member(const json& object, const char* key, const std::string& where) {
    const auto found = object.is_object() ? object.find(key) : object.end();
    if (!object.is_object() || found == object.end())
      throw RuleError{"'" + std::string(key) + "' is missing", where};
    return *found;
  }
  static std::string text_of(const json& object, const char* key, const std::string& where) {
    const json& value = member(object, key, where);
    if (!value.is_string())
      throw RuleError{"'" + std::string(key) + "' must be text; found " + value.dump(), where + "/" + key};
    return value.get<std::string>();
  }
  static uint32_t count_of(const json& value, const std::string& where) {
    if (!value.is_number_integer() || value < 1 || value > UINT32_MAX)
      throw RuleError{"a number of at least 1 is needed; found " + value.dump(), where};
    return value.get<uint32_t>();
  }

  Rule rule_;
};

}  // namespace

Leaf::Leaf() = default;
Leaf::Leaf(Leaf&&) noexcept = default;
Leaf::~Leaf() = default;

std::optional<int64_t> parse_milli(std::string_view text) {
  if (text.empty() || text.size() > 20) return std::nullopt;
  size_t digits = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c >= '0' && c <= '9') {
      ++digits;
    } else if (c != '.' && !(c == '-' && i == 0)) {
      return std::nullopt;
    }
  }
  if (digits == 0 || digits > 15) return std::nullopt;
  double value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return std::llround(value * 1000);
}

bool Leaf::accepts(std::string_view value, std::string_view local_region) const {
  switch (test) {
    case Test::kEquals:
    case Test::kNotEquals: {
      const bool is_equal =
          value == text || (number.has_value() && field != Field::kAgentId && parse_milli(value) == number);
      return is_equal == (test == Test::kEquals);
    }
    case Test::kLike:
    case Test::kUnlike: {
      bool is_like = RE2::FullMatch(re2::StringPiece(value.data(), value.size()), *expression);
      // A scalar attribute was shown to Java's expressions with three decimals.
      if (const auto milli = parse_milli(value); !is_like && field == Field::kAttribute && milli) {
        char decimals[40];
        std::snprintf(decimals, sizeof decimals, "%.3f", static_cast<double>(*milli) / 1000);
        is_like = RE2::FullMatch(decimals, *expression);
      }
      return is_like == (test == Test::kLike);
    }
    case Test::kLocalRegion:
      return local_region.empty() || value == local_region;
    default:
      return true;
  }
}

bool Leaf::accepts_absence() const {
  switch (test) {
    case Test::kUnlike:
    case Test::kLocalRegion:
      return true;
    case Test::kNotEquals:
      return field == Field::kAttribute;  // what is not there is not that value
    case Test::kMaxPer:
      return field == Field::kRegion || value_filter != nullptr;
    default:
      return false;
  }
}

Rule parse_rule(std::string_view json) { return Parser().parse(json); }

}  // namespace ostler::matcher
