// A receiver of yaml-cpp's parser events.
#include "spec/yaml_tree.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <sstream>

#include "spec/utf8.h"

namespace ostler::spec::yaml {
namespace {

// Leaves the parser from inside an event; the problem is already reported.
struct Refused {};

size_t size_of(const Node& node) {
  size_t size = 1;
  for (const Node& item : node.items) size += size_of(item);
  for (const Entry& entry : node.entries) size += 1 + size_of(entry.value);
  return size;
}

int depth_of(const Node& node) {
  int depth = 0;
  for (const Node& item : node.items) depth = std::max(depth, depth_of(item));
  for (const Entry& entry : node.entries) depth = std::max(depth, depth_of(entry.value));
  return depth + 1;
}

class Builder final : public YAML::EventHandler {
 public:
  Builder(std::string_view text, Report& report, const Limits& limits)
      : text_(text), report_(report), limits_(limits) {}

  std::optional<Node> take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const bool in_list = !open_.empty() && open_.back().node.type == Node::Type::kList;
    finish(Node{Node::Type::kNull, {}, false, in_list ? dash_before(mark) : at(mark), {}, {}}, anchor);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    finish(Node{Node::Type::kScalar, value, tag == "!", at(mark), {}, {}}, anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto target = anchors_.find(anchor);
    if (target == anchors_.end()) {
      refuse(at(mark), "an alias to a value that contains it", "a value that ends");
    }
    Node copy = target->second;
    count(size_of(copy), at(mark));
    if (static_cast<int>(open_.size()) + depth_of(copy) > limits_.max_depth) refuse_depth(at(mark));
    copy.mark = at(mark);
    place(std::move(copy));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(Node{Node::Type::kList, {}, false, at(mark), {}, {}}, anchor);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(Node{Node::Type::kMap, {}, false, at(mark), {}, {}}, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    Node node;
    YAML::anchor_t anchor;
    bool has_key = false;
    bool skips_value = false;  // the key was a problem
    std::string key;
    Mark key_mark;
  };

  static Mark at(const YAML::Mark& mark) { return {mark.line + 1, mark.column + 1}; }

  // An item that is nothing is told at the token behind it; its author looks for its dash.
  Mark dash_before(const YAML::Mark& mark) const {
    if (mark.is_null() || mark.pos <= 0) return at(mark);
    const std::string_view before = text_.substr(0, static_cast<size_t>(mark.pos));
    const size_t dash = before.find_last_not_of(" \t\r\n");
    if (dash == std::string_view::npos || before[dash] != '-') return at(mark);
    const size_t newline = before.rfind('\n', dash);
    const auto line = 1 + std::count(before.begin(), before.begin() + static_cast<ptrdiff_t>(dash), '\n');
    return {static_cast<int>(line),
            static_cast<int>(newline == std::string_view::npos ? dash + 1 : dash - newline)};
  }

  [[noreturn]] void refuse(Mark mark, std::string found, std::string expected) {
    report_.error(mark, path(), std::move(found), std::move(expected));
    throw Refused{};
  }
  [[noreturn]] void refuse_depth(Mark mark) {
    refuse(mark, "values nested more than " + std::to_string(limits_.max_depth) + " deep", "fewer levels");
  }

  void count(size_t nodes, Mark mark) {
    nodes_ += nodes;
    if (nodes_ > limits_.max_nodes) {
      refuse(mark, "more than " + std::to_string(limits_.max_nodes) + " values", "fewer values or aliases");
    }
  }

  void open(Node node, YAML::anchor_t anchor) {
    count(1, node.mark);
    if (static_cast<int>(open_.size()) >= limits_.max_depth) refuse_depth(node.mark);
    if (!open_.empty() && is_key_next()) {
      refuse(node.mark, node.type == Node::Type::kList ? "a list as a key" : "a map as a key", "a text");
    }
    open_.push_back(Open{std::move(node), anchor, false, false, {}, {}});
  }

  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    keep(done.node, done.anchor);
    place(std::move(done.node));
  }

  void finish(Node node, YAML::anchor_t anchor) {
    count(1, node.mark);
    keep(node, anchor);
    place(std::move(node));
  }

  void keep(const Node& node, YAML::anchor_t anchor) {
    if (anchor == 0) return;
    // The copy is held as long as the reading lasts, so it counts too.
    count(size_of(node), node.mark);
    anchors_.insert_or_assign(anchor, node);
  }

