// Problems as text and JSON, and the small helpers that word them.
#include "spec/problem.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>

namespace ostler::spec {
namespace {

// More than this many problems help nobody, and a hostile file has many.
constexpr size_t kMaxProblems = 200;

// Insertions, deletions, replacements and swaps of neighbours.
size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<size_t>> cost(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) {
    for (size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        cost[i][j] = i + j;
        continue;
      }
      const size_t replaced = cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, replaced});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
    }
  }
  return cost[a.size()][b.size()];
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
  if (errors_.size() >= kMaxProblems) {
    ++unlisted_errors_;
    return;
  }
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
  mustache::Place place = rendered_->origin(mark.line, mark.column);
  // A value in quotes is marked at its quote, which the template's author wrote.
  if (place.variable.empty()) place = rendered_->origin(mark.line, mark.column + 1);
  return place.variable.empty() ? std::string() : "from the variable " + place.variable;
}

std::string Report::missing_hint(Mark mark) const {
  if (!rendered_ || mark.line <= 0) return {};
  const mustache::Place place = rendered_->origin(mark.line, mark.column);
  for (const mustache::Missing& missing : rendered_->missing) {
    if (missing.file == place.file && missing.line == place.line)
      return "the variable " + missing.name + " has no value";
  }
  return {};
}

std::vector<Problem> Report::errors() const {
  std::vector<Problem> problems = in_order(errors_);
  if (unlisted_errors_ > 0) {
    const std::string more = std::to_string(unlisted_errors_);
    problems.push_back({file_, 0, 0, {}, more + " more problems", "the ones above to be mended first", {}});
  }
  return problems;
}

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
    if (name.size() > 64) continue;
    size_t distance = edit_distance(word, name);
    // "mem" for "memory" is a short form, however many letters it lacks.
    if (word.size() >= 3 && name.starts_with(word)) distance = 1;
    if (distance < best_distance) {
      best = name;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace ostler::spec
