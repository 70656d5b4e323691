// The parts of the tables' machinery that know no type.
#include "spec/field.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace ostler::spec {
namespace {

// Keys that other pages, other versions or other schedulers have elsewhere.
constexpr std::pair<std::string_view, std::string_view> kMisplaced[] = {
    {"uris", "it is a key of a pod"},
    {"image", "it is a key of a pod"},
    {"networks", "it is a key of a pod"},
    {"placement", "it is a key of a pod"},
    {"rlimits", "it is a key of a pod"},
    {"secrets", "it is a key of a pod"},
    {"host-volumes", "it is a key of a pod"},
    {"external-volumes", "it is a key of a pod"},
    {"user", "it is a key of 'scheduler', and holds for all pods"},
    {"command", "did you mean 'cmd'?"},
    {"disk", "disk is asked for with 'volume'"},
    {"replacement-failure-policy",
     "it is set with POD_REPLACEMENT_FAILURE_POLICY_ENABLED and PERMANENT_FAILURE_TIMEOUT_SECS"},
};

std::string_view where_it_belongs(std::string_view key) {
  for (const auto& [name, place] : kMisplaced) {
    if (name == key) return place;
  }
  return {};
}

}  // namespace

namespace detail {

bool ObjectReading::is_object() const {
  if (node_.type == yaml::Node::Type::kMap || node_.type == yaml::Node::Type::kNull) return true;
  scope_.error(scope_.mark, node_.found(), "a map of keys to values",
               scope_.loading.report.variable_hint(node_.mark));
  return false;
}

void ObjectReading::check_keys(const std::vector<std::string_view>& known, UnknownKeys unknown) const {
  for (const yaml::Entry& entry : node_.entries) {
    if (std::find(known.begin(), known.end(), entry.key) != known.end()) continue;
    const std::string_view meant = nearest(entry.key, known);
    std::string hint;
    if (!meant.empty()) hint = "did you mean '" + std::string(meant) + "'?";
    if (hint.empty()) hint = where_it_belongs(entry.key);
    if (entry.key == "<<") hint = "merge keys are not read; write the keys out";
    std::string expected = "one of the keys ";
    for (size_t i = 0; i < known.size(); ++i) expected += (i == 0 ? "" : ", ") + std::string(known[i]);
    const Scope scope = scope_.inside(entry.key, entry.mark);
    if (unknown == UnknownKeys::kWarn) {
      scope.warning(entry.mark, "an unknown key", std::move(expected),
                    hint.empty() ? "it is ignored" : "it is ignored; " + hint);
    } else {
      scope.error(entry.mark, "an unknown key", std::move(expected), std::move(hint));
    }
  }
}

void ObjectReading::report_missing(const FieldText& field) const {
  const yaml::Entry* entry = node_.entry(field.key);
  const Scope scope = scope_.inside(field.key, entry ? entry->mark : scope_.mark);
  const std::string missing = entry ? scope_.loading.report.missing_hint(entry->mark) : std::string();
  scope.error(scope.mark, "nothing", std::string(field.expected),
              missing.empty() ? "this key is required" : missing);
}

void ObjectReading::report_refused(const FieldText& field, const yaml::Entry& entry) const {
  const Report& report = scope_.loading.report;
  std::string hint = report.variable_hint(entry.value.mark);
  if (hint.empty() && is_empty_scalar(entry.value)) hint = report.missing_hint(entry.mark);
  scope_.inside(field.key, entry.mark)
      .error(entry.mark, entry.value.found(), std::string(field.expected), std::move(hint));
}

}  // namespace detail

std::optional<std::string> as_text(const yaml::Node& value) {
  if (value.type != yaml::Node::Type::kScalar) return std::nullopt;
  return value.scalar;
}

namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// Decimal digits only: no hexadecimal, no "inf" and no "nan".
std::optional<double> as_decimal(const yaml::Node& value) {
  if (value.type != yaml::Node::Type::kScalar) return std::nullopt;
  std::string_view text = trimmed(value.scalar);
  if (text.starts_with('+')) text.remove_prefix(1);
  // YAML 1.1, and so the SDK, lets underscores group the digits: 1_024.
  std::string digits;
  if (text.find('_') != std::string_view::npos && text.front() != '_') {
    digits = text;
    std::erase(digits, '_');
    text = digits;
  }
  if (text.empty() || text.find_first_not_of("0123456789.eE+-") != std::string_view::npos)
    return std::nullopt;
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(number)) return std::nullopt;
  return number;
}

}  // namespace

std::optional<int64_t> as_whole(const Scope& scope, const yaml::Node& value, int64_t least, int64_t most) {
  const auto number = as_decimal(value);
  // 2^53: beyond it a double no longer tells neighbours apart; no key needs more.
  if (!number || std::fabs(*number) > 9007199254740992.0) return std::nullopt;
  const auto whole = static_cast<int64_t>(*number);
  if (whole < least || whole > most) return std::nullopt;
  if (static_cast<double>(whole) != *number) {
    scope.warning(value.mark, value.found(), "a whole number", "read as " + std::to_string(whole));
  }
  // Other readers of YAML take 010 for 8.
  const std::string_view text = value.scalar;
  if (text.size() > 1 && text.front() == '0' &&
      text.find_first_not_of("0123456789") == std::string_view::npos) {
    scope.warning(value.mark, value.found(), "a number without a leading zero",
                  "read as " + std::to_string(whole) + ", not in octal");
  }
  return whole;
}

std::optional<bool> as_flag(const yaml::Node& value) {
  if (value.type != yaml::Node::Type::kScalar) return std::nullopt;
  std::string lower = value.scalar;
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (lower == "true") return true;
  if (lower == "false") return false;
  return std::nullopt;
}

std::optional<int64_t> as_amount_milli(const yaml::Node& value, double most) {
  const auto number = as_decimal(value);
  if (!number || *number <= 0 || *number > most) return std::nullopt;
  const int64_t milli = std::llround(*number * 1000);
  if (milli == 0) return std::nullopt;
  return milli;
}

}  // namespace ostler::spec
