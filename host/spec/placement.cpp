// Text to rows, then each row against its operator.
//
// The SDK reads constraints only; its rule objects are for services written in Java.
#include "spec/placement.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <regex>

namespace ostler::spec {
namespace {

using Row = std::vector<std::string>;

std::string trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1));
}

std::string show(const Row& row) {
  std::string out = "[";
  for (size_t i = 0; i < row.size(); ++i) out += (i == 0 ? "" : ", ") + row[i];
  return out + "]";
}

std::vector<Row> parse_colons(std::string_view text) {
  std::vector<Row> rows(1);
  std::string piece;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\' && i + 1 < text.size()) {
      // Only separators are escaped this way; a pattern keeps its own backslashes.
      if (text[i + 1] != ':' && text[i + 1] != ',') piece += c;
      piece += text[++i];
    } else if (c == ':' || c == ',') {
      rows.back().push_back(trim(piece));
      piece.clear();
      if (c == ',') rows.emplace_back();
    } else {
      piece += c;
    }
  }
  rows.back().push_back(trim(piece));
  return rows;
}

std::optional<Row> as_row(const nlohmann::json& list) {
  Row row;
  for (const auto& item : list) {
    if (item.is_structured() || item.is_null()) return std::nullopt;
    // The SDK takes a number or a boolean for its text: ["rack", "MAX_PER", 2].
    row.push_back(item.is_string() ? item.get<std::string>() : item.dump());
  }
  return row;
}

std::optional<std::vector<Row>> parse_json(std::string_view text) {
  // Rules of rules, 16 deep; what nests deeper is no rule.
  const auto shallow = [](int depth, nlohmann::json::parse_event_t, nlohmann::json&) { return depth < 40; };
  const auto json = nlohmann::json::parse(text, shallow, /*allow_exceptions=*/false);
  const auto rule = [](const nlohmann::json& object) {
    return Row{object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)};
  };
  if (json.is_object()) return std::vector<Row>{rule(json)};
  if (!json.is_array()) return std::nullopt;
  std::vector<Row> rows;
  if (json.empty()) return rows;
  if (!json.front().is_structured()) {
    auto row = as_row(json);
    if (!row) return std::nullopt;
    rows.push_back(std::move(*row));
    return rows;
  }
  for (const auto& item : json) {
    auto row = item.is_object() ? rule(item) : item.is_array() ? as_row(item) : std::nullopt;
    if (!row) return std::nullopt;
    rows.push_back(std::move(*row));
  }
  return rows;
}

bool is_number(std::string_view text) {
  return !text.empty() && text.size() < 10 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_pattern(const std::string& text) {
  if (text.size() > 1024) return false;
  try {
    const std::regex compiled(text);
    return true;
  } catch (const std::regex_error&) {
    return false;
  }
}

// Puts the operator into upper case; the reason when the row is no constraint.
std::string check_row(Row& row, std::vector<std::string>& bad_patterns) {
  if (is_rule_object(row)) {
    const auto rule = nlohmann::json::parse(row.front(), nullptr, /*allow_exceptions=*/false);
    const auto type = rule.find("@type");
    if (type != rule.end() && type->is_string()) return {};
    return "A rule object needs its '@type': " + row.front().substr(0, 200);
  }
  if (row.size() < 2 || row.size() > 3) {
    return "Invalid number of entries in rule. Expected 2 or 3, got " + std::to_string(row.size()) + ": " +
           show(row);
  }
  std::string& op = row[1];
  for (char& c : op) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  const bool takes_number = op == "MAX_PER" || op == "GROUP_BY";
  const bool takes_pattern = op == "LIKE" || op == "UNLIKE";
  const bool needs_third =
      op == "MAX_PER" || takes_pattern || op == "CLUSTER" || op == "IS" || op == "IS_NOT";
  if (!needs_third && op != "UNIQUE" && op != "GROUP_BY") {
    return "Unsupported operator: '" + op + "' in constraint: " + show(row) +
           " (expected one of: UNIQUE, CLUSTER, GROUP_BY, LIKE, UNLIKE, MAX_PER, IS or IS_NOT)";
  }
  if (row[0].empty()) return "Missing field name in constraint: " + show(row);
  if (needs_third && (row.size() < 3 || row[2].empty())) {
    return "Missing required parameter for operator '" + op + "'.";
  }
  if (takes_number && row.size() == 3 && !is_number(row[2])) {
    return "Unable to parse max parameter as integer for '" + op + "' operation: " + show(row);
  }
  if (takes_pattern && !is_pattern(row[2])) bad_patterns.push_back(row[2]);
  return {};
}

}  // namespace

Placement parse_placement(std::string_view text) {
  Placement placement;
  const std::string trimmed = trim(text);
  if (trimmed.empty()) return placement;
  if (trimmed.front() == '[' || trimmed.front() == '{') {
    auto rows = parse_json(trimmed);
    if (!rows) {
      placement.error = "Invalid constraint: " + trimmed.substr(0, 200) +
                        " (expected a JSON list of texts, a list of such lists, or a rule object)";
      if (trimmed.find("&quot;") != std::string::npos)
        placement.error += "; in a template write {{{NAME}}}, whose value is not escaped";
      return placement;
    }
    placement.rows = std::move(*rows);
  } else {
    placement.rows = parse_colons(trimmed);
  }
  for (Row& row : placement.rows) {
    std::string why = check_row(row, placement.bad_patterns);
    if (placement.error.empty()) placement.error = std::move(why);
  }
  return placement;
}

bool is_rule_object(const std::vector<std::string>& row) {
  return row.size() == 1 && row.front().starts_with('{');
}

bool placement_names(const std::vector<std::vector<std::string>>& rows, std::string_view field) {
  // The types of rules about it end so: "MaxPerZoneRule".
  const std::string_view type = field == "@zone" ? "ZoneRule\"" : "RegionRule\"";
  return std::any_of(rows.begin(), rows.end(), [&](const auto& row) {
    if (is_rule_object(row)) return row.front().find(type) != std::string::npos;
    return !row.empty() && row.front() == field;
  });
}

}  // namespace ostler::spec
