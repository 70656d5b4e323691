// The mustache specification's core suites, in both flavours. What differs on
// purpose is listed here and nothing else may differ.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "spec/mustache.h"

namespace ostler::mustache {
namespace {

using nlohmann::json;

Value as_value(const json& data) {
  if (data.is_boolean()) return Value{data.get<bool>()};
  if (data.is_string()) return Value{data.get<std::string>()};
  if (data.is_number()) return Value{data.dump()};
  if (data.is_array()) {
    Value::List list;
    for (const json& item : data) list.push_back(as_value(item));
    return Value{list};
  }
  if (data.is_object()) {
    Value::Map map;
    for (const auto& [key, item] : data.items()) map.emplace(key, as_value(item));
    return Value{map};
  }
  return Value{};
}

// Differences: the flavour's result by the name of the test.
using Differences = std::map<std::string, std::string>;
const Differences kNoDifferences;
// Go's engine writes a quotation mark by its number.
const Differences kBootstrapDifferences = {
    {"HTML Escaping", "These characters should be HTML escaped: &amp; &#34; &lt; &gt;\n"},
    {"Implicit Iterators - HTML Escaping",
     "These characters should be HTML escaped: &amp; &#34; &lt; &gt;\n"},
    {"Implicit Iterator - HTML Escaping", "\"(&amp;)(&#34;)(&lt;)(&gt;)\""},
};

class MustacheSuite : public ::testing::TestWithParam<std::string> {
 protected:
  void run(Flavour flavour, const Differences& differences) {
    std::ifstream file(std::string(OSTLER_SHARED_DIR) + "/reference/mustache-spec/" + GetParam() + ".json");
    if (!file) GTEST_SKIP() << "no mustache specification in " << OSTLER_SHARED_DIR;
    const json suite = json::parse(file);
    ASSERT_GE(suite["tests"].size(), 12u);
    for (const json& test : suite["tests"]) {
      const std::string name = test["name"];
      SCOPED_TRACE(name);
      Options options;
      options.flavour = flavour;
      options.partial = [&](std::string_view partial) -> std::optional<std::string> {
        const auto& partials = test["partials"];
        const auto found = partials.find(std::string(partial));
        if (found == partials.end()) return std::nullopt;
        return found->get<std::string>();
      };
      const auto result = render(test["template"].get<std::string>(), as_value(test["data"]), options);
      ASSERT_TRUE(result.ok()) << result.error().text();
      const auto different = differences.find(name);
      EXPECT_EQ(result->text,
                different == differences.end() ? test["expected"].get<std::string>() : different->second);
    }
  }
};

TEST_P(MustacheSuite, HoldsForServiceSpecifications) { run(Flavour::kServiceSpec, kNoDifferences); }
TEST_P(MustacheSuite, HoldsForConfigTemplatesButForEscaping) {
  run(Flavour::kBootstrap, kBootstrapDifferences);
}

INSTANTIATE_TEST_SUITE_P(Core, MustacheSuite,
                         ::testing::Values("interpolation", "sections", "inverted", "comments", "delimiters",
                                           "partials"),
                         [](const auto& test_info) { return test_info.param; });

}  // namespace
}  // namespace ostler::mustache