  bool is_key_next() const { return open_.back().node.type == Node::Type::kMap && !open_.back().has_key; }

  void place(Node node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (parent.node.type == Node::Type::kList) {
      parent.node.items.push_back(std::move(node));
    } else if (!parent.has_key) {
      take_key(parent, node);
    } else {
      if (!parent.skips_value) {
        parent.node.entries.push_back(Entry{std::move(parent.key), parent.key_mark, std::move(node)});
      }
      parent.has_key = parent.skips_value = false;
    }
  }

  void take_key(Open& parent, const Node& node) {
    parent.has_key = true;
    parent.key = node.scalar;
    parent.key_mark = node.mark;
    if (node.type != Node::Type::kScalar) {
      parent.skips_value = true;
      report_.error(node.mark, path(), node.found() + " as a key", "a text");
    } else if (node.scalar.size() > limits_.max_key_bytes) {
      parent.skips_value = true;
      parent.key.clear();
      report_.error(node.mark, path(), "a key of " + std::to_string(node.scalar.size()) + " bytes",
                    "at most " + std::to_string(limits_.max_key_bytes));
    } else if (const Entry* first = parent.node.entry(node.scalar)) {
      parent.skips_value = true;
      report_.error(node.mark, path(), "a second " + in_quotes(node.scalar), "each key once",
                    "first used in line " + std::to_string(report_.line(first->mark)));
    }
  }

  // Where the reading is: the keys of what is open.
  std::string path() const {
    std::string out;
    for (const Open& open : open_) {
      if (!open.has_key || open.key.empty()) continue;
      if (!out.empty()) out += '.';
      out += open.key;
    }
    return out;
  }

  std::string_view text_;
  Report& report_;
  const Limits& limits_;
  size_t nodes_ = 0;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Node> anchors_;
  std::optional<Node> root_;
};

bool is_text(std::string_view text, Report& report, const Limits& limits) {
  if (text.size() > limits.max_bytes) {
    report.error({}, {}, std::to_string(text.size()) + " bytes",
                 "at most " + std::to_string(limits.max_bytes));
    return false;
  }
  if (const auto bad = find_bad_text(text)) {
    const auto before = text.substr(0, *bad);
    const size_t newline = before.rfind('\n');
    const int line = 1 + static_cast<int>(std::count(before.begin(), before.end(), '\n'));
    const size_t column = newline == std::string_view::npos ? *bad : *bad - newline - 1;
    char code[8];
    std::snprintf(code, sizeof code, "0x%02X", static_cast<unsigned char>(text[*bad]));
    report.error({line, static_cast<int>(column) + 1}, {}, std::string("the byte ") + code,
                 "UTF-8 text without control characters");
    return false;
  }
  return true;
}

}  // namespace

const Entry* Node::entry(std::string_view key) const {
  for (const Entry& entry : entries) {
    if (entry.key == key) return &entry;
  }
  return nullptr;
}

std::string Node::found() const {
  switch (type) {
    case Type::kNull:
      return "nothing";
    case Type::kScalar:
      return in_quotes(scalar);
    case Type::kList:
      return items.empty() ? "an empty list" : "a list";
    case Type::kMap:
      return entries.empty() ? "an empty map" : "a map";
  }
  return "nothing";
}

std::optional<Node> parse(std::string_view text, Report& report, const Limits& limits) {
  if (!is_text(text, report, limits)) return std::nullopt;
  std::istringstream stream{std::string(text)};
  Builder builder(text, report, limits);
  try {
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) return Node{};
    auto root = builder.take();
    Builder second(text, report, limits);
    if (parser.HandleNextDocument(second)) {
      const auto other = second.take();
      report.error(other ? other->mark : Mark{}, {}, "a second document", "one document in the file");
    }
    return root;
  } catch (const Refused&) {
    return std::nullopt;
  } catch (const YAML::Exception& failure) {
    const bool knows_where = !failure.mark.is_null();
    report.error(knows_where ? Mark{failure.mark.line + 1, failure.mark.column + 1} : Mark{}, {},
                 "text that is not YAML: " + failure.msg, "valid YAML");
    return std::nullopt;
  }
}

}  // namespace ostler::spec::yaml
