// Walks the tags of a template with a stack of contexts.
#include "spec/mustache.h"

#include <algorithm>

#include "spec/mustache_parse.h"

namespace ostler::mustache {
namespace {

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  return text.size() == lower.size() &&
         std::equal(text.begin(), text.end(), lower.begin(), [](char a, char b) {
           return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
         });
}

bool is_false(const Value& value, Flavour flavour) {
  if (std::holds_alternative<std::nullptr_t>(value.data)) return true;
  if (const auto* flag = std::get_if<bool>(&value.data)) return !*flag;
  if (const auto* list = std::get_if<Value::List>(&value.data)) return list->empty();
  if (const auto* text = std::get_if<std::string>(&value.data)) {
    if (flavour == Flavour::kServiceSpec) return text->empty();
    return text->find_first_not_of(" \t\n\v\f\r") == std::string::npos;
  }
  return false;
}

void escape_into(std::string& out, std::string_view text, Flavour flavour) {
  const bool java = flavour == Flavour::kServiceSpec;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        continue;
      case '<':
        out += "&lt;";
        continue;
      case '>':
        out += "&gt;";
        continue;
      case '"':
        out += java ? "&quot;" : "&#34;";
        continue;
      case '\'':
        out += "&#39;";
        continue;
      case '=':
        out += java ? "&#61;" : "=";
        continue;
      case '`':
        out += java ? "&#96;" : "`";
        continue;
      default:
        break;
    }
    if (java && static_cast<unsigned char>(c) <= 13) {
      out += "&#" + std::to_string(static_cast<int>(c)) + ";";
    } else if (!java && c == '\0') {
      out += "\xEF\xBF\xBD";
    } else {
      out += c;
    }
  }
}

}  // namespace

Value from_environment(const std::map<std::string, std::string>& env, Flavour flavour) {
  Value::Map values;
  for (const auto& [name, text] : env) {
    Value value;
    if (equals_ignoring_case(text, "false")) {
      value.data = false;
    } else if (flavour == Flavour::kServiceSpec && equals_ignoring_case(text, "true")) {
      value.data = true;
    } else {
      value.data = text;
    }
    values.emplace(name, std::move(value));
  }
  return Value{std::move(values)};
}

class Renderer {
 public:
  explicit Renderer(const Options& options) : options_(options) {}

  Result<Rendered> run(std::string_view text, const Value& values) {
    contexts_.push_back(&values);
    if (auto error = render_source(options_.name, std::string(text), 0)) return *error;
    return std::move(out_);
  }

 private:
  std::optional<Error> render_source(const std::string& name, std::string text, size_t indent) {
    if (options_.max_template_bytes != 0 && text.size() > options_.max_template_bytes) {
      return Error{Code::kResourceExhausted,
                   "the template has " + std::to_string(text.size()) + " bytes, expected at most " +
                       std::to_string(options_.max_template_bytes),
                   name};
    }
    auto nodes = parse(text, name, options_.max_depth);
    if (!nodes) return nodes.error();
    const size_t source = out_.sources_.size();
    out_.sources_.push_back({name, std::move(text), indent});
    return render_nodes(*nodes, source);
  }

  std::optional<Error> render_nodes(const std::vector<Node>& nodes, size_t source) {
    for (const Node& node : nodes) {
      std::optional<Error> error;
      switch (node.kind) {
        case Node::Kind::kText:
          begin_segment(source, node.offset, {});
          out_.text += node.text;
          break;
        case Node::Kind::kEscaped:
        case Node::Kind::kRaw:
          print(node, source);
          break;
        case Node::Kind::kSection:
          error = render_section(node, source);
          break;
        case Node::Kind::kInverted:
          if (const Value* value = find(node.text); !value || is_false(*value, options_.flavour)) {
            error = render_nodes(node.children, source);
          }
          break;
        case Node::Kind::kPartial:
          error = render_partial(node, source);
          break;
      }
      if (error) return error;
      if (out_.text.size() > options_.max_output_bytes) {
        return failure("the rendered text exceeds " + std::to_string(options_.max_output_bytes) + " bytes",
                       node, source);
      }
    }
    return std::nullopt;
  }

  std::optional<Error> render_section(const Node& node, size_t source) {
    const Value* value = find(node.text);
    if (!value || is_false(*value, options_.flavour)) return std::nullopt;
    if (const auto* list = std::get_if<Value::List>(&value->data)) {
      for (const Value& item : *list) {
        if (auto error = render_inside(item, node, source)) return error;
      }
      return std::nullopt;
    }
    return render_inside(*value, node, source);
  }

