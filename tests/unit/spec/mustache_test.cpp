// The rules that svc.yml and config templates add to plain mustache.
#include "spec/mustache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ostler::mustache {
namespace {

using ::testing::ElementsAre;

using Env = std::map<std::string, std::string>;

Rendered rendered(const std::string& text, const Env& env, Flavour flavour = Flavour::kServiceSpec) {
  Options options;
  options.flavour = flavour;
  options.name = "svc.yml";
  auto result = render(text, from_environment(env, flavour), options);
  EXPECT_TRUE(result.ok()) << result.error().text();
  return result.ok() ? *result : Rendered();
}

std::string text(const std::string& text, const Env& env, Flavour flavour = Flavour::kServiceSpec) {
  return rendered(text, env, flavour).text;
}

std::string failure(const std::string& text, Options options = {}) {
  options.name = "svc.yml";
  auto result = render(text, Value{Value::Map{}}, options);
  return result.ok() ? "rendered: " + result->text : result.error().text();
}

TEST(Mustache, EscapesAsTheServiceSpecificationsEngineDoes) {
  EXPECT_EQ(text("{{X}}", {{"X", "&<>\"'=`\n\t\r\x01é"}}),
            "&amp;&lt;&gt;&quot;&#39;&#61;&#96;&#10;&#9;&#13;&#1;é");
  EXPECT_EQ(text("{{{X}}} {{&X}}", {{"X", "<\n>"}}), "<\n> <\n>");
}

TEST(Mustache, EscapesAsGoDoesInConfigTemplates) {
  EXPECT_EQ(text("{{X}}", {{"X", std::string("&<>\"'=`\n\t") + '\0'}}, Flavour::kBootstrap),
            "&amp;&lt;&gt;&#34;&#39;=`\n\t\xEF\xBF\xBD");
}

TEST(Mustache, PrintsBooleansInLowerCase) {
  EXPECT_EQ(text("{{T}} {{F}} {{N}}", {{"T", "TRUE"}, {"F", "False"}, {"N", "no"}}), "true false no");
  // Go's engine knows only one of the two.
  EXPECT_EQ(text("{{T}} {{F}}", {{"T", "TRUE"}, {"F", "False"}}, Flavour::kBootstrap), "TRUE false");
}

TEST(Mustache, TakesOnlyFalseAndNothingForFalseInAServiceSpecification) {
  const Env env = {{"YES", "true"}, {"NO", "FALSE"}, {"EMPTY", ""},
                   {"ZERO", "0"},   {"WORD", "no"},  {"BLANK", " "}};
  const std::string section =
      "{{#YES}}a{{/YES}}{{#NO}}b{{/NO}}{{#EMPTY}}c{{/EMPTY}}{{#ZERO}}d{{/ZERO}}"
      "{{#WORD}}e{{/WORD}}{{#BLANK}}f{{/BLANK}}{{#MISSING}}g{{/MISSING}}";
  EXPECT_EQ(text(section, env), "adef");
  EXPECT_EQ(text("{{^YES}}a{{/YES}}{{^NO}}b{{/NO}}{{^EMPTY}}c{{/EMPTY}}{{^ZERO}}d{{/ZERO}}"
                 "{{^BLANK}}f{{/BLANK}}{{^MISSING}}g{{/MISSING}}",
                 env),
            "bcg");
  EXPECT_EQ(text(section, env, Flavour::kBootstrap), "ade") << "blank text is false there";
}

TEST(Mustache, RecordsMissingValuesWithTheirLinesAndSectionsNever) {
  const Rendered result = rendered("{{A}}\n{{#B}}{{C}}{{/B}}{{^D}}\n{{{E}}}{{/D}}\n{{&A}}", {{"C", "c"}});
  EXPECT_EQ(result.text, "\n\n\n");
  std::vector<std::string> names;
  for (const Missing& missing : result.missing) names.push_back(missing.text());
  EXPECT_THAT(names, ElementsAre("A@L1", "E@L3", "A@L4"));
  EXPECT_EQ(result.missing[1].column, 1);
  EXPECT_EQ(result.missing[1].file, "svc.yml");
}

TEST(Mustache, RemovesLinesThatHoldOnlyATag) {
  EXPECT_EQ(text("a\n  {{#X}}\nb\n\t{{/X}} \n{{! c }}\n{{=<% %>=}}\n<%X%>\n", {{"X", "1"}}), "a\nb\n1\n");
}

TEST(Mustache, SaysWhereATemplateIsBroken) {
  EXPECT_EQ(failure("a\nb {{x"), "svc.yml:2:3: the tag that begins here has no end, expected '}}'");
  EXPECT_EQ(failure("{{{x}}"), "svc.yml:1:1: the tag that begins here has no end, expected '}}}'");
  EXPECT_EQ(failure("\n{{#a}}\nx"),
            "svc.yml:2:1: the section 'a' is opened here and never closed, expected {{/a}}");
  EXPECT_EQ(failure("{{#a}}{{#b}}{{/a}}{{/b}}"),
            "svc.yml:1:13: found the end of section 'a', expected the end of 'b' (opened in line 1)");
  EXPECT_EQ(failure("x{{/a}}"),
            "svc.yml:1:2: found the end of section 'a', which was never opened, expected no such tag");
  EXPECT_EQ(failure("x {{ }}"), "svc.yml:1:3: the tag is empty, expected a name");
  EXPECT_EQ(failure("{{=one=}}"),
            "svc.yml:1:1: found 'one', expected two delimiters with a space between them");
}

TEST(Mustache, LimitsSizeAndDepth) {
  Options small;
  small.max_template_bytes = 3;
  EXPECT_EQ(failure("abcd", small), "svc.yml: the template has 4 bytes, expected at most 3");
  std::string deep;
  for (int i = 0; i < 20000; ++i) deep += "{{#a}}";
  EXPECT_EQ(failure(deep), "svc.yml:1:385: sections are nested more than 64 deep");
  Options endless;
  endless.partial = [](std::string_view) { return std::string("{{>self}}"); };
  EXPECT_EQ(failure("{{>self}}", endless), "self:1:1: partials include each other more than 64 deep");
  Options large;
  large.max_output_bytes = 10;
  EXPECT_EQ(failure("0123456789{{!}}0", large), "svc.yml:1:16: the rendered text exceeds 10 bytes");
}

TEST(Mustache, LeadsBackFromTheResultToTheTemplate) {
  const Rendered result =
      rendered("one\n{{#NO}}\ngone\n{{/NO}}\nkey: {{LONG}} # {{B}}x\n", {{"LONG", "0123456789"}, {"B", ""}});
  ASSERT_EQ(result.text, "one\nkey: 0123456789 # x\n");
  const Place literal = result.origin(2, 1);
  EXPECT_EQ(literal.line, 5);
  EXPECT_EQ(literal.column, 1);
  EXPECT_EQ(literal.variable, "");
  const Place inside = result.origin(2, 9);
  EXPECT_EQ(inside.line, 5);
  EXPECT_EQ(inside.column, 6) << "the tag's place";
  EXPECT_EQ(inside.variable, "LONG");
  const Place after = result.origin(2, 19);
  EXPECT_EQ(after.column, 22);
  EXPECT_EQ(after.variable, "");
}

TEST(Mustache, LeadsBackIntoPartials) {
  Options options;
  options.name = "svc.yml";
  options.partial = [](std::string_view) { return std::string("first\nsecond\n"); };
  auto result = render("a\n  {{>part}}\n", Value{Value::Map{}}, options);
  ASSERT_TRUE(result.ok());
  ASSERT_EQ(result->text, "a\n  first\n  second\n");
  const Place place = result->origin(3, 3);
  EXPECT_EQ(place.file, "part");
  EXPECT_EQ(place.line, 2);
  EXPECT_EQ(place.column, 1);
}

}  // namespace
}  // namespace ostler::mustache
