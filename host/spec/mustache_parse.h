// A template as a tree of tags. Private to the renderer.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ostler::mustache {

struct Node {
  enum class Kind { kText, kEscaped, kRaw, kSection, kInverted, kPartial } kind = Kind::kText;
  std::string text;    // the literal text, or the tag's name
  std::string indent;  // of a partial that stands alone on its line
  size_t offset = 0;   // of the text or of the tag, in the template
  std::vector<Node> children;
};

// The position of a byte as "line:column", both from 1.
struct LineColumn {
  int line = 1;
  int column = 1;
};
LineColumn line_column(std::string_view text, size_t offset);

// Lines that hold nothing but a section, comment, partial or delimiter tag
// disappear. The error's `where` is "name:line:column".
Result<std::vector<Node>> parse(std::string_view text, const std::string& name, int max_depth);

}  // namespace ostler::mustache
