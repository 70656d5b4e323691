// Mustache as svc.yml and config templates use it.
//
// Two flavours differ in escaping and in what counts as false: the scheduler's
// (svc.yml, java-sdk-spec-api-state.md section 2.1) and bootstrap's (config
// templates, section 2.4). A rendered text remembers which place of which
// template each of its bytes came from, so that an error found later, in the
// YAML, names the line that a person can edit.
//
// Nothing here depends on more than the standard library: bootstrap links it.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace ostler::mustache {

// What a name stands for. Environments only hold text and booleans; lists and
// maps serve package templates and the mustache specification's own tests.
struct Value {
  using List = std::vector<Value>;
  using Map = std::map<std::string, Value, std::less<>>;
  std::variant<std::nullptr_t, bool, std::string, List, Map> data = nullptr;
};

enum class Flavour {
  kServiceSpec,  // svc.yml: `{{x}}` escapes as the SDK's Java engine does
  kBootstrap,    // config templates: escapes as Go does, blank text is false in a section
};

// The values of an environment. Text that reads as a boolean becomes one, and
// prints in lower case: "true" and "false" for svc.yml, only "false" for bootstrap.
Value from_environment(const std::map<std::string, std::string>& env, Flavour flavour);

// A `{{name}}` without a value; it renders as nothing.
struct Missing {
  std::string name;
  std::string file;
  int line = 0;    // from 1
  int column = 0;  // of the tag, from 1

  std::string text() const { return name + "@L" + std::to_string(line); }
  bool operator==(const Missing&) const = default;
};

// A place in a template, counted from 1. `variable` names the tag when the
// place is inside a substituted value.
struct Place {
  std::string file;
  int line = 1;
  int column = 1;
  std::string variable;
};

// The result, and the way back from it to the templates.
class Rendered {
 public:
  std::string text;
  std::vector<Missing> missing;  // in the order of rendering

  // Where the byte at line and column (from 1) of `text` came from.
  Place origin(int line, int column) const;

 private:
  friend class Renderer;
  struct Source {
    std::string name;
    std::string text;
    size_t indent = 0;  // columns that were put before each line of a partial
  };
  struct Segment {
    size_t out = 0;        // where it begins in `text`
    size_t source = 0;     // index into sources_
    size_t offset = 0;     // where it begins there
    std::string variable;  // empty: copied text
  };
  std::vector<Source> sources_;
  std::vector<Segment> segments_;
};

struct Options {
  Flavour flavour = Flavour::kServiceSpec;
  std::string name = "template";  // the file's name in messages
  // Gives the text of a partial `{{>name}}`; unset or no value: it renders as nothing.
  std::function<std::optional<std::string>(std::string_view name)> partial;
  bool partials_must_exist = false;     // ... unless this makes it an error, as in the SDK's svc.yml
  size_t max_template_bytes = 1 << 20;  // 0: no limit
  size_t max_output_bytes = 4 << 20;    // nested lists multiply
  int max_depth = 64;                   // sections and partials inside each other
};

// Renders `text`. Fails on a template that is broken or exceeds a limit; the
// error's `where` is "name:line:column".
Result<Rendered> render(std::string_view text, const Value& values, const Options& options);

}  // namespace ostler::mustache
