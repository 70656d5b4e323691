// What is wrong with an input, where, and what would be right.
//
// One text form, which people and tests read:
//   svc.yml:12:12: pods.zookeeper.count: found 'three', expected a whole number, 0 to 100000
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "spec/mustache.h"

namespace ostler::spec {

struct Problem {
  std::string file;
  int line = 0;  // from 1; 0: the whole file, or no file
  int column = 0;
  std::string key;       // "pods.zookeeper.count", or a variable's name
  std::string found;     // "'three'", "a list", "nothing"
  std::string expected;  // "a whole number of 0 or more"
  std::string hint;      // what to do, when that is not plain from the rest

  std::string text() const;
  bool operator==(const Problem&) const = default;
};

// A JSON array of objects with the fields' names; `line` and `column` only where known.
std::string problems_json(const std::vector<Problem>& problems);

// A place in the rendered text, from 1.
struct Mark {
  int line = 0;
  int column = 0;
};

// Collects what is found wrong while one file is read. Marks are places in the
// rendered text and are turned into places of the template here.
class Report {
 public:
  // `rendered` may be null (the file is no template) and must outlive the report.
  Report(std::string file, const mustache::Rendered* rendered)
      : file_(std::move(file)), rendered_(rendered) {}

  void error(Mark mark, std::string key, std::string found, std::string expected, std::string hint = {});
  // Something that is accepted, but probably not what its author wants.
  void warning(Mark mark, std::string key, std::string found, std::string expected, std::string hint = {});

  // Something that is well-formed, but that a validator refuses to install.
  void objection(Mark mark, std::string key, std::string found, std::string expected, std::string hint = {});

  // "from the variable NODE_COUNT" when the mark is in a substituted value, else empty.
  std::string variable_hint(Mark mark) const;
  // "the variable NODE_COUNT has no value" when that is so in the mark's line, else empty.
  std::string missing_hint(Mark mark) const;
  // The line of the template that a mark stands for.
  int line(Mark mark) const { return rendered_ ? rendered_->origin(mark.line, mark.column).line : mark.line; }

  // In the order of the file; the last one says how many more there are, if the list is cut.
  std::vector<Problem> errors() const;
  std::vector<Problem> objections() const;
  std::vector<Problem> warnings() const;
  bool has_errors() const { return !errors_.empty(); }

 private:
  Problem problem(Mark mark, std::string key, std::string found, std::string expected,
                  std::string hint) const;

  std::string file_;
  const mustache::Rendered* rendered_;
  std::vector<Problem> errors_;
  size_t unlisted_errors_ = 0;  // beyond the limit
  std::vector<Problem> objections_;
  std::vector<Problem> warnings_;
};

// `text` in single quotes, shortened when long, control characters shown as '?'.
std::string in_quotes(std::string_view text);

// The one of `names` that `word` was probably meant to be; empty when none is near.
std::string_view nearest(std::string_view word, const std::vector<std::string_view>& names);

}  // namespace ostler::spec
