// The keys of `x-ostler`, which the SDK does not know: what the service demands of its
// own options.
#include "spec/raw_spec.h"
#include "spec/text_rules.h"

namespace ostler::spec {
namespace {

Outcome read_texts(const Scope& scope, const yaml::Node& value, std::vector<std::string>& into) {
  if (value.type != yaml::Node::Type::kList || value.items.empty()) return Outcome::kRefused;
  for (const yaml::Node& item : value.items) {
    if (auto word = as_text(item)) {
      into.push_back(std::move(*word));
    } else {
      scope.error(item.mark, item.found(), "a value");
    }
  }
  return Outcome::kDone;
}

constexpr int64_t kMost = int64_t{1} << 62;

constexpr Field<OptionRule> kOptionFields[] = {
    {{"fixed", Need::kOptional, "no, always or once-set", "no",
      "May the option change after the installation? `once-set`: only from unset to set."},
     [](const Scope&, const yaml::Node& value, OptionRule& into) {
       for (const Fixed fixed : {Fixed::kNo, Fixed::kAlways, Fixed::kOnceSet}) {
         if (!as_text(value) || value.scalar != fixed_name(fixed)) continue;
         into.fixed = fixed;
         return Outcome::kDone;
       }
       return Outcome::kRefused;
     }},
    {{"one-of", Need::kOptional, "a list of values", "any value", "The values the option may have."},
     [](const Scope& scope, const yaml::Node& value, OptionRule& into) {
       return read_texts(scope, value, into.one_of);
     }},
    {{"least", Need::kOptional, "a whole number", "any", "The option is a whole number of at least this."},
     whole<&OptionRule::least, -kMost, kMost>},
    {{"most", Need::kOptional, "a whole number", "any", "The option is a whole number of at most this."},
     whole<&OptionRule::most, -kMost, kMost>},
    {{"differs-from", Need::kOptional, "a list of options", "none",
      "Options that also have rules, none of which may have the same value."},
     [](const Scope& scope, const yaml::Node& value, OptionRule& into) {
       return read_texts(scope, value, into.differs_from);
     }},
    {{"why", Need::kOptional, "a clause", "none", "The reason, for the operator who meets the rule."},
     text<&OptionRule::why>},
};

constexpr Field<RawService> kExtensionFields[] = {
    {{"options", Need::kOptional, "a map of variables to rules", "none",
      "What the service demands of the variables it is rendered with. Their values become part of the stored "
      "configuration, so do not name secrets here."},
     [](const Scope& scope, const yaml::Node& value, RawService& into) {
       return read_named(scope, value,
                         [&](const Scope& inner, const yaml::Node& rules, const std::string& name) {
                           if (!is_variable_name(name))
                             inner.error(inner.mark, in_quotes(name), "the name of a variable");
                           OptionRule rule;
                           rule.option = name;
                           read_object(inner, rules, UnknownKeys::kRefuse, Fill{kOptionFields, rule});
                           into.spec.option_rules.push_back(std::move(rule));
                         });
     }},
    {{"zone-awareness-fixed", Need::kOptional, "a list of pods", "none",
      "Pods whose placement may not begin or end to refer to zones after the installation."},
     [](const Scope& scope, const yaml::Node& value, RawService& into) {
       return read_texts(scope, value, into.spec.zone_awareness_fixed);
     }},
};

}  // namespace

Outcome read_extension(const Scope& scope, const yaml::Node& node, RawService& into) {
  read_object(scope, node, UnknownKeys::kRefuse, Fill{kExtensionFields, into});
  return Outcome::kDone;
}

std::vector<Level> describe_extension_levels() {
  return {describe("x-ostler", kExtensionFields), describe("x-ostler.options.<variable>", kOptionFields)};
}

}  // namespace ostler::spec
