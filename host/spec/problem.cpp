// Problems as text and JSON, and the small helpers that word them.
#include "spec/problem.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>

namespace ostler::spec {
namespace {

// More than this many problems help nobody, and a hostile file has many.
constexpr size_t kMaxProblems = 200;

size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

std::vector<Problem> in_order(std::vector<Problem> problems) {
  std::stable_sort(problems.begin(), problems.end(), [](const Problem& a, const Problem& b) {
    return std::tie(a.file, a.line, a.column) < std::tie(b.file, b.line, b.column);
  });
  return problems;
}

}  // namespace

std::string Problem::text() const {
  std::string out = file;
  if (line > 0) out += ":" + std::to_string(line) + ":" + std::to_string(column);
  for (const std::string& part : {key, "found " + found + ", expected " + expected}) {
    if (!out.empty() && !part.empty()) out.append(": ");
    out.append(part);
  }
  if (!hint.empty()) out.append(" (").append(hint).append(")");
  return out;
}

std::string problems_json(const std::vector<Problem>& problems) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Problem& problem : problems) {
    nlohmann::ordered_json item;
    item["file"] = problem.file;
    if (problem.line > 0) {
      item["line"] = problem.line;
      item["column"] = problem.column;
    }
    item["key"] = problem.key;
    item["found"] = problem.found;
    item["expected"] = problem.expected;
    if (!problem.hint.empty()) item["hint"] = problem.hint;
    item["text"] = problem.text();
    list.push_back(std::move(item));
  }
  return list.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

void Report::error(Mark mark, std::string key, std::string found, std::string expected, std::string hint) {
  if (errors_.size() >= kMaxProblems) return;
  errors_.push_back(problem(mark, std::move(key), std::move(found), std::move(expected), std::move(hint)));
}

void Report::objection(Mark mark, std::string key, std::string found, std::string expected,
                       std::string hint) {
  if (objections_.size() >= kMaxProblems) return;
  objections_.push_back(
      problem(mark, std::move(key), std::move(found), std::move(expected), std::move(hint)));
}

void Report::warning(Mark mark, std::string key, std::string found, std::string expected, std::string hint) {
  if (warnings_.size() >= kMaxProblems) return;
  warnings_.push_back(problem(mark, std::move(key), std::move(found), std::move(expected), std::move(hint)));
}

std::string Report::variable_hint(Mark mark) const {
  if (!rendered_ || mark.line <= 0) return {};
  const mustache::Place place = rendered_->origin(mark.line, mark.column);
  return place.variable.empty() ? std::string() : "from the variable " + place.variable;
}

std::vector<Problem> Report::errors() const { return in_order(errors_); }
std::vector<Problem> Report::objections() const { return in_order(objections_); }
std::vector<Problem> Report::warnings() const { return in_order(warnings_); }

Problem Report::problem(Mark mark, std::string key, std::string found, std::string expected,
                        std::string hint) const {
  Problem problem{
      file_, mark.line, mark.column, std::move(key), std::move(found), std::move(expected), std::move(hint)};
  if (rendered_ && mark.line > 0) {
    mustache::Place place = rendered_->origin(mark.line, mark.column);
    problem.file = place.file;
    problem.line = place.line;
    problem.column = place.column;
    if (problem.hint.empty()) problem.hint = variable_hint(mark);
  }
  return problem;
}

std::string in_quotes(std::string_view text) {
  constexpr size_t kLongest = 80;
  std::string out = "'";
  for (const char c : text.substr(0, kLongest)) out += static_cast<unsigned char>(c) < 32 ? '?' : c;
  // A cut inside a character must not leave half of it.
  if (text.size() > kLongest) {
    while (!out.empty() && (static_cast<unsigned char>(out.back()) & 0xC0) == 0x80) out.pop_back();
    if (static_cast<unsigned char>(out.back()) >= 0xC0) out.pop_back();
    out += "...";
  }
  return out + "'";
}

std::string_view nearest(std::string_view word, const std::vector<std::string_view>& names) {
  std::string_view best;
  size_t best_distance = 1 + std::min<size_t>(2, word.size() / 3);
  if (word.size() > 64) return best;
  for (const std::string_view name : names) {
    const size_t distance = edit_distance(word, name);
    if (distance < best_distance) {
      best = name;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace ostler::spec