  std::optional<Error> render_inside(const Value& context, const Node& node, size_t source) {
    contexts_.push_back(&context);
    auto error = render_nodes(node.children, source);
    contexts_.pop_back();
    return error;
  }

  std::optional<Error> render_partial(const Node& node, size_t source) {
    auto text = options_.partial ? options_.partial(node.text) : std::nullopt;
    if (!text) {
      if (!options_.partials_must_exist) return std::nullopt;
      return failure("found no partial '" + node.text + "', expected a file of that name beside the template",
                     node, source);
    }
    if (++partial_depth_ > options_.max_depth) {
      return failure("partials include each other more than " + std::to_string(options_.max_depth) + " deep",
                     node, source);
    }
    if (!node.indent.empty()) {
      std::string indented;
      for (size_t begin = 0; begin < text->size();) {
        const size_t newline = text->find('\n', begin);
        const size_t end = newline == std::string::npos ? text->size() : newline + 1;
        indented += node.indent + text->substr(begin, end - begin);
        begin = end;
      }
      *text = std::move(indented);
    }
    auto error = render_source(node.text, std::move(*text), node.indent.size());
    --partial_depth_;
    return error;
  }

  void print(const Node& node, size_t source) {
    begin_segment(source, node.offset, node.text);
    const Value* value = find(node.text);
    std::string text;
    if (value) {
      if (const auto* s = std::get_if<std::string>(&value->data)) text = *s;
      if (const auto* flag = std::get_if<bool>(&value->data)) text = *flag ? "true" : "false";
    } else {
      const auto& from = out_.sources_[source];
      const LineColumn at = line_column(from.text, node.offset);
      out_.missing.push_back({node.text, from.name, at.line, at.column});
    }
    if (node.kind == Node::Kind::kRaw) {
      out_.text += text;
    } else {
      escape_into(out_.text, text, options_.flavour);
    }
  }

  // The first part of a dotted name is looked for from the innermost context
  // outwards; what follows must be inside what was found.
  const Value* find(std::string_view name) const {
    if (name == ".") return contexts_.back();
    size_t dot = name.find('.');
    const Value* value = nullptr;
    for (auto context = contexts_.rbegin(); context != contexts_.rend() && !value; ++context) {
      value = member(**context, name.substr(0, dot));
    }
    while (value && dot != std::string_view::npos) {
      name.remove_prefix(dot + 1);
      dot = name.find('.');
      value = member(*value, name.substr(0, dot));
    }
    return value;
  }

  static const Value* member(const Value& value, std::string_view name) {
    const auto* map = std::get_if<Value::Map>(&value.data);
    if (!map) return nullptr;
    const auto found = map->find(name);
    return found == map->end() ? nullptr : &found->second;
  }

  void begin_segment(size_t source, size_t offset, std::string variable) {
    out_.segments_.push_back({out_.text.size(), source, offset, std::move(variable)});
  }

  Error failure(std::string message, const Node& node, size_t source) const {
    const auto& from = out_.sources_[source];
    const LineColumn at = line_column(from.text, node.offset);
    return {Code::kResourceExhausted, std::move(message),
            from.name + ":" + std::to_string(at.line) + ":" + std::to_string(at.column)};
  }

  const Options& options_;
  Rendered out_;
  std::vector<const Value*> contexts_;
  int partial_depth_ = 0;
};

Place Rendered::origin(int line, int column) const {
  size_t offset = 0;
  for (int current = 1; current < line; ++current) {
    const size_t newline = text.find('\n', offset);
    if (newline == std::string::npos) break;
    offset = newline + 1;
  }
  offset += static_cast<size_t>(std::max(column, 1) - 1);
  // Of several segments that begin at one place, all but the last are empty.
  auto after = std::upper_bound(segments_.begin(), segments_.end(), offset,
                                [](size_t at, const Segment& segment) { return at < segment.out; });
  if (after == segments_.begin()) return Place{sources_.empty() ? "" : sources_[0].name, line, column, {}};
  const Segment& segment = *std::prev(after);
  const Source& source = sources_[segment.source];
  const size_t inside = segment.variable.empty() ? offset - segment.out : 0;
  const LineColumn at = line_column(source.text, segment.offset + inside);
  return Place{source.name, at.line, std::max(1, at.column - static_cast<int>(source.indent)),
               segment.variable};
}

Result<Rendered> render(std::string_view text, const Value& values, const Options& options) {
  return Renderer(options).run(text, values);
}

}  // namespace ostler::mustache
