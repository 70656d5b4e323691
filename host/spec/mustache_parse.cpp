// Reads a template in one pass: find the next opening delimiter, decide whether
// the tag stands alone on its line, keep a stack of open sections.
#include "spec/mustache_parse.h"

#include <algorithm>
#include <optional>

namespace ostler::mustache {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }

std::string_view trim(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

struct Delimiters {
  std::string open = "{{";
  std::string close = "}}";
};

struct Tag {
  char sigil = 0;  // 0: escaped variable; '{' and '&': raw
  std::string_view content;
  size_t begin = 0;
  size_t end = 0;  // one past the closing delimiter
};

class Parser {
 public:
  Parser(std::string_view text, const std::string& name, int max_depth)
      : text_(text), name_(name), max_depth_(max_depth) {}

  Result<std::vector<Node>> run() {
    std::vector<Node> root;
    open_.push_back({&root, {}, 0});
    size_t position = 0;
    for (;;) {
      const size_t begin = text_.find(delimiters_.open, position);
      if (begin == std::string_view::npos) break;
      Tag tag;
      if (auto error = read_tag(begin, tag)) return *error;
      size_t text_end = tag.begin;
      size_t next = tag.end;
      std::string indent;
      if (can_stand_alone(tag.sigil)) widen_to_line(text_end, next, indent);
      add_text(position, std::max(position, text_end));
      if (auto error = apply(tag, indent)) return *error;
      position = next;
    }
    add_text(position, text_.size());
    if (open_.size() > 1) {
      return error("the section '" + open_.back().name + "' is opened here and never closed, expected " +
                       delimiters_.open + "/" + open_.back().name + delimiters_.close,
                   open_.back().offset);
    }
    return root;
  }

 private:
  struct Open {
    std::vector<Node>* nodes;
    std::string name;
    size_t offset;
  };

  static bool can_stand_alone(char sigil) {
    return sigil == '#' || sigil == '^' || sigil == '/' || sigil == '!' || sigil == '=' || sigil == '>';
  }

  Error error(std::string message, size_t offset) const {
    const LineColumn at = line_column(text_, offset);
    return {Code::kInvalidArgument, std::move(message),
            name_ + ":" + std::to_string(at.line) + ":" + std::to_string(at.column)};
  }

  std::optional<Error> read_tag(size_t begin, Tag& tag) const {
    tag.begin = begin;
    size_t inside = begin + delimiters_.open.size();
    const char first = inside < text_.size() ? text_[inside] : '\0';
    std::string close = delimiters_.close;
    if (first == '{' && delimiters_.open == "{{") {
      tag.sigil = first;
      close = "}" + close;
    } else if (first == '=') {
      tag.sigil = first;
      close = "=" + close;
    } else if (can_stand_alone(first) || first == '&') {
      tag.sigil = first;
    }
    if (tag.sigil != 0) ++inside;
    const size_t end = text_.find(close, inside);
    if (end == std::string_view::npos) {
      return error("the tag that begins here has no end, expected '" + close + "'", begin);
    }
    tag.content = text_.substr(inside, end - inside);
    tag.end = end + close.size();
    return std::nullopt;
  }

  // When only blanks surround a tag on its line, the whole line goes with it.
  void widen_to_line(size_t& text_end, size_t& next, std::string& indent) const {
    size_t start = text_end;
    while (start > 0 && is_blank(text_[start - 1])) --start;
    if (start > 0 && text_[start - 1] != '\n') return;
    size_t stop = next;
    while (stop < text_.size() && is_blank(text_[stop])) ++stop;
    if (stop < text_.size() && text_[stop] == '\r') ++stop;
    if (stop < text_.size() && text_[stop] != '\n') return;
    if (stop < text_.size()) ++stop;
    indent = std::string(text_.substr(start, text_end - start));
    text_end = start;
    next = stop;
  }

  void add_text(size_t begin, size_t end) {
    if (end <= begin) return;
    Node node;
    node.text = std::string(text_.substr(begin, end - begin));
    node.offset = begin;
    open_.back().nodes->push_back(std::move(node));
  }

  std::optional<Error> apply(const Tag& tag, const std::string& indent) {
    if (tag.sigil == '!') return std::nullopt;
    if (tag.sigil == '=') return set_delimiters(tag);
    const std::string name(trim(tag.content));
    if (name.empty()) return error("the tag is empty, expected a name", tag.begin);
    if (tag.sigil == '/') return close_section(name, tag);

    Node node;
    node.text = name;
    node.offset = tag.begin;
    node.indent = indent;
    switch (tag.sigil) {
      case '#':
        node.kind = Node::Kind::kSection;
        break;
      case '^':
        node.kind = Node::Kind::kInverted;
        break;
      case '>':
        node.kind = Node::Kind::kPartial;
        break;
      case '{':
      case '&':
        node.kind = Node::Kind::kRaw;
        break;
      default:
        node.kind = Node::Kind::kEscaped;
        break;
    }
    auto& nodes = *open_.back().nodes;
    nodes.push_back(std::move(node));
    if (tag.sigil == '#' || tag.sigil == '^') {
      if (static_cast<int>(open_.size()) > max_depth_) {
        return error("sections are nested more than " + std::to_string(max_depth_) + " deep", tag.begin);
      }
      // A parent's vector does not grow while a child's section is open.
      open_.push_back({&nodes.back().children, name, tag.begin});
    }
    return std::nullopt;
  }

  std::optional<Error> close_section(const std::string& name, const Tag& tag) {
    if (open_.size() == 1) {
      return error("found the end of section '" + name + "', which was never opened, expected no such tag",
                   tag.begin);
    }
    if (open_.back().name != name) {
      const LineColumn at = line_column(text_, open_.back().offset);
      return error("found the end of section '" + name + "', expected the end of '" + open_.back().name +
                       "' (opened in line " + std::to_string(at.line) + ")",
                   tag.begin);
    }
    open_.pop_back();
    return std::nullopt;
  }

  std::optional<Error> set_delimiters(const Tag& tag) {
    const std::string_view content = trim(tag.content);
    const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
    const auto gap = std::find_if(content.begin(), content.end(), is_space);
    const std::string open(content.begin(), gap);
    const std::string close(trim(content.substr(static_cast<size_t>(gap - content.begin()))));
    const bool is_pair = !open.empty() && !close.empty() &&
                         std::none_of(close.begin(), close.end(), is_space) &&
                         open.find('=') == std::string::npos && close.find('=') == std::string::npos;
    if (!is_pair) {
      return error("found '" + std::string(content) + "', expected two delimiters with a space between them",
                   tag.begin);
    }
    delimiters_ = {open, close};
    return std::nullopt;
  }

  std::string_view text_;
  const std::string& name_;
  int max_depth_;
  Delimiters delimiters_;
  std::vector<Open> open_;
};

}  // namespace

LineColumn line_column(std::string_view text, size_t offset) {
  LineColumn at;
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  at.line = 1 + static_cast<int>(std::count(before.begin(), before.end(), '\n'));
  const size_t newline = before.rfind('\n');
  at.column =
      1 + static_cast<int>(newline == std::string_view::npos ? before.size() : before.size() - newline - 1);
  return at;
}

Result<std::vector<Node>> parse(std::string_view text, const std::string& name, int max_depth) {
  return Parser(text, name, max_depth).run();
}

}  // namespace ostler::mustache
