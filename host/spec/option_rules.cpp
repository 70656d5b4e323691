#include "spec/option_rules.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace ostler::spec {
namespace {

std::optional<int64_t> whole_number(const std::string& text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string because(const OptionRule& rule) { return rule.why.empty() ? std::string() : ": " + rule.why; }

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

// "a whole number of 1 or more"; empty: the value is in range.
std::string out_of_range(const OptionRule& rule) {
  if (!rule.least && !rule.most) return {};
  const auto number = whole_number(rule.value);
  if (number && (!rule.least || *number >= *rule.least) && (!rule.most || *number <= *rule.most)) return {};
  if (rule.least && rule.most)
    return "a whole number of " + std::to_string(*rule.least) + " to " + std::to_string(*rule.most);
  if (rule.least) return "a whole number of " + std::to_string(*rule.least) + " or more";
  return "a whole number of at most " + std::to_string(*rule.most);
}

bool may_not_become(const OptionRule& rule, const std::string& before) {
  if (rule.fixed == Fixed::kNo || before == rule.value) return false;
  return rule.fixed == Fixed::kAlways || !before.empty();
}

}  // namespace

void take_option_values(const Environment& env, ServiceSpec& spec) {
  for (OptionRule& rule : spec.option_rules) {
    const auto value = env.find(rule.option);
    if (value != env.end()) rule.value = value->second;
  }
}

std::vector<OptionBreach> option_breaches(const ServiceSpec* before, const ServiceSpec& after) {
  std::vector<OptionBreach> out;
  for (const OptionRule& rule : after.option_rules) {
    const OptionRule* old = before == nullptr ? nullptr : before->option_rule(rule.option);
    if (old != nullptr && may_not_become(rule, old->value)) {
      const std::string back = old->value.empty() ? "Unset " + rule.option
                                                  : "Set " + rule.option + " back to '" + old->value + "'";
      out.push_back({rule.option, old->value, rule.value, true,
                     rule.option + " cannot change once the service is installed" + because(rule) + ". " +
                         back + " to proceed"});
      continue;  // what else is wrong with the new value matters to nobody
    }
    if (rule.value.empty()) continue;
    const bool is_listed = rule.one_of.empty() ||
                           std::find(rule.one_of.begin(), rule.one_of.end(), rule.value) != rule.one_of.end();
    if (!is_listed) {
      out.push_back({rule.option,
                     {},
                     rule.value,
                     false,
                     rule.option + " must be " + joined(rule.one_of) + because(rule)});
    }
    if (const std::string expected = out_of_range(rule); !expected.empty()) {
      out.push_back(
          {rule.option, {}, rule.value, false, rule.option + " must be " + expected + because(rule)});
    }
    for (const std::string& other : rule.differs_from) {
      const OptionRule* taken = after.option_rule(other);
      if (taken == nullptr || taken->value != rule.value) continue;
      out.push_back(
          {rule.option, {}, rule.value, false, rule.option + " must differ from " + other + because(rule)});
    }
  }
  return out;
}

}  // namespace ostler::spec
