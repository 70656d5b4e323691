// The YAML reader's limits and the places it reports.
#include "spec/yaml_tree.h"

#include <gtest/gtest.h>

namespace ostler::spec::yaml {
namespace {

// All problems as lines; "" when there is none.
std::string problems(const std::string& text, const Limits& limits = {}) {
  Report report("f", nullptr);
  parse(text, report, limits);
  std::string lines;
  for (const Problem& problem : report.errors()) lines += problem.text() + "\n";
  return lines;
}

TEST(YamlTree, KeepsOrderPlacesAndQuotes) {
  Report report("f", nullptr);
  const auto tree = parse("b: 1\na:\n  - 'x'\n  - ~\n", report);
  ASSERT_TRUE(tree);
  ASSERT_EQ(tree->entries.size(), 2u);
  EXPECT_EQ(tree->entries[0].key, "b");
  EXPECT_EQ(tree->entries[0].value.mark.column, 4);
  EXPECT_FALSE(tree->entries[0].value.is_quoted);
  const Node& list = tree->entries[1].value;
  ASSERT_EQ(list.items.size(), 2u);
  EXPECT_TRUE(list.items[0].is_quoted);
  EXPECT_EQ(list.items[0].mark.line, 3);
  EXPECT_EQ(list.items[1].type, Node::Type::kNull);
}

TEST(YamlTree, ReportsEveryRepeatedKeyAndKeepsTheFirst) {
  Report report("f", nullptr);
  const auto tree = parse("a: 1\nb: {c: 1, c: 2}\na: 3\n", report);
  ASSERT_TRUE(tree);
  EXPECT_EQ(tree->entry("a")->value.scalar, "1");
  ASSERT_EQ(report.errors().size(), 2u);
  EXPECT_EQ(report.errors()[0].text(),
            "f:2:11: b.c: found a second 'c', expected each key once (first used in line 2)");
  EXPECT_EQ(report.errors()[1].text(),
            "f:3:1: a: found a second 'a', expected each key once (first used in line 1)");
}

TEST(YamlTree, RefusesAliasesThatGrowOrNeverEnd) {
  std::string bomb = "a0: &a0 x\n";
  for (int i = 1; i < 40; ++i) {
    const std::string before = "*a" + std::to_string(i - 1), name = "a" + std::to_string(i);
    bomb += name + ": &" + name + " [" + before + ", " + before + "]\n";
  }
  EXPECT_EQ(problems(bomb).substr(0, 60), "f:15:6: a14: found more than 100000 values, expected fewer v");
  EXPECT_EQ(problems("a: &x [1, *x]\n"),
            "f:1:11: a: found an alias to a value that contains it, expected a value that ends\n");
}

TEST(YamlTree, RefusesDeepAndLargeText) {
  EXPECT_EQ(problems(std::string(40, '[') + std::string(40, ']')),
            "f:1:33: found values nested more than 32 deep, expected fewer levels\n");
  EXPECT_NE(problems(std::string(100000, '[')), "");
  EXPECT_NE(problems(std::string(100000, '{')), "");
  Limits small;
  small.max_bytes = 4;
  EXPECT_EQ(problems("a: 10", small), "f: found 5 bytes, expected at most 4\n");
  EXPECT_EQ(problems(std::string(300, 'k') + ": 1"),
            "f:1:1: found a key of 300 bytes, expected at most 256\n");
}

TEST(YamlTree, RefusesWhatIsNoText) {
  EXPECT_EQ(problems("a: b\nc: \xC3\x28\n"),
            "f:2:4: found the byte 0xC3, expected UTF-8 text without control characters\n");
  EXPECT_EQ(problems("a: \xED\xA0\x80"),
            "f:1:4: found the byte 0xED, expected UTF-8 text without control characters\n");
  EXPECT_EQ(problems("a: \xC0\x80"),
            "f:1:4: found the byte 0xC0, expected UTF-8 text without control characters\n");
  // yaml-cpp takes this byte for the end of the file.
  EXPECT_EQ(problems("a: 1\n\x04"
                     "b: 2"),
            "f:2:1: found the byte 0x04, expected UTF-8 text without control characters\n");
  EXPECT_EQ(problems("a: é€😀"), "");
}

TEST(YamlTree, RefusesKeysThatAreNoText) {
  EXPECT_EQ(problems("? [a, b]\n: 1\n"), "f:1:3: found a list as a key, expected a text\n");
  EXPECT_EQ(problems("~: 1\n"), "f:1:1: found nothing as a key, expected a text\n");
}

TEST(YamlTree, RefusesMoreThanOneDocumentAndBrokenOnes) {
  EXPECT_EQ(problems("a: 1\n---\nb: 2\n"),
            "f:3:1: found a second document, expected one document in the file\n");
  EXPECT_EQ(problems("a: [1, 2\nb: 3\n"),
            "f:2:2: found text that is not YAML: end of sequence flow not found, expected valid YAML\n");
  EXPECT_EQ(
      problems("a: &x 1\nb: *y\n"),
      "f:2:4: found text that is not YAML: the referenced anchor is not defined, expected valid YAML\n");
}

TEST(YamlTree, TakesAnEmptyFileForNothing) {
  Report report("f", nullptr);
  const auto tree = parse("# only a comment\n", report);
  ASSERT_TRUE(tree);
  EXPECT_EQ(tree->type, Node::Type::kNull);
  EXPECT_FALSE(report.has_errors());
}

}  // namespace
}  // namespace ostler::spec::yaml
